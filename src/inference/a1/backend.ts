// What the pair looks like to whoever asks it: one question in, an answer and the candidates it was chosen from out.
import type { Decision } from "./calibrator.ts";
import type { ChatMessage, Engine, EngineFaultCode } from "./engine.ts";
import type { QuestionLimits } from "./spending.ts";
import type { Task } from "./task.ts";
import type { CandidateTrial } from "./trials.ts";

export interface QuestionRequest {
  /** Unique in a run: seeds, queues and ledgers go by it. */
  readonly id: string;
  readonly messages: readonly ChatMessage[];
  /** Name of the kind of question, for calibration: "chat", a dataset, a language. */
  readonly task: string;
  /** Rules of this question alone; those of its task where absent. */
  readonly rules?: Task;
  /** Candidates at most. */
  readonly samples: number;
  /** Of one candidate, whoever writes them. */
  readonly maxTokens: number;
  readonly temperature: number;
  /** A whole number below 2^31. */
  readonly seed: number;
  /** The answer ends before the first of them. */
  readonly stop?: readonly string[];
  /** Of this question alone, where they are narrower than the pair's own. */
  readonly limits?: QuestionLimits;
  /**
   * Told of text that will not be taken back, as soon as that is known. Only for one candidate: of several nobody knows
   * which will be the answer before it is.
   */
  readonly onText?: (piece: string) => void;
}

export interface PairUsage {
  /** Of the question, counted once, by the target. */
  readonly promptTokens: number;
  /** Tokens of all candidates by who wrote them. */
  readonly draftTokens: number;
  readonly targetTokens: number;
  /** Tokens the target read in order to score. */
  readonly scoredTokens: number;
  /** Of all tokens read, those from prefix caches; absent where no engine says. */
  readonly cachedTokens?: number;
  /** US dollars; absent where no prices are known. */
  readonly usd?: number;
}

/** One piece of a candidate, and who wrote it. */
export interface CandidateChunk {
  readonly turn: number;
  readonly author: "draft" | "target";
  readonly text: string;
  /** Whether it is part of the candidate's text, or was written anew. */
  readonly isKept: boolean;
  /** Of a draft: its score and what became of it; absent where it was never scored. */
  readonly nonconformity?: number;
  /** Why it has no score although it should have one: it was taken for infinitely bad. */
  readonly unscored?: EngineFaultCode;
  readonly decision?: Decision;
  /** Whether the target went on behind it or wrote it anew; absent where nothing was decided. */
  readonly isHandedOver?: boolean;
}

/** Chunks that should have a score and have none, by why. */
export function unscoredOf(candidates: readonly Candidate[]): Partial<Record<EngineFaultCode, number>> {
  const counts: Partial<Record<EngineFaultCode, number>> = {};
  for (const { unscored } of candidates.flatMap(({ chunks }) => chunks))
    if (unscored !== undefined) counts[unscored] = (counts[unscored] ?? 0) + 1;
  return counts;
}

export type CandidateEnd =
  /** It holds an answer, or where any text will do its writer has ended. */
  | { readonly kind: "answered"; readonly answer: string }
  /**
   * `turns` and `length`: none in as many as it had; `empty`: no model had anything more to say; `ended`: a model said
   * that it has ended, without an answer; `refused`: no gate let it through.
   */
  | {
      readonly kind: "unanswered";
      readonly because: "turns" | "length" | "empty" | "ended" | "refused";
      readonly detail?: string;
    }
  /** An engine failed for good. */
  | { readonly kind: "failed"; readonly code: EngineFaultCode; readonly message: string }
  /** Its siblings had decided the question. */
  | { readonly kind: "cancelled" };

export interface Candidate {
  readonly sample: number;
  readonly text: string;
  readonly chunks: readonly CandidateChunk[];
  readonly end: CandidateEnd;
  /** A draft went on although it could not be scored and no takeover was left: said, never silent. */
  readonly isUnchecked: boolean;
}

export interface QuestionAnswer {
  /** Of the chosen candidate; empty where none is. */
  readonly text: string;
  readonly finish: "stop" | "length";
  /** What was voted for or extracted; absent where the chosen candidate has none. */
  readonly answer?: string;
  readonly chosen?: number;
  readonly candidates: readonly Candidate[];
  /** Of those that were run before one was chosen, in the order in which they were. */
  readonly trials?: readonly CandidateTrial[];
  readonly usage: PairUsage;
}

export interface BackendLoad {
  readonly questions: number;
  readonly lanes: readonly {
    readonly name: "draft" | "score" | "takeover";
    readonly limit: number;
    readonly running: number;
    readonly queued: number;
  }[];
}

/** Draft and target behind one interface: servers, contestants and benchmarks all ask here. */
export interface Backend {
  /** Each by itself, in the pair's lanes: what it is asked counts like the pair's own calls. */
  readonly engines: { readonly draft: Engine; readonly target: Engine };
  /**
   * Rejects with the signal's reason once all its work has ended.
   * @throws EngineFault where every candidate failed
   */
  ask(request: QuestionRequest, signal: AbortSignal): Promise<QuestionAnswer>;
  load(): BackendLoad;
  /** Realised intervention rates by kind of chunk, and how often drafts were found to have changed. */
  interventions(): {
    readonly kinds: ReadonlyMap<string, { readonly rate: number | undefined; readonly decisions: number }>;
    readonly alarms: number;
  };
  close(): Promise<void>;
}
