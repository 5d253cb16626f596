// Of what servers publish for Prometheus the few numbers that say how hard they are pressed.
import type { EngineLoad } from "../engine.ts";

/** Of all series of a name. */
function series(text: string, name: string): number[] {
  return text.split("\n").flatMap((line) => {
    if (!line.startsWith(name)) return [];
    const [, value] = /^(?:\{.*\})?\s+(\S+)/.exec(line.slice(name.length)) ?? [];
    const number = Number(value);
    return value !== undefined && Number.isFinite(number) ? [number] : [];
  });
}

/** The sum over all series of a name; undefined where there is none. */
export function metric(text: string, name: string): number | undefined {
  const values = series(text, name);
  return values.length === 0 ? undefined : values.reduce((sum, each) => sum + each, 0);
}

/** Of several caches behind one server the fullest: shares add up to nothing. */
function fullest(text: string, name: string): number | undefined {
  const values = series(text, name);
  return values.length === 0 ? undefined : Math.max(...values);
}

/** @param names of the running, the queued, and by preference those of the used share of the cache */
export function loadOf(
  text: string,
  names: { readonly running: string; readonly queued: string; readonly cache: readonly string[] },
): EngineLoad | undefined {
  const running = metric(text, names.running);
  const queued = metric(text, names.queued);
  if (running === undefined || queued === undefined) return undefined;
  const cacheShare = names.cache.map((name) => fullest(text, name)).find((share) => share !== undefined);
  return {
    running,
    queued,
    ...(cacheShare === undefined ? {} : { cacheShare: Math.min(1, Math.max(0, cacheShare)) }),
  };
}
