// Contestants that give again what they gave in a stored run: the patches and tests its evidence holds.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RoundRow } from "../domain/run.ts";
import { EvidenceFault } from "./evidence.ts";
import { free, type Player, type SubmitAsk } from "./player.ts";

/** Reasons that mean the stored answer was no patch at all: it is given again as the same rejection. */
const noPatch = new Set([
  "no-answer",
  "unparseable",
  "refusal",
  "truncated",
  "context-overflow",
  "answer-too-large",
]);

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
      const reasons = rowOf(ask)?.record.submission.reasons ?? [];
      if (reasons.some((reason) => noPatch.has(reason.code))) return free({ kind: "rejected", reasons });
      return free({ kind: "patch", patch: await patchOf(run, ask, "submission.patch") });
    },
    async review(ask) {
      const review = rowOf(ask)?.record.review;
      if (review?.reasons.some((reason) => noPatch.has(reason.code)) === true) {
        return free({ kind: "rejected", reasons: review.reasons });
      }
      return free({
        kind: "patch",
        patch: await patchOf(run, ask, "review.patch"),
        bounded: !ownsHiddenTests.has(id),
      });
    },
  });
}
