// Runs a stage over its rows: what the journal knows is not asked again, and the files come out in the rows' order.
import { isFault } from "../../domain/fault.ts";
import {
  type FaultedRow,
  journalFile,
  type RejectedRow,
  type StageResult,
  stageResult,
  writeStage,
} from "./folder.ts";
import { Journal, type JournalLine, journalKey } from "./journal.ts";
import type { Row } from "./rows.ts";
import type { Stage, StageOutcome } from "./stage.ts";

export interface StageProgress {
  readonly stage: string;
  readonly done: number;
  readonly of: number;
  readonly kept: number;
  readonly rejected: number;
  readonly faults: number;
  /** Of `done`, known from an earlier run. */
  readonly known: number;
}

export interface StageRun {
  readonly folder: string;
  /** Rows at once. */
  readonly workers: number;
  readonly signal: AbortSignal;
  /** Which rows are asked; of the others stands what an earlier run was answered. All are where it is absent. */
  readonly isAsked?: (id: string) => boolean;
  readonly onProgress?: (progress: StageProgress) => void;
}

type Answer<Out> = StageOutcome<Out> | FaultedRow;

const isFaulted = <Out>(answer: Answer<Out>): answer is FaultedRow => "code" in answer;

/**
 * The stage's result, written below the folder. Rows that a fault kept from being answered stand among the faults.
 * @throws what is no fault; the signal's reason, once what runs has ended: nothing is written but the journal
 */
export async function runStage<In extends { readonly id: string }, Out extends Row>(
  stage: Stage<In, Out>,
  all: readonly In[],
  run: StageRun,
): Promise<StageResult<Out>> {
  await using journal = await Journal.open(journalFile(run.folder, stage.name));
  const { isAsked = () => true } = run;
  const isKnown = (row: In): boolean =>
    journal.get(journalKey(stage.name, stage.settings, row)) !== undefined;
  const rows = all.filter((row) => isAsked(row.id) || isKnown(row));
  const answers = await answersOf(stage, rows, { ...run, journal });
  run.signal.throwIfAborted();
  const result = resultOf(stage, rows, answers);
  await writeStage(run.folder, stage.name, result);
  return result;
}

async function answersOf<In extends { readonly id: string }, Out extends Row>(
  stage: Stage<In, Out>,
  rows: readonly In[],
  { workers, signal, onProgress, journal }: StageRun & { readonly journal: Journal },
): Promise<readonly (Answer<Out> | undefined)[]> {
  const answers: (Answer<Out> | undefined)[] = rows.map(() => undefined);
  const count = { stage: stage.name, done: 0, of: rows.length, kept: 0, rejected: 0, faults: 0, known: 0 };
  const tell = (answer: Answer<Out>): void => {
    count.done += 1;
    if (isFaulted(answer)) count.faults += 1;
    else {
      count.kept += answer.kept.length;
      count.rejected += answer.rejected.length;
    }
    onProgress?.({ ...count });
  };
  const left = [...rows.entries()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined && !signal.aborted; next = left.shift()) {
      const [index, row] = next;
      const key = journalKey(stage.name, stage.settings, row);
      const known = journal.get(key);
      if (known !== undefined) count.known += 1;
      const answer = known === undefined ? await asked(stage, row, signal) : outcomeOf(stage, known);
      if (signal.aborted) return;
      if (known === undefined && !isFaulted(answer)) await journal.add(lineOf(key, answer));
      answers[index] = answer;
      tell(answer);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, workers) }, work));
  return answers;
}

async function asked<In extends { readonly id: string }, Out extends Row>(
  stage: Stage<In, Out>,
  row: In,
  signal: AbortSignal,
): Promise<Answer<Out>> {
  try {
    return await stage.run(row, signal);
  } catch (error) {
    if (!isFault(error)) throw error;
    return { id: row.id, code: error.code, message: error.message };
  }
}

function lineOf(key: string, { kept, rejected }: StageOutcome<unknown>): JournalLine {
  return {
    key,
    kept: [...kept],
    rejected: rejected.map(({ id, reason, detail }) => ({ id, reason, detail })),
  };
}

function outcomeOf<In extends { readonly id: string }, Out extends Row>(
  stage: Stage<In, Out>,
  line: JournalLine,
): StageOutcome<Out> {
  return { kept: line.kept.map((row) => stage.output.parse(row)), rejected: line.rejected };
}

function resultOf<In extends { readonly id: string }, Out extends Row>(
  stage: Stage<In, Out>,
  rows: readonly In[],
  answers: readonly (Answer<Out> | undefined)[],
): StageResult<Out> {
  const kept: Out[] = [];
  const rejected: RejectedRow[] = [];
  const faults: FaultedRow[] = [];
  for (const [index, answer] of answers.entries()) {
    if (answer === undefined) continue;
    if (isFaulted(answer)) {
      faults.push(answer);
      continue;
    }
    kept.push(...answer.kept);
    const row = rows[index];
    rejected.push(...answer.rejected.map((each) => ({ ...each, ...(each.id === row?.id ? { row } : {}) })));
  }
  const whole = stage.whole?.(kept) ?? { kept, rejected: [] };
  const byId = new Map(kept.map((row) => [row.id, row]));
  rejected.push(...whole.rejected.map((each) => ({ ...each, row: byId.get(each.id) })));
  return stageResult(stage.name, rows.length, { kept: whole.kept, rejected, faults });
}
