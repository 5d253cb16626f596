// Which faults would meet every other verdict of a run too: they end it (exit code 3) instead of making voids.
import type { FaultLike } from "../domain/fault.ts";

const ending = new Set([
  "engine-unreachable",
  "host-disk-full",
  "image-missing",
  "unauthorized",
  "budget-exhausted",
  "store-failed",
  "git-missing",
]);

export function endsTheRun({ code }: FaultLike): boolean {
  return ending.has(code);
}
