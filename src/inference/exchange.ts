// One HTTP exchange under our own rules: a size cap, no redirects, no hidden deadline, and a record of what happened.
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

/** Filled in while an SDK uses {@link fetchInto}; read afterwards instead of guessing from the SDK's error. */
export interface Exchange {
  /** True once the request may have reached the provider: from here on it may be billed. */
  sent: boolean;
  status?: number;
  headers: Headers;
  /** The body, whole unless `tooLarge` or `broken`. */
  body: string;
  tooLarge: boolean;
  /** The connection failed: why. */
  broken?: string;
}

export function newExchange(): Exchange {
  return { sent: false, headers: new Headers(), body: "", tooLarge: false };
}

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

class AnswerTooLarge extends Error {}

/** Reads the body to its end, or destroys the connection at the first byte above the cap. Throws when it is cut. */
async function readCapped(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > maxBytes) {
      response.destroy();
      throw new AnswerTooLarge(`more than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headersOf(response: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) headers.append(name, one);
  }
  return headers;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? `${error.code} ` : "";
  return `${code}${error.message}`.trim();
}

/** Node's own `fetch` gives up after five minutes without headers, which a queueing model server often needs. */
function send(url: URL, init: RequestInit, exchange: Exchange): Promise<IncomingMessage> {
  const headers = new Headers(init.headers);
  headers.set("accept-encoding", "identity");
  const body = init.body ?? "";
  if (typeof body !== "string") throw new TypeError(`expected a text body, found ${typeof body}`);
  const requestOf = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const options = {
      method: init.method ?? "GET",
      headers: Object.fromEntries(headers),
      signal: init.signal,
    };
    const outgoing = requestOf(url, { ...options, signal: init.signal ?? undefined, agent: false });
    outgoing.on("response", resolve);
    outgoing.on("error", reject);
    outgoing.on("socket", (socket) => {
      const connected = url.protocol === "https:" ? "secureConnect" : "connect";
      socket.once(connected, () => {
        exchange.sent = true;
      });
    });
    outgoing.end(body);
  });
}

/**
 * A `fetch` for an SDK that notes the exchange in `exchange`.
 * The answer is read whole before the SDK sees it; aborting the signal closes the connection.
 */
export function fetchInto(exchange: Exchange, options: { maxBytes: number }): Fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    try {
      const response = await send(url, init, exchange);
      exchange.status = response.statusCode ?? 0;
      exchange.headers = headersOf(response);
      const body = await readCapped(response, options.maxBytes);
      exchange.body = body.toString("utf8");
    } catch (error) {
      if (error instanceof AnswerTooLarge) exchange.tooLarge = true;
      else exchange.broken = reasonOf(error);
      throw error;
    }
    const bodyless = exchange.status === 204 || exchange.status === 304;
    const { status, headers } = exchange;
    return new Response(bodyless ? null : exchange.body, { status: status < 200 ? 502 : status, headers });
  };
}
