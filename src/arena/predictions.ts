// Reads files of predictions: existing patches that somebody wants verdicts on (`arena judge`).
import { z } from "zod";
import { UsageError } from "../domain/fault.ts";
import { shown } from "../domain/instance.ts";

export interface Prediction {
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
        instanceId,
        contestant: contestant || "prediction",
        patch: model_patch ?? patch ?? "",
      });
    }
  }
  return { predictions, problems };
}
