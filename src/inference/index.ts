// The door to inference: models behind endpoints, contestants as files, budgets and the call record.

export type { Backend } from "./a1/backend.ts";
export { type ArmName, armNames } from "./a1/bench/arms.ts";
export { type CalibrationReport, calibratePair } from "./a1/bench/calibrate.ts";
export { type BenchReport, runBench } from "./a1/bench/run-bench.ts";
export type { ScoreQuality } from "./a1/bench/score-quality.ts";
export { decidingOf, type PairConfiguration, pairSettingsOf, parsePair } from "./a1/configuration.ts";
export { windowWorstCase } from "./a1/contestant-pair.ts";
export { EngineFault } from "./a1/engine.ts";
export { type AnyEngineDeps, openAnyEngine } from "./a1/engines/open-any.ts";
export { fingerprintOf } from "./a1/ledger.ts";
export { openLedger, openLedgerOnUse } from "./a1/ledger-file.ts";
export type { OpenPairDeps } from "./a1/open-pair.ts";
export { openConfiguredPair, openPairEngines } from "./a1/open-pair.ts";
export { type OpenPairs, openPairs } from "./a1/open-pairs.ts";
export { serveBackend } from "./a1/server/serve.ts";
export { defaultServerSettings, type ServerSettings } from "./a1/server/settings.ts";
export { type SimulateOptions, simulate } from "./a1/simulation/report.ts";
export { simulationText } from "./a1/simulation/report-text.ts";
export { machines as simulatedMachines, pairs as simulatedPairs } from "./a1/simulation/roofline.ts";
export { parseQuestions, type Question, withShuffledChoices } from "./a1/tasks/questions.ts";
export { stopRuleNamed } from "./a1/tasks/stopping.ts";
export { type AgentSettings, defaultAgentDeadlineSeconds, requestsOf } from "./agents.ts";
export { Budget, type BudgetLimits, type Hold, type Limit, type SpentSoFar } from "./budget.ts";
export { type Clock, systemClock } from "./clock.ts";
export {
  type ContestantRef,
  type ControlName,
  contestantForms,
  controlNames,
  parseContestantRef,
  parseContestantRefs,
} from "./contestant-ref.ts";
export {
  type Contestant,
  noteTwins,
  parseContestants,
  providerNames,
  readContestant,
  resolvedContestant,
  type WrittenContestant,
} from "./contestants.ts";
export { continued } from "./conversation.ts";
export {
  defaultMaxAnswerBytes,
  type EndpointDeps,
  type EndpointSettings,
  endpointModel,
} from "./endpoint-model.ts";
export {
  type Cut,
  defaultEndpointLimits,
  type EndpointEvent,
  type EndpointLoad,
  EndpointSlots,
  Endpoints,
  endpointEventText,
} from "./endpoint-slots.ts";
export {
  type FieldPath,
  type FileProblem,
  FileReading,
  fileProblemText,
  inside,
  noteIssues,
  type Reading,
  ValueReading,
} from "./file-reading.ts";
export {
  type AnswerCheck,
  type AnswerTrial,
  type Attempt,
  type AttemptHook,
  type CandidateAnswer,
  type CheckedAnswer,
  type Completion,
  type FaultReach,
  type Finish,
  type Message,
  type Model,
  ModelFault,
  type ModelFaultCode,
  type Prompt,
  type Spend,
  type Trial,
  totalCharged,
  type Usage,
} from "./model.ts";
export { type ModelDeps, modelOf } from "./model-of.ts";
export type { Answer, Provider, ProviderSettings } from "./providers/provider.ts";
export { type CallRecorder, type CallStart, recordedModel } from "./recorder.ts";
export { redact } from "./redact.ts";
export type { Relayed, RelayTotals } from "./relay/account.ts";
export { type AgentRelayDeps, agentRelay, relayEnvironment } from "./relay/agent-relay.ts";
export type { Relay } from "./relay/relay.ts";
export { defaultRetryPolicy, type RetryPolicy } from "./retry.ts";
export { type SlotLimits, Slots } from "./slots.ts";
export { estimatePromptTokens, estimateTokens, type Prices, spendOf, worstCaseOf } from "./tokens.ts";
