// The server behind `arena a1 serve`: OpenAI's protocol over a pair of engines, from listening to a clean end.
import { once } from "node:events";
import { createServer, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { Clock } from "../../clock.ts";
import type { Backend } from "../backend.ts";
import { ApiError } from "./api-error.ts";
import { houseFor } from "./app.ts";
import type { Reception, ServerDeps } from "./reception.ts";
import { checkSettings, ServeFault, type ServerSettings } from "./settings.ts";

export interface Served {
  /** As a base URL without the path: `http://127.0.0.1:8080`. */
  readonly address: string;
  /**
   * Accepts nothing more, lets what runs end in the time of grace, then ends it. Resolves when no request works and no
   * connection is open, or the time for ending is over too; the backend is not closed. May be called again.
   */
  close(): Promise<void>;
}

/** Node looks for connections that are over their time this often. */
const lookMs = 1000;

function nodeServer(settings: ServerSettings, listener: ReturnType<typeof getRequestListener>): Server {
  const { headersMs, bodyMs, idleMs, connections } = settings.limits;
  const requestTimeout = headersMs + bodyMs;
  const times = { headersTimeout: headersMs, requestTimeout, keepAliveTimeout: idleMs };
  const server = createServer(
    { ...times, connectionsCheckingInterval: Math.min(lookMs, headersMs), noDelay: true },
    listener,
  );
  server.maxConnections = connections;
  return server;
}

function malformed(code: string | undefined): ApiError {
  if (code === "HPE_HEADER_OVERFLOW")
    return new ApiError(431, "headers_too_large", "Expected shorter headers.");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new ApiError(408, "request_timeout", "The request did not come whole in the time allowed.");
  return new ApiError(400, "malformed_request", "Expected an HTTP request, found something else.");
}

/** For what is no request and so reaches no route; a connection that has an answer under way is cut instead. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex, reception: Reception): void {
  const isBusy = [...reception.visits].some((visit) => visit.socket === socket);
  if (!socket.writable || isBusy || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const refusal = malformed(error.code);
  const body = JSON.stringify(refusal.body());
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

async function listen(server: Server, { host, port }: ServerSettings): Promise<string> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = `expected to listen at ${host} port ${port}, found ${why}: choose another address`;
    throw new ServeFault("address", what, { cause });
  }
  const found = server.address();
  if (found === null || typeof found === "string") throw new TypeError("a listening server has an address");
  return `http://${found.family === "IPv6" ? `[${found.address}]` : found.address}:${found.port}`;
}

/** Whether it was over in time. */
async function within(ms: number, clock: Clock, work: Promise<void>): Promise<boolean> {
  const waiting = new AbortController();
  const late = clock.sleep(ms, waiting.signal).then(
    () => false,
    () => true,
  );
  const isOver = await Promise.race([work.then(() => true), late]);
  waiting.abort();
  return isOver;
}

async function emptied({ visits }: Reception): Promise<void> {
  while (visits.size > 0) await Promise.all([...visits].map(({ over }) => over));
}

async function end(
  server: Server,
  reception: Reception,
  { clock, limits }: { readonly clock: Clock; readonly limits: ServerSettings["limits"] },
): Promise<void> {
  reception.drain();
  const closed = once(server, "close");
  server.close();
  if (!(await within(limits.graceMs, clock, emptied(reception)))) {
    for (const visit of reception.visits) visit.end("draining");
    await within(limits.abortMs, clock, emptied(reception));
  }
  server.closeAllConnections();
  await closed;
}

/** @throws ServeFault */
export async function serveBackend(
  backend: Backend,
  settings: ServerSettings,
  deps: ServerDeps,
): Promise<Served> {
  checkSettings(settings);
  const { app, reception } = houseFor(backend, settings, deps);
  const listener = getRequestListener(app.fetch, {
    // Other code of this process keeps the Request and Response it had.
    overrideGlobalObjects: false,
    errorHandler: () => {
      const refusal = malformed(undefined);
      return Response.json(refusal.body(), { status: refusal.status });
    },
  });
  const server = nodeServer(settings, listener);
  server.on("clientError", (error, socket) => refuseMalformed(error, socket, reception));
  const address = await listen(server, settings);
  let ended: Promise<void> | undefined;
  return {
    address,
    close: () => {
      ended ??= end(server, reception, { clock: deps.clock, limits: settings.limits });
      return ended;
    },
  };
}
