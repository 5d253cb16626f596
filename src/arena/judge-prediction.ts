// Judges one prediction on its instance, without a battle: its verdict, and the evidence for it.
import { createHash } from "node:crypto";
import { isFault } from "../domain/fault.ts";
import type { Instance } from "../domain/instance.ts";
import type { JudgementKey, JudgementRow } from "../domain/run.ts";
import { judge, type RoundEvidence, readBaseline } from "../grading/index.ts";
import { type Candidate, candidateOfPatch } from "./candidate.ts";
import type { Prediction } from "./predictions.ts";
import { endsTheRun } from "./run-ending.ts";
import type { Session } from "./session.ts";
import { submissionRuns } from "./submission-runs.ts";
import { writeVerdict } from "./verdict-files.ts";

/** The part of a session that judging a patch needs. */
export interface PredictionDeps extends Pick<Session, "runs" | "evidence" | "open"> {
  readonly now: () => number;
  instance(instanceId: string): Instance;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export function keyOf({ instanceId, contestant, patch }: Prediction): JudgementKey {
  return { instanceId, contestant, patchHash: sha256(patch) };
}

/** Where a judgement's evidence lies: a name for people, since contestants' names may hold anything, and a hash. */
export function judgementFolder({ instanceId, contestant, patchHash }: JudgementKey): string {
  const name = contestant.replace(/[^\w-]+/g, "_").slice(0, 40);
  return `predictions/${instanceId}/${name}-${sha256(JSON.stringify([contestant, patchHash])).slice(0, 16)}`;
}

/** What one judgement has gathered so far; a fault in the middle leaves the rest out and voids it. */
interface Gathered {
  readonly from: RoundEvidence;
  readonly candidate?: Candidate;
  readonly runs: Record<string, string>;
}

function nothingOf(instance: Instance): Gathered {
  const baseline = readBaseline(instance, { base: [], gold: [], baseHidden: [], goldHidden: [] });
  return {
    from: { baseline, submission: { kind: "rejected", reasons: [] }, review: { kind: "none" } },
    runs: {},
  };
}

async function gather({ instanceId, patch }: Prediction, deps: PredictionDeps): Promise<Gathered> {
  let got = nothingOf(deps.instance(instanceId));
  let side: "baseline" | "submitter" = "baseline";
  try {
    const of = await deps.open(instanceId);
    const baseline = await deps.runs.baseline(of);
    got = { ...got, from: { ...got.from, baseline } };
    side = "submitter";
    const candidate = await candidateOfPatch(of, patch);
    got = { ...got, candidate };
    Object.assign(got.runs, deps.runs.baselineEvidence(of));
    const submission = await submissionRuns(of, candidate, {
      baseline,
      run: async (state) => {
        const done = await deps.runs.run(of, { ...state, comparison: "single" });
        got.runs[state.name] = done.evidence;
        return done.judged;
      },
    });
    return { ...got, from: { ...got.from, submission } };
  } catch (error) {
    if (!isFault(error) || endsTheRun(error)) throw error;
    return { ...got, from: { ...got.from, fault: { cause: error.code, side, detail: error.message } } };
  }
}

/**
 * Judges one prediction and writes its evidence. A fault that may not repeat makes the verdict void, never a score.
 * @throws a fault that would void every other verdict too (engine gone, image missing, disk full, store failed)
 */
export async function judgePrediction(prediction: Prediction, deps: PredictionDeps): Promise<JudgementRow> {
  const started = deps.now();
  const { from, candidate, runs } = await gather(prediction, deps);
  const record = judge(deps.instance(prediction.instanceId), from);
  const key = keyOf(prediction);
  const folder = judgementFolder(key);
  await writeVerdict(deps.evidence, folder, { patch: prediction.patch, candidate, from, record, runs });
  const seconds = (deps.now() - started) / 1000;
  return { ...key, record, seconds, evidenceHash: await deps.evidence.hashOf(folder) };
}
