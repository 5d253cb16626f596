// Opens issue after issue in seeded order and draws who plays on each; what is drawn is stored before it is played.
import type { Draw, DrawnIssue } from "../../domain/adaptive.ts";
import { meetingBattle } from "../../domain/pairing.ts";
import { type Random, seededRandom, shuffled } from "../../domain/random.ts";
import type { PlannedBattle, RoundRow, RunStore } from "../../domain/run.ts";
import { type PairName, pairOf } from "../../rating/index.ts";
import type { BattleEnd, BattleSource } from "../battle-source.ts";
import { type AdaptiveSettings, Knowledge, type PricedPair } from "./knowledge.ts";

export interface AdaptiveDeps {
  readonly store: Pick<
    RunStore,
    "battles" | "unplayed" | "rounds" | "openedIssues" | "openIssue" | "leaveOut"
  >;
  readonly settings: AdaptiveSettings;
  /** All that may be opened. */
  readonly instanceIds: readonly string[];
  /** Settles what is contested on an issue before its results are known to any draw. */
  readonly settle: (rows: readonly RoundRow[]) => Promise<void>;
  /** Nothing more is handed out, whoever waits. */
  readonly isStopped: () => boolean;
}

/** An issue that was opened in this session or an earlier one. */
interface Opened {
  readonly instanceId: string;
  readonly battles: readonly PlannedBattle[];
  /** Not over yet, by battle id. */
  readonly left: Set<string>;
  isClosed: boolean;
  /** Counts for nothing: a battle of it could not be played in this session. */
  isLeftOut: boolean;
}

export class AdaptiveBattles implements BattleSource {
  readonly #deps: AdaptiveDeps;
  readonly #random: Random;
  readonly #knowledge: Knowledge;
  readonly #opened: Opened[];
  readonly #unopened: string[];
  /** Drawn and not taken yet. */
  readonly #queue: PlannedBattle[];
  /** Why they left, by contestant. */
  readonly #out = new Map<string, string>();
  #taken = 0;
  #waiting: (() => void)[] = [];
  #settled: Promise<void> | undefined;

  constructor(deps: AdaptiveDeps) {
    const { store, settings, instanceIds } = deps;
    this.#deps = deps;
    this.#random = seededRandom(settings.seed).fork("adaptive");
    this.#knowledge = new Knowledge(settings);
    this.#queue = [...store.unplayed()];
    this.#opened = openedBefore(store);
    const known = new Set(this.#opened.map(({ instanceId }) => instanceId));
    this.#unopened = shuffled(instanceIds, this.#random.fork("issues")).filter((id) => !known.has(id));
  }

  get winner(): string | undefined {
    return this.#deps.settings.pairing.stop === undefined || this.#unopened.length === 0
      ? undefined
      : this.#knowledge.winnerWithout(this.#out);
  }

  async next(): Promise<PlannedBattle | undefined> {
    this.#settled ??= this.#settleEarlier();
    await this.#settled;
    while (!this.#deps.isStopped()) {
      if (this.#queue.length === 0) this.#openNext();
      const battle = this.#queue.shift();
      if (battle !== undefined) {
        this.#taken += 1;
        const gone = [battle.first, battle.second].find((id) => this.#out.has(id));
        if (gone === undefined) return battle;
        await this.over(battle, { leftOut: `${gone} has dropped out: ${this.#out.get(gone)}` });
      } else if (this.#taken === 0) return undefined;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return undefined;
  }

  /** It is drawn no more; the issues that it leaves unplayed count for nothing until they are played. */
  drop(contestant: string, reason: string): boolean {
    const others = this.#deps.settings.contestants.filter((id) => id !== contestant && !this.#out.has(id));
    if (others.length < 2) return false;
    this.#out.set(contestant, reason);
    return true;
  }

  async over(battle: PlannedBattle, end: BattleEnd): Promise<void> {
    try {
      if (end !== "cut-off") await this.#close(battle, end);
    } finally {
      this.#taken -= 1;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
    }
  }

  async #close({ battleId, instanceId }: PlannedBattle, end: Exclude<BattleEnd, "cut-off">): Promise<void> {
    const issue = this.#opened.find((each) => each.instanceId === instanceId);
    if (issue === undefined) return;
    if (end !== "played") {
      this.#deps.store.leaveOut(instanceId, end.leftOut);
      issue.isLeftOut = true;
    }
    issue.left.delete(battleId);
    if (issue.left.size > 0 || issue.isClosed) return;
    await this.#deps.settle(this.#rowsOf(issue));
    issue.isClosed = true;
  }

  /** What an earlier session played to its end and may not have settled any more. */
  async #settleEarlier(): Promise<void> {
    for (const issue of this.#opened) {
      if (issue.isClosed || issue.left.size > 0) continue;
      await this.#deps.settle(this.#rowsOf(issue));
      issue.isClosed = true;
    }
  }

  #rowsOf({ battles }: Opened): readonly RoundRow[] {
    return battles.flatMap(({ battleId }) => this.#deps.store.rounds(battleId));
  }

  /** Opens an issue where its draw may know by now all that it is to know, and nothing is decided. */
  #openNext(): void {
    const { pairing } = this.#deps.settings;
    const [instanceId] = this.#unopened;
    if (instanceId === undefined) return;
    const seen = Math.max(0, this.#opened.length - (pairing.issuesAtOnce - 1));
    if (this.#opened.slice(0, seen).some(({ isClosed }) => !isClosed)) return;
    for (const issue of this.#opened.slice(this.#knowledge.issues, seen))
      this.#knowledge.add(issue.instanceId, issue.isLeftOut ? [] : this.#rowsOf(issue));
    if (pairing.stop !== undefined && this.#knowledge.winnerWithout(this.#out) !== undefined) return;
    this.#unopened.shift();
    this.#open(instanceId, seen);
  }

  #open(instanceId: string, seen: number): void {
    const ordinal = this.#opened.length;
    const pending = this.#opened.slice(seen).flatMap(({ battles }) => battles.map(pairOfBattle));
    const pairs = this.#knowledge.draw(pending, this.#random.fork(`draw ${ordinal}`), this.#out);
    const battles = this.#battlesOf(instanceId, pairs);
    const issue: DrawnIssue = { ordinal, instanceId, seen, draws: pairs.map(drawOf(battles)) };
    this.#deps.store.openIssue(issue, battles);
    const left = new Set(battles.map(({ battleId }) => battleId));
    this.#opened.push({ instanceId, battles, left, isClosed: false, isLeftOut: false });
    this.#queue.push(...battles);
  }

  #battlesOf(instanceId: string, pairs: readonly PairName[]): readonly PlannedBattle[] {
    const { contestants, rounds } = this.#deps.settings;
    const before = this.#opened.flatMap(({ battles }) => battles);
    return pairs.map((pair, place) => {
      const [one = pair.one, other = pair.other] = contestants.filter(
        (id) => id === pair.one || id === pair.other,
      );
      const earlier = before.filter((battle) => isOf(battle, pair)).length;
      const meeting = { instanceId, one, other, ordinal: before.length + place, earlier, rounds };
      return meetingBattle(meeting, this.#random);
    });
  }
}

const pairOfBattle = ({ first, second }: PlannedBattle): PairName => pairOf(first, second);

function isOf(battle: PlannedBattle, { one, other }: PairName): boolean {
  const { one: mine, other: theirs } = pairOfBattle(battle);
  return mine === one && theirs === other;
}

const drawOf =
  (battles: readonly PlannedBattle[]) =>
  ({ propensity, informationPerUsd, expectedUsd, ...pair }: PricedPair, place: number): Draw => {
    const battle = battles[place];
    if (battle === undefined || !isOf(battle, pair)) throw new Error("bug: a drawn pair without its battle");
    return { battleId: battle.battleId, propensity, informationPerUsd, expectedUsd };
  };

function openedBefore(store: AdaptiveDeps["store"]): Opened[] {
  const battles = new Map(store.battles().map((battle) => [battle.battleId, battle]));
  const unplayed = new Set(store.unplayed().map(({ battleId }) => battleId));
  const opened = store.openedIssues();
  // What a draw has seen had been settled.
  const settled = opened.at(-1)?.seen ?? 0;
  return opened.map(({ ordinal, instanceId, draws }) => {
    const own = draws.flatMap(({ battleId }) => battles.get(battleId) ?? []);
    const left = new Set(own.map(({ battleId }) => battleId).filter((id) => unplayed.has(id)));
    return {
      instanceId,
      battles: own,
      left,
      isClosed: left.size === 0 && ordinal < settled,
      isLeftOut: false,
    };
  });
}
