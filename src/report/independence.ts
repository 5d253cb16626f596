// Whose answers of a run are independent samples: drawn at a temperature, and no two with one seed (DESIGN 4.10).
import type { RunSettings } from "../domain/run.ts";

/** How a contestant behind a model is sampled, as it was set up; controls and replayed files are not sampled at all. */
export interface Sampling {
  readonly id: string;
  /** Absent is the provider's own, which nobody here knows. */
  readonly temperature?: number;
  /** Every battle, round and role of a run gets a seed drawn from it; absent leaves seeds to the provider. */
  readonly seed?: number;
  /** Who makes it: kills between contestants of one vendor are looked at apart. */
  readonly vendor?: string;
}

export interface SampledRun {
  readonly settings: Pick<RunSettings, "seed" | "feedback">;
  readonly sampling: readonly Sampling[];
}

/** What a run's seeds are drawn from: two runs that share it sent the same seeds. */
const seedsOf = (run: SampledRun, { id, seed }: Sampling): string =>
  JSON.stringify([run.settings.seed, id, seed]);

function sampled(run: SampledRun): readonly Sampling[] {
  return run.settings.feedback ? [] : run.sampling.filter(({ temperature = 0 }) => temperature > 0);
}

/** For each run the contestants whose answers count as tries. Of runs with the same seeds only the first counts. */
export function independentIn(runs: readonly SampledRun[]): readonly ReadonlySet<string>[] {
  const used = new Set<string>();
  return runs.map((run) => {
    const fresh = sampled(run).filter((one) => one.seed === undefined || !used.has(seedsOf(run, one)));
    for (const one of fresh) used.add(seedsOf(run, one));
    return new Set(fresh.map(({ id }) => id));
  });
}
