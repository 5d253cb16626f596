// The commands of docs/issue-sets.md do what the page says, run as they are printed.
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { locateRepository, readSet } from "../../../src/curation/index.ts";
import { instanceSchema, planSchema, runnerNames } from "../../../src/domain/instance.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const run = promisify(execFile);

let home: string;
let env: Record<string, string>;

async function git(...args: string[]): Promise<string> {
  return (await run("git", ["-C", join(home, "clones/greet"), ...args], { env })).stdout.trim();
}

async function commitGreeting(word: string, message: string): Promise<void> {
  const folder = join(home, "clones/greet");
  await writeFile(join(folder, "greet.py"), `def greet(name):\n    return f"${word} {name}"\n`);
  await git("add", "--all");
  await git("commit", "--quiet", "--message", message);
}

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "arena-doc-test-"));
  const bin = join(home, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "arena"), `#!/bin/sh\nexec "${process.execPath}" "${root}/bin/arena.mjs" "$@"\n`);
  await chmod(join(bin, "arena"), 0o755);
  const identity = ["AUTHOR", "COMMITTER"].flatMap((who) => [
    [`GIT_${who}_NAME`, "You"],
    [`GIT_${who}_EMAIL`, "you@example.invalid"],
  ]);
  env = {
    ...Object.fromEntries(identity),
    HOME: home,
    XDG_CACHE_HOME: join(home, "cache"),
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
  };
  await mkdir(join(home, "clones/greet/tests"), { recursive: true });
  await git("init", "--quiet");
  await commitGreeting("HELLO", "Greet");
  await writeFile(join(home, "clones/greet/tests/test_greet.py"), "from greet import greet\n");
  await commitGreeting("Hello", "Greet quietly");
  await git("tag", "fix");
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function page(): Promise<string> {
  return readFile(join(root, "docs/issue-sets.md"), "utf8");
}

describe("docs/issue-sets.md", () => {
  it("makes a set of plain folders, then one that names clones, in the lines it prints", async () => {
    const [plain = "", clones = ""] = [...(await page()).matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(
      (match) => match[1],
    );
    expect(plain.trim().split("\n").length).toBeLessThanOrEqual(10);
    const set = join(home, "greetings/1");

    await run("sh", ["-e", "-c", plain], { cwd: home, env });
    const first = await readSet(set, { strict: true });
    expect(first.set).toMatchObject({ name: "greetings", version: "1" });
    expect(first.instances[0]).toMatchObject({ instanceId: "you__greet-1", oracle: "tests" });
    const [instance] = first.instances;
    if (instance === undefined) throw new Error("no instance");
    const found = await locateRepository(instance, { set: first.set, cache: join(home, "cache") });
    expect(found.baseCommit).toBe(instance.baseCommit);

    const { stdout } = await run("sh", ["-e", "-c", clones], { cwd: set, env });
    expect(stdout).toContain("It should say");
    const second = await readSet(set, { strict: true });
    const [named] = second.instances;
    if (named === undefined) throw new Error("no instance");
    const repos = join(home, "clones");
    expect(await locateRepository(named, { set: second.set, cache: join(home, "cache"), repos })).toEqual({
      path: join(repos, "greet"),
      baseCommit: await git("rev-parse", "fix~1"),
    });
  });

  it("lists every field of a line, of a plan and every runner", async () => {
    const text = await page();
    const fields = Object.keys(instanceSchema.shape).filter((field) => field !== "schemaVersion");
    for (const field of fields) expect(text).toContain(`\`${field}\``);
    for (const field of Object.keys(planSchema.shape).filter((each) => each !== "jobs")) {
      expect(text).toContain(`| \`${field}\` |`);
    }
    for (const runner of runnerNames) expect(text).toContain(`\`${runner}\``);
  });
});
