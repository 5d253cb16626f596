// Contestants that give again what they gave in a stored run: the patches and tests its evidence holds.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reason } from "../domain/record.ts";
import type { RoundRow } from "../domain/run.ts";
import { EvidenceFault } from "./evidence.ts";
import { free, type Player, type SubmitAsk } from "./player.ts";

/**
 * An answer of which no patch could be made is stored as an empty one with its reasons, and given again as the same
 * rejection. An empty patch that was read as such (a submission without a change, an abstention) has none of these.
 */
function rejectionOf(patch: string, reasons: readonly Reason[]): readonly Reason[] | undefined {
  if (patch.trim() !== "" || reasons.length === 0) return undefined;
  return reasons.every(({ code }) => code === "no-change") ? undefined : reasons;
}

/** Controls whose review is made from the hidden tests. */
const ownsHiddenTests = new Set(["gold", "mutant"]);

async function patchOf(run: string, ask: SubmitAsk, name: string): Promise<string> {
  const path = join(run, "battles", ask.call.battleId, `round-${ask.call.round}`, name);
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new EvidenceFault("evidence-missing", `the evidence ${path} is missing`, {
      retryable: false,
      cause,
    });
  });
}

/** Players by id for every contestant of the stored rounds. */
export function storedPlayers(run: string, rows: readonly RoundRow[]): (id: string) => Player {
  const rowOf = (ask: SubmitAsk): RoundRow | undefined =>
    rows.find((row) => row.battleId === ask.call.battleId && row.round === ask.call.round);
  return (id) => ({
    id,
    async submit(ask) {
      const patch = await patchOf(run, ask, "submission.patch");
      const reasons = rejectionOf(patch, rowOf(ask)?.record.submission.reasons ?? []);
      return free(reasons === undefined ? { kind: "patch", patch } : { kind: "rejected", reasons });
    },
    async review(ask) {
      const patch = await patchOf(run, ask, "review.patch");
      const reasons = rejectionOf(patch, rowOf(ask)?.record.review.reasons ?? []);
      if (reasons !== undefined) return free({ kind: "rejected", reasons });
      return free({ kind: "patch", patch, bounded: !ownsHiddenTests.has(id) });
    },
  });
}
