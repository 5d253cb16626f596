// A contestant's pair as it plays: what its entry leaves open is set so that answers are drafted whole, and every call has a price and a bound.
import type { Contestant } from "../contestants.ts";
import type { Spend } from "../model.ts";
import { type PairConfiguration, pairSettingsOf } from "./configuration.ts";
import { defaultSampleSettings } from "./sample.ts";
import { pairWorstCase } from "./worst-case.ts";

/** Undefined for a contestant of another provider. */
export function contestantPair({ a1, maxOutputTokens, prices }: Contestant): PairConfiguration | undefined {
  if (a1 === undefined) return undefined;
  // A patch is drafted and judged whole: half of one neither parses nor applies (research/a1.md section 7).
  const { draftTokens = maxOutputTokens, takeoverTokens = maxOutputTokens } = a1;
  const turns = a1.turns ?? turnsFor(a1, maxOutputTokens / Math.min(draftTokens, takeoverTokens));
  return {
    ...a1,
    ...{ draftTokens, takeoverTokens, turns },
    draft: { ...a1.draft, prices: a1.draft.prices ?? prices },
    target: { ...a1.target, prices: a1.target.prices ?? prices },
  };
}

/** Whatever does not end is as long as it may be, unless a stop text cuts it: more turns would stay empty, and be reserved. */
function turnsFor({ chunkStop }: PairConfiguration, fullTurns: number): number {
  const { turns } = defaultSampleSettings;
  return chunkStop.length > 0 ? turns : Math.min(turns, Math.ceil(fullTurns) + 1);
}

/** The most one answer may cost whose prompt fills the contestant's window; undefined for one of another provider. */
export function windowWorstCase(contestant: Contestant): Spend | undefined {
  const pair = contestantPair(contestant);
  if (pair === undefined) return undefined;
  const { contextTokens, maxOutputTokens, prices } = contestant;
  const settings = {
    prices: { draft: prices, target: prices },
    ...pairSettingsOf(pair),
    samples: pair.samples,
  };
  return pairWorstCase({ promptTokens: contextTokens - maxOutputTokens, maxOutputTokens }, settings);
}
