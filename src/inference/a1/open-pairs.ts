// The pairs of all contestants of a run, opened before anything is played and closed together.
import type { Contestant } from "../contestants.ts";
import type { Backend } from "./backend.ts";
import { contestantPair } from "./contestant-pair.ts";
import { type OpenPairDeps, openConfiguredPair } from "./open-pair.ts";

export interface OpenPairs {
  /** By contestant. */
  readonly backends: ReadonlyMap<string, Backend>;
  close(): Promise<void>;
}

/** @throws EngineFault naming the engine; those already open are closed again */
export async function openPairs(contestants: readonly Contestant[], deps: OpenPairDeps): Promise<OpenPairs> {
  const backends = new Map<string, Backend>();
  const close = async (): Promise<void> => {
    await Promise.all([...backends.values()].map((backend) => backend.close()));
  };
  try {
    for (const contestant of contestants) {
      const pair = contestantPair(contestant);
      if (pair === undefined) continue;
      backends.set(contestant.id, await openConfiguredPair(pair, deps));
    }
    return { backends, close };
  } catch (error) {
    await close();
    throw error;
  }
}
