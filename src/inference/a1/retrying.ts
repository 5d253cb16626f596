// Asks an engine again where that can help: three times at most, at pauses that no crowd shares, each fault told to whoever wants to know.
import type { Clock } from "../clock.ts";
import { type Engine, EngineFault } from "./engine.ts";
import { engineWith } from "./engine-with.ts";

export interface EngineRetryPolicy {
  /** Requests for one call. */
  readonly tries: number;
  /** Before the second one; doubles. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** A Retry-After beyond this is cut to it: a lane's place is held meanwhile. */
  readonly longestRetryAfterMs: number;
}

export const defaultEngineRetryPolicy: EngineRetryPolicy = {
  tries: 4,
  firstPauseMs: 250,
  longestPauseMs: 10_000,
  longestRetryAfterMs: 300_000,
};

interface RetryDeps {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: { next(): number };
  readonly policy?: EngineRetryPolicy;
}

export function retrying(engine: Engine, deps: RetryDeps): Engine {
  return engineWith(engine, {
    // A text that has been shown cannot be written again: what streams is asked for once it has begun, never after.
    generate: (request, signal) => {
      let hasBegun = false;
      const { onText } = request;
      const told =
        onText === undefined || request.isShown === false
          ? request
          : {
              ...request,
              onText: (piece: string) => {
                hasBegun = true;
                onText(piece);
              },
            };
      return tried(() => engine.generate(told, signal), {
        ...{ ...deps, signal, mayRepeat: () => !hasBegun },
        onFault: request.onFault,
      });
    },
    score: (request, signal) =>
      tried(() => engine.score(request, signal), {
        ...{ ...deps, signal, mayRepeat: () => true },
        onFault: request.onFault,
      }),
  });
}

async function tried<T>(
  call: () => Promise<T>,
  {
    clock,
    random,
    policy = defaultEngineRetryPolicy,
    signal,
    mayRepeat,
    onFault,
  }: RetryDeps & {
    readonly signal: AbortSignal;
    readonly onFault: ((fault: EngineFault) => void) | undefined;
    mayRepeat(): boolean;
  },
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof EngineFault) || !error.retryable || failures >= policy.tries || !mayRepeat())
        throw error;
      onFault?.(error);
      const step = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** (failures - 1));
      const asked = Math.min(error.retryAfterMs ?? 0, policy.longestRetryAfterMs);
      await clock.sleep(asked + step * (0.5 + random.next() / 2), signal);
    }
  }
}
