// Samples as they once went: how long every draft and takeover was, how it scored, and which were handed over.
import type {
  CallKey,
  Codec,
  Engine,
  EngineCapabilities,
  Generated,
  GenerateRequest,
  Scored,
  ScoreRequest,
} from "../engine.ts";
import type { ModelServer } from "./server.ts";

export interface TracedTurn {
  readonly draftTokens: number;
  /** Mean negative log-likelihood of the draft under the target, nats a token. */
  readonly nll: number;
  /** Whether it was handed over, and what the target wrote then. */
  readonly isHandedOver: boolean;
  readonly takeoverTokens: number;
  /** The target wrote in the draft's place: nobody goes on from that. Absent where it went on behind it. */
  readonly isWrittenAnew?: boolean;
  /** The draft held an answer. */
  readonly hasAnswer: boolean;
}

export interface TracedSample {
  readonly question: string;
  readonly sample: number;
  readonly turns: readonly TracedTurn[];
  /** Which of its question's different answers it came to; absent where it came to none, or nobody knows. */
  readonly answer?: string;
}

export type Traces = ReadonlyMap<string, TracedSample>;

const nameOf = (question: string, sample: number): string => `${question}/${sample}`;

export function tracesOf(samples: readonly TracedSample[]): Traces {
  return new Map(samples.map((each) => [nameOf(each.question, each.sample), each]));
}

export function turnOf(traces: Traces, { question, sample, turn }: Omit<CallKey, "attempt">): TracedTurn {
  const found = traces.get(nameOf(question, sample))?.turns[turn];
  if (found === undefined)
    throw new Error(`bug: no turn ${turn} of ${nameOf(question, sample)} in the traces`);
  return found;
}

/** Tokens are numbered by nothing: only their count is known. */
const tokens = (count: number): number[] => new Array<number>(count).fill(0);

/** Text of `n` characters is `n` tokens: traces know no others. */
export const countingCodec: Codec = {
  prompt: (messages) =>
    Promise.resolve(tokens(messages.reduce((sum, { content }) => sum + content.length, 0))),
  encode: (text) => Promise.resolve(tokens(text.length)),
  decode: (ids) => Promise.resolve("x".repeat(ids.length)),
};

const capabilities: EngineCapabilities = {
  ...{ promptLogprobs: "from-offset", reusesPrefixWhileScoring: true, generatedLogprobs: false },
  ...{ topLogprobs: 0, takesIds: true, continuesAnswers: true, takesSeed: true, aborts: true },
};

/** Answers as the traces say and takes as long as the server does. Whole tokens: a trace counts characters. */
export class TracedEngine implements Engine {
  readonly name: string;
  readonly capabilities = capabilities;
  readonly codec = countingCodec;
  readonly #server: ModelServer;
  readonly #traces: Traces;
  readonly #role: "draft" | "target";
  readonly #promptTokens: number;

  constructor(
    role: "draft" | "target",
    { server, traces, promptTokens }: { server: ModelServer; traces: Traces; promptTokens: number },
  ) {
    this.name = role;
    this.#role = role;
    this.#server = server;
    this.#traces = traces;
    this.#promptTokens = promptTokens;
  }

  async generate({ key, context, onText }: GenerateRequest, signal: AbortSignal): Promise<Generated> {
    const { draftTokens, takeoverTokens } = turnOf(this.#traces, key);
    const writtenTokens = this.#role === "draft" ? draftTokens : takeoverTokens;
    const text = "x".repeat(writtenTokens);
    const contextTokens = context.ids.length;
    await this.#server.call(
      { ...this.#prefixOf(key), contextTokens, writtenTokens, onRead: () => onText?.("") },
      signal,
    );
    onText?.(text);
    return {
      ...{ ids: tokens(writtenTokens), text, finish: "length", tokens: writtenTokens },
      ...{ promptTokens: contextTokens },
    };
  }

  async score({ key, context, from }: ScoreRequest, signal: AbortSignal): Promise<Scored> {
    const contextTokens = context.ids.length;
    const scoredTokens = contextTokens - from;
    // What stands before it was read when the turn before was scored.
    const unreadTokens = key.turn === 0 ? contextTokens : scoredTokens;
    await this.#server.call({ ...this.#prefixOf(key), contextTokens, scoredTokens, unreadTokens }, signal);
    const { nll } = turnOf(this.#traces, key);
    const logprobs = new Array<number>(scoredTokens).fill(-nll);
    return { logprobs, promptTokens: contextTokens, cachedTokens: contextTokens - unreadTokens };
  }

  load(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #prefixOf({ question, sample }: CallKey) {
    return { question, sample, promptTokens: this.#promptTokens };
  }
}
