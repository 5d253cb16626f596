// The door to the statistics: intervals over instances, and chances over several tries. Pure.

export { anytimeInterval, Bet, eBenjaminiHochberg } from "./betting.ts";
export {
  Bootstrap,
  type BootstrapOptions,
  type Cluster,
  defaultLevel,
  defaultResamples,
  type Estimate,
  fewInstances,
  type Range,
  type Share,
} from "./bootstrap.ts";
export type { Separation } from "./comparability.ts";
export type { Scale } from "./contrast.ts";
export type { Roles } from "./design.ts";
export { eloOf, meanElo } from "./elo.ts";
export { type FullRating, rateInFull } from "./in-full.ts";
export { type Notice, type NoticeCode, noticeCodes } from "./notices.ts";
export { type Margin, marginOf, type RatedRound, ratedRound } from "./outcome.ts";
export { type ByIssue, holm, type PairedDifference, pairedDifference } from "./paired.ts";
export {
  type DrawnPair,
  defaultFloor,
  drawPairs,
  leaderOf,
  type PairHistory,
  type PairingOptions,
  withPayoff,
} from "./pairing.ts";
export { passAtK, passHatK } from "./passk.ts";
export { type PairName, type Payoff, pairOf, payoffOf } from "./payoff.ts";
export {
  type Assumptions,
  defaultAssumptions,
  issuesFor,
  marginVariance,
  type Plan,
  type PowerOptions,
  plannedError,
  smallestDifference,
} from "./power.ts";
export { type RankFlip, rankFlip } from "./rank-flip.ts";
export type { Rank } from "./ranks.ts";
export {
  defaultRatingResamples,
  type LanguageEffect,
  type RatedContestant,
  type RatingOptions,
  type Ratings,
  rate,
  rateByLanguage,
} from "./rate.ts";
export type { Bounds, Correction } from "./sandwich.ts";
export {
  type Discovery,
  type OpenedIssue,
  type PairEvidence,
  TournamentEvidence,
  type TournamentState,
  tournamentState,
} from "./sequential.ts";
export type { Strength } from "./strengths.ts";
export { studentQuantile } from "./student.ts";
export { type VoidBounds, type VoidSensitivity, voidSensitivity } from "./voids.ts";
