// What a pair's scores are like before anybody relies on them: their spread, what they know, and what verdicts can teach.
import { type Features, type LabelledChunk, type LearnedMap, learn, learnedScore } from "../learned.ts";
import type { LedgerEvent } from "../ledger.ts";
import { withinQuestionAuc } from "../tasks/auc.ts";
import type { Draws, Interval } from "../tasks/clustered-bootstrap.ts";
import type { Question } from "../tasks/questions.ts";
import type { AnsweredQuestion, ArmSummary, ExperimentSettings } from "./experiment.ts";
import { type BenchDeps, runBench } from "./run-bench.ts";
import { candidateName, featuresIn, intraclassOf, type ScoreQuality } from "./score-quality.ts";

export interface CalibrationReport {
  readonly schemaVersion: 1;
  readonly dataset: string;
  readonly questions: number;
  readonly samples: number;
  readonly draft: ArmSummary;
  /** Of the pair's score, over all scored chunks. */
  readonly quantiles: readonly { readonly share: number; readonly nonconformity: number }[];
  readonly scoredChunks: number;
  /** Share of the score's variance between questions, and how many independent scores that leaves. */
  readonly intraclass?: number;
  readonly effective?: number;
  readonly scores: readonly ScoreQuality[];
  /** On questions it was not learned from; absent where there was nothing to learn. */
  readonly learnedWithin?: Interval;
  readonly learned?: LearnedMap;
}

const shares = [0.05, 0.25, 0.5, 0.6, 0.75, 0.95] as const;
const folds = 5;

/** Drafts are scored and never handed over: what comes of them is theirs alone. */
export async function calibratePair(
  questions: readonly Question[],
  settings: ExperimentSettings,
  deps: BenchDeps,
): Promise<CalibrationReport> {
  const scored: { readonly question: string; readonly nonconformity: number }[] = [];
  const events: LedgerEvent[] = [];
  const onEvent = (event: LedgerEvent): void => {
    deps.onEvent?.(event);
    if (event.kind !== "call" || event.role !== "score" || !("scored" in event.result)) return;
    events.push(event);
    const { nonconformity } = event.result.scored;
    scored.push({ question: event.key.question, nonconformity });
  };
  const bench = { ...settings, arms: ["scored"] as const, scoresAnswers: true };
  const { report, results } = await runBench(questions, bench, { ...deps, onEvent });
  const [result] = results;
  const [draft] = report.arms;
  if (result === undefined || draft === undefined) throw new Error("bug: a bench of one arm has no result");
  const byQuestion = groupsOf(scored);
  const intraclass = intraclassOf(byQuestion);
  const size = scored.length / Math.max(1, byQuestion.length);
  const sorted = scored.map(({ nonconformity }) => nonconformity).toSorted((one, other) => one - other);
  return {
    ...{
      schemaVersion: 1,
      dataset: settings.dataset,
      questions: questions.length,
      samples: settings.samples,
    },
    ...{ draft, scores: report.scores, scoredChunks: scored.length },
    quantiles: shares.map((share) => ({
      ...{ share, nonconformity: sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0 },
    })),
    ...(intraclass === undefined
      ? {}
      : { intraclass, effective: scored.length / (1 + (size - 1) * Math.max(0, intraclass)) }),
    ...taught(result.questions, featuresIn(events), deps.draws),
  };
}

function groupsOf(
  scored: readonly { readonly question: string; readonly nonconformity: number }[],
): number[][] {
  const groups = new Map<string, number[]>();
  for (const { question, nonconformity } of scored) {
    const own = groups.get(question);
    if (own === undefined) groups.set(question, [nonconformity]);
    else own.push(nonconformity);
  }
  return [...groups.values()];
}

/** A score learned from these verdicts, and what it knows of questions that it has not seen. */
function taught(
  questions: readonly AnsweredQuestion[],
  features: ReadonlyMap<string, readonly Features[]>,
  draws: Draws,
): { learned?: LearnedMap; learnedWithin?: Interval } {
  const labelled = questions.map(({ id, candidates, isCorrect }) =>
    candidates.flatMap(({ sample }, at) => {
      const right = isCorrect[at];
      // What an engine failed is no example of a wrong answer.
      if (right === undefined) return [];
      return [{ isCorrect: right, chunks: features.get(candidateName(id, sample)) ?? [] }];
    }),
  );
  const chunksOf = (some: typeof labelled): LabelledChunk[] =>
    some.flatMap((candidates) =>
      candidates.flatMap(({ isCorrect, chunks }) =>
        chunks.map((each) => ({ features: each, isWrong: !isCorrect })),
      ),
    );
  const isMixed = (chunks: readonly LabelledChunk[]): boolean =>
    chunks.some(({ isWrong }) => isWrong) && chunks.some(({ isWrong }) => !isWrong);
  if (!isMixed(chunksOf(labelled))) return {};
  const maps = Array.from({ length: folds }, (_, fold) => {
    const others = chunksOf(labelled.filter((__, at) => at % folds !== fold));
    return isMixed(others) ? learn(others) : undefined;
  });
  const scored = labelled.map((candidates, at) => {
    const map = maps[at % folds];
    if (map === undefined) return [];
    return candidates.flatMap(({ isCorrect, chunks }) =>
      chunks.length === 0
        ? []
        : [{ isCorrect, score: -Math.max(...chunks.map((each) => learnedScore(map, each))) }],
    );
  });
  const learnedWithin = withinQuestionAuc(scored, draws);
  return {
    learned: learn(chunksOf(labelled)),
    ...(learnedWithin === undefined ? {} : { learnedWithin }),
  };
}
