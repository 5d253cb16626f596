// The library's door: what `import ... from "swing-arena"` gives.
export type { InstanceCheck, Prediction, WrittenTournament } from "./arena/index.ts";
export type { AdaptivePairing } from "./domain/adaptive.ts";
export { type FaultLike, isFault, UsageError } from "./domain/fault.ts";
export {
  type CiPlan,
  type FieldProblem,
  type Instance,
  type Language,
  type PanelMember,
  type Parsed,
  parseInstance,
} from "./domain/instance.ts";
export {
  type Effect,
  type Label,
  type Reading,
  type Reason,
  type RoundRecord,
  type RoundScore,
  scoreOf,
  type Verdict,
  type VoidRound,
  verdictOf,
} from "./domain/record.ts";
export type {
  HintMode,
  JudgementRow,
  RetrievalMode,
  RoleUsage,
  RoundRow,
  ShownContext,
} from "./domain/run.ts";
export {
  type CheckOptions,
  type CommonOptions,
  checkSet,
  type Judgements,
  type JudgeOptions,
  judgePredictions,
  playTournament,
  type Retrieved,
  type RetrieveOptions,
  retrieve,
  type Tournament,
  type TournamentOptions,
} from "./library/index.ts";
export {
  type Board,
  boardJson,
  renderBoardCsv,
  renderBoardMarkdown,
  renderBoardTable,
} from "./report/index.ts";
