// A curation's folder: for each stage the rows it kept, those it rejected with the reason, and its journal.
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../../domain/fault.ts";
import { fieldProblems } from "../../domain/instance.ts";
import type { StageName } from "./rows.ts";
import type { Rejection } from "./stage.ts";

export interface RejectedRow extends Rejection {
  readonly id: string;
  /** As it came in; absent for what was found in a row and never became one. */
  readonly row?: unknown;
}

/** A row that a fault kept from being answered: the stage's next run asks again. */
export interface FaultedRow {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

export const stageReport = z.strictObject({
  schemaVersion: z.literal(1),
  stage: z.string(),
  /** Rows that came in; `found`: things in them that were looked at, where a row holds many. */
  rows: z.int().nonnegative(),
  kept: z.int().nonnegative(),
  rejected: z.int().nonnegative(),
  faults: z.int().nonnegative(),
  /** Rejections by reason. */
  reasons: z.record(z.string(), z.int().positive()),
});
export type StageReport = z.infer<typeof stageReport>;

export interface StageResult<Out> {
  readonly kept: readonly Out[];
  readonly rejected: readonly RejectedRow[];
  readonly faults: readonly FaultedRow[];
  readonly report: StageReport;
}

/** What came of so many rows, counted. */
export function stageResult<Out>(
  stage: StageName,
  rows: number,
  { kept, rejected, faults }: Omit<StageResult<Out>, "report">,
): StageResult<Out> {
  const reasons: Record<string, number> = {};
  for (const { reason } of rejected) reasons[reason] = (reasons[reason] ?? 0) + 1;
  const counts = { rows, kept: kept.length, rejected: rejected.length, faults: faults.length };
  return { kept, rejected, faults, report: { schemaVersion: 1, stage, ...counts, reasons } };
}

export const journalFile = (folder: string, stage: StageName): string => join(folder, stage, "journal.jsonl");
const keptFile = (folder: string, stage: StageName): string => join(folder, stage, "kept.jsonl");
const reportFile = (folder: string, stage: StageName): string => join(folder, stage, "report.json");

const jsonLines = (rows: readonly unknown[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Whole or not at all, whatever happens meanwhile. */
export async function writeWhole(path: string, text: string | Buffer): Promise<void> {
  const file = await open(`${path}.new`, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** The report last: while it is missing the stage has not ended. */
export async function writeStage(
  folder: string,
  stage: StageName,
  { kept, rejected, faults, report }: StageResult<unknown>,
): Promise<void> {
  const own = join(folder, stage);
  await mkdir(own, { recursive: true });
  await rm(reportFile(folder, stage), { force: true });
  await writeWhole(keptFile(folder, stage), jsonLines(kept));
  await writeWhole(join(own, "rejected.jsonl"), jsonLines(rejected));
  await writeWhole(join(own, "faults.jsonl"), jsonLines(faults));
  await writeWhole(reportFile(folder, stage), `${JSON.stringify(report, null, 2)}\n`);
}

/** Undefined where the stage has not ended yet. @throws UsageError for a file that is none of ours */
export async function readReport(folder: string, stage: StageName): Promise<StageReport | undefined> {
  const path = reportFile(folder, stage);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const json: unknown = JSON.parse(text);
  const checked = stageReport.safeParse(json);
  if (checked.success) return checked.data;
  throw new UsageError(`${path}: ${problemText(checked.error, json)}: run the stage again`);
}

function problemText(error: z.ZodError, json: unknown): string {
  return fieldProblems(error, json)
    .slice(0, 3)
    .map(({ field, expected, found }) => `${field}: expected ${expected}, found ${found}`)
    .join("; ");
}

/**
 * The rows that a stage kept, parsed: somebody may have edited the file.
 * @throws UsageError naming file, line and field, or the stage that is to be run first
 */
export async function readKept<T>(folder: string, stage: StageName, schema: z.ZodType<T>): Promise<T[]> {
  const path = keptFile(folder, stage);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const next = `run \`arena curate ${stage}\` on this folder first`;
    throw new UsageError(`expected the rows that ${stage} kept in ${path}, found none: ${next}`, { cause });
  });
  const lines = text.split("\n").map((line, index) => ({ line, number: index + 1 }));
  return lines
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, number }) => rowIn(line, schema, `${path}:${number}`));
}

function rowIn<T>(line: string, schema: z.ZodType<T>, where: string): T {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new UsageError(`${where}: expected one JSON object, found ${line.slice(0, 60)}`, { cause });
  }
  const checked = schema.safeParse(json);
  if (checked.success) return checked.data;
  throw new UsageError(`${where}: ${problemText(checked.error, json)}`);
}
