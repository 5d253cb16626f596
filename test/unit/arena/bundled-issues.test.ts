// The path policy on the bundled issues: it is strict, and lets every honest patch and every control through.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { candidateOfPatch, candidateOfTree } from "../../../src/arena/candidate.ts";
import { type Case, openCase } from "../../../src/arena/case.ts";
import { overfitTest, trivialTest } from "../../../src/arena/controls/test-files.ts";
import { reviewOfFiles } from "../../../src/arena/review.ts";
import { parseInstance } from "../../../src/domain/instance.ts";
import { repositoryOfFolder } from "../../../src/git/index.ts";

const home = fileURLToPath(new URL("../../../issues/smoke/1/", import.meta.url));
const names = await readdir(join(home, "instances"));

interface Panel {
  readonly id: string;
  readonly patch: string;
}

async function opened(name: string, cache: string): Promise<{ of: Case; panel: readonly Panel[] }> {
  const folder = join(home, "instances", name);
  const text = (file: string) => readFile(join(folder, file), "utf8");
  const { panelNotes: _, panel, ...line } = JSON.parse(await text("instance.json"));
  const members = panel.map(async (member: Panel) => ({
    ...member,
    patch: await text(`panel/${member.id}.patch`),
  }));
  const parsed = parseInstance({
    ...line,
    patch: await text("gold.patch"),
    test_patch: await text("test.patch"),
    problem_statement: await text("issue.md"),
    panel: await Promise.all(members),
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const instance = parsed.value;
  const plain = join(home, "repos", instance.repo.slice(instance.repo.indexOf("/") + 1));
  const made = await repositoryOfFolder(plain, cache);
  const of = await openCase(instance, { path: made.gitDir, baseCommit: made.commit }, cache);
  return { of, panel: instance.panel };
}

describe.each(names)("%s", (name) => {
  let cache: string;
  let of: Case;
  let panel: readonly Panel[];
  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), "arena-bundled-test-"));
    ({ of, panel } = await opened(name, cache));
  });
  afterAll(() => rm(cache, { recursive: true, force: true }));

  it("takes gold as it is and every member of the hidden panel", async () => {
    expect(await candidateOfTree(of, of.goldTree)).toMatchObject({ kind: "applied", tree: of.goldTree });
    const found = await Promise.all(
      panel.map(async ({ id, patch }) => [id, (await candidateOfPatch(of, patch)).kind]),
    );
    expect(found).toEqual(panel.map(({ id }) => [id, "applied"]));
  });

  it("takes the hidden tests and the controls' tests as an honest reviewer's", async () => {
    for (const files of [of.hidden, await trivialTest(of), await overfitTest(of)]) {
      expect((await reviewOfFiles(of, files)).kind).toBe("applied");
    }
  });

  it("gets controls' tests that a linter with a bound on lines lets pass", async () => {
    const files = [...(await trivialTest(of)), ...(await overfitTest(of))];
    expect(files).toHaveLength(2);
    const lines = files.flatMap(([, content]) => content.toString("utf8").split("\n"));
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });
});
