// Finding repositories: folders the set carries, clones in every spelling, and errors that say where was looked.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InstanceLine, locateRepository } from "../../../src/curation/index.ts";
import { type Instance, parseInstance } from "../../../src/domain/instance.ts";
import { repositoryOfFolder } from "../../../src/git/index.ts";
import { line } from "./lines.ts";

const run = promisify(execFile);
let home: string;
let cloneCommit: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "arena-repos-test-"));
  await mkdir(join(home, "plain"), { recursive: true });
  await writeFile(join(home, "plain/core.py"), "VALUE = 1\n");
  const made = await repositoryOfFolder(join(home, "plain"), join(home, "made"));
  await run("git", ["clone", "--quiet", made.gitDir, join(home, "clone")]);
  cloneCommit = made.commit;
});
afterEach(() => rm(home, { recursive: true, force: true }));

function instance(more: Partial<InstanceLine>): Instance {
  const parsed = parseInstance(line("owner__name-1", more));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function places(repos?: string) {
  const set = { folder: join(home, "set") };
  return { set, cache: join(home, "cache"), ...(repos === undefined ? {} : { repos }) };
}

async function put(what: "plain" | "clone", at: string): Promise<void> {
  await mkdir(dirname(join(home, at)), { recursive: true });
  await cp(join(home, what), join(home, at), { recursive: true });
}

describe("plain folders of the set", () => {
  it("are made into a repository with a commit of their content", async () => {
    await put("plain", "set/repos/name");
    const found = await locateRepository(instance({ base_commit: "" }), places());
    expect(found.baseCommit).toBe(cloneCommit);
    const { stdout } = await run("git", ["--git-dir", found.path, "show", `${found.baseCommit}:core.py`]);
    expect(stdout).toBe("VALUE = 1\n");
  });

  it("are taken when the line froze the same commit", async () => {
    await put("plain", "set/repos/owner__name");
    const found = await locateRepository(instance({ base_commit: cloneCommit }), places());
    expect(found.baseCommit).toBe(cloneCommit);
  });

  it("are refused when they changed since", async () => {
    await put("plain", "set/repos/owner+name");
    await writeFile(join(home, "set/repos/owner+name/stray.o"), "built");
    const wrong = locateRepository(instance({ base_commit: cloneCommit }), places());
    await expect(wrong).rejects.toMatchObject({ isFault: true, code: "unsound-instance", retryable: false });
    await expect(wrong).rejects.toThrow(
      new RegExp(`wrong base commit: expected [0-9a-f]{40}.*found ${cloneCommit}`),
    );
  });
});

describe("clones", () => {
  const names = ["owner+name", "owner__name", "owner/name", "name", "owner+name.git", "name.git"];
  for (const name of names) {
    it(`are found as ${name}`, async () => {
      await put("clone", `clones/${name}`);
      const found = await locateRepository(
        instance({ base_commit: cloneCommit }),
        places(join(home, "clones")),
      );
      expect(found).toEqual({ path: join(home, "clones", name), baseCommit: cloneCommit });
    });
  }

  it("may be bare", async () => {
    await mkdir(join(home, "clones"));
    await rename(join(home, "clone/.git"), join(home, "clones/owner+name"));
    const found = await locateRepository(
      instance({ base_commit: cloneCommit }),
      places(join(home, "clones")),
    );
    expect(found.path).toBe(join(home, "clones/owner+name"));
  });

  it("may be what --repos names itself, or what the line's repo names", async () => {
    const asked = instance({ base_commit: cloneCommit });
    expect((await locateRepository(asked, places(join(home, "clone")))).path).toBe(join(home, "clone"));
    const byPath = instance({ base_commit: cloneCommit, repo: join(home, "clone") });
    expect((await locateRepository(byPath, places())).path).toBe(join(home, "clone"));
  });

  it("need a base commit in the line", async () => {
    await put("clone", "clones/name");
    const asked = locateRepository(instance({ base_commit: "" }), places(join(home, "clones")));
    await expect(asked).rejects.toMatchObject({ isFault: true, code: "unsound-instance" });
    await expect(asked).rejects.toThrow(/base_commit: expected 40 hex digits.*is a clone/);
  });
});

describe("a repository that is nowhere", () => {
  it("is a fault of that instance that lists names and places, and what to do", async () => {
    const asked = locateRepository(instance({}), places(join(home, "clones")));
    await expect(asked).rejects.toMatchObject({
      isFault: true,
      code: "repository-missing",
      retryable: false,
    });
    await expect(asked).rejects.toThrow(
      `owner__name-1: expected the repository owner/name as owner+name, owner__name, owner/name, name (or with .git) in ${join(home, "set/repos")} or ${join(home, "clones")}, found none: clone it there, with its history`,
    );
    await expect(locateRepository(instance({}), places())).rejects.toThrow("--repos");
  });

  it("is not looked for outside", async () => {
    await put("clone", "secret");
    const asked = locateRepository(instance({ repo: "../../secret" }), places(join(home, "clones")));
    await expect(asked).rejects.toMatchObject({ isFault: true, code: "unsound-instance" });
    await expect(asked).rejects.toThrow("a path without `..`");
  });
});
