// One served model as A1 uses it: continue these tokens, or say how likely those were.

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** Whose work a call is: engines draw their randomness from it, ledgers and queues tell by it. */
export interface CallKey {
  readonly question: string;
  readonly sample: number;
  /** From 0. */
  readonly turn: number;
  /** From 0; each draws anew. */
  readonly attempt: number;
}

/** What stands before what is asked for: the same text in both forms that engines take. */
export interface EngineContext {
  /** The engine's own tokens, its template included: {@link Codec.prompt} and what was appended since. */
  readonly ids: readonly number[];
  /** The question, for engines that take no tokens. */
  readonly messages: readonly ChatMessage[];
  /** The answer so far. */
  readonly answer: string;
}

export interface GenerateRequest {
  readonly key: CallKey;
  readonly context: EngineContext;
  readonly maxTokens: number;
  /** 0: always the likeliest token. */
  readonly temperature: number;
  /** A whole number below 2^31, the same for the same call of the same run. */
  readonly seed: number;
  /** Ends before the first of them, which is left out of the text. */
  readonly stop?: readonly string[];
  /** So many likeliest tokens are told for every token. */
  readonly topLogprobs?: number;
  /** Told of text as it comes, each piece whole characters; together they are {@link Generated.text}. */
  readonly onText?: (piece: string) => void;
  /** False where nobody is shown what `onText` is told: then a call that broke off may be made again from its beginning. */
  readonly isShown?: boolean;
  /** Told of each fault after which the same is asked once more. */
  readonly onFault?: (fault: EngineFault) => void;
}

export interface TokenLogprob {
  readonly text: string;
  /** Natural logarithm. */
  readonly logprob: number;
}

export interface Generated {
  readonly text: string;
  /**
   * The tokens of `text` and nothing else: no token of an end, none that begins a character which is not finished.
   * Absent where the engine does not tell tokens.
   */
  readonly ids?: readonly number[];
  /** Natural logarithms of `ids`, or of the engine's tokens where it tells no ids; absent where it gives none. */
  readonly logprobs?: readonly number[];
  /** Where asked for: of each of those tokens the likeliest ones, most likely first. */
  readonly topLogprobs?: readonly (readonly TokenLogprob[])[];
  /** `stop`: the model said that it has ended, or a stop text came; `length`: it was cut at `maxTokens`. */
  readonly finish: "stop" | "length";
  /** The stop text that came, where one did and the engine tells which; it is not part of `text`. */
  readonly stoppedBy?: string;
  /** Tokens it wrote, the one of the end included: what is paid for. */
  readonly tokens: number;
  /** Tokens it read; of these `cachedTokens` from its prefix cache, absent where it does not say. */
  readonly promptTokens: number;
  readonly cachedTokens?: number;
}

export interface ScoreRequest {
  readonly key: CallKey;
  readonly context: EngineContext;
  /** Index in `context.ids` of the first token that is to be scored, from 1: nothing stands before the first of all. */
  readonly from: number;
  /** See {@link GenerateRequest}. */
  readonly onFault?: (fault: EngineFault) => void;
}

export interface Scored {
  /** Natural logarithms of the tokens from `from` on, all finite and at most 0. */
  readonly logprobs: readonly number[];
  readonly promptTokens: number;
  /** Tokens read from the engine's prefix cache; absent where it does not say. */
  readonly cachedTokens?: number;
}

/** What an engine was found to do when it was opened (research/a1.md section 3.4). */
export interface EngineCapabilities {
  /** `from-offset`: it computes them from `from` on; `whole`: for all of the prompt, whatever is asked; `none`. */
  readonly promptLogprobs: "from-offset" | "whole" | "none";
  /** Whether scoring reads the prefix cache before `from`. */
  readonly reusesPrefixWhileScoring: boolean;
  readonly generatedLogprobs: boolean;
  /** Most alternatives it tells for a token. */
  readonly topLogprobs: number;
  /** It continues tokens as they are; otherwise it is given messages and text. */
  readonly takesIds: boolean;
  /** It goes on with an answer that was begun; otherwise it can only begin. */
  readonly continuesAnswers: boolean;
  readonly takesSeed: boolean;
  /** It stops working when its caller has gone. */
  readonly aborts: boolean;
}

/** How a model sees text: its tokenizer and its chat template. */
export interface Codec {
  /** The question in the model's template, up to where its answer begins. */
  prompt(messages: readonly ChatMessage[]): Promise<readonly number[]>;
  /**
   * Tokens of a text that goes on behind another, without tokens of beginning or end.
   * @param before the end of what stands before it: some tokenizers treat the beginning of a text differently
   */
  encode(text: string, before: string): Promise<readonly number[]>;
  /** Bytes that make no character become U+FFFD; special tokens are left out. */
  decode(ids: readonly number[]): Promise<string>;
}

/** How hard a server is pressed. */
export interface EngineLoad {
  readonly running: number;
  readonly queued: number;
  /** Share of its key/value cache that is in use, 0 to 1; absent where it does not say. */
  readonly cacheShare?: number;
}

export interface Engine {
  /** Of the model, for ledgers and calibration. */
  readonly name: string;
  readonly capabilities: EngineCapabilities;
  readonly codec: Codec;
  /** Most tokens of prompt and answer together; absent where it does not say. */
  readonly contextTokens?: number;
  /**
   * Rejects with the signal's reason once the work has really ended, as far as the engine can tell.
   * @throws EngineFault
   */
  generate(request: GenerateRequest, signal: AbortSignal): Promise<Generated>;
  /** @throws EngineFault `missing-logprobs` where one is absent, not a number or above 0; `unsupported` */
  score(request: ScoreRequest, signal: AbortSignal): Promise<Scored>;
  /** Undefined where the server does not say. @throws EngineFault */
  load(signal: AbortSignal): Promise<EngineLoad | undefined>;
  /** Why it will answer nobody any more; absent of engines that may come back by themselves. */
  lost?(): EngineFault | undefined;
  close(): Promise<void>;
}

export type EngineFaultCode =
  /** No connection, or it broke. */
  | "unreachable"
  | "timed-out"
  /** 429 or a full queue. */
  | "overloaded"
  /** 5xx. */
  | "server-error"
  /** An answer that is not what the protocol says. */
  | "bad-response"
  /** Log-probabilities that are absent, not numbers, or above 0. */
  | "missing-logprobs"
  /** The prompt and the answer do not fit the model. */
  | "context-overflow"
  /** 4xx: wrong address, unknown model, refused setting. */
  | "bad-request"
  | "unauthorized"
  /** The engine cannot do this at all: its capabilities say so. */
  | "unsupported"
  /** The model's files cannot be used. */
  | "unusable";

/** Of an engine or the way to it, never of what a model wrote. Messages hold no key. */
export class EngineFault extends Error {
  readonly isFault = true;
  readonly code: EngineFaultCode;
  /** Later, unchanged, it may work. */
  readonly retryable: boolean;
  /** The server asked for a pause. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: EngineFaultCode,
    message: string,
    options: { readonly retryable?: boolean; readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "EngineFault";
    this.code = code;
    this.retryable = options.retryable ?? passing.has(code);
    this.retryAfterMs = options.retryAfterMs;
  }
}

const passing: ReadonlySet<EngineFaultCode> = new Set([
  ...(["unreachable", "timed-out", "overloaded", "server-error"] as const),
  ...(["bad-response", "missing-logprobs"] as const),
]);
