// From a row of logits to a token and how likely it was: sums in 64 bits, chance from a counter and never from a clock.

/** Mixes 32 bits so that neighbours have nothing in common (MurmurHash3's finalizer). */
function mixed(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Uniform in [0, 1), of the seed and the token's place in the answer alone: who else is at work changes nothing. */
export function uniformAt(seed: number, position: number): number {
  const high = mixed(mixed(seed ^ 0x9e3779b9) ^ Math.imul(position + 1, 0x85157af5));
  const low = mixed(high ^ mixed(seed) ^ Math.imul(position + 1, 0x2545f491));
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}

/** The greatest logit and the logarithm of the sum of all powers. */
export interface Spread {
  readonly most: number;
  readonly logSum: number;
}

/** Not finite where a logit is not a number. */
export function spreadOf(logits: Float32Array): Spread {
  let most = -Infinity;
  for (const logit of logits) if (logit > most) most = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  return { most, logSum: most + Math.log(sum) };
}

/** Natural logarithm of the token's share; rounding never makes it more than certain. */
export function logprobOf(logits: Float32Array, id: number, { logSum }: Spread): number {
  return Math.min(0, (logits[id] ?? Number.NaN) - logSum);
}

/** The likeliest token, the first of several. */
export function likeliest(logits: Float32Array, { most }: Spread): number {
  return logits.indexOf(most);
}

/** The token in whose share `uniform` falls, shares laid out in the order of ids. */
export function drawn(
  logits: Float32Array,
  { most }: Spread,
  { temperature, uniform }: { readonly temperature: number; readonly uniform: number },
): number {
  const weights = new Float64Array(logits.length);
  let sum = 0;
  for (let id = 0; id < logits.length; id += 1) {
    sum += Math.exp(((logits[id] ?? -Infinity) - most) / temperature);
    weights[id] = sum;
  }
  const goal = uniform * sum;
  let [low, high] = [0, logits.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((weights[middle] ?? 0) > goal) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The `count` likeliest tokens, most likely first. */
export function topOf(logits: Float32Array, count: number): number[] {
  const top: number[] = [];
  const value = (id: number | undefined) => (id === undefined ? -Infinity : (logits[id] ?? -Infinity));
  for (let id = 0; id < logits.length; id += 1) {
    if (top.length === count && value(id) <= value(top[count - 1])) continue;
    let at = top.length;
    while (at > 0 && value(top[at - 1]) < value(id)) at -= 1;
    top.splice(at, 0, id);
    if (top.length > count) top.pop();
  }
  return top;
}
