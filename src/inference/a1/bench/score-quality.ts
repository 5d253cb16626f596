// What each way of scoring knows: whether, among candidates of one question, it tells those that are wrong.
import type { Features } from "../learned.ts";
import type { LedgerEvent } from "../ledger.ts";
import { pooledAuc, withinQuestionAuc } from "../tasks/auc.ts";
import type { Draws, Interval } from "../tasks/clustered-bootstrap.ts";
import type { AnsweredQuestion } from "./experiment.ts";

/** How chunks' scores become their candidate's. */
const summaries = {
  mean: (scores: readonly number[]): number => scores.reduce((sum, each) => sum + each, 0) / scores.length,
  worst: (scores: readonly number[]): number => Math.max(...scores),
} as const;

export interface ScoreQuality {
  readonly score: string;
  readonly over: keyof typeof summaries;
  /** Of wrong against right candidates of one question: .5 is chance. Undefined where no question has both. */
  readonly within: Interval | undefined;
  /** The same over all questions together: also knows hard questions from easy ones. */
  readonly pooled: Interval | undefined;
  /** Share of the variance that lies between questions: near 1, a score tells questions and nothing else. */
  readonly intraclass: number | undefined;
}

/** By which drafts are decided about, whatever it is made of: one that is asked for in words has no features. */
export const scoreInUse = "in use";

/** Features of every scored chunk, by question and sample, in the order of turns. */
export function featuresIn(events: readonly LedgerEvent[]): ReadonlyMap<string, readonly Features[]> {
  const found = new Map<string, Features[]>();
  for (const event of events) {
    if (event.kind !== "call" || event.role !== "score" || !("scored" in event.result)) continue;
    const { features = {}, nonconformity } = event.result.scored;
    const name = candidateName(event.key.question, event.key.sample);
    found.set(name, [...(found.get(name) ?? []), { ...features, [scoreInUse]: nonconformity }]);
  }
  return found;
}

export const candidateName = (question: string, sample: number): string => JSON.stringify([question, sample]);

/** Every feature, as the mean and as the worst over a candidate's chunks; candidates that were never scored are left out. */
export function scoreQualities(
  questions: readonly AnsweredQuestion[],
  features: ReadonlyMap<string, readonly Features[]>,
  draws: Draws,
): ScoreQuality[] {
  const names = new Set([...features.values()].flatMap((chunks) => chunks.flatMap(Object.keys)));
  return [...names].toSorted().flatMap((score) =>
    (["mean", "worst"] as const).map((over) => {
      const scored = questions.map(({ id, candidates, isCorrect }) =>
        candidates.flatMap(({ sample }, at) => {
          const right = isCorrect[at];
          if (right === undefined) return [];
          const chunks = features.get(candidateName(id, sample)) ?? [];
          const values = chunks.flatMap((chunk) => chunk[score] ?? []);
          // An AUC wants larger to be better.
          return values.length === 0 ? [] : [{ score: -summaries[over](values), isCorrect: right }];
        }),
      );
      return {
        ...{ score, over, within: withinQuestionAuc(scored, draws), pooled: pooledAuc(scored, draws) },
        intraclass: intraclassOf(scored.map((each) => each.map((one) => one.score))),
      };
    }),
  );
}

/** One-way analysis of variance, unequal groups (Donner and Koval 1980); undefined with fewer than two groups of two. */
export function intraclassOf(groups: readonly (readonly number[])[]): number | undefined {
  const counted = groups.filter(({ length }) => length > 1);
  const n = counted.reduce((sum, { length }) => sum + length, 0);
  if (counted.length < 2) return undefined;
  const meanOf = (values: readonly number[]): number =>
    values.reduce((sum, each) => sum + each, 0) / values.length;
  const all = meanOf(counted.flat());
  const between =
    counted.reduce((sum, group) => sum + group.length * (meanOf(group) - all) ** 2, 0) / (counted.length - 1);
  const within =
    counted.reduce((sum, group) => {
      const own = meanOf(group);
      return sum + group.reduce((inner, each) => inner + (each - own) ** 2, 0);
    }, 0) /
    (n - counted.length);
  const size = (n - counted.reduce((sum, { length }) => sum + length ** 2, 0) / n) / (counted.length - 1);
  const total = between + (size - 1) * within;
  return total === 0 ? undefined : (between - within) / total;
}
