// Reads recorded runs from the text of their tables, and says of every line that could not be used what is wrong with it.
import type { TracedSample, TracedTurn } from "./trace.ts";

/** How characters become tokens where a table counts characters alone. */
export interface TokenRule {
  readonly charactersPerToken: number;
  /** Chunks were cut at so many tokens; characters overshoot. */
  readonly mostTokens: number;
}

/** Fits the token counts in the server logs of arXiv 2509.15148 (2.77 million drafted, 1.00 million taken over). */
export const defaultTokenRule: TokenRule = { charactersPerToken: 2.77, mostTokens: 550 };

/** Of a question in its template, where nobody counted. */
export const defaultPromptTokens = 100;

export interface TracesFile {
  /** By run; of every run by question, siblings one after the other. */
  readonly runs: ReadonlyMap<string, readonly TracedSample[]>;
  /** Drafts that were written anew in the same turn: only the last of a turn is replayed. */
  readonly droppedAttempts: number;
  /** One for each line or sample that was left out. */
  readonly problems: readonly string[];
}

const traceColumns = [
  ...["run", "question", "sample", "turn", "attempt", "ppl"],
  ...["rejected", "draft_chars", "draft_boxed", "target_chars"],
] as const;
const sampleColumns = ["run", "question", "sample", "valid", "answer_class"] as const;

type Row<Column extends string> = { readonly line: number } & Readonly<Record<Column, string>>;

/**
 * @param run all others are passed over unread where one is named
 * @throws RangeError where columns are missing: the whole table is another one
 */
export function readTraces(
  { traces, samples }: { readonly traces: string; readonly samples?: string },
  { rule = defaultTokenRule, run }: { readonly rule?: TokenRule; readonly run?: string } = {},
): TracesFile {
  const problems: string[] = [];
  const told = (problem: string): void => {
    problems.push(problem);
  };
  const answers = samples === undefined ? new Map<string, string>() : answersOf(samples, told);
  const bySample = new Map<string, TracedRow[]>();
  let droppedAttempts = 0;
  for (const row of rowsOf(traces, "traces", traceColumns, told)) {
    if (run !== undefined && row.run !== run) continue;
    const read = tracedRow(row, rule, told);
    if (read === undefined) continue;
    const name = nameOf(row);
    const own = bySample.get(name) ?? [];
    bySample.set(name, own);
    const before = own.findIndex(({ turn }) => turn === read.turn);
    if (before < 0) own.push(read);
    else {
      droppedAttempts += 1;
      own[before] = read;
    }
  }
  const runs = new Map<string, TracedSample[]>();
  for (const [name, rows] of bySample) {
    const sample = sampleOf(rows, answers.get(name), told);
    const [first] = rows;
    if (sample === undefined || first === undefined) continue;
    const own = runs.get(first.run) ?? [];
    runs.set(first.run, own);
    own.push(sample);
  }
  for (const own of runs.values()) own.sort(bySiblings);
  return { runs, droppedAttempts, problems };
}

interface TracedRow {
  readonly run: string;
  readonly question: string;
  readonly sample: number;
  readonly turn: number;
  readonly traced: TracedTurn;
}

/** Undefined for the empty draft that ends a sample, which is no turn, and for a line that is told of. */
function tracedRow(
  row: Row<(typeof traceColumns)[number]>,
  { charactersPerToken, mostTokens }: TokenRule,
  told: (problem: string) => void,
): TracedRow | undefined {
  const bad = (expected: string, found: string): undefined => {
    told(`traces line ${row.line}: expected ${expected}, found ${JSON.stringify(found)}; left out`);
  };
  const counts = ["sample", "turn", "attempt", "draft_chars", "target_chars"] as const;
  for (const column of counts)
    if (!/^\d+$/.test(row[column])) return bad(`a whole number in ${column}`, row[column]);
  if (row.ppl === "" && row.draft_chars === "0") return undefined;
  const ppl = Number(row.ppl);
  if (row.ppl === "" || !(ppl > 0)) return bad("a positive perplexity in ppl", row.ppl);
  if (row.rejected !== "0" && row.rejected !== "1") return bad("0 or 1 in rejected", row.rejected);
  const tokens = (characters: string): number => {
    const count = Number(characters);
    // A text is never of no tokens, however short: that would be the end of its sample.
    return count === 0 ? 0 : Math.max(1, Math.round(Math.min(mostTokens, count / charactersPerToken)));
  };
  return {
    ...{ run: row.run, question: row.question, sample: Number(row.sample), turn: Number(row.turn) },
    traced: {
      ...{ draftTokens: tokens(row.draft_chars), takeoverTokens: tokens(row.target_chars) },
      ...{ nll: Math.log(ppl), isHandedOver: row.rejected === "1", hasAnswer: row.draft_boxed === "1" },
    },
  };
}

function sampleOf(
  rows: readonly TracedRow[],
  answer: string | undefined,
  told: (problem: string) => void,
): TracedSample | undefined {
  const inOrder = rows.toSorted((one, other) => one.turn - other.turn);
  const [first] = inOrder;
  if (first === undefined) return undefined;
  const { run, question, sample } = first;
  const missing = inOrder.findIndex(({ turn }, at) => turn !== at);
  if (missing >= 0) {
    told(
      `run ${run}, question ${question}, sample ${sample}: expected turns from 0 on without a gap, found none numbered ${missing}; the sample is left out`,
    );
    return undefined;
  }
  const turns = inOrder.map(({ traced }) => traced);
  return { question, sample, turns, ...(answer === undefined ? {} : { answer }) };
}

/** Samples that came to no answer have none. */
function answersOf(text: string, told: (problem: string) => void): Map<string, string> {
  const rows = rowsOf(text, "samples", sampleColumns, told);
  return new Map(
    rows.flatMap((row) => (row.valid === "1" ? [[nameOf(row), row.answer_class] as const] : [])),
  );
}

function rowsOf<Column extends string>(
  text: string,
  table: string,
  columns: readonly Column[],
  told: (problem: string) => void,
): Row<Column>[] {
  const [head = "", ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const names = head.split(",");
  const missing = columns.filter((column) => !names.includes(column));
  if (missing.length > 0)
    throw new RangeError(
      `${table}: expected a first line with the columns ${columns.join(", ")}, found none named ${missing.join(", ")}: give a table of comma-separated values`,
    );
  return lines.flatMap((line, at) => {
    if (line.trim() === "") return [];
    const cells = line.split(",");
    if (cells.length !== names.length) {
      told(`${table} line ${at + 2}: expected ${names.length} cells, found ${cells.length}; left out`);
      return [];
    }
    const row = { line: at + 2 };
    return [
      Object.assign(
        row,
        recordOf(columns, (column) => cells[names.indexOf(column)] ?? ""),
      ),
    ];
  });
}

function recordOf<Column extends string>(
  columns: readonly Column[],
  cell: (column: Column) => string,
): Record<Column, string> {
  const record: Partial<Record<Column, string>> = {};
  for (const column of columns) record[column] = cell(column);
  const isWhole = (each: Partial<Record<Column, string>>): each is Record<Column, string> =>
    columns.every((column) => each[column] !== undefined);
  if (!isWhole(record)) throw new Error("bug: a row lacks a column that its table has");
  return record;
}

const nameOf = ({ run, question, sample }: { run: string; question: string; sample: string }): string =>
  JSON.stringify([run, question, Number(sample)]);

/** Numbered questions by number. */
function bySiblings(one: TracedSample, other: TracedSample): number {
  const [a, b] = [Number(one.question), Number(other.question)];
  const order = Number.isNaN(a - b) ? one.question.localeCompare(other.question) : a - b;
  return order || one.sample - other.sample;
}
