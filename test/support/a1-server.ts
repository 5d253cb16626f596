// A server of ours over a scripted pair on a free loopback port, and clients that behave badly.
import { connect, type Socket } from "node:net";
import { type Served, serveBackend } from "../../src/inference/a1/server/serve.ts";
import { defaultServerSettings, type ServerSettings } from "../../src/inference/a1/server/settings.ts";
import { type Clock, systemClock } from "../../src/inference/index.ts";
import { type PairScript, type ScriptedPair, scriptedPair } from "./scripted-pair.ts";

export interface ServerForTest extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  readonly pair: ScriptedPair;
  /** What the operator was told. */
  readonly notes: readonly string[];
  readonly served: Served;
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
  get(path: string, init?: RequestInit): Promise<Response>;
}

export type ServerOverrides = Partial<Omit<ServerSettings, "limits" | "answers">> & {
  readonly limits?: Partial<ServerSettings["limits"]>;
  readonly answers?: Partial<ServerSettings["answers"]>;
};

export function settingsWith(overrides: ServerOverrides = {}): ServerSettings {
  const { limits, answers } = defaultServerSettings;
  return {
    ...{ ...defaultServerSettings, port: 0, ...overrides },
    limits: { ...limits, ...overrides.limits },
    answers: { ...answers, ...overrides.answers },
  };
}

export async function serveForTest(
  script: PairScript = {},
  overrides: ServerOverrides = {},
  clock: Clock = systemClock,
): Promise<ServerForTest> {
  const pair = scriptedPair(script);
  const notes: string[] = [];
  let ids = 0;
  const newId = (): string => {
    ids += 1;
    return `r${ids}`;
  };
  const deps = { clock, note: (line: string) => void notes.push(line), newId };
  const served = await serveBackend(pair, settingsWith(overrides), deps);
  const origin = served.address;
  const send = (path: string, init: RequestInit): Promise<Response> => fetch(`${origin}${path}`, init);
  return {
    ...{ origin, port: Number(new URL(origin).port), pair, notes, served },
    get: (path, init = {}) => send(path, init),
    post: (path, body, init = {}) => {
      const text = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
      const headers = { "content-type": "application/json", ...init.headers };
      return send(path, { method: "POST", ...init, headers, body: text });
    },
    [Symbol.asyncDispose]: () => served.close(),
  };
}

export const hello = { messages: [{ role: "user", content: "hello" }] };

/** The events of a streamed answer, each as JSON but the last. */
export async function eventsOf(response: Response): Promise<unknown[]> {
  const text = await response.text();
  const lines = text.split("\n\n").filter((line) => line.startsWith("data: "));
  return lines.map((line) => (line === "data: [DONE]" ? "[DONE]" : JSON.parse(line.slice(6))));
}

/** Looks until something is so; a test that never sees it fails by its deadline. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

export interface RawClient {
  readonly socket: Socket;
  /** Everything received so far. */
  received(): string;
  readonly isClosed: boolean;
  send(text: string | Uint8Array): void;
  closed(): Promise<void>;
}

/** A client that says exactly what it is told to, and hears everything. */
export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const chunks: Buffer[] = [];
  let isClosed = false;
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  socket.on("end", () => socket.destroy());
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      isClosed = true;
      resolve();
    });
  });
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return {
    socket,
    received: () => Buffer.concat(chunks).toString("utf8"),
    get isClosed() {
      return isClosed;
    },
    send: (text) => void socket.write(text),
    closed: () => closed,
  };
}

export function rawPost(path: string, body: unknown, headers: readonly string[] = []): string {
  const text = JSON.stringify(body);
  return [
    ...[`POST ${path} HTTP/1.1`, "host: 127.0.0.1", "content-type: application/json"],
    ...[`content-length: ${Buffer.byteLength(text)}`, ...headers, "", text],
  ].join("\r\n");
}
