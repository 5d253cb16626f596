// What repeats of one tree differ in while curation looks for tests that cannot be relied on. Judging varies nothing.
import { type Random, seededRandom, shuffled } from "../domain/random.ts";

/** Nothing varies where all are absent. */
export interface RunVariation {
  /** The order of tests, hash seeds and the number of threads are drawn from it. */
  readonly orderSeed?: string;
  /** Processes beside the tests, each of which keeps a core busy. */
  readonly load?: number;
  /** Added to what the clock says, where a program asks the C library for it. */
  readonly clockOffsetSeconds?: number;
}

export type Varied = "order" | "load" | "clock";

/** Loops that outlive their parent, so that no program finds a child it never started; the sandbox ends them with it. */
const busyBeside =
  'n=$1; shift; while [ "$n" -gt 0 ]; do (while :; do :; done >/dev/null 2>&1 &); n=$((n-1)); done; exec "$@"';

/** One job's share of a variation: what is laid on the steps that run its tests, and what could not be had. */
export class Variety {
  readonly #wanted: RunVariation;
  readonly #random: Random | undefined;
  readonly #missed = new Map<Varied, string>();

  constructor(wanted: RunVariation, job: string) {
    this.#wanted = wanted;
    const { orderSeed } = wanted;
    this.#random = orderSeed === undefined ? undefined : seededRandom(`${orderSeed} ${job}`);
  }

  /** Says that a part cannot be had here: it is not tried any more. */
  cannot(what: Varied, why: string): void {
    if (this.#isWanted(what)) this.#missed.set(what, why);
  }

  #isWanted(what: Varied): boolean {
    const { orderSeed, load = 0, clockOffsetSeconds } = this.#wanted;
    return { order: orderSeed !== undefined, load: load > 0, clock: clockOffsetSeconds !== undefined }[what];
  }

  /** Whether a clock is still to be had: it takes a library that not every image holds. */
  get wantsClock(): boolean {
    return this.#isWanted("clock") && !this.#missed.has("clock");
  }

  /** In an order drawn for this run, the same each time it is asked for; as they are where none is wanted. */
  ordered<T>(items: readonly T[]): readonly T[] {
    return this.#random === undefined ? items : shuffled(items, this.#random.fork("order"));
  }

  /** What a tool draws an order of its own from: a whole number from 1; undefined where none is wanted. */
  get orderNumber(): number | undefined {
    return this.#random === undefined ? undefined : 1 + this.#random.fork("number").integer(2 ** 31 - 1);
  }

  /** @param clockLibrary where the image holds it; absent: the clock is the host's */
  env(clockLibrary?: string): Record<string, string> {
    const random = this.#random;
    const drawn =
      random === undefined
        ? {}
        : {
            PYTHONHASHSEED: String(random.fork("hashes").integer(2 ** 32)),
            GOMAXPROCS: String(2 ** random.fork("threads").integer(3)),
          };
    return { ...drawn, ...this.#clock(clockLibrary) };
  }

  #clock(library: string | undefined): Record<string, string> {
    const { clockOffsetSeconds: offset } = this.#wanted;
    if (library === undefined || offset === undefined || !this.wantsClock) return {};
    // Waiting for a moment is not meant: only dates are.
    const monotonic = { FAKETIME_DONT_FAKE_MONOTONIC: "1", DONT_FAKE_MONOTONIC: "1" };
    return { LD_PRELOAD: library, FAKETIME: `${offset < 0 ? "" : "+"}${offset}`, ...monotonic };
  }

  /** Of the time that a job has: beside busy cores it takes longer, and must not be taken for one that hangs. */
  get timeFactor(): number {
    return this.#isWanted("load") ? 2 : 1;
  }

  argv(argv: readonly string[]): readonly string[] {
    const { load = 0 } = this.#wanted;
    return load > 0 ? ["sh", "-c", busyBeside, "busy", String(load), ...argv] : argv;
  }

  /** Parts that could not be had, with the reason, for a person. */
  get notVaried(): string[] {
    return [...this.#missed].map(([what, why]) => `${what}: ${why}`);
  }
}
