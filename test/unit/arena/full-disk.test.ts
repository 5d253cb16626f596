// A run on a disk that is full when its sandbox has closed shows nothing: it is nobody's outcome.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultLimits, scriptedSandboxes } from "../../../sandboxes/index.ts";
import { Judging } from "../../../src/arena/judging.ts";
import { slots } from "../../../src/arena/slots.ts";
import type { TestCase } from "../../support/arena-case.ts";
import { toyCase, toyRunner, toyTests } from "../../support/toy-arena.ts";

let files: TestCase;
let folder: string;
beforeEach(async () => {
  files = await toyCase();
  folder = await mkdtemp(join(tmpdir(), "arena-full-"));
});
afterEach(async () => {
  await files[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const state = { name: "B", comparison: "single", repeat: 1, withLint: false } as const;

function judging(freeBytes: () => number, handler = toyTests) {
  return new Judging({
    ...{
      sandboxes: scriptedSandboxes(handler),
      runnerFor: () => toyRunner(),
      limits: defaultLimits,
      run: "toy",
    },
    ...{ cache: join(folder, "cache"), seed: "s", now: () => 0, slots: slots(1) },
    signal: new AbortController().signal,
    freeBytes: async () => freeBytes(),
  });
}

describe("a disk that is full", () => {
  it("makes a run that failed nobody's, and one that seems to have passed too", async () => {
    let free = 1e9;
    const on = judging(() => free);
    const { report } = await on.run(files.of, { ...state, tree: files.of.baseTree });
    expect(report.jobs).toHaveLength(1);
    free = 1e6;
    await expect(on.run(files.of, { ...state, tree: files.of.goldTree })).rejects.toMatchObject({
      code: "host-disk-full",
      message: expect.stringMatching(
        /1 MB are free under .*cache after a sandbox has closed, expected at least 64/,
      ),
    });
  });

  it("is said instead of what else went wrong in the sandbox", async () => {
    const on = judging(
      () => 1e6,
      () => {
        throw new Error("the tool did not start");
      },
    );
    await expect(on.run(files.of, { ...state, tree: files.of.baseTree })).rejects.toMatchObject({
      code: "host-disk-full",
    });
  });
});
