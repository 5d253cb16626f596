// What an engine says while it goes away is said of the engine, and of nobody who was judged in it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultLimits, SandboxFault, scriptedSandboxes } from "../../../sandboxes/index.ts";
import { Judging } from "../../../src/arena/judging.ts";
import { slots } from "../../../src/arena/slots.ts";
import type { TestCase } from "../../support/arena-case.ts";
import { toyCase, toyRunner, toyTests } from "../../support/toy-arena.ts";

let files: TestCase;
let folder: string;
beforeEach(async () => {
  files = await toyCase();
  folder = await mkdtemp(join(tmpdir(), "arena-gone-"));
});
afterEach(async () => {
  await files[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const fault = (code: SandboxFault["code"]) => new SandboxFault(code, `${code} here`, { retryable: true });
const refused = async () => {
  throw new SandboxFault("engine-unreachable", "nothing answers", { retryable: true });
};

/** Runs gold, after a preparation that went well, where the sandbox then fails like this. */
async function failing(thrown: Error, ping: () => Promise<void>): Promise<unknown> {
  let isFailing = false;
  const sandboxes = scriptedSandboxes((request, context) => {
    if (isFailing) throw thrown;
    return toyTests(request, context);
  });
  const judging = new Judging({
    ...{ sandboxes: { ...sandboxes, ping }, runnerFor: () => toyRunner(), limits: defaultLimits, run: "toy" },
    ...{ cache: join(folder, "cache"), seed: "s", now: () => 0, slots: slots(1) },
    signal: new AbortController().signal,
  });
  await judging.prepared(files.of);
  isFailing = true;
  const state = {
    name: "G",
    comparison: "single",
    repeat: 1,
    withLint: false,
    tree: files.of.goldTree,
  } as const;
  return judging.run(files.of, state).catch((error: unknown) => error);
}

describe("a sandbox that fails", () => {
  it.each(["engine-error", "engine-timeout", "supervisor-lost", "engine-unreachable"] as const)(
    "with %s is the engine's where that does not answer, and its own where it does",
    async (code) => {
      expect(await failing(fault(code), refused)).toMatchObject({
        ...{ code: "engine-unreachable", retryable: false },
        message: `nothing answers; before that: ${code} here`,
      });
      expect(await failing(fault(code), async () => {})).toMatchObject({ code, retryable: true });
    },
  );

  it("with what is no engine's is its own, whoever answers", async () => {
    expect(await failing(fault("mount-failed"), refused)).toMatchObject({ code: "mount-failed" });
    expect(await failing(new Error("a bug"), refused)).toMatchObject({ message: "a bug" });
  });
});
