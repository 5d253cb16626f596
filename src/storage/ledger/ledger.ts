// The ledger of an open run: every change of a row gets its line in the transaction that makes it.
import type { Database, Statement } from "better-sqlite3";
import { z } from "zod";
import type { LedgerEnd } from "../../domain/run.ts";
import { ledgerForm } from "./form.ts";
import { checkpointMessage, type LedgerEntry, lineAfter, lineText, readLine, sha256Of } from "./line.ts";
import type { Signer } from "./signing.ts";
import { coveredTables, type RowChange, rowsOf, watchRows } from "./tables.ts";

/** Lines between two signatures while a session lasts. */
const linesBetweenCheckpoints = 500;

const storedLine = z.strictObject({ seq: z.int(), line: z.string() });

function lastOf(database: Database): z.output<typeof storedLine> | undefined {
  const row = database.prepare("SELECT seq, line FROM ledger ORDER BY seq DESC LIMIT 1").get();
  return row === undefined ? undefined : storedLine.parse(row);
}

function isSigned(line: string): boolean {
  const read = readLine(line);
  return "kind" in read && read.kind === "checkpoint";
}

export class Ledger {
  readonly #database: Database;
  readonly #signer: Signer | undefined;
  readonly #append: Statement;
  readonly #changes: RowChange[] = [];
  /** Told after a checkpoint is on the disk. */
  onCheckpoint: (end: LedgerEnd) => void = () => {};
  #end: LedgerEnd | undefined;
  /** The number of the last line that is a signature; -1 where that is not known. */
  #signed: number;

  /** Inside the transaction that opens the run. `schema` is its version now, `before` what it was. */
  constructor(database: Database, signer: Signer | undefined, versions: { schema: number; before: number }) {
    this.#database = database;
    this.#signer = signer;
    this.#append = database.prepare("INSERT INTO ledger (seq, line) VALUES (?, ?)");
    const last = lastOf(database);
    this.#end = last === undefined ? undefined : { seq: last.seq, hash: sha256Of(last.line) };
    // What a killed session left without a signature is signed with the first that this one makes.
    this.#signed = last !== undefined && isSigned(last.line) ? last.seq : -1;
    if (this.#end === undefined || versions.before < versions.schema) this.#begin(versions.schema);
    watchRows(database, (change) => this.#changes.push(change));
  }

  get end(): LedgerEnd | undefined {
    return this.#end;
  }

  #begin(schema: number): void {
    this.#line({ kind: "begin", version: 1, schema });
    for (const table of coveredTables(this.#database)) {
      // All at once: a connection that is reading rows writes none.
      for (const row of [...rowsOf(this.#database, table)])
        this.#line({ kind: "adopt", table: table.name, row: ledgerForm(table.name, row) });
    }
  }

  #line(entry: LedgerEntry): void {
    const text = lineText(entry, this.#end);
    const { seq } = lineAfter(this.#end);
    this.#append.run(seq, text);
    this.#end = { seq, hash: sha256Of(text) };
  }

  #checkpoint(signer: Signer): void {
    const signature = signer.sign(checkpointMessage(lineAfter(this.#end)));
    this.#line({ kind: "checkpoint", key: signer.key, signature });
    this.#signed = this.#end?.seq ?? -1;
  }

  #record(isLast: boolean): void {
    for (const { kind, table, row } of this.#changes)
      this.#line({ kind, table, row: ledgerForm(table, row) });
    const due = (this.#end?.seq ?? -1) - this.#signed;
    const isDue = due >= linesBetweenCheckpoints || (isLast && due > 0);
    if (isDue && this.#signer !== undefined) this.#checkpoint(this.#signer);
  }

  /** One transaction: the work, and the lines that say what it changed. */
  write<T>(work: () => T, isLast = false): T {
    const [end, signed] = [this.#end, this.#signed];
    try {
      const whole = this.#database.transaction(() => {
        const result = work();
        this.#record(isLast);
        return result;
      });
      const result = whole.immediate();
      if (this.#signed !== signed && this.#end !== undefined) this.onCheckpoint(this.#end);
      return result;
    } catch (error) {
      [this.#end, this.#signed] = [end, signed];
      throw error;
    } finally {
      this.#changes.length = 0;
    }
  }
}
