// A line of a run's ledger: what it says, its place, the hash of the line before; and how a line is read with suspicion.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { LedgerEnd } from "../../domain/run.ts";
import { canonical } from "./canonical.ts";

export const sha256Of = (content: string | Buffer): string =>
  createHash("sha256").update(content).digest("hex");

/** What stands in place of the hash of a line before the first. */
export const beforeTheFirst = "0".repeat(64);

const hash = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits");

/** A value too long or too secret for a ledger: its hash, and of a paid call what numbers are made of. */
const hidden = z.strictObject({
  sha256: hash,
  kept: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
});
const row = z.record(z.string(), z.union([z.string(), z.number(), z.null(), hidden]));

const place = { seq: z.int().nonnegative(), prev: hash };
const change = { ...place, table: z.string(), row };

const lineShape = z.discriminatedUnion("kind", [
  /** The first line, and one after each change of the schema; all rows that are there follow as `adopt`. */
  z.strictObject({ kind: z.literal("begin"), ...place, version: z.literal(1), schema: z.int() }),
  z.strictObject({ kind: z.literal("adopt"), ...change }),
  z.strictObject({ kind: z.literal("put"), ...change }),
  /** The row is its key alone. */
  z.strictObject({ kind: z.literal("drop"), ...change }),
  /** `signature` (base64url) is over all lines before it. */
  z.strictObject({ kind: z.literal("checkpoint"), ...place, key: z.string(), signature: z.string() }),
]);

export type LedgerLine = z.output<typeof lineShape>;
export type LedgerRow = z.output<typeof row>;
export type HiddenValue = z.output<typeof hidden>;
type WithoutPlace<T> = T extends unknown ? Omit<T, "seq" | "prev"> : never;
/** A line before it has a place. */
export type LedgerEntry = WithoutPlace<LedgerLine>;

/** What a checkpoint at `seq` signs: everything before it. */
export const checkpointMessage = ({ seq, prev }: Pick<LedgerLine, "seq" | "prev">): Buffer =>
  Buffer.from(`swing-arena ledger checkpoint ${seq} ${prev}`);

export function lineAfter(end: LedgerEnd | undefined): Pick<LedgerLine, "seq" | "prev"> {
  return end === undefined ? { seq: 0, prev: beforeTheFirst } : { seq: end.seq + 1, prev: end.hash };
}

/** The text of the next line. */
export function lineText(entry: LedgerEntry, end: LedgerEnd | undefined): string {
  return canonical({ ...entry, ...lineAfter(end) });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The line, or what is wrong with it: it must be of the known kinds and written in the one way there is. */
export function readLine(text: string): LedgerLine | { readonly problem: string } {
  const parsed = lineShape.safeParse(jsonOf(text));
  if (!parsed.success) return { problem: "it is no line of a ledger as this release writes them" };
  if (canonical(parsed.data) !== text) return { problem: "it is not written as ledgers are" };
  return parsed.data;
}
