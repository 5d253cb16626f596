// An engine over OpenAI's protocol with nothing but what the benchmark needs: the server is measured, not the engine.
import { Agent, request as httpRequest } from "node:http";
import type { Engine, Generated, GenerateRequest } from "../../src/inference/a1/engine.ts";

interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly content?: string };
    readonly finish_reason?: string;
  }[];
}

/** The upstream is our own and says nothing else. */
function isChunk(value: unknown): value is Chunk {
  return typeof value === "object" && value !== null && "choices" in value && Array.isArray(value.choices);
}

class Reader {
  readonly #onText: (piece: string) => void;
  #rest = "";
  text = "";
  tokens = 0;
  isDone = false;

  constructor(onText: (piece: string) => void) {
    this.#onText = onText;
  }

  take(bytes: string): void {
    const all = this.#rest + bytes;
    let from = 0;
    for (let end = all.indexOf("\n\n"); end >= 0; end = all.indexOf("\n\n", from)) {
      this.#event(all.slice(from + "data: ".length, end));
      from = end + 2;
    }
    this.#rest = all.slice(from);
  }

  #event(data: string): void {
    if (data === "[DONE]") {
      this.isDone = true;
      return;
    }
    const chunk: unknown = JSON.parse(data);
    const piece = isChunk(chunk) ? chunk.choices[0]?.delta.content : undefined;
    if (piece === undefined) return;
    this.text += piece;
    this.tokens += 1;
    this.#onText(piece);
  }
}

export function httpEngine(port: number): Engine {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 2048 });
  const refuse = () => Promise.reject(new Error("the benchmark's engine has no tokenizer"));

  const generate = (
    { context, maxTokens, onText }: GenerateRequest,
    signal: AbortSignal,
  ): Promise<Generated> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ messages: context.messages, max_tokens: maxTokens, stream: true });
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const where = { host: "127.0.0.1", port, path: "/v1/chat/completions", method: "POST" };
      const outgoing = httpRequest({ ...where, agent, headers });
      const reader = new Reader(onText ?? (() => undefined));
      const stop = (): void => void outgoing.destroy();
      signal.addEventListener("abort", stop, { once: true });
      outgoing.on("error", () => undefined);
      outgoing.on("response", (response) => {
        response.setEncoding("utf8");
        response.on("data", (piece: string) => reader.take(piece));
        response.on("error", () => undefined);
      });
      outgoing.on("close", () => {
        signal.removeEventListener("abort", stop);
        const { text, tokens } = reader;
        if (reader.isDone) resolve({ text, tokens, finish: "length", promptTokens: 1 });
        else reject(signal.aborted ? signal.reason : new Error("the upstream broke off"));
      });
      outgoing.end(body);
    });

  return {
    name: "upstream",
    capabilities: {
      ...{
        promptLogprobs: "none",
        reusesPrefixWhileScoring: false,
        generatedLogprobs: false,
        topLogprobs: 0,
      },
      ...{ takesIds: false, continuesAnswers: true, takesSeed: false, aborts: true },
    },
    codec: { prompt: refuse, encode: refuse, decode: refuse },
    generate,
    score: refuse,
    load: () => Promise.resolve(undefined),
    close: () => Promise.resolve(agent.destroy()),
  };
}
