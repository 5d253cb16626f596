// The database of one run: every method one durable transaction, every failure a fault that names the file.
import type { Database } from "better-sqlite3";
import type { Canary, RoundMark, StoredCanary } from "../domain/canary.ts";
import type { RoundRecord } from "../domain/record.ts";
import type {
  CachedRun,
  CallFinish,
  CallKey,
  CallStart,
  Dropout,
  JudgementKey,
  JudgementRow,
  LostAnswers,
  PlannedBattle,
  Retried,
  RoundRow,
  RunSettings,
  RunStore,
  StoredCall,
} from "../domain/run.ts";
import { CallTable } from "./call-table.ts";
import { CanaryTable } from "./canary-table.ts";
import { DropoutTable } from "./dropout-table.ts";
import { guarded } from "./fault.ts";
import { JudgingTables } from "./judging-tables.ts";
import { PlanTables } from "./plan-tables.ts";
import { PlayTimeTable } from "./play-time-table.ts";
import { RoundTable } from "./round-table.ts";
import { SeedTable } from "./seed-table.ts";

export class SqliteStore implements RunStore {
  readonly #database: Database;
  readonly #beforeClose: () => void;
  readonly #plan: PlanTables;
  readonly #seed: SeedTable;
  readonly #rounds: RoundTable;
  readonly #calls: CallTable;
  readonly #judging: JudgingTables;
  readonly #playTime: PlayTimeTable;
  readonly #canaries: CanaryTable;
  readonly #dropouts: DropoutTable;

  constructor(database: Database, beforeClose: () => void) {
    this.#database = database;
    this.#beforeClose = beforeClose;
    this.#plan = new PlanTables(database);
    this.#seed = new SeedTable(database);
    this.#rounds = new RoundTable(database);
    this.#calls = new CallTable(database);
    this.#judging = new JudgingTables(database);
    this.#playTime = new PlayTimeTable(database);
    this.#canaries = new CanaryTable(database);
    this.#dropouts = new DropoutTable(database);
  }

  #write<T>(work: () => T): T {
    return guarded(`writing to ${this.#database.name}`, () => this.#database.transaction(work).immediate());
  }

  #read<T>(work: () => T): T {
    return guarded(`reading ${this.#database.name}`, work);
  }

  get settings(): RunSettings | undefined {
    return this.#read(() => this.#plan.settings());
  }

  saveSettings(settings: RunSettings): void {
    this.#write(() => this.#plan.saveSettings(settings));
  }

  judgingSeed(drawn: string): string {
    return this.#write(() => this.#seed.keep(drawn));
  }

  addPlayedSeconds(seconds: number): void {
    this.#write(() => this.#playTime.add(seconds));
  }

  playedSeconds(): number | undefined {
    return this.#read(() => this.#playTime.seconds());
  }

  planBattles(battles: readonly PlannedBattle[]): void {
    this.#write(() => {
      for (const battle of battles) this.#plan.add(battle);
    });
  }

  battles(): readonly PlannedBattle[] {
    return this.#read(() => this.#plan.all());
  }

  unplayed(): readonly PlannedBattle[] {
    return this.#read(() => this.#plan.unplayed());
  }

  finishBattle(battleId: string): void {
    this.#write(() => this.#plan.finish(battleId));
  }

  recordRound(row: RoundRow): void {
    this.#write(() => {
      this.#rounds.add(row);
      this.#canaries.mark(row);
    });
  }

  replaceRecord(battleId: string, round: number, record: RoundRecord): void {
    this.#write(() => this.#rounds.replaceRecord(battleId, round, record));
  }

  reopenVoids(): number {
    return this.#write(() => {
      const battles = this.#rounds.removeVoid();
      for (const battleId of battles) this.#plan.reopen(battleId);
      return battles.length;
    });
  }

  rounds(battleId?: string): readonly RoundRow[] {
    return this.#read(() => this.#rounds.all(battleId));
  }

  recordCanary(canary: Canary): void {
    this.#write(() => this.#canaries.add(canary));
  }

  canaries(): readonly StoredCanary[] {
    return this.#read(() => this.#canaries.all());
  }

  roundMarks(): readonly RoundMark[] {
    return this.#read(() => this.#canaries.marks());
  }

  retryQuarantined(): Retried {
    return this.#write(() => {
      const { instanceIds, removed } = this.#canaries.retry(this.#rounds.all());
      for (const { battleId } of removed) this.#plan.reopen(battleId);
      return { instanceIds, rounds: removed.length };
    });
  }

  recordDropout(dropout: Dropout): void {
    this.#write(() => this.#dropouts.add(dropout));
  }

  dropouts(): readonly Dropout[] {
    return this.#read(() => this.#dropouts.all());
  }

  returnDropouts(): void {
    this.#write(() => this.#dropouts.returnAll());
  }

  beginCall(call: CallStart): number {
    return this.#write(() => this.#calls.begin(call));
  }

  loseAnswer(id: number, charged: LostAnswers): void {
    this.#write(() => this.#calls.lose(id, charged));
  }

  finishCall(id: number, finish: CallFinish): void {
    this.#write(() => this.#calls.finish(id, finish));
  }

  calls(): readonly StoredCall[] {
    return this.#read(() => this.#calls.all());
  }

  callAt(key: CallKey): StoredCall | undefined {
    return this.#read(() => this.#calls.at(key));
  }

  recordJudgement(row: JudgementRow): void {
    this.#write(() => this.#judging.add(row));
  }

  replaceJudgement(key: JudgementKey, record: RoundRecord): void {
    this.#write(() => this.#judging.replaceRecord(key, record));
  }

  judgements(): readonly JudgementRow[] {
    return this.#read(() => this.#judging.all());
  }

  cachedRun(key: string): CachedRun | undefined {
    return this.#read(() => this.#judging.cachedRun(key));
  }

  cacheRun(run: CachedRun): void {
    this.#write(() => this.#judging.cache(run));
  }

  /** May be called twice. */
  close(): void {
    if (!this.#database.open) return;
    guarded(`closing ${this.#database.name}`, () => {
      this.#beforeClose();
      this.#database.close();
    });
  }
}
