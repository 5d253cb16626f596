// What a ledger holds of a row: all of it, but of long texts and of secrets the hash, so that it can be published.
import { type HiddenValue, type LedgerRow, sha256Of } from "./line.ts";

export type StoredValue = string | number | null;
export type StoredRow = Readonly<Record<string, StoredValue>>;

/** Of an answer: what spending and tokens are counted from. What was said is in the database, tied by its hash. */
const counted = ["status", "inputTokens", "outputTokens", "estimated", "costUsd", "seconds"] as const;

function countedOf(text: string): HiddenValue["kept"] {
  try {
    const whole: unknown = JSON.parse(text);
    const fields = new Map(Object.entries(whole ?? {}));
    return Object.fromEntries(
      counted.flatMap((name) => (fields.has(name) ? [[name, fields.get(name)]] : [])),
    );
  } catch {
    return {};
  }
}

const hashed = (text: string): HiddenValue => ({ sha256: sha256Of(text) });

interface Hiding {
  readonly hide: (text: string) => HiddenValue;
  /** What stands in the column of a database made from a ledger alone. */
  readonly stand: (value: HiddenValue) => string;
}

const hiding: Readonly<Record<string, Hiding>> = {
  "calls.finish": {
    hide: (text) => ({ sha256: sha256Of(text), kept: countedOf(text) ?? {} }),
    stand: ({ kept }) => JSON.stringify({ ...kept, text: "" }),
  },
  "cached_runs.report": { hide: hashed, stand: () => "" },
  // Whoever knows it can tell canaries and twins from tests, while the run may still go on.
  "judging_seed.seed": { hide: hashed, stand: ({ sha256 }) => sha256 },
};

/** A row of the database as its ledger has it. */
export function ledgerForm(table: string, row: StoredRow): LedgerRow {
  const values = Object.entries(row).map(([column, value]) => {
    const rule = hiding[`${table}.${column}`];
    return [column, rule === undefined || typeof value !== "string" ? value : rule.hide(value)] as const;
  });
  return Object.fromEntries(values);
}

/** A ledger's row as a database can hold it. */
export function storedForm(table: string, row: LedgerRow): StoredRow {
  const values = Object.entries(row).map(([column, value]) => {
    if (value === null || typeof value !== "object") return [column, value] as const;
    return [column, hiding[`${table}.${column}`]?.stand(value) ?? value.sha256] as const;
  });
  return Object.fromEntries(values);
}
