// Every call to a container engine: its own deadline, and its failures told apart by code.
import { SandboxFault } from "./types.ts";

interface EngineError {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message: string;
}

function asEngineError(error: unknown): EngineError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message } = error;
  const statusCode =
    "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return {
    message,
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(code === undefined ? {} : { code }),
  };
}

/** The HTTP status an engine answered with, or undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  return asEngineError(error instanceof SandboxFault ? error.cause : error).statusCode;
}

const unreachableCodes = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EACCES", "EPIPE", "ENOTFOUND"]);

function faultOf(what: string, error: unknown): SandboxFault {
  const { message, statusCode, code } = asEngineError(error);
  if (/no space left on device/i.test(message)) {
    return new SandboxFault("host-disk-full", `${what}: ${message}`, { retryable: false, cause: error });
  }
  if (statusCode === undefined && code !== undefined && unreachableCodes.has(code)) {
    const why = `${what}: the container engine does not answer (${message}). Is it running? \`arena doctor\` tells.`;
    return new SandboxFault("engine-unreachable", why, { retryable: true, cause: error });
  }
  const retryable = statusCode === undefined || statusCode >= 500;
  return new SandboxFault("engine-error", `${what}: ${message}`, { retryable, cause: error });
}

/**
 * Makes one engine call. The work gets a signal that ends its request when time is up.
 * @throws SandboxFault engine-timeout, engine-unreachable, host-disk-full, engine-error; the caller's abort reason
 */
export async function engineCall<T>(
  what: string,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  const late = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? late : AbortSignal.any([late, signal]);
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(either.reason);
    either.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work(either), stopped]);
  } catch (error) {
    signal?.throwIfAborted();
    if (late.aborted) {
      const why = `${what}: the container engine did not answer within ${timeoutMs / 1000} s`;
      throw new SandboxFault("engine-timeout", why, { retryable: true, cause: error });
    }
    throw error instanceof SandboxFault ? error : faultOf(what, error);
  } finally {
    either.removeEventListener("abort", stop);
  }
}
