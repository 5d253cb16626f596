// The door to reports: metrics from rounds, boards from metrics, and text from both. Pure.
export { type Spend, spendOf, type VoidCount, type Voids, voidCounts, voidsOf } from "./accounts.ts";
export {
  type Board,
  type BoardOptions,
  type BoardRun,
  type BoardSource,
  boardJson,
  makeBoard,
  type Standing,
} from "./board.ts";
export { renderBoardCsv } from "./csv.ts";
export type { BoardFacts, CutOff } from "./cut.ts";
export { type IssueFacts, issueFacts, type RunFacts } from "./facts.ts";
export type { Sampling } from "./independence.ts";
export { renderBoardMarkdown } from "./markdown.ts";
export {
  type MetricOptions,
  type Metrics,
  metricGlossary,
  metricsBy,
  metricsOf,
} from "./metrics.ts";
export { type PairedMetric, type PairedOptions, pairedMetrics } from "./paired-metrics.ts";
export { type Rank, rankAmong } from "./ranking.ts";
export {
  type BoardRatings,
  boardRatings,
  type Elo,
  type Ranking,
  type RatingSettings,
  type ReadingRatings,
  type ShownContestant,
  type ShownRatings,
  type ShownStrength,
} from "./ratings.ts";
export type { SeenRound } from "./seen.ts";
export { renderBattle } from "./show.ts";
export { type SiteEvidence, type SiteInput, type SiteRun, siteFiles } from "./site/files.ts";
export type { SiteFile } from "./site/frame.ts";
export type { SiteIssue } from "./site/issue.ts";
export { boardSource } from "./source.ts";
export { renderBoardTable } from "./table.ts";
