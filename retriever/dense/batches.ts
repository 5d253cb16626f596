// Which texts are run together: neighbours in length, so that little is padding, within a bound of tokens.

/**
 * Positions of `lengths` in batches. Longest first: memory peaks at once, not at the end. A batch has at most
 * `batchTokens` tokens with its padding, or one text.
 */
export function batchesOf(lengths: readonly number[], batchTokens: number): number[][] {
  const order = lengths
    .map((_, index) => index)
    .sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
  const batches: number[][] = [];
  let open: number[] = [];
  let width = 0;
  for (const index of order) {
    if (open.length > 0 && (open.length + 1) * width > batchTokens) {
      batches.push(open);
      open = [];
    }
    if (open.length === 0) width = lengths[index] ?? 0;
    open.push(index);
  }
  return open.length === 0 ? batches : [...batches, open];
}
