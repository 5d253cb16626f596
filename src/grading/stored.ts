// Parses what we stored ourselves: evidence files and cached runs are read back like any other input.
import { z } from "zod";
import { reasonCodes } from "../domain/record.ts";
import type { Baseline } from "./baseline.ts";
import type { JudgedRun, PanelRuns, RoundEvidence } from "./evidence.ts";

const check = z.object({
  id: z.string(),
  status: z.enum(["passed", "failed", "skipped", "error"]),
  file: z.string().exactOptional(),
  lint: z.boolean().exactOptional(),
});

const incident = z.object({
  kind: z.enum([
    "build-failed",
    "timed-out",
    "out-of-memory",
    "disk-full",
    "crashed",
    "no-tests",
    "output-overflow",
  ]),
  detail: z.string(),
});

const jobReport = z.object({
  job: z.string(),
  checks: z.array(check),
  trust: z.enum(["canaried", "weak"]),
  forged: z.string().exactOptional(),
  deaf: z.array(z.string()).exactOptional(),
  incidents: z.array(incident),
  notes: z.array(z.string()).exactOptional(),
  seconds: z.number(),
});

const runReportSchema = z.object({ jobs: z.array(jobReport) });

const judgedRunSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("ran"),
    report: runReportSchema,
    lostJobs: z.array(z.string()).exactOptional(),
  }),
  z.object({
    kind: z.literal("unjudgeable"),
    report: runReportSchema,
    control: z.enum(["passed", "failed"]),
  }),
]);

const reason = z.object({
  code: z.enum(reasonCodes),
  detail: z.string(),
  undisclosed: z.string().exactOptional(),
});

const submission = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("rejected"),
    reasons: z.array(reason),
    hidden: judgedRunSchema.exactOptional(),
  }),
  z.object({
    kind: z.literal("applied"),
    visible: judgedRunSchema,
    again: judgedRunSchema.exactOptional(),
    hidden: judgedRunSchema.exactOptional(),
  }),
]);

const panelRuns = z.object({
  candidate: z.string(),
  label: z.enum(["resolved", "unresolved"]),
  runs: z.array(judgedRunSchema),
});

const mutantRuns = z.object({
  met: z.array(
    z.object({
      mutant: z.string(),
      noticedBy: z.enum(["visible", "hidden"]),
      runs: z.array(judgedRunSchema),
    }),
  ),
  leftOut: z.object({ notCompiling: z.number(), endsOthers: z.number(), notShownToDiffer: z.number() }),
});

const probedRuns = z.object({
  changeOf: z.enum(["submission", "gold"]),
  runs: z.array(z.object({ test: z.string().exactOptional(), run: judgedRunSchema })),
});

const review = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("none") }),
  z.object({ kind: z.literal("rejected"), reasons: z.array(reason) }),
  z.object({
    kind: z.literal("applied"),
    files: z.array(z.string()),
    onGold: z.array(judgedRunSchema),
    onSubmission: z.array(judgedRunSchema).exactOptional(),
    onBase: judgedRunSchema.exactOptional(),
    onPanel: z.array(panelRuns),
    onMutants: mutantRuns.exactOptional(),
    onProbed: probedRuns.exactOptional(),
    sawSubmission: z.literal(true).exactOptional(),
  }),
]);

const ids = z.array(z.string());
const baseline = z
  .object({
    stable: ids,
    goldPassing: ids,
    goldKnown: ids,
    failToPass: ids,
    passToPass: ids,
    flaky: ids,
    deaf: ids,
    speaking: ids,
    forged: z.string().exactOptional(),
    unmet: ids,
    unbroken: ids,
  })
  .transform(
    (lists): Baseline => ({
      stable: new Set(lists.stable),
      goldPassing: new Set(lists.goldPassing),
      goldKnown: new Set(lists.goldKnown),
      failToPass: new Set(lists.failToPass),
      passToPass: new Set(lists.passToPass),
      flaky: new Set(lists.flaky),
      deaf: new Set(lists.deaf),
      speaking: new Set(lists.speaking),
      ...(lists.forged === undefined ? {} : { forged: lists.forged }),
      unmet: lists.unmet,
      unbroken: lists.unbroken,
    }),
  );

const fault = z.object({
  cause: z.string(),
  side: z.enum(["submitter", "reviewer", "baseline"]),
  detail: z.string(),
});

const roundEvidenceSchema = z.object({
  schemaVersion: z.literal(1),
  baseline,
  submission,
  review,
  fault: fault.exactOptional(),
});

/** @throws ZodError when the text is no judged run of this version */
export function parseJudgedRun(json: unknown): JudgedRun {
  return judgedRunSchema.parse(json);
}

/** @throws ZodError when the value is no round evidence of this version */
export function parseRoundEvidence(json: unknown): RoundEvidence {
  return roundEvidenceSchema.parse(json);
}

const jurySchema = z.object({ schemaVersion: z.literal(1), jury: z.array(panelRuns) });

/** A jury as it is stored. */
export const juryOf = (jury: readonly PanelRuns[]): unknown => ({ schemaVersion: 1, jury });

/** @throws ZodError when the value is no jury of this version */
export function parseJury(json: unknown): readonly PanelRuns[] {
  return jurySchema.parse(json).jury;
}

/** The baseline as it is stored: sets become lists. */
export function storableBaseline(from: Baseline): Record<string, readonly string[] | string> {
  return {
    stable: [...from.stable],
    goldPassing: [...from.goldPassing],
    goldKnown: [...from.goldKnown],
    failToPass: [...from.failToPass],
    passToPass: [...from.passToPass],
    flaky: [...from.flaky],
    deaf: [...from.deaf],
    speaking: [...from.speaking],
    unmet: from.unmet,
    unbroken: from.unbroken,
    ...(from.forged === undefined ? {} : { forged: from.forged }),
  };
}
