// Thresholds for continuous integration: a figure of the board that must not be under, or over, a value.
import { UsageError } from "../domain/fault.ts";
import type { Board, Standing } from "./board.ts";
import { ratedOf } from "./ratings.ts";

/** What is looked at: the figure itself, or an end of its interval. */
type End = "value" | "low" | "high";

export interface Threshold {
  /** Absent: every contestant of the board. */
  readonly contestant?: string;
  readonly metric: string;
  readonly end: End;
  readonly must: "not-be-under" | "not-be-over";
  readonly value: number;
  /** As it was written. */
  readonly text: string;
}

export interface ThresholdResult {
  readonly threshold: Threshold;
  readonly contestant: string;
  /** Absent where the contestant has no such figure: what is not known meets no threshold. */
  readonly found?: number;
  readonly isMet: boolean;
}

const form =
  /^(?:(?<contestant>.+):)?(?<metric>[A-Za-z][A-Za-z0-9@^]*)(?:\.(?<end>low|high))?=(?<value>-?\d+(?:\.\d+)?)$/s;

/**
 * `[<contestant>:]<metric>[.low|.high]=<value>`
 * @throws UsageError for anything else
 */
export function parseThreshold(text: string, must: Threshold["must"]): Threshold {
  const groups = form.exec(text)?.groups;
  const { contestant, metric, end, value } = groups ?? {};
  if (metric === undefined || value === undefined) {
    const expected = "[<contestant>:]<metric>[.low|.high]=<value>, such as gold:winRate=0.9";
    throw new UsageError(`threshold: expected ${expected}; found ${JSON.stringify(text)}`);
  }
  return {
    ...(contestant === undefined ? {} : { contestant }),
    ...{ metric, must, value: Number(value), text },
    end: end === "low" || end === "high" ? end : "value",
  };
}

interface Bounded {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

const strengthNames = ["submitter", "reviewer", "overall"] as const;

/** Figures beside the metrics: strengths and Elo of the board's reading, and the share of void rounds. */
function figuresOf(board: Board, standing: Standing): Readonly<Record<string, Bounded | undefined>> {
  const rated = ratedOf(board.ratings[board.reading], standing.id);
  const strengths = strengthNames.flatMap((name): [string, Bounded | undefined][] => [
    [`${name}Strength`, rated?.[name]],
    [`${name}Elo`, rated?.[name]?.elo],
  ]);
  const played = standing.rounds.submitter + standing.rounds.reviewer + standing.voids.rounds;
  const voidShare = played === 0 ? undefined : { value: standing.voids.rounds / played };
  return { ...standing.metrics, ...Object.fromEntries(strengths), voidShare };
}

function knownNames(board: Board): ReadonlySet<string> {
  const strengths = strengthNames.flatMap((name) => [`${name}Strength`, `${name}Elo`]);
  return new Set([...Object.keys(board.glossary), ...strengths, "voidShare"]);
}

function checked(board: Board, standing: Standing, threshold: Threshold): ThresholdResult {
  const found = figuresOf(board, standing)[threshold.metric]?.[threshold.end];
  const common = { threshold, contestant: standing.id };
  if (found === undefined) return { ...common, isMet: false };
  const isMet = threshold.must === "not-be-under" ? found >= threshold.value : found <= threshold.value;
  return { ...common, found, isMet };
}

/**
 * One result for each threshold and contestant it speaks of.
 * @throws UsageError for a metric or a contestant that the board does not know
 */
export function checkThresholds(board: Board, thresholds: readonly Threshold[]): readonly ThresholdResult[] {
  const names = knownNames(board);
  return thresholds.flatMap((threshold) => {
    const { metric, contestant, text } = threshold;
    if (!names.has(metric)) {
      const expected = `one of ${[...names].join(", ")}`;
      throw new UsageError(`threshold ${text}: expected as metric ${expected}; found "${metric}"`);
    }
    const chosen = board.contestants.filter(({ id }) => contestant === undefined || id === contestant);
    if (chosen.length === 0) {
      const expected = board.contestants.map(({ id }) => id).join(", ") || "a board with contestants";
      throw new UsageError(`threshold ${text}: expected as contestant one of ${expected}`);
    }
    return chosen.map((standing) => checked(board, standing, threshold));
  });
}

/** "gold: winRate is 0.62, under 0.9" */
export function thresholdText({ threshold, contestant, found }: ThresholdResult): string {
  const { metric, end, must, value } = threshold;
  const name = end === "value" ? metric : `${metric}.${end}`;
  if (found === undefined) return `${contestant}: ${name} is not known`;
  const side = must === "not-be-under" ? "under" : "over";
  return `${contestant}: ${name} is ${Number(found.toFixed(4))}, ${side} ${value}`;
}
