// Lists of numbers in ascending order: finding one in a list, and what two lists share.

/** First place in `list` that is not below `value`. */
export function lowerBound(list: Uint32Array, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `each` gets the common values in order. */
export function eachCommon(one: Uint32Array, other: Uint32Array, each: (value: number) => void): void {
  for (let at = 0, there = 0; at < one.length && there < other.length; ) {
    const difference = (one[at] ?? 0) - (other[there] ?? 0);
    if (difference === 0) each(one[at] ?? 0);
    if (difference <= 0) at += 1;
    if (difference >= 0) there += 1;
  }
}
