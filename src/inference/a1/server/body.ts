// A request's body, bounded and strictly read: JSON in UTF-8, and an object.
import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";
import type { Visit } from "./visit.ts";

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(
    413,
    "body_too_large",
    `Expected a body of at most ${maxBytes} bytes, found a longer one.`,
  );
}

/**
 * Bytes of bodies whose requests are still there: thousands of half-sent ones, or as many that wait their turn, must not
 * fill the memory together.
 */
export class BodyRoom {
  readonly #most: number;
  #taken = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  /** False where there is no more room; then nothing is taken. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#most) return false;
    this.#taken += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#taken -= bytes;
  }
}

const noRoom = (): ApiError =>
  new ApiError(429, "server_busy", "This server holds too many bodies at once. Ask again.", {
    retryAfterSeconds: 1,
  });

/** Leaves the rest unread: the connection is closed behind the answer. */
function bytesOf(
  incoming: IncomingMessage,
  { maxBytes, room }: BodyLimits,
  { signal, over }: Asking,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let [size, taken] = [0, 0];
    const leave = (settle: () => void): void => {
      incoming.off("data", onData).off("end", onEnd).off("error", onError).pause();
      signal.removeEventListener("abort", onAbort);
      void over.then(() => room.giveBack(taken));
      settle();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      const refusal = size > maxBytes ? tooLarge(maxBytes) : room.take(chunk.length) ? undefined : noRoom();
      if (refusal !== undefined) {
        leave(() => reject(refusal));
        return;
      }
      taken += chunk.length;
      chunks.push(chunk);
    };
    const onEnd = (): void => leave(() => resolve(Buffer.concat(chunks)));
    const onAbort = (): void => leave(() => reject(signal.reason));
    const onError = (cause: Error): void =>
      leave(() => reject(new ApiError(400, "broken_body", "The body ended before it was whole.", { cause })));
    incoming.on("data", onData).on("end", onEnd).on("error", onError);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ApiError(400, "invalid_utf8", "Expected a body in UTF-8, found bytes that are none.", {
      cause,
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError(400, "invalid_json", "Expected a body of JSON, found something else.", { cause });
  }
}

export interface BodyLimits {
  /** Of one body. */
  readonly maxBytes: number;
  /** Of all together. */
  readonly room: BodyRoom;
}

/** Whose body it is: when it is to end, and when nothing of it is left. */
type Asking = Pick<Visit, "signal" | "over">;

/** @throws ApiError 400, 413, 415, 429, or the signal's reason */
export async function readBody(
  incoming: IncomingMessage,
  limits: BodyLimits,
  asking: Asking,
): Promise<Readonly<Record<string, unknown>>> {
  const { maxBytes } = limits;
  const { "content-type": type = "", "content-encoding": encoding = "identity" } = incoming.headers;
  // Only such a type makes a browser ask before it sends a page's request to this machine.
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new ApiError(415, "unsupported_media_type", "Expected a header Content-Type: application/json.");
  if (encoding.toLowerCase() !== "identity")
    throw new ApiError(415, "unsupported_encoding", "Expected a body that is not compressed.");
  if (Number(incoming.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const json = parsed(textOf(await bytesOf(incoming, limits, asking)));
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return { ...json };
  throw new ApiError(400, "invalid_json", "Expected a JSON object as the body, found another thing.");
}
