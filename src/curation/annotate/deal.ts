// Who annotates what: every row goes to so many annotators, all get about as many rows, and who meets whom changes.
import { type Random, shuffled } from "../../domain/random.ts";

export interface Deal {
  readonly annotator: string;
  /** In the order in which they are to be looked at. */
  readonly ids: readonly string[];
}

/**
 * Seeded. Each row goes to those who have the fewest so far, ties drawn, so that no two people share all their rows.
 * @throws RangeError for fewer annotators than a row needs
 */
export function deal(
  ids: readonly string[],
  { annotators, each, random }: { annotators: readonly string[]; each: number; random: Random },
): Deal[] {
  if (annotators.length < each)
    throw new RangeError(`expected at least ${each} annotators, found ${annotators.length}`);
  const dealt = new Map<string, string[]>(annotators.map((annotator) => [annotator, []]));
  for (const id of shuffled(ids, random)) {
    const byLoad = shuffled(annotators, random).sort(
      (one, other) => (dealt.get(one)?.length ?? 0) - (dealt.get(other)?.length ?? 0),
    );
    for (const annotator of byLoad.slice(0, each)) dealt.get(annotator)?.push(id);
  }
  return [...dealt].map(([annotator, own]) => ({ annotator, ids: own }));
}
