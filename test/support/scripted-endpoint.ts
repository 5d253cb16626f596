// A real HTTP server on loopback that speaks three model protocols and misbehaves on request, step by step.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export type EndpointStep =
  | {
      readonly kind: "answer";
      readonly text: string;
      readonly finish?: "stop" | "length" | "refusal";
      /** Tokens in and out; `none` leaves the usage out. 10 and 5 when not given. */
      readonly usage?: { readonly input: number; readonly output: number; readonly cached?: number } | "none";
      readonly delayMs?: number;
      /** The answer is held back until then. */
      readonly until?: Promise<void>;
    }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly message?: string;
      /** In the body: a router that says 200 means this. */
      readonly code?: string | number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The prompt is too long, in the words of the protocol's own provider. */
  | { readonly kind: "context-overflow" }
  /** The connection breaks after half the body. */
  | { readonly kind: "cut" }
  /** The request is read and never answered. */
  | { readonly kind: "silence" }
  | { readonly kind: "malformed-json" }
  | { readonly kind: "wrong-schema" }
  | { readonly kind: "huge"; readonly bytes: number };

export type Dialect = "openai" | "anthropic" | "google";

export interface SeenRequest {
  readonly dialect: Dialect;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
  /** System prompt and messages as one text, whatever the protocol. */
  readonly prompt: string;
}

/** The next step for a request: a list is taken in turn, and running out of it is an error 500 that says so. */
export type Script = readonly EndpointStep[] | ((request: SeenRequest, ordinal: number) => EndpointStep);

export interface ScriptedEndpoint {
  /** For the OpenAI protocol; the other two take {@link origin}. */
  readonly baseUrl: string;
  readonly origin: string;
  readonly requests: readonly SeenRequest[];
  /** Those whose answer was sent whole, in the order of their answers. */
  readonly answered: readonly SeenRequest[];
  /** Bytes of huge answers written before the client hung up. */
  readonly hugeBytesWritten: number;
  /** Requests whose client went away before the answer was whole. */
  readonly abandoned: number;
  /** The most requests that were open at the same time. */
  readonly mostAtOnce: number;
  [Symbol.asyncDispose](): Promise<void>;
}

interface State {
  requests: SeenRequest[];
  answered: SeenRequest[];
  hugeBytesWritten: number;
  abandoned: number;
  mostAtOnce: number;
  open: number;
}

type Answer = Extract<EndpointStep, { kind: "answer" }>;

const finishWords: Readonly<Record<Dialect, Readonly<Record<"stop" | "length" | "refusal", string>>>> = {
  openai: { stop: "stop", length: "length", refusal: "content_filter" },
  anthropic: { stop: "end_turn", length: "max_tokens", refusal: "refusal" },
  google: { stop: "STOP", length: "MAX_TOKENS", refusal: "SAFETY" },
};

function answerBody(
  dialect: Dialect,
  { text, finish = "stop", usage = { input: 10, output: 5 } }: Answer,
): unknown {
  const reason = finishWords[dialect][finish];
  const counts = usage === "none" ? undefined : usage;
  const cached = counts?.cached ?? 0;
  if (dialect === "openai") {
    const message = { role: "assistant", content: text, refusal: null };
    return {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1,
      model: "scripted-1",
      choices: [{ index: 0, finish_reason: reason, message, logprobs: null }],
      ...(counts && {
        usage: {
          prompt_tokens: counts.input,
          completion_tokens: counts.output,
          total_tokens: counts.input + counts.output,
          ...(counts.cached !== undefined && { prompt_tokens_details: { cached_tokens: cached } }),
        },
      }),
    };
  }
  if (dialect === "anthropic") {
    return {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "scripted-1",
      content: [{ type: "text", text }],
      stop_reason: reason,
      stop_sequence: null,
      ...(counts && {
        usage: {
          input_tokens: counts.input - cached,
          output_tokens: counts.output,
          ...(counts.cached !== undefined && { cache_read_input_tokens: cached }),
        },
      }),
    };
  }
  return {
    modelVersion: "scripted-1",
    candidates: [{ index: 0, finishReason: reason, content: { role: "model", parts: [{ text }] } }],
    ...(counts && {
      usageMetadata: {
        promptTokenCount: counts.input,
        candidatesTokenCount: counts.output,
        ...(counts.cached !== undefined && { cachedContentTokenCount: cached }),
      },
    }),
  };
}

function errorBody(
  dialect: Dialect,
  step: { status: number; message?: string; code?: string | number },
): unknown {
  const message = step.message ?? "scripted failure";
  if (dialect === "openai")
    return { error: { message, type: "scripted", param: null, code: step.code ?? null } };
  if (dialect === "anthropic") return { type: "error", error: { type: step.code ?? "api_error", message } };
  return { error: { code: step.status, message, status: step.code ?? "UNKNOWN" } };
}

const overflows: Readonly<Record<Dialect, { message: string; code: string }>> = {
  openai: {
    message:
      "This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.",
    code: "context_length_exceeded",
  },
  anthropic: { message: "prompt is too long: 5000 tokens > 4096 maximum", code: "invalid_request_error" },
  google: {
    message: "The input token count (5000) exceeds the maximum number of tokens allowed (4096).",
    code: "INVALID_ARGUMENT",
  },
};

function dialectOf(path: string): Dialect | undefined {
  if (path.endsWith("/chat/completions")) return "openai";
  if (path.endsWith("/v1/messages")) return "anthropic";
  return path.includes(":generateContent") ? "google" : undefined;
}

/** Every text anywhere in the request, in order. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function promptOf(body: Record<string, unknown>): string {
  return textsIn([body.system, body.systemInstruction, body.messages, body.contents]).join("\n");
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const json: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}");
  return typeof json === "object" && json !== null ? { ...json } : {};
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

async function sendHuge(response: ServerResponse, bytes: number, state: State): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  const chunk = Buffer.alloc(64 * 1024, "x");
  const closed = once(response, "close");
  while (state.hugeBytesWritten < bytes && !response.destroyed) {
    state.hugeBytesWritten += chunk.length;
    if (response.write(chunk)) await new Promise((resolve) => setImmediate(resolve));
    else await Promise.race([once(response, "drain"), closed]);
  }
  response.end();
}

function cut(response: ServerResponse, dialect: Dialect): void {
  const whole = JSON.stringify(answerBody(dialect, { kind: "answer", text: "never whole" }));
  response.writeHead(200, { "content-type": "application/json", "content-length": String(whole.length) });
  response.write(whole.slice(0, whole.length / 2), () => response.destroy());
}

async function perform(step: EndpointStep, dialect: Dialect, response: ServerResponse, state: State) {
  switch (step.kind) {
    case "answer":
      if (step.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, step.delayMs));
      await step.until;
      return sendJson(response, 200, answerBody(dialect, step));
    case "status":
      return sendJson(response, step.status, errorBody(dialect, step), { ...step.headers });
    case "context-overflow":
      return sendJson(response, 400, errorBody(dialect, { status: 400, ...overflows[dialect] }));
    case "cut":
      return cut(response, dialect);
    case "silence":
      return;
    case "malformed-json":
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"choices": [');
      return;
    case "wrong-schema":
      return sendJson(response, 200, { hello: "world" });
    case "huge":
      return sendHuge(response, step.bytes, state);
  }
}

function nextStep(script: Script, request: SeenRequest, ordinal: number): EndpointStep {
  if (typeof script === "function") return script(request, ordinal);
  const message = `the script has ${script.length} steps, this is request ${ordinal + 1}`;
  return script[ordinal] ?? { kind: "status", status: 500, message };
}

async function serve(script: Script, state: State, request: IncomingMessage, response: ServerResponse) {
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const dialect = dialectOf(path);
  if (dialect === undefined) return sendJson(response, 404, { error: { message: `no such path: ${path}` } });
  const body = await bodyOf(request);
  const seen = { dialect, path, headers: request.headers, body, prompt: promptOf(body) };
  const ordinal = state.requests.push(seen) - 1;
  state.open += 1;
  state.mostAtOnce = Math.max(state.mostAtOnce, state.open);
  let isGone = false;
  response.on("close", () => {
    state.open -= 1;
    isGone = true;
    if (!response.writableFinished) state.abandoned += 1;
  });
  response.on("finish", () => {
    if (!isGone) state.answered.push(seen);
  });
  await perform(nextStep(script, seen, ordinal), dialect, response, state);
}

function listening(server: Server, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("the server has no port"));
    });
  });
}

/**
 * Starts it; `await using endpoint = await scriptedEndpoint([...])` ends it with its scope.
 * @param port any free one unless given
 */
export async function scriptedEndpoint(script: Script, port = 0): Promise<ScriptedEndpoint> {
  const state: State = {
    ...{ requests: [], answered: [] },
    ...{ hugeBytesWritten: 0, abandoned: 0, mostAtOnce: 0, open: 0 },
  };
  const server = createServer((request, response) => {
    serve(script, state, request, response).catch((error) => response.destroy(error));
  });
  const origin = `http://127.0.0.1:${await listening(server, port)}`;
  return {
    origin,
    baseUrl: `${origin}/v1`,
    get requests() {
      return state.requests;
    },
    get answered() {
      return state.answered;
    },
    get hugeBytesWritten() {
      return state.hugeBytesWritten;
    },
    get abandoned() {
      return state.abandoned;
    },
    get mostAtOnce() {
      return state.mostAtOnce;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
