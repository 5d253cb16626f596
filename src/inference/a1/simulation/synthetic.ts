// Samples by the law that recorded ones were found to follow, for those who have no recording.
import { uniformOf } from "../keyed-random.ts";
import type { TracedSample, TracedTurn } from "./trace.ts";

export interface SyntheticSettings {
  readonly questions: number;
  readonly samples: number;
  readonly seed: string;
  /** How much scores rise from turn to turn, nats a token: zero is exchangeable, anything else is drift. */
  readonly turnDrift: number;
}

export const defaultSyntheticSettings: SyntheticSettings = {
  ...{ questions: 100, samples: 16 },
  ...{ seed: "synthetic", turnDrift: 0 },
};

/** Of 1,600 published samples (an 8B draft, a 32B target, MATH-500), how many ended after so many turns. */
const samplesByTurns = [454, 411, 199, 134, 82, 58, 41, 37, 26, 25, 13, 16, 12, 17, 75];
/** Logarithm of the perplexity: its mean, and deviations of questions and of chunks within a question. */
const scores = { mean: 0.4875, ofQuestion: 0.118, within: 0.095 };
/** The 0.6 quantile of the standard normal distribution: as published, two fifths go to the target. */
const publishedQuantile = 0.2533;
/** Tokens: a chunk that was cut, and those of a last one and of a takeover that ended by themselves. */
const lengths = { cut: [430, 550], last: [40, 550], takeover: [380, 550] } as const;
/** Takeovers that had nothing to add, and samples that come to no answer. */
const shares = { emptyTakeover: 0.105, noAnswer: 0.04 };

/** The same settings give the same samples. */
export function syntheticSamples(settings: SyntheticSettings = defaultSyntheticSettings): TracedSample[] {
  return Array.from({ length: settings.questions }, (_, question) =>
    Array.from({ length: settings.samples }, (_, sample) => syntheticSample(settings, `${question}`, sample)),
  ).flat();
}

function syntheticSample(settings: SyntheticSettings, question: string, sample: number): TracedSample {
  const draw = (...name: readonly (string | number)[]) => uniformOf(settings.seed, question, ...name);
  const turns = turnsAt(draw(sample, "turns"));
  const level = scores.mean + scores.ofQuestion * normalOf(draw("level"), draw("level too"));
  return {
    ...{ question, sample },
    turns: Array.from({ length: turns }, (_, turn) =>
      syntheticTurn({
        nll:
          level +
          scores.within * normalOf(draw(sample, turn, "nll"), draw(sample, turn, "nll too")) +
          settings.turnDrift * turn,
        draw: (name) => draw(sample, turn, name),
        isLast: turn === turns - 1,
      }),
    ),
    ...answerOf(draw("difficulty"), (name) => draw(sample, name)),
  };
}

function syntheticTurn(of: {
  readonly nll: number;
  readonly isLast: boolean;
  draw(name: string): number;
}): TracedTurn {
  const { nll, isLast, draw } = of;
  const spread = Math.hypot(scores.ofQuestion, scores.within);
  const isHandedOver = nll >= scores.mean + publishedQuantile * spread;
  const isEmpty = draw("empty") < shares.emptyTakeover;
  return {
    nll,
    isHandedOver,
    draftTokens: between(isLast ? lengths.last : lengths.cut, draw("draft")),
    takeoverTokens: isHandedOver && !isEmpty ? between(lengths.takeover, draw("takeover")) : 0,
    hasAnswer: isLast,
  };
}

/** Hard questions have few samples with the commonest answer. */
function answerOf(difficulty: number, draw: (name: string) => number): { answer?: string } {
  if (draw("none") < shares.noAnswer) return {};
  const isCommonest = draw("answer") < 1 - 0.5 * difficulty;
  return { answer: isCommonest ? "0" : `${1 + Math.floor(4 * draw("other"))}` };
}

function turnsAt(u: number): number {
  let left = u * samplesByTurns.reduce((sum, each) => sum + each, 0);
  for (const [at, count] of samplesByTurns.entries()) {
    left -= count;
    if (left < 0) return at + 1;
  }
  return samplesByTurns.length;
}

/** Box and Muller's. */
function normalOf(u: number, v: number): number {
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
}

const between = ([least, most]: readonly [number, number], u: number): number =>
  Math.round(least + u * (most - least));
