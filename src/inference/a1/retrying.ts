// Asks an engine again where that can help: a few times, at pauses that no crowd shares, and never for an answer that was garbage twice.
import type { Clock } from "../clock.ts";
import { type Engine, EngineFault } from "./engine.ts";

export interface EngineRetryPolicy {
  /** Requests for one call. */
  readonly tries: number;
  /** Before the second one; doubles. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const defaultEngineRetryPolicy: EngineRetryPolicy = {
  tries: 4,
  firstPauseMs: 250,
  longestPauseMs: 10_000,
};

interface RetryDeps {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: { next(): number };
  readonly policy?: EngineRetryPolicy;
}

export function retrying(engine: Engine, deps: RetryDeps): Engine {
  return {
    name: engine.name,
    capabilities: engine.capabilities,
    codec: engine.codec,
    ...(engine.contextTokens === undefined ? {} : { contextTokens: engine.contextTokens }),
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
      return tried(() => engine.generate(told, signal), { ...deps, signal, mayRepeat: () => !hasBegun });
    },
    score: (request, signal) =>
      tried(() => engine.score(request, signal), { ...deps, signal, mayRepeat: () => true }),
    load: (signal) => engine.load(signal),
    close: () => engine.close(),
  };
}

async function tried<T>(
  call: () => Promise<T>,
  {
    clock,
    random,
    policy = defaultEngineRetryPolicy,
    signal,
    mayRepeat,
  }: RetryDeps & { readonly signal: AbortSignal; mayRepeat(): boolean },
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof EngineFault) || !error.retryable || failures >= policy.tries || !mayRepeat())
        throw error;
      const step = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** (failures - 1));
      await clock.sleep((error.retryAfterMs ?? 0) + step * (0.5 + random.next() / 2), signal);
    }
  }
}
