// `arena curate annotate`: rows are dealt to people, looked at in a terminal one by one, and what they said takes effect.
import { createInterface } from "node:readline/promises";
import {
  type AnnotationAnswer,
  addAnswer,
  agreement,
  allAnswers,
  annotateStage,
  annotatorName,
  auditedRow,
  deal,
  type JudgedRow,
  judgedRow,
  readAnswers,
  readDeal,
  readKept,
  readReport,
  runStage,
  unitsOf,
  writeDeal,
} from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { seededRandom } from "../../domain/random.ts";
import { claimCuration } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { harmless, table } from "../output.ts";
import { exitOf, progressTold, reportText } from "../stage-report.ts";

/** Of the judge, or of the audit where nobody judged. */
async function rowsIn(folder: string): Promise<readonly JudgedRow[]> {
  if ((await readReport(folder, "judge")) !== undefined) return readKept(folder, "judge", judgedRow);
  return readKept(folder, "audit", auditedRow);
}

function nameOf(text: string): string {
  const name = annotatorName.safeParse(text);
  if (name.success) return name.data;
  throw new UsageError(
    `expected an annotator's name of letters, digits, . _ -, found ${JSON.stringify(text)}`,
  );
}

export interface AnnotateDealOptions {
  readonly folder: string;
  readonly to: string;
  readonly each: number;
  readonly seed: string;
}

export async function annotateDeal(
  { folder, to, each, seed }: AnnotateDealOptions,
  { out }: CommandContext,
): Promise<ExitCode> {
  await using _ = await claimCuration(folder);
  const annotators = [...new Set(to.split(",").map((name) => nameOf(name.trim())))];
  if (each < 2)
    throw new UsageError(`--each: expected at least 2, found ${each}: one alone agrees with nobody`);
  if (annotators.length < each)
    throw new UsageError(`--to: expected at least ${each} annotators, found ${annotators.length}`);
  const ids = (await rowsIn(folder)).map(({ id }) => id);
  const deals = deal(ids, { annotators, each, random: seededRandom(`annotate ${seed}`) });
  await writeDeal(folder, { seed, each, deals });
  const counts = deals.map(({ annotator, ids: own }) => ({ annotator, rows: own.length }));
  out.result({ schemaVersion: 1, rows: ids.length, each, deals: counts }, () =>
    table(counts.map(({ annotator, rows }) => [annotator, `${rows} rows`])),
  );
  return exitCodes.done;
}

export interface AnnotateFormOptions {
  readonly folder: string;
  readonly as: string;
}

const help =
  "clarity 0 to 3 (0 nobody can tell what is to be done, 3 all of it is said), difficulty 0 to 1 (0.1 minutes, 0.5 hours, 0.9 days), then a note if you like: such as `2 0.4 the log is cut`. Empty: later. q: stop.";

/** Undefined for what cannot be read. */
function answerIn(id: string, line: string): AnnotationAnswer | undefined {
  const found = /^([0-3])\s+(0|1|0?\.\d+|1\.0+|0\.0+)(?:\s+(.*))?$/.exec(line.trim());
  if (found === null) return undefined;
  const [, clarity, difficulty, note = ""] = found;
  const own = { id, clarity: Number(clarity), difficulty: Number(difficulty) };
  return note.trim() === "" ? own : { ...own, note: note.trim() };
}

type Said =
  | { readonly kind: "answer"; readonly answer: AnnotationAnswer }
  | { readonly kind: "later" }
  | { readonly kind: "stop" };

/** Reads until something can be read, or there is nothing more. */
async function saidOf(
  id: string,
  typed: AsyncIterator<string, undefined>,
  { out, signal }: CommandContext,
): Promise<Said> {
  for (;;) {
    signal.throwIfAborted();
    const { value: line, done } = await typed.next();
    if (done === true || line.trim() === "q") return { kind: "stop" };
    if (line.trim() === "") return { kind: "later" };
    const answer = answerIn(id, line);
    if (answer !== undefined) return { kind: "answer", answer };
    out.note(help);
  }
}

function shown(row: JudgedRow, place: string): string {
  const { id, repo, split } = row;
  return `\n${place}: ${id} (${repo}, ${split.language})\n${harmless(split.problemStatement)}\n`;
}

/** Each answer is on the disk before the next row is shown; stopping loses none. */
export async function annotateForm(
  { folder, as }: AnnotateFormOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { out, typed: input } = context;
  if (input === undefined) throw new UsageError("expected somebody who can type, found a program's call");
  const annotator = nameOf(as);
  const { deals } = await readDeal(folder);
  const own = deals.find((each) => each.annotator === annotator);
  if (own === undefined) {
    const names = deals.map((each) => each.annotator).join(", ");
    throw new UsageError(`--as: expected one of ${names}, found ${annotator}`);
  }
  const rows = new Map((await rowsIn(folder)).map((row) => [row.id, row]));
  const known = await readAnswers(folder, annotator);
  const left = own.ids.flatMap((id) => (known.has(id) ? [] : (rows.get(id) ?? [])));
  // Whoever is asked something and stops must not have to answer first.
  const lines = createInterface({ input, terminal: false, signal: context.signal });
  const typed: AsyncIterator<string, undefined> = lines[Symbol.asyncIterator]();
  let answered = 0;
  try {
    out.note(help);
    for (const [index, row] of left.entries()) {
      out.note(shown(row, `${index + 1} of ${left.length}`));
      const said = await saidOf(row.id, typed, context);
      if (said.kind === "stop") break;
      if (said.kind !== "answer") continue;
      await addAnswer(folder, annotator, said.answer);
      answered += 1;
    }
  } finally {
    lines.close();
  }
  const rest = left.length - answered;
  const json = { schemaVersion: 1, annotator, answered, left: rest };
  out.result(json, () => `${answered} answered, ${rest} left`);
  return exitCodes.done;
}

export interface AnnotateMergeOptions {
  readonly folder: string;
  readonly leastClarity: number;
}

export async function annotateMerge(
  { folder, leastClarity }: AnnotateMergeOptions,
  { out, signal }: CommandContext,
): Promise<ExitCode> {
  await using _ = await claimCuration(folder);
  const annotations = await allAnswers(folder);
  const stage = annotateStage({ annotations, leastClarity });
  const run = { folder, workers: 1, signal, onProgress: progressTold(out) };
  const { report } = await runStage(stage, await rowsIn(folder), run);
  const measured = (["clarity", "difficulty"] as const).map((measure) => {
    const metric = measure === "clarity" ? "ordinal" : "interval";
    const found = agreement(unitsOf(annotations, measure), metric, seededRandom(`agreement ${measure}`));
    return { measure, metric, ...(found === undefined ? {} : { agreement: found }) };
  });
  const document = { ...report, folder, agreement: measured };
  out.result(document, () =>
    [
      reportText(folder, report),
      table(
        measured.map(({ measure, agreement: of }) => [
          `agreement on ${measure}`,
          of === undefined
            ? "nothing to tell: nobody, or everybody alike"
            : `alpha ${of.alpha.toFixed(2)} (${of.low?.toFixed(2) ?? "?"} to ${of.high?.toFixed(2) ?? "?"}), ${of.units} rows`,
        ]),
      ),
    ].join("\n"),
  );
  return exitOf(report);
}
