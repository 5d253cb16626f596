// The door to grading: runner programs in, reports out; reports in, the record out. Pure.
export {
  type Baseline,
  type BaselineProblem,
  type BaselineRuns,
  baselineProblem,
  readBaseline,
  resolveDeclared,
  speakingIn,
} from "./baseline.ts";
export { sameButComments } from "./comments.ts";
export {
  expectedOf,
  explain,
  incidentKinds,
  isLost,
  type JudgedRun,
  type MutantRuns,
  type PanelRuns,
  type ProbedRuns,
  type ReviewEvidence,
  type RoundEvidence,
  type SubmissionEvidence,
  showsNothing,
  silentJobs,
} from "./evidence.ts";
export { judge, regressionsOf } from "./judge.ts";
export {
  type ExecStep,
  type Runner,
  type RunnerContext,
  type RunnerProgram,
  type Step,
  type StepResult,
  workDirectory,
} from "./program.ts";
export { aloneIn, sharesProcess } from "./runners/alone.ts";
export { type Command, readCommands } from "./runners/compiled/shell-words.ts";
export { runnerFor } from "./runners/index.ts";
export { juryOf, parseJudgedRun, parseJury, parseRoundEvidence, storableBaseline } from "./stored.ts";
export { type RunVariation, Variety } from "./variation.ts";
