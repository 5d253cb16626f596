// Finding out what a server takes by offering it the best first.
import { EngineFault } from "../engine.ts";

/** Refusals and unusable answers say that a thing cannot be done; a broken connection says nothing about it. */
export function isRefusal(error: unknown): error is EngineFault {
  const codes = ["bad-request", "bad-response", "missing-logprobs", "unsupported", "server-error"];
  return error instanceof EngineFault && codes.includes(error.code);
}

/** Servers answer 500 to what they cannot do, and now and then to what they can: the first does so again. */
async function againOnce<R>(error: unknown, attempt: () => Promise<R>): Promise<R> {
  if (error instanceof EngineFault && error.code === "server-error") return await attempt();
  throw error;
}

/** The first of `candidates` that is not refused. @throws what the last was refused with */
export async function firstAccepted<T, R>(
  candidates: readonly T[],
  attempt: (candidate: T) => Promise<R>,
): Promise<{ readonly candidate: T; readonly result: R }> {
  let last: unknown;
  for (const candidate of candidates) {
    try {
      return {
        candidate,
        result: await attempt(candidate).catch((error) => againOnce(error, () => attempt(candidate))),
      };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      last = error;
    }
  }
  throw last ?? new Error("no candidates");
}
