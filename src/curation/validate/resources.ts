// What the runs of a row took: told beside the rows, for what depends on the hour must not stand in what is frozen.
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { OwnState, RunResources } from "../pipeline/tree-runs.ts";

/** Of one run of one state. */
export interface RunCost extends RunResources {
  readonly id: string;
  readonly state: OwnState;
  readonly repeat: number;
}

const rounded = (number: number): number => Number(number.toFixed(3));

/**
 * Adds a line a run to `<folder>/validate/resources.jsonl`; a row that is asked again adds its lines again.
 * Bytes are those of the sandbox's control group, page cache included.
 */
export function resourceLog(folder: string): (cost: RunCost) => Promise<void> {
  const own = join(folder, "validate");
  return async (cost) => {
    const { wallSeconds, cpuSeconds } = cost;
    await mkdir(own, { recursive: true });
    const line = { ...cost, wallSeconds: rounded(wallSeconds), cpuSeconds: rounded(cpuSeconds) };
    await appendFile(join(own, "resources.jsonl"), `${JSON.stringify(line)}\n`);
  };
}
