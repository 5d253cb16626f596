// Verdicts for existing patches: what a user with a file of predictions comes for (`arena judge`).
import { createHash } from "node:crypto";
import { z } from "zod";
import { isFault, UsageError } from "../domain/fault.ts";
import { shown } from "../domain/instance.ts";
import { type RoundRecord, verdictOf } from "../domain/record.ts";
import type { JudgementRow } from "../domain/run.ts";
import { type Baseline, judge, type SubmissionEvidence } from "../grading/index.ts";
import { candidateOfPatch } from "./candidate.ts";
import type { Case } from "./case.ts";
import type { Session } from "./session.ts";

export interface Prediction {
  readonly ordinal: number;
  readonly instanceId: string;
  /** The contestant's name, `model_name_or_path` in SWE-bench files. */
  readonly contestant: string;
  /** Null in the file means the model gave no patch: an empty one. */
  readonly patch: string;
}

const lineSchema = z.object({
  instance_id: z.string().min(1),
  model_name_or_path: z.string().nullish(),
  model_patch: z.string().nullish(),
  patch: z.string().nullish(),
});

export interface PredictionProblem {
  /** Of JSONL; of an array or a dictionary the number of the entry. */
  readonly line: number;
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

interface Row {
  readonly line: number;
  readonly json: unknown;
}

/** JSONL, a JSON array, or a JSON object keyed by instance id: the three shapes SWE-bench tools write. */
function rowsOf(given: string, file: string): Row[] {
  const text = given.replace(/^\uFEFF/, "");
  const whole = wholeDocument(text);
  if (Array.isArray(whole)) return whole.map((json, index) => ({ line: index + 1, json }));
  if (isDictionary(whole)) return keyedRows(whole);
  const lines = text.split("\n").map((line, index) => ({ line: index + 1, text: line }));
  const filled = lines.filter((line) => line.text.trim() !== "");
  return filled.map(({ line, text: row }) => ({ line, json: parseJson(row, file, line) }));
}

/** The text as one JSON document; undefined for JSONL, which is one only when it is a single line. */
function wholeDocument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Not a prediction by itself, which has one of these fields. */
function isDictionary(json: unknown): json is object {
  if (typeof json !== "object" || json === null) return false;
  return !["instance_id", "model_patch", "patch"].some((field) => Object.hasOwn(json, field));
}

function keyedRows(dictionary: object): Row[] {
  return Object.entries(dictionary).map(([instanceId, value], index) => ({
    line: index + 1,
    json: typeof value === "object" ? { instance_id: instanceId, ...value } : value,
  }));
}

function parseJson(text: string, file: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${file}:${line}: expected JSON, found ${shown(text.slice(0, 60))}`, { cause });
  }
}

/**
 * Reads predictions. Lines that are no prediction come back as problems.
 * @throws UsageError for text that is no JSON at all
 */
export function parsePredictions(
  text: string,
  file: string,
): { readonly predictions: readonly Prediction[]; readonly problems: readonly PredictionProblem[] } {
  const predictions: Prediction[] = [];
  const problems: PredictionProblem[] = [];
  for (const { line, json } of rowsOf(text, file)) {
    const parsed = lineSchema.safeParse(json);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const field = issue?.path.join(".") || "(line)";
      problems.push({ line, field, expected: issue?.message ?? "a prediction", found: shown(json) });
    } else if (parsed.data.model_patch === undefined && parsed.data.patch === undefined) {
      problems.push({
        line,
        field: "model_patch",
        expected: "a diff in model_patch or patch",
        found: "nothing",
      });
    } else {
      const { instance_id: instanceId, model_name_or_path: contestant, model_patch, patch } = parsed.data;
      predictions.push({
        ordinal: predictions.length,
        instanceId,
        contestant: contestant || "prediction",
        patch: model_patch ?? patch ?? "",
      });
    }
  }
  return { predictions, problems };
}

export function patchHash(patch: string): string {
  return createHash("sha256").update(patch).digest("hex");
}

/** The part of a session that judging a patch needs. */
export type JudgingSession = Pick<Session, "runs" | "evidence" | "open">;

async function evidenceOf(of: Case, patch: string, session: JudgingSession): Promise<SubmissionEvidence> {
  const candidate = await candidateOfPatch(of, patch);
  if (candidate.kind === "rejected") return candidate;
  const single = { comparison: "single", repeat: 1 } as const;
  const visible = await session.runs.run(of, { ...single, name: "P", tree: candidate.tree, withLint: true });
  if (of.instance.oracle !== "tests") return { kind: "applied", visible: visible.judged };
  const tree = await of.repository.withFiles(candidate.tree, of.hidden);
  const hidden = await session.runs.run(of, { ...single, name: "P+H", tree, withLint: false });
  return { kind: "applied", visible: visible.judged, hidden: hidden.judged };
}

function faultRecord(code: string, detail: string): RoundRecord {
  return {
    submission: { status: "invalid", reasons: [] },
    label: "unlabelled",
    review: { status: "none", reasons: [], eligible: [] },
    effect: "not-run",
    killedBy: [],
    contested: false,
    panel: [],
    void: { cause: code, side: "baseline", detail },
  };
}

/** Judges one prediction and writes its evidence. A fault of ours makes the verdict void, never a score. */
export async function judgePrediction(
  prediction: Prediction,
  session: JudgingSession,
  now: () => number,
): Promise<JudgementRow> {
  const started = now();
  const folder = `predictions/${prediction.instanceId}/${prediction.ordinal}`;
  let record: RoundRecord;
  try {
    const of = await session.open(prediction.instanceId);
    const baseline: Baseline = await session.runs.baseline(of);
    const submission = await evidenceOf(of, prediction.patch, session);
    record = judge(of.instance, { baseline, submission, review: { kind: "none" } });
  } catch (error) {
    if (!isFault(error)) throw error;
    record = faultRecord(error.code, error.message);
  }
  await session.evidence.writeText(`${folder}/submission.patch`, prediction.patch);
  await session.evidence.writeJson(`${folder}/verdict.json`, {
    schemaVersion: 1,
    verdict: verdictOf(record),
    record,
  });
  return {
    instanceId: prediction.instanceId,
    ordinal: prediction.ordinal,
    contestant: prediction.contestant,
    patchHash: patchHash(prediction.patch),
    record,
    seconds: (now() - started) / 1000,
    evidenceHash: await session.evidence.hashOf(folder),
  };
}
