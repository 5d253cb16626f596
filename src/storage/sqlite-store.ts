// The database of one run: every method one durable transaction, every failure a fault that names the file.
import type { Database } from "better-sqlite3";
import type { DrawnIssue, OpenedIssue } from "../domain/adaptive.ts";
import type { Canary, RoundMark, StoredCanary } from "../domain/canary.ts";
import type { RoundRecord } from "../domain/record.ts";
import type {
  CachedRun,
  CallFinish,
  CallKey,
  CallStart,
  ChargedSoFar,
  Dropout,
  JudgementKey,
  JudgementRow,
  LedgerEnd,
  LostAnswers,
  PlannedBattle,
  Retried,
  RoundRow,
  RunFile,
  RunSettings,
  RunStore,
  StoredCall,
} from "../domain/run.ts";
import { CallTable } from "./call-table.ts";
import { CanaryTable } from "./canary-table.ts";
import { DrawTables } from "./draw-tables.ts";
import { DropoutTable } from "./dropout-table.ts";
import { guarded } from "./fault.ts";
import { FileTable } from "./file-table.ts";
import { JudgingTables } from "./judging-tables.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { PlanTables } from "./plan-tables.ts";
import { PlayTimeTable } from "./play-time-table.ts";
import { RoundTable } from "./round-table.ts";
import { SeedTable } from "./seed-table.ts";

export interface StoreParts {
  /** Of a run that is open for writing. */
  readonly ledger?: Ledger;
  /** Ends what opening began, the database included. */
  readonly close: () => void;
}

export class SqliteStore implements RunStore {
  readonly #database: Database;
  readonly #parts: StoreParts;
  readonly #plan: PlanTables;
  readonly #draws: DrawTables;
  readonly #seed: SeedTable;
  readonly #rounds: RoundTable;
  readonly #calls: CallTable;
  readonly #judging: JudgingTables;
  readonly #playTime: PlayTimeTable;
  readonly #canaries: CanaryTable;
  readonly #dropouts: DropoutTable;
  readonly #files: FileTable;

  constructor(database: Database, parts: StoreParts) {
    this.#database = database;
    this.#parts = parts;
    this.#plan = new PlanTables(database);
    this.#draws = new DrawTables(database);
    this.#seed = new SeedTable(database);
    this.#rounds = new RoundTable(database);
    this.#calls = new CallTable(database);
    this.#judging = new JudgingTables(database);
    this.#playTime = new PlayTimeTable(database);
    this.#canaries = new CanaryTable(database);
    this.#dropouts = new DropoutTable(database);
    this.#files = new FileTable(database);
  }

  /** With a line of the ledger for each row that changes. */
  #write<T>(work: () => T): T {
    const { ledger } = this.#parts;
    return guarded(`writing to ${this.#database.name}`, () =>
      ledger === undefined ? this.#database.transaction(work).immediate() : ledger.write(work),
    );
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

  openIssue(issue: DrawnIssue, battles: readonly PlannedBattle[]): void {
    this.#write(() => {
      for (const battle of battles) this.#plan.add(battle);
      this.#draws.add(issue);
    });
  }

  leaveOut(instanceId: string, why: string): void {
    this.#write(() => this.#draws.leaveOut(instanceId, why));
  }

  openedIssues(): readonly OpenedIssue[] {
    return this.#read(() => this.#draws.all());
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

  recordRounds(rows: readonly RoundRow[]): void {
    this.#write(() => {
      for (const row of rows) {
        this.#rounds.add(row);
        this.#canaries.mark(row);
      }
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

  chargeCall(id: number, charged: ChargedSoFar): void {
    this.#write(() => this.#calls.charge(id, charged));
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

  beginFile(path: string, sha256: string): void {
    this.#write(() => this.#files.begin(path, sha256));
  }

  settleFile(path: string, sha256: string | undefined): void {
    this.#write(() => this.#files.settle(path, sha256));
  }

  files(): readonly RunFile[] {
    return this.#read(() => this.#files.all());
  }

  ledgerEnd(): LedgerEnd | undefined {
    return this.#parts.ledger?.end;
  }

  /** May be called twice. */
  close(): void {
    if (!this.#database.open) return;
    guarded(`closing ${this.#database.name}`, this.#parts.close);
  }
}
