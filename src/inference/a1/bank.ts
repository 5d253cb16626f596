// Calibration banks by kind of chunk, filled in the order in which drafts were asked for, never in that of their ends.
import { pValueOf } from "./conformal.ts";
import { uniformOf } from "./keyed-random.ts";
import { OrderStatistics } from "./order-statistics.ts";

/** Given when a draft is asked for; whatever becomes of it must be told. */
export interface Ticket {
  readonly epoch: number;
  readonly number: number;
}

export interface BankSettings {
  /** Drafts asked for in one epoch: the fewer, the sooner banks know of them, and the sooner slow ones hold them up. */
  readonly epochSize: number;
  /** Drafts of the first epoch; each next one has twice as many, up to `epochSize`, which it is when absent. */
  readonly firstEpochSize?: number;
  /** What so many whole epochs hold counts; older ones are forgotten. */
  readonly epochsKept: number;
  /**
   * `all`: every score counts, and those of one question as if they were independent. `one`: of each question and epoch
   * one, drawn by chance, for a guarantee over questions.
   */
  readonly ofQuestion: "all" | "one";
  readonly seed: string;
}

export const defaultBankSettings: BankSettings = {
  ...{ epochSize: 256, epochsKept: 16 },
  ...{ ofQuestion: "all", seed: "bank" },
};

export interface ScoredChunk {
  /** Kinds the chunk belongs to, finest first; the score counts in the bank of each. */
  readonly keys: readonly string[];
  /** One of them: the kind whose drift is watched. */
  readonly kind: string;
  readonly question: string;
  /** Larger is worse; infinite for a chunk that was never scored in time. */
  readonly nonconformity: number;
}

interface Epoch {
  issued: number;
  settled: number;
  /** By their tickets' numbers; none where it was withdrawn or is still under way. */
  readonly chunks: (ScoredChunk | undefined)[];
}

interface ClosedEpoch {
  readonly number: number;
  /** Drafts that were asked for in it, whatever became of them. */
  readonly issued: number;
  readonly chunks: readonly ScoredChunk[];
}

/**
 * An epoch counts once every draft asked for in it has been scored, has timed out, or was called off. Drafts that end
 * sooner score better; were they counted as they arrive, a bank would hold too many of them. Decisions go on with the
 * epochs that are closed; nobody waits.
 */
export class CalibrationBanks {
  readonly #settings: BankSettings;
  readonly #onRanked: (kind: string, p: number) => void;
  readonly #banks = new Map<string, OrderStatistics>();
  readonly #open = new Map<number, Epoch>();
  /** In the order of their numbers. */
  #closed: ClosedEpoch[] = [];
  #current = 0;

  /** @param onRanked told a p-value for the drift of a kind, one a question and epoch, in issue order */
  constructor(
    settings: BankSettings = defaultBankSettings,
    onRanked: (kind: string, p: number) => void = () => {},
  ) {
    this.#settings = settings;
    this.#onRanked = onRanked;
  }

  get size(): number {
    return this.#closed.reduce((sum, { chunks }) => sum + chunks.length, 0);
  }

  /** A draft is asked for. */
  issue(): Ticket {
    const epoch = this.#open.get(this.#current) ?? { issued: 0, settled: 0, chunks: [] };
    this.#open.set(this.#current, epoch);
    const ticket = { epoch: this.#current, number: epoch.issued };
    epoch.issued += 1;
    epoch.chunks.push(undefined);
    if (epoch.issued >= this.#sizeOf(this.#current)) this.#current += 1;
    return ticket;
  }

  /** The epoch that is being filled ends now, however few were asked for: an hour must not be a bank's first. */
  endEpoch(): void {
    if ((this.#open.get(this.#current)?.issued ?? 0) === 0) return;
    this.#current += 1;
    this.#closeIfSettled(this.#current - 1);
  }

  /** Its score, or that there will be none in time: infinitely bad, since slow drafts must not be left out. */
  scored(ticket: Ticket, chunk: ScoredChunk): void {
    this.#epochOf(ticket).chunks[ticket.number] = chunk;
    this.#settled(ticket);
  }

  /** It was called off for a reason that lies in its siblings, or ended before there was anything to score. */
  withdrawn(ticket: Ticket): void {
    this.#settled(ticket);
  }

  /** The finest of the kinds that has `least` scores. */
  find(keys: readonly string[], least: number): { key: string; bank: OrderStatistics } | undefined {
    for (const key of keys) {
      const bank = this.#banks.get(key);
      if (bank !== undefined && bank.size >= least) return { key, bank };
    }
    return undefined;
  }

  /** Of a kind only the newest closed epoch is kept: what is older no longer tells what its drafts are like. */
  forgetOlder(kind: string): void {
    const newest = this.#closed.at(-1)?.number;
    this.#closed = this.#closed.map((epoch) => {
      if (epoch.number === newest) return epoch;
      const isOld = (chunk: ScoredChunk) => chunk.kind === kind;
      this.#remove(epoch.chunks.filter(isOld));
      return { ...epoch, chunks: epoch.chunks.filter((chunk) => !isOld(chunk)) };
    });
  }

  /** Closed epochs alone: what was under way is asked for again by whoever goes on. */
  snapshot(): BankSnapshot {
    return { current: this.#current, closed: [...this.#closed] };
  }

  /** Into banks that are still empty. */
  restore({ current, closed }: BankSnapshot): void {
    // Tickets of before are nobody's any more.
    this.#current = current + 1;
    for (const epoch of closed) this.#add(epoch);
  }

  /** Small at first, so that chance decides about few; a doubling keeps later banks as steady as they were. */
  #sizeOf(epoch: number): number {
    const { epochSize, firstEpochSize = epochSize } = this.#settings;
    return Math.min(epochSize, firstEpochSize * 2 ** epoch);
  }

  #epochOf({ epoch: number }: Ticket): Epoch {
    const epoch = this.#open.get(number);
    if (epoch === undefined) throw new Error(`bug: epoch ${number} is closed, or was never begun`);
    return epoch;
  }

  #settled(ticket: Ticket): void {
    this.#epochOf(ticket).settled += 1;
    this.#closeIfSettled(ticket.epoch);
  }

  #closeIfSettled(number: number): void {
    const epoch = this.#open.get(number);
    if (epoch === undefined || number === this.#current || epoch.settled < epoch.issued) return;
    this.#open.delete(number);
    const all = epoch.chunks.filter((chunk) => chunk !== undefined);
    const one = oneOfEach(all, this.#settings.seed, number);
    this.#rank(one, number);
    const { ofQuestion, epochSize, epochsKept } = this.#settings;
    this.#add({ number, issued: epoch.issued, chunks: ofQuestion === "all" ? all : one });
    this.#keep(epochSize * epochsKept);
  }

  /** Each beside all that were there before its epoch, one a question: siblings' scores are no news of each other. */
  #rank(chunks: readonly ScoredChunk[], epoch: number): void {
    for (const { kind, question, nonconformity } of chunks) {
      const bank = this.#banks.get(kind);
      if (bank === undefined || bank.size === 0) continue;
      this.#onRanked(
        kind,
        pValueOf(bank, nonconformity, uniformOf(this.#settings.seed, "rank", epoch, question)),
      );
    }
  }

  #add(epoch: ClosedEpoch): void {
    this.#closed.push(epoch);
    this.#closed.sort((one, other) => one.number - other.number);
    for (const { keys, nonconformity } of epoch.chunks)
      for (const key of keys) {
        const bank = this.#banks.get(key) ?? new OrderStatistics();
        this.#banks.set(key, bank);
        bank.insert(nonconformity);
      }
  }

  /** Counted in drafts, since epochs that ended early hold few. */
  #keep(drafts: number): void {
    let issued = this.#closed.reduce((sum, epoch) => sum + epoch.issued, 0);
    for (const oldest of [...this.#closed]) {
      issued -= oldest.issued;
      if (issued < drafts) return;
      this.#closed.shift();
      this.#remove(oldest.chunks);
    }
  }

  #remove(chunks: readonly ScoredChunk[]): void {
    for (const { keys, nonconformity } of chunks)
      for (const key of keys) this.#banks.get(key)?.remove(nonconformity);
  }
}

function oneOfEach(chunks: readonly ScoredChunk[], seed: string, epoch: number): ScoredChunk[] {
  const byQuestion = new Map<string, ScoredChunk[]>();
  for (const chunk of chunks) {
    const own = byQuestion.get(chunk.question);
    if (own === undefined) byQuestion.set(chunk.question, [chunk]);
    else own.push(chunk);
  }
  return [...byQuestion].flatMap(
    ([question, own]) => own[Math.floor(uniformOf(seed, "one", epoch, question) * own.length)] ?? [],
  );
}

export interface BankSnapshot {
  readonly current: number;
  readonly closed: readonly ClosedEpoch[];
}
