// What differs between servers: how to ask. What they answer is checked in one place, `served-engine.ts`.
import type { EngineLoad, GenerateRequest, ScoreRequest, TokenLogprob } from "../engine.ts";
import type { Pieces } from "./pieces.ts";

export interface WireRequest extends Omit<GenerateRequest, "onText"> {
  /** Text is wanted as it comes. A stream costs a message for every token, so nobody has one who does not listen. */
  readonly pieces?: Pieces;
  /** Do not end at the model's end: only for probing, where a long answer is needed. */
  readonly ignoresEnd?: boolean;
}

/** As the server told it, its tokens of an end and of a stop text included. */
export interface RawGeneration {
  readonly text: string;
  /** All it wrote; absent where it does not tell them. */
  readonly ids?: readonly number[];
  /** `ids` are those of a tokenizer that was given the text, not the server's own word. */
  readonly areIdsGuessed?: boolean;
  /** One for each of `ids`, or of its own tokens where it tells no ids; undefined where it leaves one out by design. */
  readonly logprobs?: readonly (number | null | undefined)[];
  readonly topLogprobs?: readonly (readonly TokenLogprob[])[];
  readonly finish: "stop" | "length";
  readonly stoppedBy?: string;
  readonly tokens?: number;
  readonly promptTokens?: number;
  readonly cachedTokens?: number;
}

export interface RawToken {
  /** Absent where the server names its tokens by their text alone. */
  readonly id?: number;
  readonly logprob: number | null | undefined;
}

export interface RawScore {
  /** Of the tokens from `from` on. */
  readonly tokens: readonly RawToken[];
  /** Its tokens before `from` were told too: it computed them all. */
  readonly isWhole: boolean;
  readonly promptTokens?: number;
  readonly cachedTokens?: number;
}

/** One server's protocol. All but `close` throw EngineFault and reject with the signal's reason. */
export interface Wire {
  readonly takesIds: boolean;
  readonly continuesAnswers: boolean;
  generate(request: WireRequest, signal: AbortSignal): Promise<RawGeneration>;
  /** Absent where the protocol has no way to ask. */
  readonly score?: (request: ScoreRequest, signal: AbortSignal) => Promise<RawScore>;
  load(signal: AbortSignal): Promise<EngineLoad | undefined>;
  close(): void;
}
