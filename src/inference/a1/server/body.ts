// A request's body, bounded and strictly read: JSON in UTF-8, and an object.
import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(
    413,
    "body_too_large",
    `Expected a body of at most ${maxBytes} bytes, found a longer one.`,
  );
}

/** Leaves the rest unread: the connection is closed behind the answer. */
function bytesOf(incoming: IncomingMessage, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const leave = (settle: () => void): void => {
      incoming.off("data", onData).off("end", onEnd).off("error", onError).pause();
      signal.removeEventListener("abort", onAbort);
      settle();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > maxBytes) leave(() => reject(tooLarge(maxBytes)));
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

/** @throws ApiError 400, 413, 415, or the signal's reason */
export async function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const { "content-type": type = "", "content-encoding": encoding = "identity" } = incoming.headers;
  // Only such a type makes a browser ask before it sends a page's request to this machine.
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new ApiError(415, "unsupported_media_type", "Expected a header Content-Type: application/json.");
  if (encoding.toLowerCase() !== "identity")
    throw new ApiError(415, "unsupported_encoding", "Expected a body that is not compressed.");
  if (Number(incoming.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const json = parsed(textOf(await bytesOf(incoming, maxBytes, signal)));
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return { ...json };
  throw new ApiError(400, "invalid_json", "Expected a JSON object as the body, found another thing.");
}
