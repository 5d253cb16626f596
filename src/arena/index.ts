// The door to the protocol: sessions over a set, battles, predictions, set checks.

export { type DrawBounds, drawBounds, fewestIssuesToProve } from "./adaptive/bounds.ts";
export { type CanaryIntervals, defaultCanaryIntervals } from "./canary-watch.ts";
export { candidateOfPatch } from "./candidate.ts";
export { type Case, CaseFault, openCase, type RepositorySource } from "./case.ts";
export { checkInstance, type InstanceCheck } from "./check.ts";
export { type Choice, chosenInstances, filteredInstances, type InstanceFilters } from "./choose.ts";
export { type Configuration, mustBeSameContestants } from "./configuration.ts";
export { modesOf, readField } from "./contestants.ts";
export type { MutantFinder } from "./controls/index.ts";
export { Evidence } from "./evidence.ts";
export { type ExhibitOptions, Exhibits } from "./exhibit.ts";
export { type FieldDeps, fieldPlayers } from "./field-players.ts";
export {
  type EarlierRun,
  type Estimate,
  type Forecast,
  forecastOf,
  type PlanFacts,
  type Power,
  type PowerOf,
  type PowerQuestion,
} from "./forecast.ts";
export { mutantPatches } from "./gold-mutants.ts";
export { CaseIndexes, type Indexes } from "./indexes.ts";
export { type JudgedPredictions, judgePredictions, tallyOf } from "./judge-run.ts";
export { harnessVersion, Judging, PreparationFault, type State, type StateEvidence } from "./judging.ts";
export {
  isRenewable,
  keepResumed,
  type Manifest,
  type ManifestOptions,
  type ManifestParts,
  makeRunFolder,
  manifestIn,
  manifestOf,
  mustBeSameSandbox,
  readManifest,
  resumed,
  resumedOptions,
} from "./manifest.ts";
export { orClosed } from "./or-closed.ts";
export { battlesOf, mustBeDrawable, mustBeSameSet, type PlanRequest, planRun } from "./plan.ts";
export { type HourLimits, HoursFault } from "./play-time.ts";
export type { Player } from "./player.ts";
export { type Prediction, parsePredictions } from "./predictions.ts";
export { type ReadyField, readyField } from "./ready-field.ts";
export { type RejudgeDeps, rejudgeJudgement, rejudgeRound } from "./rejudge.ts";
export { chosenReranker, identityOf, type RerankChoice, rerankerOfRun } from "./rerankers.ts";
export {
  evaluateRetrieval,
  isMeasured,
  type LeftOutRow,
  type RowResult,
  type Variant,
} from "./retrieval-evaluation.ts";
export {
  type GroupSummary,
  type MetricName,
  type RetrievalSummary,
  summariseRetrieval,
  type VariantSummary,
} from "./retrieval-report.ts";
export { checkReviewer, type ReviewerCheck } from "./reviewer-check.ts";
export type { ControlAnswer, ControlRequest } from "./running/control.ts";
export { askRun, ControlFault } from "./running/control-client.ts";
export { serveControl } from "./running/control-server.ts";
export { EngineWatch } from "./running/engine-watch.ts";
export { BattleGate } from "./running/gate.ts";
export { ageOf, type Heartbeat, type Life, lifeOf, readHeartbeat, startHeart } from "./running/heartbeat.ts";
export { RunProgress } from "./running/progress.ts";
export { DiskRoom, defaultWatermarks, freeBytesOf, type Watermarks } from "./running/room.ts";
export { type RunStatus, statusSchema } from "./running/status.ts";
export type { TimeLeft } from "./running/time-left.ts";
export { type BattleState, playSchedule, type ScheduleDeps, type TournamentResult } from "./schedule.ts";
export {
  type AskOptions,
  ask,
  type RepositoryAnswer,
  type RepositoryQuestion,
  withSnapshot,
} from "./search.ts";
export { openSession, type Session, type SessionDeps } from "./session.ts";
export {
  budgetLimits,
  canaryIntervals,
  hourLimits,
  isPassing,
  limitsOf,
  mustBeSandboxClass,
  optionsKept,
  patienceMs,
  retryPolicy,
  runFolderNamed,
  type SessionOptions,
} from "./session-options.ts";
export { type Slots, slots } from "./slots.ts";
export { spentSoFar, worstCaseOf } from "./spent.ts";
export { storedPlayers } from "./stored-players.ts";
export { type RunSubmission, submissionRuns } from "./submission-runs.ts";
export { playTournament, type TournamentDeps } from "./tournament.ts";
export { type Change, type Changes, changed } from "./tournament-file/change.ts";
export { keepTournament, keptTournament, mustBeSameTournament } from "./tournament-file/keep.ts";
export {
  absoluteRef,
  isTournamentFile,
  readTournament,
  type Tournament,
  tournamentFileForms,
} from "./tournament-file/read.ts";
export type { WrittenTournament } from "./tournament-file/schema.ts";
export { type EvidenceAudit, type VerifyDeps, verifyEvidence } from "./verify.ts";
