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
import type { SimulatedServer } from "./server.ts";

export interface TracedTurn {
  readonly draftTokens: number;
  /** Mean negative log-likelihood of the draft under the target, nats a token. */
  readonly nll: number;
  /** Whether it was handed over, and what the target wrote then. */
  readonly isHandedOver: boolean;
  readonly takeoverTokens: number;
  /** The draft held an answer. */
  readonly hasAnswer: boolean;
}

export interface TracedSample {
  readonly question: string;
  readonly sample: number;
  readonly turns: readonly TracedTurn[];
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
  ...{ topLogprobs: 0, takesIds: true, takesSeed: true, aborts: true },
};

/** Answers as the traces say and takes as long as the server does. Whole tokens: a trace counts characters. */
export class TracedEngine implements Engine {
  readonly name: string;
  readonly capabilities = capabilities;
  readonly codec = countingCodec;
  readonly #server: SimulatedServer;
  readonly #traces: Traces;
  readonly #role: "draft" | "target";

  constructor(role: "draft" | "target", server: SimulatedServer, traces: Traces) {
    this.name = role;
    this.#role = role;
    this.#server = server;
    this.#traces = traces;
  }

  async generate({ key, context, onText }: GenerateRequest, signal: AbortSignal): Promise<Generated> {
    const { draftTokens, takeoverTokens } = turnOf(this.#traces, key);
    const count = this.#role === "draft" ? draftTokens : takeoverTokens;
    const text = "x".repeat(count);
    // Prompts are read in no time here: siblings need not wait for one another.
    onText?.("");
    await this.#server.decode(count, context.ids.length, signal);
    onText?.(text);
    const promptTokens = context.ids.length;
    return { ids: tokens(count), text, finish: "length", tokens: count, promptTokens };
  }

  /** The prefix is in the server's cache: it was read when the turn before was scored. */
  async score({ key, context, from }: ScoreRequest, signal: AbortSignal): Promise<Scored> {
    const promptTokens = context.ids.length;
    const cachedTokens = key.turn === 0 ? 0 : from;
    await this.#server.prefill(promptTokens - cachedTokens, cachedTokens, signal);
    const { nll } = turnOf(this.#traces, key);
    return { logprobs: tokens(promptTokens - from).map(() => -nll), promptTokens, cachedTokens };
  }

  load(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
