// Freezing an authoring folder: the same files give the same bytes, and every fault of the folder is named at once.
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bringIn, importFolder, locateRepository, readSet } from "../../../src/curation/index.ts";
import { diff } from "./lines.ts";

const smoke = fileURLToPath(new URL("../../../issues/smoke/1", import.meta.url));

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "arena-folder-test-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const authored = {
  instance_id: "you__greet-1",
  repo: "you/greet",
  language: "python",
  panel: [{ id: "other", label: "resolved" }],
  panelNotes: { other: "Says it another way." },
};

async function author(set: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = join(home, set);
  const instance = join(folder, "instances/you__greet-1");
  await mkdir(join(instance, "panel"), { recursive: true });
  await mkdir(join(folder, "repos/greet"), { recursive: true });
  await writeFile(join(folder, "repos/greet/greet.py"), "old\n");
  await writeFile(join(instance, "instance.json"), JSON.stringify({ ...authored, ...more }));
  await writeFile(join(instance, "issue.md"), "It is wrong\n\nMake it right.\n");
  await writeFile(join(instance, "gold.patch"), diff("greet.py"));
  await writeFile(join(instance, "test.patch"), diff("tests/test_greet.py"));
  await writeFile(join(instance, "panel/other.patch"), diff("greet.py", "old", "other"));
  return folder;
}

const freezing = (folder: string) => importFolder({ folder, cache: join(home, "cache") });

describe("importFolder", () => {
  it("freezes texts, panel, notes and the commit of the plain folder", async () => {
    const folder = await author("greetings/3");
    await bringIn({ from: "folder", source: folder, out: folder, cache: join(home, "cache") });
    const { set, instances, problems } = await readSet(folder, { strict: true });
    expect(problems).toEqual([]);
    expect(set).toMatchObject({ name: "greetings", version: "3" });
    expect(instances[0]).toMatchObject({
      instanceId: "you__greet-1",
      problemStatement: "It is wrong\n\nMake it right.",
      goldPatch: diff("greet.py"),
      panel: [{ id: "other", label: "resolved", patch: diff("greet.py", "old", "other") }],
      provenance: { panelNotes: { other: "Says it another way." } },
      failToPass: [],
      ci: { source: "inferred" },
    });
    const [instance] = instances;
    if (instance === undefined) throw new Error("no instance");
    const found = await locateRepository(instance, { set: set, cache: join(home, "cache") });
    expect(found.baseCommit).toBe(instance.baseCommit);
  });

  it("gives the same bytes whatever the order of keys, the time and the place", async () => {
    const first = await freezing(await author("a/1"));
    const { panel, panelNotes, ...others } = authored;
    const second = await author("elsewhere/b/1");
    const file = join(second, "instances/you__greet-1/instance.json");
    await writeFile(file, JSON.stringify({ panelNotes, panel, ...others }, null, 4));
    await utimes(join(second, "repos/greet/greet.py"), 1, 1);
    expect((await freezing(second)).instancesText).toBe(first.instancesText);
    expect(first.instancesText.endsWith("}\n")).toBe(true);
    const sha256 = createHash("sha256").update(first.instancesText).digest("hex");
    expect(first.description.sha256).toBe(sha256);
  });

  it("keeps the name an earlier set.json gave", async () => {
    const folder = await author("a/1");
    const cache = join(home, "cache");
    await bringIn({
      from: "folder",
      source: folder,
      out: folder,
      cache,
      naming: { name: "greet", licence: "MIT" },
    });
    const again = await bringIn({ from: "folder", source: folder, out: folder, cache });
    expect(again.set).toMatchObject({ name: "greet", licence: "MIT" });
  });

  it("takes the repositories along to another folder", async () => {
    const out = join(home, "out");
    await bringIn({ from: "folder", source: await author("a/1"), out, cache: join(home, "cache") });
    expect(await readFile(join(out, "repos/greet/greet.py"), "utf8")).toBe("old\n");
  });

  it("names all faults of a folder at once, and writes nothing", async () => {
    const folder = await author("a/1", { colour: "blue", base_commit: "0".repeat(40) });
    const instance = join(folder, "instances/you__greet-1");
    await rm(join(instance, "gold.patch"));
    await writeFile(join(instance, "panel/forgotten.patch"), "x");
    await writeFile(join(instance, "issue.md"), Buffer.from([0xff, 0xfe]));
    const fault = await bringIn({
      from: "folder",
      source: folder,
      out: folder,
      cache: join(home, "cache"),
    }).catch((error: unknown) => String(error));
    expect(fault).toMatch(/colour: expected a field of an instance/);
    expect(fault).toMatch(/base_commit: expected [0-9a-f]{40} or nothing/);
    expect(fault).toMatch(/gold\.patch: .*expected a readable file/);
    expect(fault).toMatch(/forgotten\.patch: .*that instance\.json lists/);
    expect(fault).toMatch(/issue\.md: .*UTF-8/);
    await expect(readFile(join(folder, "instances.jsonl"))).rejects.toThrow("ENOENT");
  });

  it("says what it expected where there is no authoring folder", async () => {
    await expect(freezing(home)).rejects.toThrow("instances/<id>/instance.json");
  });
});

describe("issues/smoke/1", () => {
  it("is in step with its sources", async () => {
    const frozen = await freezing(smoke);
    const message = "freeze it again: arena issues import issues/smoke/1 --from folder --out issues/smoke/1";
    expect(await readFile(join(smoke, "instances.jsonl"), "utf8"), message).toBe(frozen.instancesText);
    expect(await readFile(join(smoke, "set.json"), "utf8"), message).toBe(frozen.setText);
  });

  it("notices a change in a repository it carries", async () => {
    await cp(smoke, join(home, "smoke"), { recursive: true });
    await writeFile(join(home, "smoke/repos/hunkwise/stray.txt"), "x");
    expect((await freezing(join(home, "smoke"))).instancesText).not.toBe(
      await readFile(join(smoke, "instances.jsonl"), "utf8"),
    );
  });
});
