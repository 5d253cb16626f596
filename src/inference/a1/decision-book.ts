// Every decision about a draft in one place: taken once, written down as it is taken, and taken from there by whoever resumes.
import type { Clock } from "../clock.ts";
import type { Calibrator, ChunkFacts, Decision } from "./calibrator.ts";
import type { CallKey } from "./engine.ts";
import { type Ledger, type LedgerEvent, LedgerFault, nameOfCall } from "./ledger.ts";

/** What a sample knows of its draft beside its place. */
type Facts = Omit<ChunkFacts, "question" | "sample" | "turn" | "attempt">;

/** A draft's place in the calibration bank: exactly one of these must be told. */
export interface DraftTicket {
  decide(facts: Facts): Decision;
  /** It took too long to be made. */
  timedOut(facts: Pick<Facts, "pair" | "task">): void;
  withdraw(): void;
}

/** A draft whose scoring was called off leaves no score in its place. */
export async function withdrawnIfThrown<T>(ticket: DraftTicket, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    ticket.withdraw();
    throw error;
  }
}

/** An epoch that few drafts are asked for in ends by time: whoever asks little must not wait for its banks all day. */
const longestEpochMs = 60_000;

export class DecisionBook {
  /** Of what is known, by question. */
  readonly #names = new Map<string, Set<string>>();
  readonly #calibrator: Calibrator;
  readonly #ledger: Ledger;
  readonly #clock: Pick<Clock, "now">;
  readonly #known = new Map<string, Decision>();
  #epochBeganMs: number;

  constructor(calibrator: Calibrator, ledger: Ledger, clock: Pick<Clock, "now">) {
    this.#calibrator = calibrator;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#epochBeganMs = clock.now();
  }

  issue(key: CallKey): DraftTicket {
    const known = this.#known.get(nameOfCall(key));
    if (known !== undefined) return { decide: () => known, timedOut: () => {}, withdraw: () => {} };
    this.#endOldEpoch();
    this.#ledger.append({ kind: "issued", key });
    const ticket = this.#calibrator.issue();
    return {
      decide: (rest) => {
        const facts = { ...rest, ...key };
        const decision = this.#calibrator.decide(ticket, facts);
        const { nonconformity } = facts;
        this.#ledger.append({
          kind: "decided",
          key,
          facts: { ...facts, nonconformity: Number.isFinite(nonconformity) ? nonconformity : null },
          decision,
        });
        this.#remember(key, decision);
        return decision;
      },
      timedOut: (rest) => {
        const facts = { ...rest, ...key };
        this.#ledger.append({ kind: "timed-out", key, facts });
        this.#calibrator.timedOut(ticket, facts);
      },
      withdraw: () => {
        this.#ledger.append({ kind: "withdrawn", key });
        this.#calibrator.withdrawn(ticket);
      },
    };
  }

  #endOldEpoch(): void {
    const nowMs = this.#clock.now();
    if (nowMs - this.#epochBeganMs < longestEpochMs) return;
    this.#epochBeganMs = nowMs;
    this.#ledger.append({ kind: "epoch-ended" });
    this.#calibrator.endEpoch();
  }

  /**
   * Takes up what another process had written: the calibrator is brought to the state it had, decisions that were taken
   * stand, and drafts that were under way are withdrawn, since they will be asked for again.
   * @throws LedgerFault naming the first event at which today's calibrator decides otherwise
   */
  restore(events: Iterable<LedgerEvent>): void {
    const open = replay(this.#calibrator, events, (key, decision) => this.#remember(key, decision));
    for (const { key, ticket } of open.values()) {
      this.#ledger.append({ kind: "withdrawn", key });
      this.#calibrator.withdrawn(ticket);
    }
  }

  #remember(key: CallKey, decision: Decision): void {
    this.#known.set(nameOfCall(key), decision);
    const names = this.#names.get(key.question) ?? new Set();
    this.#names.set(key.question, names.add(nameOfCall(key)));
  }

  /** It will not be asked again. */
  forget(question: string): void {
    for (const name of this.#names.get(question) ?? []) this.#known.delete(name);
    this.#names.delete(question);
  }
}

type Open = Map<string, { readonly key: CallKey; readonly ticket: ReturnType<Calibrator["issue"]> }>;

/**
 * Lets a calibrator live through a ledger again; every decision must come out as it is written, to the last digit.
 * @returns drafts that were asked for and neither decided about nor withdrawn
 * @throws LedgerFault naming the first event at which it does not
 */
export function replay(
  calibrator: Calibrator,
  events: Iterable<LedgerEvent>,
  onDecided: (key: CallKey, decision: Decision) => void = () => {},
): Open {
  const open: Open = new Map();
  const take = (key: CallKey) => {
    const found = open.get(nameOfCall(key));
    if (found === undefined)
      throw new LedgerFault("ledger-unusable", `ledger: ${nameOfCall(key)} is settled, but was never issued`);
    open.delete(nameOfCall(key));
    return found.ticket;
  };
  for (const event of events) {
    if (event.kind === "issued")
      open.set(nameOfCall(event.key), { key: event.key, ticket: calibrator.issue() });
    else if (event.kind === "withdrawn") calibrator.withdrawn(take(event.key));
    else if (event.kind === "epoch-ended") calibrator.endEpoch();
    else if (event.kind === "timed-out") calibrator.timedOut(take(event.key), event.facts);
    else if (event.kind === "own-bank") calibrator.ownBank(event.question, event.nonconformities);
    else if (event.kind === "answered" || event.kind === "abandoned") calibrator.questionDone(event.question);
    else if (event.kind === "decided") {
      const { key, facts, decision } = event;
      const again = calibrator.decide(take(key), {
        ...facts,
        nonconformity: facts.nonconformity ?? Infinity,
      });
      const [found, expected] = [JSON.stringify(again), JSON.stringify(decision)];
      if (found !== expected)
        throw new LedgerFault(
          "ledger-of-another-run",
          `ledger: ${nameOfCall(key)} was decided ${expected}, and would be decided ${found}. ` +
            "What to do: go on with the version and settings that wrote it, or begin another ledger",
        );
      onDecided(key, decision);
    }
  }
  return open;
}
