// What paired measurements say: medians with quartiles, and ratios pair by pair. Pure.

/** Milliseconds by contender; index i of every list was measured in the same round. */
export type Measured = ReadonlyMap<string, readonly number[]>;

export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** Median and quartiles. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { low: quantile(sorted, 0.25), median: quantile(sorted, 0.5), high: quantile(sorted, 0.75) };
}

function pairs(measured: Measured, one: string, other: string): (readonly [number, number])[] {
  const others = measured.get(other) ?? [];
  return (measured.get(one) ?? []).flatMap((value, index) => {
    const beside = others[index];
    return beside === undefined ? [] : [[value, beside] as const];
  });
}

/** How many times as long `one` took as `other`, round by round. */
export function ratio(measured: Measured, one: string, other: string): Spread {
  return spread(pairs(measured, one, other).map(([a, b]) => a / b));
}

/** How much longer `one` took than `other`, milliseconds, round by round. */
export function difference(measured: Measured, one: string, other: string): Spread {
  return spread(pairs(measured, one, other).map(([a, b]) => a - b));
}

export function shown({ low, median, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

/** Every contender once per round, each round starting with another one, so that none always follows the same. */
export async function interleaved(
  contenders: ReadonlyMap<string, () => Promise<number>>,
  rounds: number,
): Promise<Measured> {
  const measured = new Map([...contenders.keys()].map((name) => [name, [] as number[]]));
  const order = [...contenders];
  for (const [, once] of order) await once();
  for (let round = 0; round < rounds; round += 1) {
    const first = round % order.length;
    for (const [name, once] of [...order.slice(first), ...order.slice(0, first)]) {
      measured.get(name)?.push(await once());
    }
  }
  return measured;
}

/** Milliseconds some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
