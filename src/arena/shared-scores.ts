// A run's reranker that is asked once: contestants on one issue are shown what one computation ranked.
import { createHash } from "node:crypto";
import type { Passage, PassageScores, Reranker } from "../../retriever/index.ts";

/** A passage's content stands for its text; scores come in the order of the passages. */
function keyOf(query: string, passages: readonly Passage[]): string {
  const asked = JSON.stringify([query, ...passages.map(({ content }) => content)]);
  return createHash("sha256").update(asked).digest("hex");
}

/**
 * Keeps what the reranker said for as long as itself: numbers only, so that no repository is held in memory. What
 * failed is not kept: whoever waited asks again, since the one that asked first may have been aborted alone.
 */
export function sharingScores(reranker: Reranker): Reranker {
  const known = new Map<string, PassageScores>();
  const asking = new Map<string, Promise<unknown>>();
  return {
    get about() {
      return reranker.about;
    },
    async score(query, passages, signal) {
      const key = keyOf(query, passages);
      for (let ahead = asking.get(key); ahead !== undefined; ahead = asking.get(key))
        await ahead.catch(() => {});
      const shared = known.get(key);
      if (shared !== undefined) return { ...shared, scores: shared.scores.slice(), computed: 0 };
      const fresh = reranker.score(query, passages, signal);
      asking.set(key, fresh);
      try {
        const scored = await fresh;
        known.set(key, { ...scored, scores: scored.scores.slice() });
        return scored;
      } finally {
        asking.delete(key);
      }
    },
    close: () => reranker.close(),
    [Symbol.asyncDispose]: () => reranker.close(),
  };
}
