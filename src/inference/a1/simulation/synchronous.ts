// The same samples in step: each phase of a turn waits for its slowest, as pipelines do that rank siblings by each other.
import { byQuestion, inFlight, type ScheduleResult, type Stage, staged, type Workload } from "./stage.ts";
import type { TracedSample } from "./trace.ts";

export interface SyncSchedule {
  /** One chunk after the other is scored, as in the published ancestor. */
  readonly isScoringSerial?: boolean;
  readonly areTakeoversSerial?: boolean;
  /** Samples in step with each other; those of one question where absent. */
  readonly concurrency?: number;
  /** At the end of a turn others take the places of those that have ended; otherwise when all have. */
  readonly isRefilled?: boolean;
}

interface InStep {
  readonly traced: TracedSample;
  turn: number;
  contextTokens: number;
  /** Ends the sample for its measurements. */
  readonly end: () => void;
  readonly signal: AbortSignal;
}

const never = new AbortController().signal;

export function turnSynchronous(workload: Workload, schedule: SyncSchedule = {}): Promise<ScheduleResult> {
  return staged(workload, ["draft", "target"], async (stage) => {
    const { concurrency, isRefilled = false } = schedule;
    if (concurrency !== undefined && isRefilled)
      return stage.holding(Math.min(concurrency, workload.samples.length), () =>
        inStep(stage, workload, schedule, { places: concurrency, queue: [...workload.samples] }),
      );
    for (const group of groupsOf(workload.samples, concurrency))
      await stage.holding(group.length, () =>
        inStep(stage, workload, schedule, { places: group.length, queue: group }),
      );
  });
}

function groupsOf(samples: readonly TracedSample[], size: number | undefined): TracedSample[][] {
  if (size === undefined) return byQuestion(samples);
  const starts = Array.from({ length: Math.ceil(samples.length / size) }, (_, at) => at * size);
  return starts.map((start) => samples.slice(start, start + size));
}

interface Places {
  readonly places: number;
  /** Those that have not begun. */
  readonly queue: TracedSample[];
}

async function inStep(stage: Stage, workload: Workload, schedule: SyncSchedule, from: Places): Promise<void> {
  const running: Promise<void>[] = [];
  let active: InStep[] = [];
  for (;;) {
    fill(stage, workload, { ...from, active, running });
    if (active.length === 0) break;
    await oneTurn(stage, workload, schedule, active);
    for (const each of active) {
      each.turn += 1;
      if (hasEnded(each)) each.end();
    }
    // Whoever ended is counted before anybody is asked whether a question is decided.
    await stage.time.sleep(0, never);
    active = active.filter((each) => {
      if (each.signal.aborted) each.end();
      return !hasEnded(each) && !each.signal.aborted;
    });
  }
  await Promise.all(running);
}

const hasEnded = ({ turn, traced }: InStep): boolean => turn >= traced.turns.length;

/** The next samples of questions that are still open take the free places. */
function fill(
  stage: Stage,
  { promptTokens }: Workload,
  to: Places & { readonly active: InStep[]; readonly running: Promise<void>[] },
): void {
  const { places, queue, active, running } = to;
  while (active.length < places) {
    const traced = queue.shift();
    if (traced === undefined) return;
    if (stage.questions.isDecided(traced)) continue;
    const work = (signal: AbortSignal) =>
      new Promise<void>((end) => {
        active.push({ traced, turn: 0, contextTokens: promptTokens, end, signal });
      });
    running.push(stage.one(traced, work));
  }
}

async function oneTurn(
  { draft, target }: Stage,
  { promptTokens }: Workload,
  { isScoringSerial, areTakeoversSerial }: SyncSchedule,
  active: readonly InStep[],
): Promise<void> {
  const drafted = active.flatMap((each) => {
    const now = each.traced.turns[each.turn];
    return now === undefined ? [] : [{ each, now }];
  });
  const behind = ({ traced: { question, sample }, contextTokens }: InStep) => ({
    ...{ question, sample, promptTokens, contextTokens },
  });
  await Promise.all(
    drafted.map(({ each, now }) => draft.call({ ...behind(each), writtenTokens: now.draftTokens }, never)),
  );
  await inFlight(drafted, isScoringSerial === true ? 1 : drafted.length, async ({ each, now }) => {
    each.contextTokens += now.draftTokens;
    const unreadTokens = each.turn === 0 ? each.contextTokens : now.draftTokens;
    await target.call({ ...behind(each), scoredTokens: now.draftTokens, unreadTokens }, never);
  });
  const handedOver = drafted.filter(({ now }) => now.isHandedOver);
  await inFlight(handedOver, areTakeoversSerial === true ? 1 : handedOver.length, async ({ each, now }) => {
    if (now.isWrittenAnew === true) each.contextTokens -= now.draftTokens;
    await target.call({ ...behind(each), writtenTokens: now.takeoverTokens }, never);
    each.contextTokens += now.takeoverTokens;
  });
}
