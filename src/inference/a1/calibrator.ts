// Decides which drafts go to the target: p-values from banks, levels that hold the rate, alarms when drafts change.
import { AdaptiveLevel, type AdaptiveSnapshot } from "./adaptive.ts";
import {
  type BankSettings,
  type BankSnapshot,
  CalibrationBanks,
  defaultBankSettings,
  type Ticket,
} from "./bank.ts";
import { pValueOf, withinBudget } from "./conformal.ts";
import { uniformOf } from "./keyed-random.ts";
import { LengthDeciles, type LengthSnapshot } from "./length-deciles.ts";
import { DriftMartingale, type MartingaleSnapshot } from "./martingale.ts";
import { OrderStatistics } from "./order-statistics.ts";

export interface CalibratorSettings {
  /** Share of chunks that go to the target, 0 to 1. */
  readonly interventionRate: number;
  /** How fast levels follow what happened; 0 leaves them where they are. */
  readonly step: number;
  /**
   * Share of decisions turned round: only they tell what the others would have come to. At most half of what the rate
   * leaves room for: no level could make up for more.
   */
  readonly auditShare: number;
  readonly banks: BankSettings;
  readonly seed: string;
}

export const defaultCalibratorSettings: CalibratorSettings = {
  ...{ interventionRate: 0.4, step: 0.05, auditShare: 0.02 },
  ...{ banks: defaultBankSettings, seed: "a1" },
};

/** Wealth at which drift is believed: false once in a thousand runs, if drafts do not change. */
const alarmLogWealth = Math.log(1000);
/** After an alarm: steps this much larger, for as many decisions of the kind. */
const alarmed = { stepFactor: 4, decisions: 500 };

/** Infinitely bad: Infinity itself is no JSON, and would come back from a snapshot as the best of all. */
const worst = Number.MAX_VALUE;

/** What is known of a chunk when it is to be decided about. */
export interface ChunkFacts {
  /** Draft and target. */
  readonly pair: string;
  /** Task or language. */
  readonly task: string;
  readonly role?: string;
  readonly question: string;
  readonly sample: number;
  /** From 0. */
  readonly turn: number;
  /** From 0: a draft that was written anew draws anew. */
  readonly attempt: number;
  /** Its length, where drafts are told apart by it. */
  readonly tokens?: number;
  /** Larger is worse. */
  readonly nonconformity: number;
  /** Where at most so many of a turn's siblings may go to the target: what is left of both. */
  readonly topB?: { readonly budget: number; readonly candidates: number };
  /** It should have a score and has none: no chance keeps it from the target. */
  readonly isUnscored?: boolean;
  /** Nothing is left for the target to write with: it stays, whatever its score. */
  readonly isSpent?: boolean;
}

export interface Decision {
  /** Whether the chunk goes to the target, whatever the reason: what happens, and not what its score asks for. */
  readonly intervene: boolean;
  /** Absent at a cold start: there was no bank to ask. */
  readonly p?: number;
  readonly level: number;
  readonly u: number;
  /** Which bank was asked, and how much was in it. */
  readonly bank?: { readonly key: string; readonly size: number };
  /** Turned round, to see what comes of it. */
  readonly isAudit: boolean;
}

export type TurnBucket = "0" | "1" | "2-4" | "5+";

/** Turns whose drafts are alike: the first ones differ from each other, the later ones hardly. */
export function turnBucket(turn: number): TurnBucket {
  if (turn < 2) return turn === 0 ? "0" : "1";
  return turn < 5 ? "2-4" : "5+";
}

interface Kind {
  readonly level: AdaptiveLevel;
  readonly drift: DriftMartingale;
  /** Decisions that still take larger steps. */
  hurried: number;
}

interface Keys {
  /** Finest first. */
  readonly keys: readonly string[];
  readonly kind: string;
}

/** Below five times one in the rate, a bank tells less than chance at that rate. */
export function leastBank(interventionRate: number): number {
  const rate = Math.min(interventionRate, 1 - interventionRate);
  return rate > 0 ? 5 * Math.ceil(1 / rate) : 1;
}

interface OwnBank {
  readonly bank: OrderStatistics;
  readonly turns: ReadonlySet<TurnBucket>;
}

/** One for all questions of a run; not to be shared between processes. */
export class Calibrator {
  readonly #settings: CalibratorSettings;
  readonly #banks: CalibrationBanks;
  readonly #kinds = new Map<string, Kind>();
  readonly #ofQuestion = new Map<string, OwnBank>();
  readonly #keys = new Map<string, Keys>();
  readonly #lengths = new LengthDeciles();
  #alarms = 0;

  constructor(settings: CalibratorSettings = defaultCalibratorSettings) {
    const { interventionRate: rate, auditShare } = settings;
    this.#settings = { ...settings, auditShare: Math.min(auditShare, rate / 2, (1 - rate) / 2) };
    // Where one score a question counts, an epoch must hold many questions: a small one holds first drafts of a few.
    const first =
      settings.banks.ofQuestion === "all" ? { firstEpochSize: leastBank(settings.interventionRate) } : {};
    this.#banks = new CalibrationBanks({ ...first, ...settings.banks }, (kind, p) => this.#watch(kind, p));
  }

  /** How often drafts were found to have changed. */
  get alarms(): number {
    return this.#alarms;
  }

  /** Scores in closed epochs. */
  get size(): number {
    return this.#banks.size;
  }

  /** Realised rates by kind. */
  rates(): ReadonlyMap<string, { readonly rate: number | undefined; readonly decisions: number }> {
    return new Map(
      [...this.#kinds].map(([kind, { level }]) => [kind, { rate: level.rate, decisions: level.decisions }]),
    );
  }

  /** A draft is asked for. */
  issue(): Ticket {
    return this.#banks.issue();
  }

  /**
   * Scores of drafts that were made for this question beforehand, under the conditions of those to come: from now on its
   * chunks of these turns are ranked among them alone (conditional coverage; without, marginal), until the question is
   * done. First drafts tell nothing of later ones: ranked among those, later turns fail the test of coverage.
   */
  ownBank(question: string, nonconformities: readonly number[], turns: readonly TurnBucket[] = ["0"]): void {
    this.#ofQuestion.set(question, { bank: new OrderStatistics(nonconformities), turns: new Set(turns) });
  }

  questionDone(question: string): void {
    this.#ofQuestion.delete(question);
  }

  /** The draft will never be scored, for a reason that is not its own slowness. */
  withdrawn(ticket: Ticket): void {
    this.#banks.withdrawn(ticket);
  }

  /** The draft took too long to be made: infinitely bad in the bank, since banks without slow drafts would be too good. */
  timedOut(ticket: Ticket, facts: Omit<ChunkFacts, "nonconformity">): void {
    const { question } = facts;
    this.#banks.scored(ticket, { ...this.#keysOf(facts, undefined), question, nonconformity: worst });
  }

  /** See {@link CalibrationBanks.endEpoch}. */
  endEpoch(): void {
    this.#banks.endEpoch();
  }

  /**
   * A chunk that was scored, or timed out and is infinitely bad. The same facts get the same decision in the same state,
   * whatever else was decided before.
   */
  decide(ticket: Ticket, facts: ChunkFacts): Decision {
    const { question, sample, turn, attempt } = facts;
    const nonconformity = Math.min(facts.nonconformity, worst);
    const { seed } = this.#settings;
    const { keys, kind } = this.#keysOf(facts, this.#decileOf(facts));
    const state = this.#kindOf(kind);
    const found = this.#find(facts, keys);
    const u = uniformOf(seed, "u", question, sample, turn, attempt);
    const p = found === undefined ? undefined : pValueOf(found.bank, nonconformity, u);
    const { level } = state.level;
    // With no bank to ask, chance decides at the same rate, and what it lets through is an unbiased sample.
    const { intervene, isAudit } = this.#chosen(p ?? u, level, facts);
    // Before the score is told: with it an epoch may close, and the bank that was asked grow.
    const bank = found === undefined ? undefined : { key: found.key, size: found.bank.size };
    if (facts.isUnscored === true || facts.isSpent === true) state.level.forced(intervene);
    else this.#decided(state, intervene);
    this.#banks.scored(ticket, { keys, kind, question, nonconformity });
    if (bank === undefined || p === undefined) return { intervene, level, u, isAudit };
    return { intervene, p, level, u, bank, isAudit };
  }

  #chosen(draw: number, level: number, facts: ChunkFacts): Pick<Decision, "intervene" | "isAudit"> {
    const { topB, isUnscored = false, isSpent = false } = facts;
    if (isSpent || (topB?.budget ?? 1) <= 0) return { intervene: false, isAudit: false };
    if (isUnscored) return { intervene: true, isAudit: false };
    const wanted = topB === undefined ? draw <= level : withinBudget(draw, topB);
    const { seed, auditShare } = this.#settings;
    const { question, sample, turn, attempt } = facts;
    const isAudit = auditShare > 0 && uniformOf(seed, "audit", question, sample, turn, attempt) < auditShare;
    return { intervene: wanted !== isAudit, isAudit };
  }

  snapshot(): CalibratorSnapshot {
    const kinds = [...this.#kinds].map(([kind, { level, drift, hurried }]) => ({
      ...{ kind, level: level.snapshot(), drift: drift.snapshot(), hurried },
    }));
    return { banks: this.#banks.snapshot(), kinds, lengths: this.#lengths.snapshot(), alarms: this.#alarms };
  }

  static restored(
    { banks, kinds, lengths, alarms }: CalibratorSnapshot,
    settings: CalibratorSettings = defaultCalibratorSettings,
  ): Calibrator {
    const restored = new Calibrator(settings);
    restored.#lengths.restore(lengths);
    restored.#alarms = alarms;
    restored.#banks.restore(banks);
    for (const { kind, level, drift, hurried } of kinds)
      restored.#kinds.set(kind, {
        level: AdaptiveLevel.restored(level),
        drift: DriftMartingale.restored(drift),
        hurried,
      });
    return restored;
  }

  #decileOf({ pair, task, role = "", tokens }: ChunkFacts): number | undefined {
    return tokens === undefined ? undefined : this.#lengths.decileOf(`${pair}|${task}|${role}`, tokens);
  }

  /** Joined once for each kind: they are asked for with every decision. */
  #keysOf(
    { pair, task, role = "", turn }: Pick<ChunkFacts, "pair" | "task" | "role" | "turn">,
    lengthDecile: number | undefined,
  ): Keys {
    const bucket = turnBucket(turn);
    const kind = `${pair}|${task}|${role}|${bucket}`;
    const name = lengthDecile === undefined ? kind : `${kind}|length ${lengthDecile}`;
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const keys = { keys: [...new Set([name, kind, `${pair}|${bucket}`, pair])], kind };
    this.#keys.set(name, keys);
    return keys;
  }

  #find({ question, turn }: ChunkFacts, keys: readonly string[]) {
    const own = this.#ofQuestion.get(question);
    if (own?.turns.has(turnBucket(turn))) return { key: `question ${question}`, bank: own.bank };
    return this.#banks.find(keys, leastBank(this.#settings.interventionRate));
  }

  #kindOf(kind: string): Kind {
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    const level = new AdaptiveLevel(this.#settings.interventionRate);
    const fresh = { level, drift: new DriftMartingale(), hurried: 0 };
    this.#kinds.set(kind, fresh);
    return fresh;
  }

  #decided(state: Kind, intervened: boolean): void {
    const { interventionRate: target, step } = this.#settings;
    const factor = state.hurried > 0 ? alarmed.stepFactor : 1;
    state.hurried = Math.max(0, state.hurried - 1);
    state.level.decided(intervened, { target, step: factor * step });
  }

  #watch(kind: string, p: number): void {
    const state = this.#kindOf(kind);
    state.drift.bet(p);
    if (state.drift.logWealth < alarmLogWealth) return;
    this.#alarms += 1;
    state.drift.restart();
    this.#banks.forgetOlder(kind);
    state.hurried = alarmed.decisions;
  }
}

export interface CalibratorSnapshot {
  readonly banks: BankSnapshot;
  readonly kinds: readonly {
    readonly kind: string;
    readonly level: AdaptiveSnapshot;
    readonly drift: MartingaleSnapshot;
    readonly hurried: number;
  }[];
  readonly lengths: LengthSnapshot;
  readonly alarms: number;
}
