// A pair as written down: two engines, how they play together, and what it may cost; the same for servers and contestants.
import { resolve } from "node:path";
import { z } from "zod";
import { type FileProblem, FileReading, noteIssues } from "../file-reading.ts";
import type { SlotLimits } from "../slots.ts";
import { defaultCalibratorSettings, leastBank } from "./calibrator.ts";
import { engineSpecSchema } from "./engines/spec.ts";
import { defaultPairSettings, type PairSettings } from "./pair.ts";
import { defaultSampleSettings } from "./sample.ts";
import { defaultTrialSettings } from "./trials.ts";

export const scoreNames = [
  "mean-nll",
  "worst-window",
  "worst-token",
  "log-ratio",
  "p-yes",
  "random",
  "constant",
] as const;

const share = (what: string) => z.number(what).min(0, what).max(1, what);
const count = (what: string) => z.int(what).positive(what);
const lane = z.strictObject({
  initial: count("expected how many may run at once at first"),
  max: count("expected how many may run at once at most"),
});

const pairFields = z.strictObject({
  draft: engineSpecSchema,
  target: engineSpecSchema,
  /** Candidates of a question. */
  samples: z.int().min(1).max(256).default(4),
  /** Share of drafts that go to the target. */
  interventionRate: share("expected a share from 0 to 1").default(defaultCalibratorSettings.interventionRate),
  /** How fast levels follow what happened; 0: not at all. */
  step: share("expected a number from 0 to 1").default(defaultCalibratorSettings.step),
  /** Share of decisions turned round to learn from them. */
  auditShare: share("expected a share from 0 to 1").default(defaultCalibratorSettings.auditShare),
  /** Drafts after which scores come to count in later decisions, once all of them are scored; the first few count sooner. */
  epochDrafts: count("expected a number of drafts").default(defaultCalibratorSettings.banks.epochSize),
  score: z.enum(scoreNames, `expected one of ${scoreNames.join(", ")}`).exactOptional(),
  /** What `arena a1 calibrate` wrote: a learned score, in place of `score`. */
  learned: z.string().min(1).exactOptional(),
  /** First drafts of each question that its candidates are ranked among; 0: all questions' together. */
  ownBankDrafts: z.int().min(0).max(1024).default(0),
  /** So many of a turn's candidates go to the target, whatever the rate says. */
  topB: z.int().min(0).exactOptional(),
  turns: z.int().min(1).max(1000).exactOptional(),
  draftTokens: count("expected a number of tokens").exactOptional(),
  takeoverTokens: count("expected a number of tokens").exactOptional(),
  /** A draft or takeover ends behind the first of these. */
  chunkStop: z.array(z.string().min(1)).default([]),
  /** What the target does about a bad draft: goes on behind it, or writes it anew; left to the task by default. */
  onIntervention: z.enum(["continue", "regenerate"], "expected continue or regenerate").exactOptional(),
  /** Ranks drafts among those of about their length. */
  byLength: z.boolean("expected true or false").default(false),
  temperature: z.number().min(0).max(2).default(0.8),
  seed: z.string().min(1).default("a1"),
  lanes: z.strictObject({ draft: lane, score: lane, takeover: lane }).exactOptional(),
  /** Of one question, all candidates together. */
  limits: z
    .strictObject({
      takeoverTokens: z.int().nonnegative().exactOptional(),
      tokens: z.int().nonnegative().exactOptional(),
      usd: z.number().nonnegative().exactOptional(),
    })
    .default({}),
  /** Of a question's candidates; drafts for a bank of its own come before that time, trials after it. */
  deadlineSeconds: z.number().positive().exactOptional(),
  /** Of a contestant: candidates run in the sandbox before one is submitted, best first; one more by lot. */
  trials: z.int().min(0).max(64).default(defaultTrialSettings.most),
  /** Share of those that may fail; candidates that look worse are not run, once enough have failed to tell. */
  trialFailures: share("expected a share from 0 to 1").default(defaultTrialSettings.failureShare),
});

export const pairConfigurationSchema = pairFields.check((ctx) => {
  const { epochDrafts, interventionRate, topB = 0, samples, chunkStop } = ctx.value;
  if (topB >= samples) {
    const message = `expected less than samples, ${samples}: the target would write every answer`;
    ctx.issues.push({ code: "custom", path: ["topB"], input: topB, message });
  }
  for (const side of ["draft", "target"] as const) {
    if (chunkStop.length === 0 || ctx.value[side].kind !== "openai") continue;
    const message = `expected engines that tell which text stopped them: that of ${side} (openai) does not, and each chunk would be taken for the end`;
    ctx.issues.push({ code: "custom", path: ["chunkStop"], input: chunkStop, message });
  }
  // Twice, since not every draft that is asked for gets a score.
  const least = Math.ceil((2 * leastBank(interventionRate)) / defaultCalibratorSettings.banks.epochsKept);
  if (epochDrafts >= least) return;
  const message = `expected at least ${least} drafts: at a rate of ${interventionRate} smaller banks tell less than chance, which would decide for ever`;
  ctx.issues.push({ code: "custom", path: ["epochDrafts"], input: epochDrafts, message });
});

export type PairConfiguration = z.infer<typeof pairConfigurationSchema>;

/** What it says of everything but the engines and the score. */
export function pairSettingsOf(configuration: PairConfiguration): PairSettings {
  const { interventionRate, step, auditShare, seed, ownBankDrafts, limits, lanes, chunkStop } = configuration;
  const { trials, trialFailures } = configuration;
  const { turns, draftTokens, takeoverTokens, topB, deadlineSeconds, draft, target, byLength } =
    configuration;
  const given = { turns, draftTokens, takeoverTokens, onIntervention: configuration.onIntervention };
  const sample = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    sample: { ...defaultSampleSettings, ...sample, chunkStop, byLength },
    calibrator: {
      ...{ interventionRate, step, auditShare, seed },
      banks: { ...defaultCalibratorSettings.banks, epochSize: configuration.epochDrafts },
    },
    ...{ lanes: lanes ?? lanesFor(configuration), limits, ownBankDrafts },
    cacheTokens: cachesOf(configuration),
    trials: { ...defaultTrialSettings, most: trials, failureShare: trialFailures, seed },
    ...(draft.prices === undefined || target.prices === undefined
      ? {}
      : { prices: { draft: draft.prices, target: target.prices } }),
    ...(topB === undefined ? {} : { topB }),
    ...(deadlineSeconds === undefined ? {} : { deadlineMs: deadlineSeconds * 1000 }),
  };
}

function lanesFor({ draft, target }: PairConfiguration): PairSettings["lanes"] {
  const usual = defaultPairSettings.lanes;
  const laneOf = (spec: PairConfiguration["draft"], otherwise: SlotLimits): SlotLimits =>
    spec.kind === "onnx" || spec.maxConcurrent === undefined
      ? otherwise
      : { initial: spec.maxConcurrent, max: spec.maxConcurrent };
  return {
    draft: laneOf(draft, usual.draft),
    score: laneOf(target, usual.score),
    takeover: laneOf(target, usual.takeover),
  };
}

/** An engine of this process keeps within its cache by itself. */
function cachesOf({ draft, target }: PairConfiguration): PairSettings["cacheTokens"] {
  const tokensOf = (spec: PairConfiguration["draft"]) =>
    spec.kind === "onnx" ? undefined : spec.cacheTokens;
  const [ofDraft, ofTarget] = [tokensOf(draft), tokensOf(target)];
  return {
    ...(ofDraft === undefined ? {} : { draft: ofDraft }),
    ...(ofTarget === undefined ? {} : { target: ofTarget }),
  };
}

/**
 * What of a pair decides its answers: how many calls run at once, how long one may take and by which key they are made
 * may change while a run goes on.
 */
export function decidingOf({ lanes: _, draft, target, ...deciding }: PairConfiguration): unknown {
  return { ...deciding, draft: answeringOf(draft), target: answeringOf(target) };
}

function answeringOf(spec: PairConfiguration["draft"]): unknown {
  if (spec.kind === "onnx") return spec;
  const { maxConcurrent, requestTimeoutSeconds, cacheTokens, keyEnv, ...answering } = spec;
  return answering;
}

/** Folders and files it names are looked for beside the file it stands in. */
export function resolvedPair(configuration: PairConfiguration, base: string): PairConfiguration {
  const { draft, target, learned } = configuration;
  const engine = (spec: PairConfiguration["draft"]): PairConfiguration["draft"] => {
    if (spec.kind === "onnx") return { ...spec, folder: resolve(base, spec.folder) };
    return spec.tokenizer === undefined ? spec : { ...spec, tokenizer: resolve(base, spec.tokenizer) };
  };
  return {
    ...configuration,
    ...{ draft: engine(draft), target: engine(target) },
    ...(learned === undefined ? {} : { learned: resolve(base, learned) }),
  };
}

/**
 * @param file the name shown in problems
 * @param base what its paths are relative to
 */
export function parsePair(
  text: string,
  { file, base }: { readonly file: string; readonly base: string },
):
  | { readonly ok: true; readonly configuration: PairConfiguration }
  | { readonly ok: false; readonly problems: readonly FileProblem[] } {
  const reading = new FileReading(text, file);
  if (reading.problems.length > 0) return { ok: false, problems: reading.problems };
  const parsed = pairConfigurationSchema.safeParse(reading.json);
  if (parsed.success) return { ok: true, configuration: resolvedPair(parsed.data, base) };
  noteIssues(reading, [], parsed.error.issues);
  return { ok: false, problems: reading.problems };
}
