// What a simulated server still knows of texts it has read: bounded, shared by siblings, and forgotten oldest first.

/** A text by its parts: the question's prompt, which siblings share, and what one sample wrote behind it. */
export interface Prefix {
  readonly question: string;
  readonly sample: number;
  readonly promptTokens: number;
}

interface Entry {
  tokens: number;
  /** Calls that are going on behind it now: it cannot be forgotten. */
  pins: number;
}

/**
 * Keys and values by tokens. Whole texts are kept until the room is needed; then the one that was used longest ago loses
 * its end, as block-wise caches do. A prompt outlives what was written behind it.
 */
export class PrefixCache {
  readonly capacityTokens: number;
  /** In the order of their last use, oldest first. */
  readonly #entries = new Map<string, Entry>();
  readonly #onEvicted: (tokens: number) => void;
  #used = 0;
  #pinned = 0;

  constructor(capacityTokens: number, onEvicted: (tokens: number) => void = () => {}) {
    this.capacityTokens = capacityTokens;
    this.#onEvicted = onEvicted;
  }

  /** Held for calls under way. */
  get pinnedTokens(): number {
    return this.#pinned;
  }

  /** What calls under way could still take, idle texts being forgotten for it. */
  get roomTokens(): number {
    return this.capacityTokens - this.#pinned;
  }

  /** Tokens known of the prompt, and of what is behind it: nothing where the prompt is not whole. */
  known(prefix: Prefix): { readonly prompt: number; readonly own: number } {
    const prompt = Math.min(prefix.promptTokens, this.#entries.get(promptOf(prefix))?.tokens ?? 0);
    const own = this.#entries.get(ownOf(prefix))?.tokens ?? 0;
    return { prompt, own: prompt < prefix.promptTokens ? 0 : own };
  }

  /** What of the known is idle: pinning it makes the room smaller by as much. */
  idle(prefix: Prefix): number {
    return [promptOf(prefix), ownOf(prefix)].reduce((sum, name) => {
      const entry = this.#entries.get(name);
      return sum + (entry === undefined || entry.pins > 0 ? 0 : entry.tokens);
    }, 0);
  }

  /** Both parts stay until they are let go. */
  pin(prefix: Prefix): void {
    // The prompt last: it is then the younger of the two, and outlives the other.
    for (const name of [ownOf(prefix), promptOf(prefix)]) {
      const entry = this.#touched(name);
      if (entry.pins === 0) this.#pinned += entry.tokens;
      entry.pins += 1;
    }
  }

  letGo(prefix: Prefix): void {
    for (const name of [ownOf(prefix), promptOf(prefix)]) {
      const entry = this.#touched(name);
      entry.pins -= 1;
      if (entry.pins === 0) this.#pinned -= entry.tokens;
    }
  }

  /** Room for what is going to be read: taken now, and given to the texts, or back, by {@link settle}. */
  reserve(tokens: number): void {
    this.#used += tokens;
    this.#pinned += tokens;
    this.#makeRoom();
  }

  /** The reserved tokens have been read: the pinned prefix is known up to `contextTokens`. */
  settle(prefix: Prefix, reserved: number, contextTokens: number): void {
    this.#used -= reserved;
    this.#pinned -= reserved;
    this.#know(promptOf(prefix), prefix.promptTokens);
    this.#know(ownOf(prefix), contextTokens - prefix.promptTokens);
    this.#makeRoom();
  }

  /** Reserved for nothing: the call was called off. */
  unreserve(tokens: number): void {
    this.#used -= tokens;
    this.#pinned -= tokens;
  }

  /** Written behind a pinned prefix. */
  grow(prefix: Prefix, tokens: number): void {
    const entry = this.#touched(ownOf(prefix));
    this.#change(entry, tokens);
    this.#makeRoom();
  }

  #know(name: string, tokens: number): void {
    const entry = this.#touched(name);
    this.#change(entry, Math.max(0, tokens - entry.tokens));
  }

  #change(entry: Entry, tokens: number): void {
    entry.tokens += tokens;
    this.#used += tokens;
    if (entry.pins > 0) this.#pinned += tokens;
  }

  #touched(name: string): Entry {
    const entry = this.#entries.get(name) ?? { tokens: 0, pins: 0 };
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry;
  }

  #makeRoom(): void {
    let tooMuch = this.#used - this.capacityTokens;
    if (tooMuch <= 0) return;
    for (const [name, entry] of this.#entries) {
      if (entry.pins > 0) continue;
      const lost = Math.min(entry.tokens, tooMuch);
      this.#change(entry, -lost);
      this.#onEvicted(lost);
      tooMuch -= lost;
      if (entry.tokens <= 0) this.#entries.delete(name);
      if (tooMuch <= 0) return;
    }
  }
}

const promptOf = ({ question }: Prefix): string => JSON.stringify([question]);
const ownOf = ({ question, sample }: Prefix): string => JSON.stringify([question, sample]);
