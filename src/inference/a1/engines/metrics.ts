// Of what servers publish for Prometheus the few numbers that say how hard they are pressed.
import type { EngineLoad } from "../engine.ts";

/** The sum over all series of a name; undefined where there is none. */
export function metric(text: string, name: string): number | undefined {
  let sum: number | undefined;
  for (const line of text.split("\n")) {
    if (!line.startsWith(name)) continue;
    const [, value] = /^(?:\{.*\})?\s+(\S+)/.exec(line.slice(name.length)) ?? [];
    const number = Number(value);
    if (value !== undefined && Number.isFinite(number)) sum = (sum ?? 0) + number;
  }
  return sum;
}

/** @param names of the running, the queued, and by preference those of the used share of the cache */
export function loadOf(
  text: string,
  names: { readonly running: string; readonly queued: string; readonly cache: readonly string[] },
): EngineLoad | undefined {
  const running = metric(text, names.running);
  const queued = metric(text, names.queued);
  if (running === undefined || queued === undefined) return undefined;
  const cacheShare = names.cache.map((name) => metric(text, name)).find((share) => share !== undefined);
  return {
    running,
    queued,
    ...(cacheShare === undefined ? {} : { cacheShare: Math.min(1, Math.max(0, cacheShare)) }),
  };
}
