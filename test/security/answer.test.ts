// The answer is unreachable (DESIGN 5.3): a judged container holds no trace of the fix that its repository already has.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultLimits } from "../../sandboxes/index.ts";
import { type Case, openCase } from "../../src/arena/case.ts";
import { Judging } from "../../src/arena/judging.ts";
import { slots } from "../../src/arena/slots.ts";
import { inferredPlan } from "../../src/domain/instance.ts";
import { runnerFor } from "../../src/grading/index.ts";
import { type EngineForTests, engineForTests } from "../support/engine.ts";
import { instance } from "../support/evidence.ts";

const run = promisify(execFile);

/** In the gold patch, in every later commit, and in nothing a contestant may see. */
const goldLine = "wanderlust_of_the_fix = 42";
const hiddenLine = "assert kumquat_is_the_hidden_word";
const newFile = (path: string, line: string): string =>
  `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${line}\n`;

/** A clone as it comes from upstream: packed, tagged, with a remote, a branch, a reflog and a loose object of the future. */
async function upstreamClone(path: string): Promise<string> {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  const git = async (...args: string[]): Promise<string> =>
    (await run("git", ["-C", path, ...who, ...args])).stdout.trim();
  const commit = async (files: Readonly<Record<string, string>>, message: string): Promise<string> => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
    await git("add", ".");
    await git("commit", "--quiet", "-m", message);
    return git("rev-parse", "HEAD");
  };
  await mkdir(join(path, "tests"), { recursive: true });
  await git("init", "--quiet");
  const base = await commit({ "app.py": "old = 1\n", "tests/test_old.py": "assert True\n" }, "base");
  const fixed = await commit(
    { "fix.py": `${goldLine}\n`, "tests/test_fix.py": `${hiddenLine}\n` },
    `the fix: ${goldLine}`,
  );
  await git("tag", "-a", "v2", "-m", goldLine);
  await git("update-ref", "refs/remotes/origin/main", fixed);
  await git("remote", "add", "origin", join(path, "elsewhere"));
  await git("gc", "--quiet");
  await commit({ "loose.py": `${goldLine}\n` }, "later, not packed");
  return base;
}

/**
 * Fails, and says where, when a file or a name below the root holds one of the words, or when anything of git is there:
 * its objects are compressed, so that a search for words would not see into them.
 */
const search = [
  "cd /",
  "found=$(grep -rslaE 'wanderlust_of|kumquat_is' / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev || true)",
  "git=$(find /work /deps /tmp /root /home \\( -name .git -o -name '*.pack' -o -name packed-refs -o -name ORIG_HEAD -o -path '*objects/??' \\) 2>/dev/null || true)",
  "env=$(env | grep -cE 'wanderlust|kumquat' || true)",
  'test -z "$found$git" && test "$env" = 0',
].join("\n");

let engine: EngineForTests | undefined;
let home: string;
let of: Case;
beforeAll(async () => {
  engine = await engineForTests(["python"]);
  home = await mkdtemp(join(tmpdir(), "arena-answer-"));
  const path = join(home, "clone");
  const baseCommit = await upstreamClone(path);
  const ci = inferredPlan("python");
  const searching = instance({
    language: "python",
    goldPatch: newFile("fix.py", goldLine),
    testPatch: newFile("tests/test_fix.py", hiddenLine),
    ci: { ...ci, jobs: ci.jobs.map((job) => ({ ...job, run: search, runner: "exit-code" as const })) },
  });
  of = await openCase(searching, { path, baseCommit }, join(home, "cache"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** What the search says inside the container that judges this tree: passed when it found nothing. */
async function searched(tree: string): Promise<string | undefined> {
  if (engine === undefined) return undefined;
  const judging = new Judging({
    sandboxes: engine.provider,
    runnerFor: (job) => runnerFor(job.runner),
    cache: join(home, "cache"),
    limits: defaultLimits,
    run: home,
    seed: "answer",
    now: Date.now,
    signal: new AbortController().signal,
    slots: slots(1),
  });
  const { report } = await judging.run(of, {
    name: "P",
    tree,
    comparison: "single",
    repeat: 1,
    withLint: false,
  });
  return report.jobs[0]?.checks[0]?.status;
}

describe("[engine] a judged container", () => {
  it("holds no line of the fix, no hidden test, no commit and no object of the repository", async ({
    skip,
  }) => {
    if (engine === undefined) skip("no container engine can be had here");
    expect(await searched(of.baseTree)).toBe("passed");
  });

  it("would be caught holding them: the same search finds the gold tree's, and the hidden tests'", async ({
    skip,
  }) => {
    if (engine === undefined) skip("no container engine can be had here");
    expect(await searched(of.goldTree)).toBe("failed");
    expect(await searched(await of.repository.withFiles(of.baseTree, of.hidden))).toBe("failed");
    const tracked = await of.repository.withFiles(
      of.baseTree,
      new Map([["old/packed-refs", Buffer.from("# refs\n")]]),
    );
    expect(await searched(tracked)).toBe("failed");
  });
});
