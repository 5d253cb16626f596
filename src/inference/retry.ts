// Trying again for as long as the clock allows: by time, not by count, since limits are lifted by time.
import type { Failure } from "./classify.ts";
import type { Clock } from "./clock.ts";
import { type Attempt, type FaultReach, ModelFault, type Spend } from "./model.ts";

export interface RetryPolicy {
  /** A new request may start this long after the first one; 15 minutes by default. */
  readonly windowMs: number;
  /** The first pause without a Retry-After; doubles with every failure. */
  readonly firstPauseMs: number;
  /** No pause of our own is longer. */
  readonly longestPauseMs: number;
  /** A Retry-After beyond this is cut to it: some servers name days where minutes would do. */
  readonly longestRetryAfterMs: number;
  /** Requests that may have been billed without giving an answer; each costs a worst case. */
  readonly maxLostAnswers: number;
  /** One request may take this long before it is aborted. */
  readonly attemptTimeoutMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  windowMs: 900_000,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
  longestRetryAfterMs: 300_000,
  maxLostAnswers: 3,
  attemptTimeoutMs: 1_200_000,
};

/** What one request came to; `T` is the caller's answer. */
export type Tried<T> =
  | { readonly ok: true; readonly answer: T; readonly status?: number; readonly charged: Spend }
  | {
      readonly ok: false;
      readonly failure: Extract<Failure, { kind: "fault" }>;
      readonly status?: number;
      readonly charged: Spend;
    };

export interface RetryContext {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  /** Jitter: uniform in [0, 1). */
  readonly random: { next(): number };
  readonly signal: AbortSignal;
  readonly onAttempt: (attempt: Attempt) => void;
  /** Whether nobody else was answered either since then, by the clock's monotonic time; unknown when absent. */
  readonly isDownSince?: (ms: number) => boolean;
}

/**
 * Half to all of an exponential step; a Retry-After is the least we wait, and a little more, so that a crowd told
 * the same second does not come back in the same millisecond.
 */
export function pauseMs(failures: number, retryAfterMs: number | undefined, context: RetryContext): number {
  const { policy, random } = context;
  const step = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** Math.min(failures - 1, 30));
  if (retryAfterMs === undefined) return Math.round(step * (0.5 + random.next() / 2));
  const asked = Math.min(retryAfterMs, policy.longestRetryAfterMs);
  return Math.round(asked + (policy.firstPauseMs / 2) * random.next());
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

interface Stop {
  readonly why: string;
  /** It was waited for as long as may be. */
  readonly isPatienceOver?: true;
}

function givenUp(
  failure: Extract<Failure, { kind: "fault" }>,
  attempts: readonly Attempt[],
  { why, reach }: { readonly why: string; readonly reach: FaultReach },
): ModelFault {
  const message = `${failure.detail} (after ${plural(attempts.length, "request")}; ${why})`;
  return new ModelFault(failure.code, message, { retryable: failure.retryable, reach, attempts });
}

/** Why another request would be pointless or too dear; undefined when it may be made after `nextPauseMs`. */
function reasonToStop(
  failure: Extract<Failure, { kind: "fault" }>,
  state: { lostAnswers: number; elapsedMs: number; nextPauseMs: number },
  policy: RetryPolicy,
): Stop | undefined {
  if (failure.code === "aborted") return { why: "cancelled by the caller" };
  if (!failure.retryable) return { why: "asking again would not help" };
  if (state.lostAnswers >= policy.maxLostAnswers)
    return { why: "each may have been billed without giving an answer" };
  if (state.elapsedMs + state.nextPauseMs <= policy.windowMs) return undefined;
  const window = plural(Math.round(policy.windowMs / 1000), "second");
  return { why: `the next would start after the retry window of ${window}`, isPatienceOver: true };
}

/** A fault from inside the loop carries what was tried before it; the caller's abort becomes a fault of its own name. */
function faultWith(error: unknown, attempts: readonly Attempt[], signal: AbortSignal): unknown {
  if (error instanceof ModelFault) {
    const { code, message, retryable, reach } = error;
    return error.attempts.length > 0
      ? error
      : new ModelFault(code, message, { retryable, reach, attempts, cause: error });
  }
  if (!signal.aborted) return error;
  return new ModelFault("aborted", "the call was cancelled", { retryable: true, attempts, cause: error });
}

/**
 * Repeats `request` until it answers or a reason to stop is found.
 * @throws ModelFault with all attempts (`aborted` for the caller's signal); other errors pass through.
 */
export async function untilAnswered<T>(
  request: () => Promise<Tried<T>>,
  context: RetryContext,
): Promise<{ answer: T; attempts: readonly Attempt[]; latencyMs: number }> {
  const attempts: Attempt[] = [];
  const firstMs = context.clock.monotonicMs();
  try {
    const answer = await repeat(request, { ...context, attempts, firstMs });
    return { answer, attempts, latencyMs: Math.max(0, context.clock.monotonicMs() - firstMs) };
  } catch (error) {
    throw faultWith(error, attempts, context.signal);
  }
}

async function repeat<T>(
  request: () => Promise<Tried<T>>,
  context: RetryContext & { attempts: Attempt[]; firstMs: number },
): Promise<T> {
  const { clock, policy, signal, attempts, firstMs } = context;
  let waitedMs = 0;
  let lostAnswers = 0;
  for (;;) {
    const startedMs = clock.monotonicMs();
    const tried = await request();
    const attempt = attemptOf(tried, { waitedMs, durationMs: Math.max(0, clock.monotonicMs() - startedMs) });
    attempts.push(attempt);
    context.onAttempt(attempt);
    if (tried.ok) return tried.answer;
    const { failure } = tried;
    if (failure.billed) lostAnswers += 1;
    const nextPauseMs = pauseMs(attempts.length, failure.retryAfterMs, context);
    const elapsedMs = Math.max(0, clock.monotonicMs() - firstMs);
    const stop = reasonToStop(failure, { lostAnswers, elapsedMs, nextPauseMs }, policy);
    if (stop !== undefined) {
      const isDown = stop.isPatienceOver === true && context.isDownSince?.(firstMs) === true;
      throw givenUp(failure, attempts, { why: stop.why, reach: isDown ? "contestant" : "request" });
    }
    await clock.sleep(nextPauseMs, signal);
    waitedMs = nextPauseMs;
  }
}

function attemptOf<T>(tried: Tried<T>, times: { waitedMs: number; durationMs: number }): Attempt {
  return {
    ...(tried.status === undefined ? {} : { status: tried.status }),
    ...times,
    ...(tried.ok ? {} : { error: `${tried.failure.code}: ${tried.failure.detail}` }),
    charged: tried.charged,
  };
}
