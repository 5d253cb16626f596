// A run folder's own copy of its tournament: whoever goes on with the run needs no other file, and may change little.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { UsageError } from "../../domain/fault.ts";
import type { Evidence } from "../evidence.ts";
import { readTournament, type Tournament } from "./read.ts";

const fileName = "tournament.json";

/** Itself a tournament file. Written before the manifest, so that a run which can be resumed has it. */
export function keepTournament(evidence: Evidence, tournament: Tournament): Promise<void> {
  return evidence.writeJson(fileName, { schemaVersion: 1, ...tournament });
}

/** Undefined for a run that was begun without one. @throws UsageError for a damaged one */
export async function keptTournament(run: string): Promise<Tournament | undefined> {
  const file = join(run, fileName);
  return existsSync(file) ? readTournament(file) : undefined;
}

/** What touches no verdict may be given anew. */
function fixed(given: Tournament): object {
  const { schemaVersion, budgets, workers, webhook, canary, patienceMinutes, ...lasting } = given;
  const { sandbox, retrieval, ...rest } = lasting;
  const { atOnce, ...profile } = sandbox ?? {};
  const { rerank, rerankDevice, ...search } = retrieval ?? {};
  return { ...rest, sandbox: profile, retrieval: search };
}

const shown = (value: unknown): string => {
  const text = value === undefined ? "not given" : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
};

/** @throws UsageError when a run would go on as another tournament, or was begun as none */
export function mustBeSameTournament(run: string, begun: Tournament | undefined, now: Tournament): void {
  const goOn = `leave the file out to go on with the run (arena play --resume ${run}), or name another folder`;
  if (begun === undefined) throw new UsageError(`${run} was begun without a tournament file: ${goOn}`);
  const [was, is] = [new Map(Object.entries(fixed(begun))), new Map(Object.entries(fixed(now)))];
  const differences = [...new Set([...was.keys(), ...is.keys()])]
    .filter((field) => !isDeepStrictEqual(was.get(field), is.get(field)))
    .map((field) => `${field} was ${shown(was.get(field))}, is ${shown(is.get(field))}`);
  if (differences.length === 0) return;
  throw new UsageError(
    `${run} was begun as another tournament: ${differences.join("; ")}. Only budgets, workers, the webhook, sandboxes at once, ` +
      `canary, patienceMinutes and the place of a reranker may change: ${goOn}`,
  );
}
