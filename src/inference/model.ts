// The one interface behind which every contestant's words come from: a prompt in, a completion out.

export interface Message {
  readonly role: "user" | "assistant";
  readonly content: string;
}

/** Whether an answer can be used at all; `key` is the same for answers that come to the same. */
export type CheckedAnswer =
  | { readonly isUsable: true; readonly key: string }
  | { readonly isUsable: false; readonly because: string };

export type AnswerCheck = (answer: string) => Promise<CheckedAnswer>;

/** What an answer came to when it was run before it was given; `unknown`: the host could not tell. */
export type Trial =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly because: string }
  | { readonly kind: "unknown"; readonly because: string };

export type AnswerTrial = (answer: string, signal: AbortSignal) => Promise<Trial>;

export interface Prompt {
  readonly system: string;
  /** Begins and ends with a `user` message; roles alternate. */
  readonly messages: readonly Message[];
  /** Tokens the answer may have at most, reasoning included. */
  readonly maxOutputTokens: number;
  /** Left out: the provider's own default. Only for a model that {@link Model.takes} it. */
  readonly temperature?: number;
  readonly seed?: number;
  /** For models that write several answers and give one: what cannot be used need not be given. */
  readonly check?: AnswerCheck;
  /** For the same models: runs a usable answer where it harms nobody. Dear, so that few are tried. */
  readonly trial?: AnswerTrial;
  /**
   * Names the answer within all runs: whoever goes on with a run asks under the same. For models that draw by name and
   * keep a record of their own.
   */
  readonly id?: string;
  /** Role and language: what is learned from one question helps with others of its kind. */
  readonly kind?: string;
}

/**
 * How an answer ended. Everything but `stop` is the contestant's doing and still a value:
 * `length` (cut off at maxOutputTokens or at the window's end), `refusal`, `context-overflow` (the prompt did not
 * fit), `answer-too-large` (more bytes than we take), `other` (a reason none of these names, or none given).
 */
export type Finish = "stop" | "length" | "refusal" | "context-overflow" | "answer-too-large" | "other";

/** Billed tokens. `estimated`: the provider did not say, so the figures are ours (see `estimateTokens`). */
export interface Usage {
  /** All input, cached tokens included. */
  readonly inputTokens: number;
  /** All output, reasoning included. */
  readonly outputTokens: number;
  /** The part of `inputTokens` read from the provider's cache; absent when the provider does not say. */
  readonly cachedTokens?: number;
  readonly estimated: boolean;
}

/** Money in US dollars, tokens in and out together. */
export interface Spend {
  readonly usd: number;
  readonly tokens: number;
}

/** One request and what became of it. */
export interface Attempt {
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** Milliseconds slept before this try because of the one before it. */
  readonly waitedMs: number;
  readonly durationMs: number;
  /** What went wrong, redacted; absent when the try gave the completion. */
  readonly error?: string;
  /** What it cost. After a lost answer nobody knows, and the worst case is charged. */
  readonly charged: Spend;
}

/** One of several answers that a model has chosen from, and how it came to be. */
export interface CandidateAnswer {
  /** From 0. */
  readonly sample: number;
  readonly isChosen: boolean;
  /** `answered`, or why there is no answer. */
  readonly end: string;
  /** A part of it could not be scored, and no other model was left to write it. */
  readonly isUnchecked: boolean;
  /** What it came to when it was run, where it was. */
  readonly trial?: Trial & { readonly isAudit: boolean; readonly p?: number };
  readonly text: string;
  readonly chunks: readonly {
    /** From 0. */
    readonly turn: number;
    readonly author: "draft" | "target";
    readonly characters: number;
    readonly isKept: boolean;
    /** Larger is worse; with the p-value and the level it was compared with. */
    readonly nonconformity?: number;
    readonly p?: number;
    readonly level?: number;
    /** The draw that decided, which scores it was ranked among, and whether the decision was turned round to learn. */
    readonly u?: number;
    readonly bank?: { readonly key: string; readonly size: number };
    readonly isAudit?: boolean;
    readonly isHandedOver?: boolean;
    /** Why it has no score although it should have one. */
    readonly unscored?: string;
  }[];
}

export interface Completion {
  /** Empty for `refusal` without words, `context-overflow` and `answer-too-large`. */
  readonly text: string;
  readonly finish: Finish;
  readonly usage: Usage;
  /** The sum over all attempts, failed ones that may have been billed included. */
  readonly charged: Spend;
  /** The model the provider says has answered; the configured name when it does not say. */
  readonly model: string;
  /** From the first request to the end of the answer, waits included, milliseconds. */
  readonly latencyMs: number;
  readonly attempts: readonly Attempt[];
  /** Where it was chosen from several. */
  readonly candidates?: readonly CandidateAnswer[];
}

/** Told of every request as it is made: what is paid for must be known before it is used. */
export interface AttemptHook {
  /** The request is about to leave. Throwing here stops it. */
  started(): void;
  ended(attempt: Attempt): void;
}

export interface Model {
  /** The contestant's id. */
  readonly id: string;
  /** Sampling settings the provider accepts; asking for another is a `bad-request`, never silently dropped. */
  readonly takes: { readonly temperature: boolean; readonly seed: boolean };
  /** The most one request for this prompt may cost, by our estimate of its input. */
  worstCase(prompt: Prompt): Spend;
  /**
   * Asks, and asks again as long as trying again can help.
   * @throws ModelFault for whatever is not the contestant's doing, `aborted` included.
   */
  generate(prompt: Prompt, signal: AbortSignal, hook?: AttemptHook): Promise<Completion>;
}

export type ModelFaultCode =
  /** No connection, or it broke. */
  | "unreachable"
  /** 429 until the window closed. */
  | "rate-limited"
  /** 5xx until the window closed. */
  | "server-error"
  /** A 2xx answer that is not what the protocol says, or a redirect. */
  | "bad-response"
  /** 401 or 403. */
  | "unauthorized"
  /** 4xx: wrong URL, unknown model, a setting the model does not take. */
  | "bad-request"
  /** The attempt's own time ran out, every time. */
  | "timed-out"
  /** The provider's account has nothing left. */
  | "quota-exhausted"
  /** Our own limit: the next request might exceed it, so it was not made. */
  | "budget-exhausted"
  /** The caller's signal. */
  | "aborted";

/**
 * What else would fail in the same way: nothing (`request`), whatever its contestant asks (`contestant`: its own budget is
 * used up, or its endpoint answers nobody any more), or everything (`run`).
 */
export type FaultReach = "request" | "contestant" | "run";

/** Ours or the world's, never the contestant's; messages are redacted. `retryable`: later, unchanged, it may work. */
export class ModelFault extends Error {
  readonly isFault = true;
  readonly code: ModelFaultCode;
  readonly retryable: boolean;
  readonly reach: FaultReach;
  /** The requests made before giving up, with what they may have cost. */
  readonly attempts: readonly Attempt[];

  constructor(
    code: ModelFaultCode,
    message: string,
    options: {
      retryable: boolean;
      reach?: FaultReach;
      attempts?: readonly Attempt[];
      cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.name = "ModelFault";
    this.code = code;
    this.retryable = options.retryable;
    this.reach = options.reach ?? "request";
    this.attempts = options.attempts ?? [];
  }
}

/** What a list of attempts has cost, known and feared together. */
export function totalCharged(attempts: readonly Attempt[]): Spend {
  return attempts.reduce(
    (sum, { charged }) => ({ usd: sum.usd + charged.usd, tokens: sum.tokens + charged.tokens }),
    { usd: 0, tokens: 0 },
  );
}
