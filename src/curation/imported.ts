// What every importer gives back: lines the reader of sets accepts, and a report on each row it was given.
import type { z } from "zod";
import {
  type FieldProblem,
  fieldProblems,
  type instanceSchema,
  type Language,
  parseInstance,
} from "../domain/instance.ts";
import { isWrittenIn, languageNamed, mainLanguage } from "./languages.ts";
import { patchFiles } from "./patches.ts";
import { type Patches, splitOf } from "./split/files.ts";

/** One line of instances.jsonl as it is written. */
export type InstanceLine = z.input<typeof instanceSchema>;

export interface RowReport {
  /** From 1: the line of a JSONL file, the position in a JSON array. */
  readonly row: number;
  /** The instance's id; empty when the row has none. */
  readonly id: string;
  readonly repaired: readonly string[];
  /** What is still wrong or missing in an instance that was taken. */
  readonly unrepaired: readonly string[];
  /** Why the row was not taken; absent when it was. */
  readonly refused?: string;
}

export interface Imported {
  readonly lines: readonly InstanceLine[];
  readonly report: readonly RowReport[];
}

/** What one row becomes, before it is checked. */
export interface Candidate extends Patches {
  readonly id: string;
  /** As the row states it; undefined: see the gold patch. */
  readonly language: string | undefined;
  readonly repaired: readonly string[];
  readonly unrepaired: readonly string[];
  /** The line without language and patches. */
  readonly fields: Omit<InstanceLine, "language" | "patch" | "test_patch" | "instance_id">;
}

export type RowReading = Candidate | { readonly id: string; readonly refused: string };

/** What a row that does not even parse is called in the report. */
export function statedId(json: unknown): string {
  const found = typeof json === "object" && json !== null ? Reflect.get(json, "instance_id") : undefined;
  return typeof found === "string" ? found : "";
}

/** One sentence of all that is wrong with a row. */
export function refusalOf(error: z.ZodError, json: unknown): string {
  return problemsText(fieldProblems(error, json));
}

function problemsText(problems: readonly FieldProblem[]): string {
  return problems.map((each) => `${each.field}: expected ${each.expected}, found ${each.found}`).join("; ");
}

interface Row {
  readonly row: number;
  readonly json: unknown;
  readonly broken?: string;
}

function parsed(text: string, row: number): Row {
  try {
    return { row, json: JSON.parse(text) };
  } catch (error) {
    return { row, json: undefined, broken: error instanceof Error ? error.message : String(error) };
  }
}

/** Rows of a JSON array or of JSONL, whichever the text is. */
function rowsOf(text: string): Row[] {
  const body = text.replace(/^\uFEFF/, "");
  if (body.trimStart().startsWith("[")) {
    const whole = parsed(body, 1);
    if (!Array.isArray(whole.json)) return [whole];
    return whole.json.map((json: unknown, index) => ({ row: index + 1, json }));
  }
  return body
    .split("\n")
    .map((line, index) => ({ line, row: index + 1 }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, row }) => parsed(line, row));
}

/** Patches of the four languages only: a row whose gold patch has no file of its language would be judged by the wrong rules. */
function languageProblem(language: Language, goldPaths: readonly string[]): string | undefined {
  if (goldPaths.some((path) => isWrittenIn(path, language))) return undefined;
  const other = mainLanguage(goldPaths);
  const found = goldPaths.length === 0 ? "no file at all" : goldPaths.slice(0, 4).join(", ");
  const next = other === undefined ? "" : `; stated as ${other} it would be taken`;
  return `expected a ${language} file in the gold patch, found ${found}${next}`;
}

type Outcome =
  | { readonly line: InstanceLine; readonly report: Omit<RowReport, "row"> }
  | { readonly refused: string };

/**
 * The stated language; a stated one that is none of ours is no guess. When none is stated, that of the tests, if the fix
 * has a file of it (a Python package may be fixed mostly in C), else that of the fix.
 */
function languageOf(candidate: Candidate): Language | undefined {
  if (candidate.language !== undefined) return languageNamed(candidate.language);
  const pathsOf = (patch: string): string[] => patchFiles(patch).map((file) => file.path);
  const gold = pathsOf(candidate.patch);
  const tested = mainLanguage(pathsOf(candidate.testPatch));
  if (tested !== undefined && gold.some((path) => isWrittenIn(path, tested))) return tested;
  return mainLanguage(gold);
}

function finished(candidate: Candidate): Outcome {
  const { id } = candidate;
  const language = languageOf(candidate);
  if (language === undefined) {
    const files = patchFiles(candidate.patch).map((file) => file.path);
    const found = candidate.language ?? `a gold patch of ${files.slice(0, 4).join(", ") || "no file"}`;
    return { refused: `language: expected cpp, python, rust or go, found ${found}` };
  }
  const split = splitOf(candidate, language);
  const refused = languageProblem(language, split.goldPaths);
  if (refused !== undefined) return { refused };
  const line: InstanceLine = {
    instance_id: id,
    language,
    patch: split.goldPatch,
    test_patch: split.testPatch,
    ...candidate.fields,
  };
  const checked = parseInstance(line);
  if (!checked.ok) return { refused: problemsText(checked.problems) };
  const inferred = candidate.language === undefined ? [`language ${language}, from the patches`] : [];
  const untested = split.testPatch === "" ? ["no test patch: only jobs can tell right from wrong"] : [];
  return {
    line,
    report: {
      id,
      repaired: [...candidate.repaired, ...inferred, ...split.repaired],
      unrepaired: [...candidate.unrepaired, ...split.unrepaired, ...untested],
    },
  };
}

/** Runs an importer over the rows of a file: every row ends in the report, taken or refused with the reason. */
export function importRowsWith(text: string, read: (json: unknown) => RowReading): Imported {
  const lines: InstanceLine[] = [];
  const report: RowReport[] = [];
  const rowOf = new Map<string, number>();
  const refuse = (row: number, id: string, refused: string): void => {
    report.push({ row, id, repaired: [], unrepaired: [], refused });
  };
  for (const { row, json, broken } of rowsOf(text)) {
    if (broken !== undefined) {
      refuse(row, "", `expected JSON, found ${broken}`);
      continue;
    }
    const reading = read(json);
    if ("refused" in reading) {
      refuse(row, reading.id, reading.refused);
      continue;
    }
    const result = finished(reading);
    const earlier = rowOf.get(reading.id);
    if ("refused" in result) refuse(row, reading.id, result.refused);
    else if (earlier !== undefined) refuse(row, reading.id, `row ${earlier} has the same instance_id`);
    else {
      rowOf.set(reading.id, row);
      lines.push(result.line);
      report.push({ row, ...result.report });
    }
  }
  return { lines, report };
}
