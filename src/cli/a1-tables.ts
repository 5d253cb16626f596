// Tables that several commands of `arena a1` print.
import type { ScoreQuality } from "../inference/index.ts";
import { table } from "./output.ts";

export const interval = (
  found: { readonly value: number; readonly low: number; readonly high: number } | undefined,
): string =>
  found === undefined
    ? "-"
    : `${found.value.toFixed(3)} (${found.low.toFixed(3)} to ${found.high.toFixed(3)})`;

/** What each score knows of candidates of one question: .5 is chance. */
export function qualityTable(scores: readonly ScoreQuality[]): string {
  return table([
    ["score", "over chunks", "AUC within questions", "AUC pooled", "between questions"],
    ...scores.map(({ score, over, within, pooled, intraclass }) => [
      ...[score, over, interval(within), interval(pooled)],
      intraclass === undefined ? "-" : intraclass.toFixed(2),
    ]),
  ]);
}
