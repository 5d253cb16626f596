// Tells samples of one question apart: one that repeats another word for word is no second opinion.
import { createHash } from "node:crypto";
import type { CallKey } from "./engine.ts";
import { type Gated, nameOfCall } from "./ledger.ts";

export class Siblings {
  readonly #known: ReadonlyMap<string, Gated>;
  readonly #claims = new Map<string, number>();

  /** @param known what gates said before this process, by call */
  constructor(known: ReadonlyMap<string, Gated> = new Map()) {
    this.#known = known;
  }

  /** What the gates said of this draft before; undefined where they have not seen it. */
  knownGate(key: CallKey, text: string): Gated | undefined {
    const known = this.#known.get(nameOfCall(key));
    if (known !== undefined && known.kind !== "duplicate") this.claim(key, text);
    return known;
  }

  /** @returns false where another sample has written all of `text` already */
  claim({ sample }: CallKey, text: string): boolean {
    const digest = createHash("sha256").update(text).digest("base64");
    const owner = this.#claims.get(digest);
    if (owner !== undefined && owner !== sample) return false;
    this.#claims.set(digest, sample);
    return true;
  }
}
