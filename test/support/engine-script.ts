// An engine whose model is a script: real codec, real waiting on a clock, real aborts, and whatever faults a test asks for.

import type {
  Codec,
  Engine,
  EngineCapabilities,
  EngineLoad,
  Generated,
  GenerateRequest,
  Scored,
  ScoreRequest,
} from "../../src/inference/a1/engine.ts";
import type { Clock } from "../../src/inference/clock.ts";

/** One token a character: its code point. */
export const characterCodec: Codec = {
  prompt: async (messages) =>
    [...messages.map(({ role, content }) => `${role}:${content}\n`).join("")].map(codePoint),
  encode: async (text) => [...text].map(codePoint),
  decode: async (ids) => String.fromCodePoint(...ids),
};

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}

export const everything: EngineCapabilities = {
  ...{ promptLogprobs: "from-offset", reusesPrefixWhileScoring: true, generatedLogprobs: true },
  ...{ topLogprobs: 20, takesIds: true, continuesAnswers: true, takesSeed: true, aborts: true },
};

export interface Script {
  readonly name: string;
  /** What it writes; cut at the request's limit. `…` at the end: it has not ended. May throw a fault. */
  write(request: GenerateRequest): string;
  /** Mean negative log-likelihood of a chunk; may throw a fault. */
  nll?(chunk: string, request: ScoreRequest): number;
  readonly msPerToken?: number;
  readonly capabilities?: Partial<EngineCapabilities>;
  load?(): EngineLoad | undefined;
}

export class ScriptedEngine implements Engine {
  readonly name: string;
  readonly capabilities: EngineCapabilities;
  readonly codec = characterCodec;
  readonly requests: GenerateRequest[] = [];
  readonly scores: ScoreRequest[] = [];
  running = 0;
  mostRunning = 0;
  readonly #script: Script;
  readonly #clock: Clock;

  constructor(script: Script, clock: Clock) {
    this.name = script.name;
    this.capabilities = { ...everything, ...script.capabilities };
    this.#script = script;
    this.#clock = clock;
  }

  async generate(request: GenerateRequest, signal: AbortSignal): Promise<Generated> {
    this.requests.push(request);
    return await this.#busy(async () => {
      const written = this.#script.write(request);
      const isOpen = written.endsWith("…");
      const stops = [...(request.stop ?? [])].flatMap((stop) => {
        const at = written.indexOf(stop);
        return at < 0 ? [] : [{ stop, at }];
      });
      const [first] = stops.toSorted((one, other) => one.at - other.at);
      const whole = first === undefined ? written.replace(/…$/, "") : written.slice(0, first.at);
      const ids = (await this.codec.encode(whole, "")).slice(0, request.maxTokens);
      const isCut = ids.length < [...whole].length;
      for (const id of ids) {
        await this.#clock.sleep(this.#script.msPerToken ?? 1, signal);
        request.onText?.(String.fromCodePoint(id));
      }
      signal.throwIfAborted();
      return {
        text: String.fromCodePoint(...ids),
        ...{
          ids,
          logprobs: ids.map(() => -0.5),
          tokens: ids.length,
          promptTokens: request.context.ids.length,
        },
        finish: isCut || (isOpen && first === undefined) ? "length" : "stop",
        ...(first === undefined || isCut ? {} : { stoppedBy: first.stop }),
      };
    });
  }

  async score(request: ScoreRequest, signal: AbortSignal): Promise<Scored> {
    this.scores.push(request);
    return await this.#busy(async () => {
      await this.#clock.sleep(1, signal);
      const { ids } = request.context;
      const chunk = ids.slice(request.from);
      const nll = this.#script.nll?.(String.fromCodePoint(...chunk), request) ?? 0.5;
      return { logprobs: chunk.map(() => -nll), promptTokens: ids.length, cachedTokens: request.from };
    });
  }

  load(): Promise<EngineLoad | undefined> {
    return Promise.resolve(this.#script.load?.());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #busy<T>(work: () => Promise<T>): Promise<T> {
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      return await work();
    } finally {
      this.running -= 1;
    }
  }
}
