// Reads what one phase said over its pipe: records in order, nothing missing, nothing twice, nothing else.
import { z } from "zod";
import type { CheckStatus, Incident } from "../../../domain/report.ts";
import type { ExecStepResult } from "../../program.ts";
import { ending, incidentOf } from "../compiled/bench.ts";
import type { Phase } from "../compiled/phases.ts";

const recordSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("begin") }),
  z.strictObject({ kind: z.literal("unusable"), text: z.string() }),
  z.strictObject({ kind: z.literal("uncollected"), id: z.string(), text: z.string() }),
  z.strictObject({ kind: z.literal("tampered"), text: z.string() }),
  z.strictObject({
    kind: z.literal("test"),
    id: z.string(),
    file: z.string(),
    status: z.enum(["passed", "failed", "skipped", "error"]),
  }),
  z.strictObject({ kind: z.literal("end"), code: z.int(), folder: z.string() }),
]);
type PhaseRecord = z.infer<typeof recordSchema>;

export interface PhaseResults {
  readonly phase: Phase;
  readonly tests: ReadonlyMap<string, CheckStatus>;
  /** The process told of its end and ended just so: what it did not report did not run. */
  readonly complete: boolean;
  /** It ended as a run without any failure does. */
  readonly succeeded: boolean;
  readonly incidents: readonly Incident[];
  readonly forged?: string;
}

interface Records {
  readonly records: readonly PhaseRecord[];
  readonly problem?: string;
}

function recordOf(line: string, mark: string, number: number): PhaseRecord | undefined {
  const prefix = `${mark} ${number} `;
  if (!line.startsWith(prefix)) return undefined;
  try {
    return recordSchema.parse(JSON.parse(line.slice(prefix.length)));
  } catch {
    return undefined;
  }
}

function readRecords(stdout: string, mark: string): Records {
  const lines = stdout.split("\n");
  const begin = lines.findIndex((line) => line.startsWith(`${mark} 1 `));
  if (begin === -1) return { records: [] };
  const records: PhaseRecord[] = [];
  // What stands after the last line feed was cut off in the writing.
  for (const line of lines.slice(begin, -1)) {
    const record = recordOf(line, mark, records.length + 1);
    if (record === undefined) {
      const problem = `record ${records.length + 1} was expected on the results pipe, and "${line.slice(0, 80)}" was found`;
      return { records, problem };
    }
    records.push(record);
  }
  return { records };
}

function repeated(records: readonly PhaseRecord[]): string | undefined {
  const seen = new Set<string>();
  for (const record of records) {
    if (record.kind !== "test") continue;
    if (seen.has(record.id)) return `${record.id} is reported twice`;
    seen.add(record.id);
  }
  return undefined;
}

function lies(records: readonly PhaseRecord[]): string | undefined {
  const tampered = records.find((record) => record.kind === "tampered");
  if (tampered !== undefined) return `${tampered.text} was replaced while tests ran`;
  const end = records.findIndex((record) => record.kind === "end");
  if (end !== -1 && end !== records.length - 1) return "something was reported after the end of the run";
  return repeated(records);
}

const tail = (text: string): string => text.trim().slice(-800);

function incidentsOf(result: ExecStepResult, records: readonly PhaseRecord[], complete: boolean): Incident[] {
  const incidents: Incident[] = [];
  for (const record of records) {
    if (record.kind !== "uncollected") continue;
    incidents.push({
      kind: "build-failed",
      detail: `${record.id} could not be loaded: ${tail(record.text)}`,
    });
  }
  const unusable = records.find((record) => record.kind === "unusable");
  if (unusable !== undefined)
    incidents.push({ kind: "crashed", detail: `the image has no test runner: ${unusable.text}` });
  else if (!complete) {
    const incident = incidentOf("the test process", result, "crashed");
    incidents.push({
      ...incident,
      detail: `${incident.detail} before it had told of its end: ${tail(result.stderr)}`,
    });
  }
  return incidents;
}

/** Reads one phase. `mark` opens every line of ours and is drawn afresh for every process. */
export function readPhase(phase: Phase, result: ExecStepResult, mark: string): PhaseResults {
  const { records, problem } = readRecords(result.stdout, mark);
  const end = records.findLast((record) => record.kind === "end");
  const code = result.outcome.kind === "exited" ? result.outcome.code : undefined;
  const complete = end !== undefined && end.code === code && (code === 0 || code === 1 || code === 5);
  const ended = end !== undefined && end.code !== code;
  const forged =
    problem ??
    lies(records) ??
    (ended ? `the process announced status ${end.code} and ${ending(result.outcome)}` : undefined);
  return {
    phase,
    tests: new Map(
      records.flatMap((record) => (record.kind === "test" ? [[record.id, record.status] as const] : [])),
    ),
    complete,
    succeeded: code === 0,
    incidents: incidentsOf(result, records, complete),
    ...(forged === undefined ? {} : { forged }),
  };
}
