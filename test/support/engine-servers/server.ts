// A model server on loopback: real sockets, a prefix cache, work that stops when its caller leaves, faults on request.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as nextTick } from "node:timers/promises";
import { draw, endId, likeliest, logprobsAfter, type Ranked, textOf } from "./language.ts";

export type ServerFault =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** A proxy's page in place of the server's answer. */
  | { readonly kind: "html" }
  | { readonly kind: "silence" }
  /** The connection is reset in the middle of the answer. */
  | { readonly kind: "truncate" }
  /** Its half of the connection ends in the middle of the answer. */
  | { readonly kind: "half-close" }
  | { readonly kind: "not-json" }
  /** Wrong log-probabilities of a prompt. */
  | { readonly kind: "garble"; readonly as: "null" | "NaN" | "positive" | "few" | "many" | "shifted" };

export interface Job {
  readonly ids: readonly number[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly stops: readonly string[];
  readonly ignoresEnd?: boolean;
}

export interface Step {
  readonly id: number;
  readonly logprob: number;
  readonly ranked: readonly Ranked[];
}

export interface Finish {
  readonly kind: "end" | "stop" | "length";
  readonly matched?: string;
}

export interface EngineServer extends AsyncDisposable {
  readonly origin: string;
  /** Answers under way. */
  readonly running: number;
  readonly tokensMade: number;
  /** Bodies of the requests for work, oldest first. */
  readonly asked: readonly Record<string, unknown>[];
  /** Of headers of those. */
  readonly authorizations: readonly (string | undefined)[];
  /** What the next request for work meets, or the next `times`; those after them are answered again. */
  fail(fault: ServerFault, times?: number): void;
}

export const contextTokens = 2048;

/** `Infinity` of JavaScript is no JSON; some servers write such words all the same. */
const bareNaN = "@NaN@";

export function garbled(logprobs: readonly number[], as: string | undefined): (number | string | null)[] {
  const spoilt = (value: number | string | null) => logprobs.map((each, at) => (at === 1 ? value : each));
  if (as === "null") return spoilt(null);
  if (as === "NaN") return spoilt(bareNaN);
  if (as === "positive") return spoilt(0.7);
  if (as === "few") return logprobs.slice(0, -1);
  if (as === "many") return [...logprobs, -1];
  return [...logprobs];
}

/** One request with its answer, and the fault it is to meet. */
export class Exchange {
  readonly body: Record<string, unknown>;
  readonly headers: IncomingMessage["headers"];
  readonly fault: ServerFault | undefined;
  readonly #response: ServerResponse;
  #events = 0;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    more: { readonly body: Record<string, unknown>; readonly fault: ServerFault | undefined },
  ) {
    this.headers = request.headers;
    this.body = more.body;
    this.fault = more.fault;
    this.#response = response;
  }

  get isGone(): boolean {
    return this.#response.closed || this.#response.destroyed;
  }

  get garbles(): string | undefined {
    return this.fault?.kind === "garble" ? this.fault.as : undefined;
  }

  text(text: string, status = 200, type = "text/plain"): void {
    this.#response.writeHead(status, { "content-type": type });
    this.#response.end(text);
  }

  json(value: unknown, status = 200): void {
    const text = JSON.stringify(value).replaceAll(`"${bareNaN}"`, "NaN");
    if (this.#breaks()) {
      this.#response.writeHead(status, { "content-type": "application/json" });
      this.#response.write(text.slice(0, text.length / 2), () => this.#break());
      return;
    }
    this.text(this.fault?.kind === "not-json" ? `${text.slice(1)}!` : text, status, "application/json");
  }

  event(value: unknown): void {
    if (this.isGone) return;
    if (!this.#response.headersSent) this.#response.writeHead(200, { "content-type": "text/event-stream" });
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const line = Buffer.from(`data: ${this.fault?.kind === "not-json" ? text.slice(1) : text}\n\n`);
    this.#events += 1;
    if (this.#events === 3 && this.#breaks()) {
      this.#response.write(line.subarray(0, line.length / 2), () => this.#break());
      return;
    }
    // In two packets, the cut where it may: in the middle of a character as often as not.
    this.#response.write(line.subarray(0, line.length - 7));
    this.#response.write(line.subarray(line.length - 7));
  }

  end(): void {
    if (!this.isGone) this.#response.end();
  }

  #breaks(): boolean {
    return this.fault?.kind === "truncate" || this.fault?.kind === "half-close";
  }

  #break(): void {
    if (this.fault?.kind === "half-close") this.#response.socket?.end();
    else this.#response.destroy();
  }
}

/** What all protocols do behind their doors. */
export class Core {
  running = 0;
  tokensMade = 0;
  readonly #seen: (readonly number[])[] = [];

  /** Tokens read from the cache, at most `limit`, in whole blocks. */
  cached(ids: readonly number[], limit: number, block = 1): number {
    const shared = this.#seen.map((old) => {
      const differs = ids.findIndex((id, at) => old[at] !== id);
      return differs === -1 ? ids.length : differs;
    });
    const most = Math.min(limit, Math.max(0, ...shared));
    this.#seen.push(ids);
    return most - (most % block);
  }

  /** Of every token but the first, given those before it. */
  promptLogprobs(ids: readonly number[], from: number): readonly number[] {
    return ids.slice(from).map((id, at) => logprobsAfter(ids.slice(0, from + at))[id] ?? 0);
  }

  /** Token after token; between them others have their turn, and a caller who has left ends it. */
  async *write(job: Job, exchange: Exchange): AsyncGenerator<Step, Finish> {
    this.running += 1;
    try {
      const ids: number[] = [];
      while (ids.length < job.maxTokens) {
        await nextTick();
        if (exchange.isGone) return { kind: "length" };
        const context = [...job.ids, ...ids];
        const id = this.#drawn(context, job, ids.length);
        const logprobs = logprobsAfter(context);
        ids.push(id);
        this.tokensMade += 1;
        yield { id, logprob: logprobs[id] ?? 0, ranked: likeliest(logprobs, 20) };
        if (id === endId) return { kind: "end" };
        const matched = job.stops.find((stop) => textOf(ids).includes(stop));
        if (matched !== undefined) return { kind: "stop", matched };
      }
      return { kind: "length" };
    } finally {
      this.running -= 1;
    }
  }

  #drawn(context: readonly number[], job: Job, step: number): number {
    for (let again = 0; ; again += 1) {
      const id = draw(context, { ...job, step: step + again * 1_000_003 });
      if (id !== endId || job.ignoresEnd !== true) return id;
      if (job.temperature === 0) return 0x20;
    }
  }
}

/** How a protocol tells of an answer while it is written and when it is. */
export interface Telling {
  readonly onStep?: (steps: readonly Step[], step: Step) => void;
  readonly onEnd: (steps: readonly Step[], finish: Finish) => void | Promise<void>;
}

/** Writes the job to its end, unless the caller leaves. */
export async function tell(core: Core, job: Job, exchange: Exchange, telling: Telling): Promise<void> {
  const steps: Step[] = [];
  const writing = core.write(job, exchange);
  for (;;) {
    const { value, done } = await writing.next();
    if (done) return await telling.onEnd(steps, value);
    steps.push(value);
    telling.onStep?.(steps, value);
  }
}

/** The text up to the first stop text. */
export function cut(text: string, stops: readonly string[]): string {
  const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

export interface Route {
  /** Faults are for these. */
  readonly isWork?: boolean;
  readonly answer: (exchange: Exchange, core: Core) => Promise<void> | void;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const json: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}");
  return typeof json === "object" && json !== null ? { ...json } : {};
}

/** True where the fault is the whole of the answer. */
function meets(fault: ServerFault | undefined, exchange: Exchange, response: ServerResponse): boolean {
  if (fault?.kind === "silence") return true;
  if (fault?.kind === "html") {
    exchange.text("<html><body>Bad gateway</body></html>", 200, "text/html");
    return true;
  }
  if (fault?.kind !== "status") return false;
  response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
  response.end(fault.body ?? JSON.stringify({ error: { message: "scripted", code: fault.status } }));
  return true;
}

/** @param routes by `GET /path` */
export async function engineServer(routes: Readonly<Record<string, Route>>): Promise<EngineServer> {
  const core = new Core();
  const asked: Record<string, unknown>[] = [];
  const authorizations: (string | undefined)[] = [];
  let next: ServerFault | undefined;
  let timesLeft = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const route = routes[`${request.method} ${request.url}`];
    const fault = route?.isWork === true ? next : undefined;
    const exchange = new Exchange(request, response, { body, fault });
    if (route === undefined) {
      exchange.json({ error: { message: "Not Found", code: 404 } }, 404);
      return;
    }
    if (route.isWork === true) {
      timesLeft -= 1;
      if (timesLeft <= 0) next = undefined;
      asked.push(body);
      authorizations.push(request.headers.authorization);
    }
    if (meets(fault, exchange, response)) return;
    await route.answer(exchange, core);
  };
  // A socket that the client has left is one whose answer is closed: half open is for faults alone.
  const server = createServer({ keepAlive: true }, (request, response) => {
    serve(request, response).catch((error) => response.destroy(error));
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    authorizations,
    get running() {
      return core.running;
    },
    get tokensMade() {
      return core.tokensMade;
    },
    fail(fault, times = 1) {
      [next, timesLeft] = [fault, times];
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
