// The pairs of all contestants of a run, opened before anything is played and closed together, each with a ledger of its own.
import type { Contestant } from "../contestants.ts";
import type { Backend } from "./backend.ts";
import { decidingOf } from "./configuration.ts";
import { contestantPair } from "./contestant-pair.ts";
import { fingerprintOf } from "./ledger.ts";
import type { OpenLedger } from "./ledger-file.ts";
import { type OpenPairDeps, openConfiguredPair } from "./open-pair.ts";

export interface OpenPairs {
  /** By contestant. */
  readonly backends: ReadonlyMap<string, Backend>;
  close(): Promise<void>;
}

export interface OpenPairsDeps extends Omit<OpenPairDeps, "ledger" | "before" | "asksOnce"> {
  /** Where a contestant's pair writes down what it is told and decides, and what it has written there before. */
  readonly ledgerOf: (contestant: string, fingerprint: string) => OpenLedger;
}

/** @throws EngineFault naming the engine, LedgerFault; those already open are closed again */
export async function openPairs(
  contestants: readonly Contestant[],
  { ledgerOf, ...deps }: OpenPairsDeps,
): Promise<OpenPairs> {
  const backends = new Map<string, Backend>();
  const ledgers: OpenLedger[] = [];
  const close = async (): Promise<void> => {
    await Promise.all([...backends.values()].map((backend) => backend.close()));
    for (const ledger of ledgers) ledger.close();
  };
  try {
    for (const contestant of contestants) {
      const pair = contestantPair(contestant);
      if (pair === undefined) continue;
      const ledger = ledgerOf(contestant.id, fingerprintOf(decidingOf(pair)));
      ledgers.push(ledger);
      const told = { ...deps, ledger, before: ledger.before };
      backends.set(contestant.id, await openConfiguredPair(pair, told));
    }
    return { backends, close };
  } catch (error) {
    await close();
    throw error;
  }
}
