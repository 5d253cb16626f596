// Guards: after `--resume` twins were drawn anew while the trusted runs they are excused by came from the store.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { defaultLimits, scriptedSandboxes } from "../../sandboxes/index.ts";
import { openSession } from "../../src/arena/session.ts";
import { slots } from "../../src/arena/slots.ts";
import { openStore } from "../../src/storage/index.ts";
import type { TestCase } from "../support/arena-case.ts";
import { toyCase, toyRunner, toyTests } from "../support/toy-arena.ts";

const seeds = z.object({ seed: z.string(), twinSeed: z.string() });

let files: TestCase;
let folder: string;
beforeAll(async () => {
  files = await toyCase();
  folder = await mkdtemp(join(tmpdir(), "arena-seeds-"));
});
afterAll(async () => {
  await files[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Runs one state in a session of its own over the run folder, as a process does that draws `drawn`. */
async function twinSeedOf(run: string, drawn: string, name: string, tree: string): Promise<string> {
  const runFolder = join(folder, run);
  const store = openStore(join(folder, `${run}.db`));
  try {
    const session = openSession({
      ...{ store, runFolder, run, seed: drawn },
      sandboxes: scriptedSandboxes(toyTests),
      runnerFor: () => toyRunner(),
      cache: join(folder, "cache"),
      limits: defaultLimits,
      now: () => 0,
      signal: new AbortController().signal,
      slots: slots(1),
      instances: [files.of.instance],
      locate: () => Promise.reject(new Error("the case is open")),
    });
    const state = { name, tree, comparison: "single", repeat: 1, withLint: false } as const;
    const { evidence } = await session.runs.run(files.of, state);
    return seeds.parse(await session.evidence.readTranscript(evidence)).twinSeed;
  } finally {
    store.close();
  }
}

it("two sessions over one run folder draw the same twins, two run folders do not", async () => {
  const { of } = files;
  const gold = await twinSeedOf("run", "of the first process", "G", of.goldTree);
  const later = await twinSeedOf("run", "of the second process", "P", await files.tree({ "app.py": "x\n" }));
  expect(later).toBe(gold);
  expect(await twinSeedOf("other", "of the third process", "G", of.goldTree)).not.toBe(gold);
});
