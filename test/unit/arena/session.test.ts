// A session over a set: repositories are looked for once, one that is missing is one instance's defect, all are a mistake.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultLimits, scriptedSandboxes } from "../../../sandboxes/index.ts";
import { checkInstance } from "../../../src/arena/check.ts";
import { openSession } from "../../../src/arena/session.ts";
import { slots } from "../../../src/arena/slots.ts";
import { Fault, UsageError } from "../../../src/domain/fault.ts";
import { openStore } from "../../../src/storage/index.ts";
import type { TestCase } from "../../support/arena-case.ts";
import { toyCase, toyRunner, toyTests } from "../../support/toy-arena.ts";

const missing = (id: string) => new Fault("repository-missing", `${id}: not cloned`, { retryable: false });
const moved = (id: string) => new Fault("unsound-instance", `${id}: wrong base`, { retryable: false });
const damaged = () => new Fault("folder-unreadable", "no permission", { retryable: false });

let home: string;
let files: TestCase;
const faults = new Map<string, Error>();
const located: string[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "arena-session-test-"));
  files = await toyCase();
  faults.clear();
  located.length = 0;
});
afterEach(async () => {
  await files[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

function session(...ids: readonly string[]) {
  const { of } = files;
  return openSession({
    store: openStore(":memory:"),
    runFolder: join(home, "run"),
    instances: ids.map((instanceId) => ({ ...of.instance, instanceId })),
    locate: async ({ instanceId }) => {
      located.push(instanceId);
      const fault = faults.get(instanceId);
      if (fault !== undefined) throw fault;
      return { path: of.repository.gitDir, baseCommit: of.baseCommit };
    },
    sandboxes: scriptedSandboxes(toyTests),
    runnerFor: () => toyRunner(),
    cache: join(home, "cache"),
    limits: defaultLimits,
    run: "toy",
    seed: "canaries",
    now: () => 0,
    signal: new AbortController().signal,
    slots: slots(2),
  });
}

describe("a session", () => {
  it("is content with one repository, and looks for it once", async () => {
    faults.set("toy-1", missing("toy-1"));
    const open = session("toy-1", "toy-2", "toy-3");
    await open.mustHaveRepository(["toy-1", "toy-2", "toy-3"]);
    expect(located).toEqual(["toy-1", "toy-2"]);
    await open.open("toy-2");
    expect(located).toEqual(["toy-1", "toy-2"]);
    await expect(open.open("toy-1")).rejects.toMatchObject({ code: "repository-missing" });
  });

  it("takes it for wrong configuration when no instance has one", async () => {
    faults.set("toy-1", missing("toy-1"));
    faults.set("toy-2", moved("toy-2"));
    const open = session("toy-1", "toy-2");
    const asked = open.mustHaveRepository(["toy-1", "toy-2"]);
    await expect(asked).rejects.toThrow(UsageError);
    await expect(asked).rejects.toThrow("toy-1: not cloned");
    await expect(asked).rejects.toThrow("no other of the 2 instances");
    await expect(open.mustHaveRepository(["toy-2"])).rejects.toThrow(/^toy-2: wrong base$/);
    await open.mustHaveRepository([]);
  });

  it("leaves other faults to whoever opens the instance", async () => {
    faults.set("toy-1", damaged());
    await session("toy-1").mustHaveRepository(["toy-1"]);
  });

  it("looks again for what was missing", async () => {
    faults.set("toy-1", missing("toy-1"));
    const open = session("toy-1");
    await expect(open.open("toy-1")).rejects.toMatchObject({ code: "repository-missing" });
    faults.clear();
    expect((await open.open("toy-1")).instance.instanceId).toBe("toy-1");
  });
});

describe("checking an instance", () => {
  it("says that its repository is missing, and does not stop the others", async () => {
    faults.set("toy-1", missing("toy-1"));
    faults.set("toy-2", moved("toy-2"));
    const open = session("toy-1", "toy-2");
    const check = async (instanceId: string) => {
      const deps = { runs: open.runs, repeats: 1, monotonicMs: () => 0 };
      return checkInstance({ instanceId, oracle: "tests" }, () => open.open(instanceId), deps);
    };
    expect(await check("toy-1")).toMatchObject({
      gold: "fault",
      problems: ["repository-missing: toy-1: not cloned"],
    });
    expect(await check("toy-2")).toMatchObject({
      gold: "fail",
      problems: ["unsound-instance: toy-2: wrong base"],
    });
  });
});
