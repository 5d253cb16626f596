// HTTP to a model server: hundreds of streams over kept connections, a deadline and a size cap for each, and an end
// that is an end: a call is over when its connection is, so that a freed slot is a slot the server has free too.
import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { whenAborted } from "../../abort.ts";
import type { Clock } from "../../clock.ts";
import { EngineFault } from "../engine.ts";
import {
  badResponse,
  faultOfConnection,
  faultOfStatus,
  type Place,
  parseJson,
  quoted,
  timedOut,
} from "./faults.ts";
import { EventReader } from "./sse.ts";

export interface HttpSettings {
  /** Without a slash at its end; paths are put behind it. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** From the first byte sent to the last one read. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly clock: Clock;
}

export interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** uvicorn closes a connection five seconds after its last answer: whoever is later writes into a closed one. */
const idleConnectionMs = 4_000;
/** After the event that says "done" a server has this long to end its answer; the answer counts either way. */
const lingerMs = 1_000;

interface Listener {
  readonly onHead?: (status: number, headers: Headers) => void;
  /** True once nothing more is needed. Throws to break off. */
  readonly onChunk: (chunk: Buffer) => boolean;
}

export class HttpClient {
  readonly #settings: HttpSettings;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #isHttps: boolean;
  readonly secrets: readonly string[];

  constructor(settings: HttpSettings) {
    this.#settings = settings;
    this.#isHttps = settings.baseUrl.startsWith("https:");
    const options = { keepAlive: true, timeout: idleConnectionMs, maxFreeSockets: 1024 };
    this.#agent = this.#isHttps ? new HttpsAgent(options) : new HttpAgent(options);
    this.secrets = settings.apiKey === undefined ? [] : [settings.apiKey];
  }

  place(call: Call): Place {
    return { where: `${call.method} ${this.#settings.baseUrl}${call.path}`, secrets: this.secrets };
  }

  /** The answer whatever its status. @throws EngineFault; the signal's reason */
  async whole(call: Call, signal: AbortSignal): Promise<Answer> {
    const chunks: Buffer[] = [];
    let head = { status: 0, headers: new Headers() };
    await this.#run(call, signal, {
      onHead: (status, headers) => {
        head = { status, headers };
      },
      onChunk: (chunk) => {
        chunks.push(chunk);
        return false;
      },
    });
    return { ...head, body: Buffer.concat(chunks).toString("utf8") };
  }

  /** The body of a good answer. @throws EngineFault; the signal's reason */
  async text(call: Call, signal: AbortSignal): Promise<string> {
    const answer = await this.whole(call, signal);
    if (answer.status > 299) throw faultOfStatus(answer, this.#settings.clock.now(), this.place(call));
    return answer.body;
  }

  /** @throws EngineFault, also for an `error` inside an answer of status 200; the signal's reason */
  async json(call: Call, signal: AbortSignal): Promise<unknown> {
    const json = parseJson(await this.text(call, signal), this.place(call));
    this.refuseError(json, call);
    return json;
  }

  /**
   * Hands over the JSON of every event of a stream; undefined for the `[DONE]` of OpenAI's protocol.
   * @param onEvent true once nothing more is needed
   * @throws EngineFault `bad-response` where the stream ends before that; the signal's reason
   */
  async events(call: Call, onEvent: (json: unknown) => boolean, signal: AbortSignal): Promise<void> {
    const place = this.place(call);
    const rest: Buffer[] = [];
    let head: { status: number; headers: Headers } | undefined;
    let isDone = false;
    let isStream = false;
    const reader = new EventReader((data) => {
      if (isDone) return;
      const json = data === "[DONE]" ? undefined : parseJson(data, place);
      this.refuseError(json, call);
      isDone = onEvent(json);
    });
    await this.#run(call, signal, {
      onHead: (status, headers) => {
        head = { status, headers };
        isStream = status < 300 && (headers.get("content-type") ?? "").startsWith("text/event-stream");
      },
      onChunk: (chunk) => {
        if (isStream) reader.push(chunk);
        else rest.push(chunk);
        return isDone;
      },
    });
    if (isDone) return;
    const body = Buffer.concat(rest).toString("utf8");
    if (head !== undefined && head.status > 299) {
      throw faultOfStatus({ ...head, body }, this.#settings.clock.now(), place);
    }
    if (!isStream) {
      this.refuseError(parseJson(body, place), call);
      throw badResponse("a stream of events", body, place);
    }
    throw badResponse("a stream up to its last event", "its end before that", place);
  }

  /** Servers put errors into answers and streams whose status says that all is well. @throws EngineFault */
  refuseError(json: unknown, call: Call): void {
    if (typeof json !== "object" || json === null) return;
    const isError = "object" in json && json.object === "error";
    const error = isError ? json : "error" in json ? json.error : undefined;
    if (error === undefined || error === null || error === "") return;
    const code = typeof error === "object" && "code" in error ? Number(error.code) : Number.NaN;
    const status = Number.isInteger(code) && code >= 400 && code < 600 ? code : 500;
    throw faultOfStatus(
      { status, body: JSON.stringify(error) },
      this.#settings.clock.now(),
      this.place(call),
    );
  }

  /** Ends the kept connections; calls under way go on. */
  close(): void {
    this.#agent.destroy();
  }

  /**
   * A server may close a kept connection in the moment we take it: the request was then never read, and goes out once
   * more over a new one. That is what keeping connections costs, not a second try.
   */
  async #run(call: Call, signal: AbortSignal, listener: Listener): Promise<void> {
    try {
      await this.#exchange(call, signal, listener, this.#agent);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      await this.#exchange(call, signal, listener, false);
    }
  }

  #open(call: Call, agent: HttpAgent | HttpsAgent | false): ClientRequest {
    const { baseUrl, apiKey } = this.#settings;
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    const headers = {
      accept: "application/json, text/event-stream, text/plain",
      "accept-encoding": "identity",
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": body.length }),
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    };
    const requestOf = this.#isHttps ? requestHttps : requestHttp;
    const request = requestOf(`${baseUrl}${call.path}`, {
      method: call.method,
      headers,
      agent,
    });
    request.end(body);
    return request;
  }

  /** Settles once the connection is closed or back among the kept ones. */
  #exchange(
    call: Call,
    signal: AbortSignal,
    listener: Listener,
    agent: HttpAgent | HttpsAgent | false,
  ): Promise<void> {
    const place = this.place(call);
    const { clock, timeoutMs, maxAnswerBytes } = this.#settings;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const end = new ExchangeEnd(this.#open(call, agent));
      const timers = [clock.after(timeoutMs, () => end.fail(timedOut(timeoutMs, place)))];
      const stay = whenAborted(signal, () => end.fail(signal.reason));
      const request = end.request;
      request.on("error", (error) =>
        end.fail(end.isStale(error) ? new StaleConnection() : faultOfConnection(error, place)),
      );
      request.on("response", (response) => {
        let size = 0;
        listener.onHead?.(response.statusCode ?? 0, headersOf(response));
        response.on("error", (error) => end.fail(faultOfConnection(error, place)));
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > maxAnswerBytes) return end.fail(tooLarge(maxAnswerBytes, place));
          if (end.isOver) return;
          try {
            if (listener.onChunk(chunk) && end.enough()) {
              timers.push(clock.after(lingerMs, () => request.destroy()));
            }
          } catch (error) {
            end.fail(error);
          }
        });
        response.on("end", () => end.ended());
      });
      end.onceClosed((failure) => {
        for (const cancel of timers) cancel();
        stay();
        if (failure === undefined) resolve();
        else reject(failure.reason ?? faultOfConnection("it closed before the answer was whole", place));
      });
    });
  }
}

/** Thrown and caught in here only. */
class StaleConnection extends Error {}

function tooLarge(maxBytes: number, place: Place): EngineFault {
  const message = `${place.where}: expected at most ${maxBytes} bytes, found more; ask for fewer tokens`;
  return new EngineFault("bad-response", quoted(message, place.secrets), { retryable: false });
}

function headersOf(response: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) headers.append(name, one);
  }
  return headers;
}

/** How one exchange came out, told once its connection is no longer its own. */
class ExchangeEnd {
  readonly request: ClientRequest;
  #failure: { readonly reason: unknown } | undefined;
  #isAnswered = false;
  #isWhole = false;

  constructor(request: ClientRequest) {
    this.request = request;
    request.once("response", () => {
      this.#isAnswered = true;
    });
  }

  /** A kept connection broke before a byte of an answer had come, so none can have been lost. */
  isStale(error: Error & { readonly code?: string }): boolean {
    const wasClosed = error.code === "ECONNRESET" || error.code === "EPIPE";
    return wasClosed && this.request.reusedSocket && !this.#isAnswered;
  }

  get isOver(): boolean {
    return this.#failure !== undefined;
  }

  /** Whatever happens to the connection from here on, the answer is whole. False where it was before. */
  enough(): boolean {
    const isNews = !this.#isWhole && !this.isOver;
    this.ended();
    return isNews;
  }

  ended(): void {
    if (!this.isOver) this.#isWhole = true;
  }

  fail(reason: unknown): void {
    if (!this.#isWhole) this.#failure ??= { reason };
    this.request.destroy();
  }

  onceClosed(done: (failure: { readonly reason: unknown } | undefined) => void): void {
    // A request that is broken off tells its close when its socket has closed; one that ended, when it is given back.
    this.request.once("close", () =>
      done(this.#isWhole ? undefined : (this.#failure ?? { reason: undefined })),
    );
  }
}
