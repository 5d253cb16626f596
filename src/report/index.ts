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
export { type Collusion, collusionIn, type VendorBias } from "./collusion.ts";
export {
  type ChangedSetting,
  type ComparedContestant,
  type ComparedMetric,
  type CompareOptions,
  type Comparison,
  comparedMetrics,
  compareRuns,
} from "./compare.ts";
export {
  comparisonJson,
  renderComparisonCsv,
  renderComparisonMarkdown,
  renderComparisonTable,
} from "./compare-render.ts";
export { renderBoardCsv } from "./csv.ts";
export { type BoardFacts, type CutOff, cutAfter } from "./cut.ts";
export { type IssueFacts, issueFacts, type RunFacts } from "./facts.ts";
export type { Sampling } from "./independence.ts";
export { renderJunit } from "./junit.ts";
export { renderBoardMarkdown } from "./markdown.ts";
export {
  ContestantMetrics,
  type MetricOptions,
  type Metrics,
  metricGlossary,
  metricsOf,
} from "./metrics.ts";
export { type PairedMetric, type PairedOptions, pairedMetrics } from "./paired-metrics.ts";
export { renderPairedMarkdown, renderPairedTable } from "./paired-render.ts";
export { failureKinds } from "./paper/failures.ts";
export { makePaper, type Paper, type PaperOptions } from "./paper/paper.ts";
export { renderPaperCsv, renderPaperMarkdown, renderPaperTable } from "./paper/render.ts";
export type { DroppedOut, LeftOut, QuarantineAccount, QuarantinedInstance } from "./quarantine.ts";
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
export { renderReviewers, reviewersJson } from "./reviewers.ts";
export { sarifLog } from "./sarif.ts";
export type { SeenRound } from "./seen.ts";
export { renderBattle } from "./show.ts";
export { type SiteEvidence, type SiteInput, type SiteRun, siteFiles } from "./site/files.ts";
export type { SiteFile } from "./site/frame.ts";
export type { SiteIssue } from "./site/issue.ts";
export { boardSource } from "./source.ts";
export { boardTitle } from "./statement.ts";
export { renderBoardTable } from "./table.ts";
export {
  checkThresholds,
  parseThreshold,
  type Threshold,
  type ThresholdResult,
  thresholdText,
} from "./threshold.ts";
export type { BoardEvidence, KnownEvidence } from "./tournament-evidence.ts";
