// The same questions asked in several ways: what is right, what it cost, how long it took, and what differs for certain.
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../clock.ts";
import {
  type Candidate,
  type CandidateChunk,
  type PairUsage,
  type QuestionAnswer,
  type QuestionRequest,
  unscoredOf,
} from "../backend.ts";
import { EngineFault } from "../engine.ts";
import {
  type GradedQuestion,
  knownOf,
  majorityAccuracy,
  type Proportion,
  passAt,
} from "../tasks/accuracy.ts";
import { clusteredInterval, type Draws, type Interval } from "../tasks/clustered-bootstrap.ts";
import { grade } from "../tasks/grading.ts";
import { messagesFor } from "../tasks/prompting.ts";
import type { Question } from "../tasks/questions.ts";
import { reasoningTask } from "../tasks/reasoning-task.ts";
import type { StopRule } from "../tasks/stopping.ts";

/** One way of answering. */
export interface Arm {
  readonly name: string;
  /** Questions that an earlier run has answered: what it takes to ask them again is no measure of anything. */
  readonly answeredBefore?: ReadonlySet<string>;
  ask(request: QuestionRequest, signal: AbortSignal): Promise<QuestionAnswer>;
}

export interface ExperimentSettings {
  readonly dataset: string;
  readonly samples: number;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly stop: StopRule;
  readonly scoresAnswers: boolean;
  /** How questions are put; see {@link messagesFor}. */
  readonly style: "instructed" | "bare";
  /** Questions at once. */
  readonly questionsAtOnce: number;
}

export interface AnsweredQuestion extends GradedQuestion {
  readonly id: string;
  readonly difficulty?: string;
  readonly candidates: readonly Candidate[];
  readonly usage: PairUsage;
  /** Absent where an earlier run has answered it. */
  readonly seconds?: number;
}

export interface ArmResult {
  readonly name: string;
  /** Those that were answered, in the order in which they were given. */
  readonly questions: readonly AnsweredQuestion[];
  /** Those at which an engine failed: no answers, so neither right nor wrong; named. */
  readonly failed: readonly { readonly id: string; readonly because: string }[];
  /** Of all; absent where an earlier run has answered some. */
  readonly seconds?: number;
}

export interface ExperimentDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: (arm: string, done: number, of: number) => void;
}

/** @throws what is no fault of an engine; rejects with the signal's reason */
export async function runArm(
  arm: Arm,
  questions: readonly Question[],
  settings: ExperimentSettings,
  { clock, signal, onProgress }: ExperimentDeps,
): Promise<ArmResult> {
  const startedMs = clock.now();
  const answered = new Map<string, AnsweredQuestion>();
  const failed: { id: string; because: string }[] = [];
  const queue = questions.values();
  const worker = async (): Promise<void> => {
    for (const question of queue) {
      try {
        answered.set(question.id, await askOne(arm, question, settings, { clock, signal }));
      } catch (error) {
        if (!(error instanceof EngineFault)) throw error;
        failed.push({ id: question.id, because: `${error.code}: ${error.message}` });
      }
      onProgress?.(arm.name, answered.size + failed.length, questions.length);
    }
  };
  await Promise.all(Array.from({ length: settings.questionsAtOnce }, worker));
  return {
    name: arm.name,
    questions: questions.flatMap(({ id }) => answered.get(id) ?? []),
    failed,
    ...((arm.answeredBefore?.size ?? 0) > 0 ? {} : { seconds: (clock.now() - startedMs) / 1000 }),
  };
}

async function askOne(
  arm: Arm,
  question: Question,
  settings: ExperimentSettings,
  { clock, signal }: Pick<ExperimentDeps, "clock" | "signal">,
): Promise<AnsweredQuestion> {
  const { dataset, samples, maxTokens, temperature, seed, stop, scoresAnswers, style } = settings;
  const { choices, difficulty, id } = question;
  const startedMs = clock.now();
  const choosing = choices === undefined ? {} : { choices };
  const { answer, candidates, usage } = await arm.ask(
    {
      ...{ id, messages: messagesFor(question, style), task: dataset, samples },
      ...{ maxTokens, temperature, seed },
      rules: reasoningTask({ name: dataset, ...choosing, stop, scoresAnswers }),
    },
    signal,
  );
  const isRight = (text: string | undefined): boolean =>
    text !== undefined && grade(question, text) === "equal";
  return {
    ...{ id, candidates, usage },
    ...(arm.answeredBefore?.has(id) === true ? {} : { seconds: (clock.now() - startedMs) / 1000 }),
    ...(difficulty === undefined ? {} : { difficulty }),
    isCorrect: candidates.map(({ end }) =>
      end.kind === "failed" || end.kind === "cancelled"
        ? undefined
        : end.kind === "answered" && isRight(end.answer),
    ),
    isMajorityCorrect: isRight(answer),
  };
}

export interface ArmSummary {
  readonly name: string;
  /**
   * Of one candidate, of the majority, of the best of all; intervals over questions that were answered. The last is absent
   * where candidates were called off.
   */
  readonly pass1?: Proportion;
  readonly majority?: Proportion;
  readonly passAll?: Proportion;
  /** Share of drafts decided about that really went to the target; absent where none was. */
  readonly interventionRate?: number;
  /** Of those drafts, how many chance decided about, since there was no bank to ask yet. */
  readonly coldStarts: number;
  readonly draftTokens: number;
  readonly targetTokens: number;
  readonly scoredTokens: number;
  /** Of all; absent where an earlier run has answered some. */
  readonly seconds?: number;
  /** Of one question, quantiles; absent where none was answered by this run. */
  readonly latencySeconds?: { readonly p50: number; readonly p95: number; readonly max: number };
  /** Candidates that were called off, and that ended without an answer. */
  readonly cancelled: number;
  readonly unanswered: number;
  /** Chunks that should have a score and have none, by why: every one of them was handed over, or never checked. */
  readonly unscored: Partial<Record<string, number>>;
  /** Candidates of which a part was never checked. */
  readonly unchecked: number;
  readonly failed: ArmResult["failed"];
}

export function summaryOf({ name, questions, seconds, failed }: ArmResult): ArmSummary {
  const candidates = questions.flatMap((question) => question.candidates);
  const decisions = candidates.flatMap(({ chunks }) =>
    chunks.flatMap(({ isHandedOver }) => (isHandedOver === undefined ? [] : [isHandedOver])),
  );
  const sum = (part: (usage: PairUsage) => number): number =>
    questions.reduce((total, { usage }) => total + part(usage), 0);
  const latencies = questions.flatMap((each) => each.seconds ?? []).toSorted((one, other) => one - other);
  const at = (share: number): number => latencies[Math.ceil(share * latencies.length) - 1] ?? Number.NaN;
  const [pass1, majority] = [passAt(1, questions), majorityAccuracy(questions)];
  const cancelled = candidates.filter(({ end }) => end.kind === "cancelled").length;
  // What agrees soonest is called off soonest: the questions that are left whole are the hard ones.
  const most = Math.max(1, ...questions.map(({ isCorrect }) => isCorrect.length));
  const passAll = cancelled === 0 ? passAt(most, questions) : undefined;
  return {
    ...{ name, failed },
    ...(seconds === undefined ? {} : { seconds }),
    ...(pass1 === undefined ? {} : { pass1 }),
    ...(majority === undefined ? {} : { majority }),
    ...(passAll === undefined ? {} : { passAll }),
    ...(decisions.length === 0
      ? {}
      : { interventionRate: decisions.filter(Boolean).length / decisions.length }),
    coldStarts: candidates.flatMap(({ chunks }) => chunks.filter(isColdStart)).length,
    draftTokens: sum((usage) => usage.draftTokens),
    targetTokens: sum((usage) => usage.targetTokens),
    scoredTokens: sum((usage) => usage.scoredTokens),
    ...(latencies.length === 0 ? {} : { latencySeconds: { p50: at(0.5), p95: at(0.95), max: at(1) } }),
    cancelled,
    unanswered: candidates.filter(({ end }) => end.kind === "unanswered").length,
    unscored: unscoredOf(candidates),
    unchecked: candidates.filter(({ isUnchecked }) => isUnchecked).length,
  };
}

function isColdStart({ decision, nonconformity }: CandidateChunk): boolean {
  return decision !== undefined && decision.p === undefined && nonconformity !== undefined;
}

/** Undefined of a question that none of its samples says anything about. */
type Measure = (question: GradedQuestion) => number | undefined;

function shareRight(question: GradedQuestion): number | undefined {
  const known = knownOf(question);
  return known.length === 0 ? undefined : known.filter(Boolean).length / known.length;
}

export const measures = {
  pass1: shareRight,
  majority: ({ isMajorityCorrect }: GradedQuestion): number => (isMajorityCorrect ? 1 : 0),
} as const satisfies Record<string, Measure>;

const askedIn = ({ questions, failed }: ArmResult): string[] =>
  [...questions, ...failed].map(({ id }) => id).toSorted();

/**
 * By how much one way is better than another on the same questions, paired, with an interval over questions. Those that
 * an engine failed at in either say nothing and are left out; undefined where none is left.
 * @throws RangeError where they were not asked the same
 */
export function differenceOf(
  one: ArmResult,
  other: ArmResult,
  measure: Measure,
  draws: Draws,
): Interval | undefined {
  if (!isDeepStrictEqual(askedIn(one), askedIn(other)))
    throw new RangeError(`expected the same questions of ${one.name} and ${other.name}, found others`);
  const beside = new Map(other.questions.map((question) => [question.id, measure(question)]));
  const gains = one.questions.flatMap((question) => {
    const [mine, theirs] = [measure(question), beside.get(question.id)];
    return mine === undefined || theirs === undefined ? [] : [mine - theirs];
  });
  return clusteredInterval(
    gains.length,
    (weights) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return total === 0
        ? undefined
        : gains.reduce((sum, gain, at) => sum + gain * (weights[at] ?? 0), 0) / total;
    },
    draws,
  );
}
