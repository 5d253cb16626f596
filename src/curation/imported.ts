// What every importer gives back: lines the reader of sets accepts, and a report on each row it was given.
import type { z } from "zod";
import { type instanceSchema, type Language, parseInstance } from "../domain/instance.ts";
import { isWrittenIn, mainLanguage } from "./languages.ts";
import { splitAgain } from "./split.ts";

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
export interface Candidate {
  readonly id: string;
  readonly language: unknown;
  readonly patch: string;
  readonly testPatch: string;
  readonly repaired: readonly string[];
  readonly unrepaired: readonly string[];
  /** The line without language and patches. */
  readonly fields: Omit<InstanceLine, "language" | "patch" | "test_patch" | "instance_id">;
}

export type RowReading = Candidate | { readonly id: string; readonly refused: string };

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

type Finished = { readonly line: InstanceLine; readonly report: Omit<RowReport, "row"> };

function finished(
  candidate: Candidate,
  languageOf: (stated: unknown) => Language | undefined,
): Finished | Omit<RowReport, "row"> {
  const { id } = candidate;
  const none = { repaired: [], unrepaired: [] };
  const stated = languageOf(candidate.language);
  const paths = splitAgain(candidate.patch, candidate.testPatch, stated ?? "python").goldPaths;
  const language = stated ?? mainLanguage(paths);
  if (language === undefined) {
    const found = candidate.language ?? `a gold patch of ${paths.slice(0, 4).join(", ") || "no file"}`;
    return { id, ...none, refused: `expected cpp, python, rust or go, found ${String(found)}` };
  }
  const split = splitAgain(candidate.patch, candidate.testPatch, language);
  const refused = languageProblem(language, split.goldPaths);
  if (refused !== undefined) return { id, ...none, refused };
  const line: InstanceLine = {
    instance_id: id,
    language,
    patch: split.goldPatch,
    test_patch: split.testPatch,
    ...candidate.fields,
  };
  const checked = parseInstance(line);
  if (!checked.ok) {
    const problems = checked.problems.map((each) => `${each.field}: expected ${each.expected}, found ${each.found}`);
    return { id, ...none, refused: problems.join("; ") };
  }
  const inferred = stated === undefined ? [`language ${language}, from the gold patch`] : [];
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

export interface RowReader {
  readonly read: (json: unknown) => RowReading;
  readonly languageOf: (stated: unknown) => Language | undefined;
}

/** Runs an importer over the rows of a file: every row ends in the report, taken or refused with the reason. */
export function importRowsWith(text: string, reader: RowReader): Imported {
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
    const reading = reader.read(json);
    if ("refused" in reading) {
      refuse(row, reading.id, reading.refused);
      continue;
    }
    const result = finished(reading, reader.languageOf);
    const earlier = rowOf.get(reading.id);
    if (!("line" in result)) report.push({ row, ...result });
    else if (earlier !== undefined) refuse(row, reading.id, `row ${earlier} has the same instance_id`);
    else {
      rowOf.set(reading.id, row);
      lines.push(result.line);
      report.push({ row, ...result.report });
    }
  }
  return { lines, report };
}
