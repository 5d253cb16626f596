// The suite every corpus of a compiled language runs: one test an entry, in real sandboxes.
import { beforeAll, describe, expect, it } from "vitest";
import type { SandboxProvider } from "../../sandboxes/index.ts";
import type { JobReport } from "../../src/domain/report.ts";
import { engineProvider } from "../support/engine.ts";
import {
  type Corpus,
  type CorpusEntry,
  forgeryOf,
  isResolved,
  type Measured,
  measure,
  runCorpusJob,
  unjustKills,
} from "./compiled-runs.ts";

function checkSubmission(entry: CorpusEntry, report: JobReport, measured: Measured): void {
  const resolved = isResolved(report, measured);
  if (entry.expectation === "resolved") {
    expect(forgeryOf(report, measured)).toBeUndefined();
    expect(report.trust).toBe("canaried");
    expect(resolved).toBe(true);
    return;
  }
  expect(resolved, JSON.stringify(report)).toBe(false);
  if (entry.expectation === "forged")
    expect(forgeryOf(report, measured), JSON.stringify(report)).toBeTypeOf("string");
  // An honest mistake is never called a forgery.
  if (entry.expectation === "unresolved") expect(forgeryOf(report, measured)).toBeUndefined();
}

export function describeCorpus(corpus: Corpus): void {
  describe(`forging corpus: ${corpus.language}`, async () => {
    const provider = await engineProvider([corpus.language]);
    const held: { provider?: SandboxProvider; measured?: Measured } = {};
    beforeAll(async () => {
      if (provider === undefined) return;
      held.provider = provider;
      held.measured = await measure(provider, corpus);
    });
    const known = (): { provider: SandboxProvider; measured: Measured } => {
      if (held.provider === undefined || held.measured === undefined)
        throw new Error("the baseline was not measured");
      return { provider: held.provider, measured: held.measured };
    };

    it.skipIf(provider === undefined)(
      "has hidden tests that fail before the gold patch and pass after it",
      () => {
        const { measured } = known();
        // Twins that do not fail here would leave the corpus without its sharpest check.
        expect([...measured.deaf]).toEqual([]);
        expect(measured.failToPass.size).toBeGreaterThanOrEqual(1);
        expect(measured.passToPass.size).toBeGreaterThanOrEqual(1);
      },
    );

    for (const entry of corpus.entries) {
      it.skipIf(provider === undefined)(`${entry.kind} ${entry.id}: ${entry.what}`, async () => {
        const { provider: sandboxes, measured } = known();
        if (entry.kind !== "review") {
          const report = await runCorpusJob(
            sandboxes,
            corpus,
            [entry.files, corpus.hidden],
            `seed of ${entry.id}`,
          );
          checkSubmission(entry, report, measured);
          return;
        }
        const onGold = await runCorpusJob(sandboxes, corpus, [corpus.gold, entry.files], `gold, ${entry.id}`);
        const onOther = await runCorpusJob(
          sandboxes,
          corpus,
          [corpus.otherFix, entry.files],
          `other, ${entry.id}`,
        );
        expect(unjustKills(onGold, onOther), JSON.stringify([onGold, onOther])).toEqual([]);
      });
    }
  });
}
