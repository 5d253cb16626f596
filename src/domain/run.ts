// What a run is made of: planned battles, rounds, paid calls; and the store every run is written to.
import type { AdaptivePairing, DrawnIssue, OpenedIssue } from "./adaptive.ts";
import type { Canary, RoundMark, StoredCanary } from "./canary.ts";
import type { Language } from "./instance.ts";
import type { RoundRecord } from "./record.ts";

export type Role = "submitter" | "reviewer";
export type HintMode = "none" | "changed-regions" | "diff";

/** What of the repository a contestant is shown: the retriever's choice, or a twin of it to compare with. */
export const retrievalModes = ["full", "bm25", "none", "oracle"] as const;
export type RetrievalMode = (typeof retrievalModes)[number];

/** Unless a run says otherwise. A window filled to its end costs more and is read worse. */
export const defaultSnippetTokens = 20_000;

export interface RetrievalSettings {
  readonly mode: RetrievalMode;
  /** Tokens of source a prompt shows at most; less where the contestant's window leaves less. */
  readonly maxTokens: number;
  /** The issue's later discussion is searched for too: it may give the answer away. */
  readonly hints: boolean;
  /** The local model that ranked what `full` finds once more; absent where none did. */
  readonly reranker?: RerankerIdentity;
}

export interface RerankerIdentity {
  /** Of the model's files and of every setting that changes a number; 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Where it ran: devices round differently. */
  readonly device: "cpu" | "cuda";
  /** Where it was asked to run and did not load; absent when it ran where it was asked to. */
  readonly asked?: "cuda";
}

/** Where nobody behind a model plays. */
export const noRetrieval: RetrievalSettings = { mode: "none", maxTokens: 0, hints: false };

export interface RunSettings {
  readonly set: string;
  readonly setHash: string;
  readonly contestants: readonly string[];
  readonly seed: string;
  /** Rounds in all of one battle; roles swap after each. */
  readonly rounds: number;
  readonly feedback: boolean;
  readonly hintMode: HintMode;
  /** Runs of one comparison (DESIGN 4.4's n). */
  readonly repeats: number;
  readonly panel: boolean;
  /** Mutants of gold that every valid review meets, at most; absent: none are made. */
  readonly mutants?: number;
  /** Reviewers are graded on gold, panel and mutants alone: nobody submits anything. */
  readonly grading?: true;
  /** Of every contestant that does not name a mode of its own. */
  readonly retrieval: RetrievalSettings;
  /** Absent: everybody meets everybody on every issue, or an anchor, and all is planned before anything is played. */
  readonly pairing?: AdaptivePairing;
}

export interface PlannedBattle {
  readonly battleId: string;
  readonly ordinal: number;
  readonly instanceId: string;
  /** The side that submits in the first round. */
  readonly first: string;
  readonly second: string;
  readonly rounds: number;
}

/** Model use of one role in one round; absent prices leave the cost unknown, never zero. */
export interface RoleUsage {
  readonly attempts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd?: number;
  readonly seconds: number;
}

export interface Tally {
  readonly passed: number;
  readonly total: number;
}

export interface ShownSnippet {
  readonly path: string;
  readonly form: "whole" | "signature";
  /** 1-based, inclusive, of the base tree. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** Alone, heading and fence included. */
  readonly tokens: number;
}

/** What one role was shown of the repository's source in one round. */
export interface ShownContext {
  readonly mode: RetrievalMode;
  readonly hints: boolean;
  readonly reranker?: RerankerIdentity;
  /** What counted: an encoding, a tokenizer with its hash, or an approximation that says so. */
  readonly tokenizer: string;
  readonly isApproximate: boolean;
  /** Of all snippets as the prompt shows them. */
  readonly tokens: number;
  readonly snippets: readonly ShownSnippet[];
  /** Chunks found but not shown, not even by their signature. */
  readonly leftOut: number;
  /** Files of the base tree that gold changes, and those of them shown with text of their own; absent when there is none. */
  readonly gold?: Tally;
}

export interface RoundRow {
  readonly battleId: string;
  readonly round: number;
  readonly instanceId: string;
  readonly language: Language;
  readonly submitter: string;
  readonly reviewer: string;
  readonly record: RoundRecord;
  /** CI jobs that pass on the submission's tree (SPR) and on gold with the review (RPR). */
  readonly submitterJobs?: Tally;
  readonly reviewerJobs?: Tally;
  readonly failToPass?: Tally;
  readonly submitterUsage: RoleUsage;
  readonly reviewerUsage: RoleUsage;
  /** Absent for controls, replays and rounds that ended before the prompt: they were shown nothing of ours. */
  readonly submitterContext?: ShownContext;
  readonly reviewerContext?: ShownContext;
  /** What was asked of the sandbox for this round, seconds of wall time, model time excluded. */
  readonly judgingSeconds: number;
  /** Runs whose result was taken from an identical earlier run. */
  readonly reusedRuns: readonly string[];
  /** The weakest trust of any job that was read: `weak` is shown on the board. */
  readonly trust: "canaried" | "weak";
  /** SHA-256 of the round's evidence folder listing: ties the row to its files. */
  readonly evidenceHash: string;
}

/** Names one paid call for good: a received answer is never asked for again. */
export interface CallKey {
  readonly battleId: string;
  readonly round: number;
  readonly role: Role;
  readonly attempt: number;
}

export interface CallStart extends CallKey {
  readonly contestant: string;
  readonly promptHash: string;
  readonly worstCaseUsd?: number;
  readonly worstCaseTokens: number;
}

/** One of several answers that a contestant wrote and chose from, and what decided about its parts. */
export interface CallCandidate {
  /** From 0. */
  readonly sample: number;
  readonly isChosen: boolean;
  /** `answered`, or why there is no answer. */
  readonly end: string;
  /** A part of it was never checked although it should have been. */
  readonly isUnchecked: boolean;
  /** What it came to when it was run before one was chosen; by chance, where it was an audit. */
  readonly trial?: {
    readonly kind: "passed" | "failed" | "unknown";
    readonly because?: string;
    readonly isAudit: boolean;
    /** Of "this one fails too"; absent while too few had failed to tell. */
    readonly p?: number;
  };
  readonly text: string;
  readonly chunks: readonly {
    readonly turn: number;
    readonly author: "draft" | "target";
    readonly characters: number;
    readonly isKept: boolean;
    /** Conformal score, larger is worse, its p-value, and the level it was compared with. */
    readonly nonconformity?: number;
    readonly p?: number;
    readonly level?: number;
    /** The draw that broke its ties, or decided by chance alone where no bank could be asked; from 0 up to 1. */
    readonly u?: number;
    /** Which scores it was ranked among, and how many. */
    readonly bank?: { readonly key: string; readonly size: number };
    /** The decision was turned round, to see what comes of it. */
    readonly isAudit?: boolean;
    readonly isHandedOver?: boolean;
    /** Why it has no score although it should have one. */
    readonly unscored?: string;
  }[];
}

export interface CallFinish {
  /** How the call ended: the model's answer, or an outcome of the contestant with a name, or a fault of ours. */
  readonly status: "answered" | "refusal" | "truncated" | "context-overflow" | "answer-too-large" | "fault";
  readonly text: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly estimated: boolean;
  readonly costUsd?: number;
  readonly seconds: number;
  readonly error?: string;
  /** Where the answer was chosen from several. */
  readonly candidates?: readonly CallCandidate[];
}

/** What requests were charged that ended without an answer: the worst case where they may have been billed. */
export interface LostAnswers {
  readonly usd: number;
  readonly tokens: number;
}

/** What the requests of an agent's run were charged while it was under way, lost answers among them. */
export interface ChargedSoFar {
  readonly usd: number;
  readonly tokens: number;
}

export interface StoredCall extends CallStart {
  readonly id: number;
  /** Of this call's requests so far; absent when there was none. Known also when the process died later. */
  readonly lost?: LostAnswers;
  /** Absent for a call that is one request. What a finished call cost is in its end, this included. */
  readonly charged?: ChargedSoFar;
  /** Absent for a call that was in flight when its process died: the last request is charged at its worst case. */
  readonly finish?: CallFinish;
}

/** Names one judgement of a run: the same patch of the same contestant is judged once. */
export interface JudgementKey {
  readonly instanceId: string;
  readonly contestant: string;
  /** SHA-256 of the patch as it was given, hex. */
  readonly patchHash: string;
}

/** A verdict on an existing prediction (`arena judge`). */
export interface JudgementRow extends JudgementKey {
  readonly record: RoundRecord;
  readonly seconds: number;
  readonly evidenceHash: string;
}

/** A finished sandbox run, kept by everything that determines it (tree, jobs, plan, image, limits, harness). */
export interface CachedRun {
  readonly key: string;
  readonly report: string;
  /** Path of its evidence file, relative to the run folder or the cache it lives in. */
  readonly evidence: string;
}

/** A contestant who has left a run while others play on: its battles stay unplayed. */
export interface Dropout {
  readonly contestant: string;
  /** Milliseconds since 1970, UTC. */
  readonly atMs: number;
  /** Of the fault. */
  readonly code: string;
  readonly reason: string;
}

/** What was taken back so that quarantined instances are tried again. */
export interface Retried {
  readonly instanceIds: readonly string[];
  /** Recorded since their last good canary, and played again. Paid calls stay. */
  readonly rounds: number;
}

/** A file of the run folder that no row's evidence hash covers, and what it must hold. */
export interface RunFile {
  /** Relative to the run folder. */
  readonly path: string;
  /** SHA-256, hex. */
  readonly sha256: string;
  /** False from before the file is put in its place until after: then it may also be as it was. */
  readonly isWritten: boolean;
  /** What it held before, while it is not written; absent where it was not there. */
  readonly earlier?: string;
}

/** How far a run's ledger goes: its last line's number, counted from 0, and that line's SHA-256, hex. */
export interface LedgerEnd {
  readonly seq: number;
  readonly hash: string;
}

/**
 * The database of one run. Synchronous; every method is one transaction.
 * Throws a Fault with code `store-failed` (disk full, locked, corrupt) and nothing else.
 */
export interface RunStore {
  readonly settings: RunSettings | undefined;
  saveSettings(settings: RunSettings): void;
  /** The run's secret judging seed: `drawn` the first time, ever after what was kept then. */
  judgingSeed(drawn: string): string;
  /** Wall time that a session played for, on top of what is on record. */
  addPlayedSeconds(seconds: number): void;
  /** All sessions together; undefined where none put any on record, which is not zero. */
  playedSeconds(): number | undefined;
  planBattles(battles: readonly PlannedBattle[]): void;
  /** Plans the battles of one more issue of an adaptive run, together with the draws that made them. */
  openIssue(issue: DrawnIssue, battles: readonly PlannedBattle[]): void;
  /** An opened issue that cannot be judged here or that somebody dropped out of, and why. */
  leaveOut(instanceId: string, why: string): void;
  /** In the order in which they were opened; none where all was planned beforehand. */
  openedIssues(): readonly OpenedIssue[];
  battles(): readonly PlannedBattle[];
  unplayed(): readonly PlannedBattle[];
  finishBattle(battleId: string): void;
  recordRound(row: RoundRow): void;
  /** All of them or none: one transaction waits for the disk once. */
  recordRounds(rows: readonly RoundRow[]): void;
  /** Replaces a round's record after `arena rejudge`. */
  replaceRecord(battleId: string, round: number, record: RoundRecord): void;
  /** Takes void rounds back, so that their battles are unplayed again; says how many. Paid calls stay. */
  reopenVoids(): number;
  rounds(battleId?: string): readonly RoundRow[];
  recordCanary(canary: Canary): void;
  /** In the order they were run. */
  canaries(): readonly StoredCanary[];
  /** The last good canary of its instance when a round was recorded; rounds that had none are not in it. */
  roundMarks(): readonly RoundMark[];
  /** Takes instances out of quarantine, and back what was judged on them since their last good canary. */
  retryQuarantined(): Retried;
  recordDropout(dropout: Dropout): void;
  /** Those who are out now, in the order they left. */
  dropouts(): readonly Dropout[];
  /** All may play again. */
  returnDropouts(): void;
  beginCall(call: CallStart): number;
  /** Adds what one more request of an unfinished call was charged for nothing. */
  loseAnswer(id: number, charged: LostAnswers): void;
  /** Adds what one request of an agent's run under way was charged. */
  chargeCall(id: number, charged: ChargedSoFar): void;
  finishCall(id: number, finish: CallFinish): void;
  calls(): readonly StoredCall[];
  callAt(key: CallKey): StoredCall | undefined;
  /** Takes the place of a void of the same key, which is no verdict; of nothing else. */
  recordJudgement(row: JudgementRow): void;
  /** Replaces a judgement's record after `arena rejudge`. */
  replaceJudgement(key: JudgementKey, record: RoundRecord): void;
  judgements(): readonly JudgementRow[];
  cachedRun(key: string): CachedRun | undefined;
  cacheRun(run: CachedRun): void;
  /** A file that is about to be put in its place, by its hash. */
  beginFile(path: string, sha256: string): void;
  /** The file is there and holds this; nothing: it is not there after all. */
  settleFile(path: string, sha256: string | undefined): void;
  /** By path. */
  files(): readonly RunFile[];
  /** Undefined for a run that has no ledger. */
  ledgerEnd(): LedgerEnd | undefined;
  close(): void;
}
