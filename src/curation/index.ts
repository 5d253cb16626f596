// The door to issue sets: reading, finding their repositories, and making them from other people's rows or folders.

export { type Agreement, agreement } from "./annotate/agreement.ts";
export {
  type AnnotationAnswer,
  addAnswer,
  allAnswers,
  annotatorName,
  readAnswers,
  readDeal,
  writeDeal,
} from "./annotate/answers.ts";
export { deal } from "./annotate/deal.ts";
export { annotateStage, unitsOf } from "./annotate/stage.ts";
export { containerFiles, type FoundFile } from "./audit/container-files.ts";
export { type AuditDeps, auditStage } from "./audit/stage.ts";
export {
  type BringInOptions,
  type BroughtIn,
  bringIn,
  importedRows,
  type RowFormat,
  rowFormats,
} from "./bring-in.ts";
export { type BaseTree, baseTreeOf } from "./environment/base-tree.ts";
export { type EnvironmentDeps, environmentStage } from "./environment/stage.ts";
export {
  type Compiled,
  type CompiledJob,
  compileWorkflows,
  planOf,
  type WorkflowInput,
} from "./environment/workflow/compile.ts";
export { type ExportFormat, exportedRow, exportFormats } from "./export.ts";
export { licenceCounts } from "./freeze/attributions.ts";
export { freezeRows } from "./freeze/frozen-set.ts";
export { licenceLists } from "./freeze/licence-lists.ts";
export { licenceRule } from "./freeze/licence-rule.ts";
export {
  drawn,
  type QuotaResult,
  quotaIn,
  quotasInYaml,
  soundQuotas,
} from "./freeze/quotas.ts";
export { FreezeFault, freezeStage } from "./freeze/stage.ts";
export { type TemporalOptions, temporalSplit } from "./freeze/temporal-split.ts";
export { textKeeper, writeFrozen } from "./freeze/write-folder.ts";
export { type ImportFolderOptions, importFolder } from "./import-folder.ts";
export { importMultiSweBench } from "./import-multiswebench.ts";
export { importSweBench } from "./import-swebench.ts";
export { importSwingArena } from "./import-swingarena.ts";
export type { Imported, InstanceLine, RowReport } from "./imported.ts";
export { answersCost, type JudgeDeps, judgeStage } from "./judge/stage.ts";
export { mineStage } from "./mine/every-source.ts";
export {
  GitHubClient,
  type GitHubOptions,
  hostOf,
  publicApi,
} from "./mine/github/client.ts";
export { GitHubFault, type GitHubFaultCode } from "./mine/github/fault.ts";
export type { LimitListeners, RateBudget, RateWait } from "./mine/github/limits.ts";
export { gitHubFolder, runMark } from "./mine/github/mark.ts";
export { pullRowId } from "./mine/github/pull-miner.ts";
export {
  gitHubSourceOf,
  type RepositorySearch,
  type SearchDeps,
  searchSources,
} from "./mine/github/search.ts";
export { type MineGitHubDeps, mineGitHubStage } from "./mine/github/stage.ts";
export { type IssueExport, readIssueExport } from "./mine/issue-export.ts";
export { linkedIssues } from "./mine/linked-issues.ts";
export {
  addSources,
  type ChangeSource,
  type CloneSource,
  type GitHubSource,
  type LocalSource,
  type MineSource,
  messageUses,
  readSources,
  repoOfAddress,
} from "./mine/sources.ts";
export { defaultMineLimits, type MineCloneDeps, mineCloneStage } from "./mine/stage.ts";
export { endedIn, type RowEnd } from "./pipeline/fate.ts";
export {
  readKept,
  readReport,
  type StageReport,
  type StageResult,
  stageReport,
  writeStage,
  writeWhole,
} from "./pipeline/folder.ts";
export { instanceOfRow } from "./pipeline/line-of.ts";
export {
  type AuditedRow,
  annotatedRow,
  auditedRow,
  type EnvironmentRow,
  environmentRow,
  type FreezableRow,
  type JudgedRow,
  judgedRow,
  type MinedRow,
  minedRow,
  type Row,
  type SplitRow,
  type StageName,
  splitRow,
  stageNames,
  type ValidatedRow,
  validatedRow,
  type WorkflowsRow,
  workflowJob,
  workflowsRow,
} from "./pipeline/rows.ts";
export { runStage, type StageProgress, type StageRun } from "./pipeline/run-stage.ts";
export type { Stage } from "./pipeline/stage.ts";
export type {
  NoRun,
  OwnRun,
  OwnState,
  RunResources,
  TreeRuns,
  TriedPlan,
  Variation,
} from "./pipeline/tree-runs.ts";
export { planFromRepository } from "./plan-from-repository.ts";
export { type InferredPlan, inferPlan, type PlanInput, planFilesOf } from "./plan-inference.ts";
export {
  type LocatedRepository,
  locateRepository,
  RepositoryFault,
  type RepositoryPlaces,
} from "./repositories.ts";
export {
  type IssueSet,
  problemText,
  type ReadSetOptions,
  readSet,
  type SetDescription,
  type SetInfo,
  type SetProblem,
} from "./set.ts";
export { type SetDifference, setDifference } from "./set-difference.ts";
export { splitForeignRows } from "./split/foreign-rows.ts";
export { defaultSplitLimits, type SplitDeps, type SplitLimits, splitStage } from "./split/stage.ts";
export type { PanelCandidate, PanelDeps } from "./validate/panel.ts";
export { type RunCost, resourceLog } from "./validate/resources.ts";
export { type ValidateDeps, validateStage } from "./validate/stage.ts";
export { type WorkflowsDeps, workflowsStage } from "./workflows/stage.ts";
export { type FrozenSet, freeze, type SetNaming, writeSet } from "./write-set.ts";
