// The small file beside a database that says how far its ledger goes: what is cut off the end is missed by it.
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import type { LedgerEnd } from "../../domain/run.ts";
import { storeFault } from "../fault.ts";
import { canonical, type Json } from "./canonical.ts";
import { sha256Of } from "./line.ts";
import { isSignedBy, type Signer } from "./signing.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits");

const headShape = z.strictObject({
  schemaVersion: z.literal(1),
  seq: z.int().nonnegative(),
  hash,
  /** The database as its last session closed it; absent while one is at work, and after one was killed. */
  database: z.strictObject({ sha256: hash, bytes: z.int() }).exactOptional(),
  key: z.string().exactOptional(),
  signature: z.string().exactOptional(),
});

export type LedgerHead = z.output<typeof headShape>;

export const headPath = (database: string): string => `${database}.head.json`;

const messageOf = ({ signature, ...rest }: LedgerHead): Buffer =>
  Buffer.from(`swing-arena ledger head ${canonical(rest)}`);

export function headText(
  head: Omit<LedgerHead, "key" | "signature" | "schemaVersion">,
  signer?: Signer,
): string {
  const plain: LedgerHead = {
    schemaVersion: 1,
    ...head,
    ...(signer === undefined ? {} : { key: signer.key }),
  };
  const whole = signer === undefined ? plain : { ...plain, signature: signer.sign(messageOf(plain)) };
  return `${canonical(whole)}\n`;
}

/** The head, or what is wrong with the text. */
export function readHead(text: string): LedgerHead | { readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: "it is no JSON" };
  }
  const parsed = headShape.safeParse(json);
  if (!parsed.success) return { problem: `it is no head of a ledger: ${z.prettifyError(parsed.error)}` };
  const { data } = parsed;
  const whole: Json = data;
  if (`${canonical(whole)}\n` !== text) return { problem: "it is not written as heads are" };
  if ((data.key === undefined) !== (data.signature === undefined))
    return { problem: "it has a key without a signature, or a signature without a key" };
  if (data.key !== undefined && !isSignedBy(data.key, messageOf(data), data.signature ?? ""))
    return { problem: `it is not signed by the key that it names, ${data.key}` };
  return data;
}

/** In pieces: a database may be larger than memory. */
export function fileHash(path: string): { readonly sha256: string; readonly bytes: number } {
  const sum = createHash("sha256");
  const piece = Buffer.alloc(1 << 20);
  const file = openSync(path, "r");
  try {
    let bytes = 0;
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      sum.update(piece.subarray(0, read));
      bytes += read;
    }
    return { sha256: sum.digest("hex"), bytes };
  } finally {
    closeSync(file);
  }
}

function onDisk(path: string, write?: { readonly text: string }): void {
  const file = openSync(path, write === undefined ? "r" : "w");
  try {
    if (write !== undefined) writeSync(file, write.text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** On the disk when it returns: whatever is changed next must not be changed before it. */
function writeHead(path: string, text: string): void {
  const aside = `${path}.${process.pid}.part`;
  onDisk(aside, { text });
  renameSync(aside, path);
  onDisk(dirname(path));
}

/** A log of SQLite's beside the database that still holds some of it: the file alone is then not the whole. */
function isWhole(database: string): boolean {
  const log = `${database}-wal`;
  return !existsSync(log) || statSync(log).size === 0;
}

/** Before a session changes anything: the head says no longer what the database's bytes are. */
export function openHead(database: string, end: LedgerEnd, signer: Signer | undefined): void {
  writeHead(headPath(database), headText({ seq: end.seq, hash: end.hash }, signer));
}

/** When a session has closed the database. */
export function closeHead(database: string, end: LedgerEnd, signer: Signer | undefined): void {
  const bytes = isWhole(database) ? { database: fileHash(database) } : {};
  writeHead(headPath(database), headText({ seq: end.seq, hash: end.hash, ...bytes }, signer));
}

/** The head of a run that is about to be gone on with; undefined where there is none. @throws StoreFault for a bad one */
export function headOf(database: string): LedgerHead | undefined {
  const path = headPath(database);
  if (!existsSync(path)) return undefined;
  const head = readHead(readFileSync(path, "utf8"));
  if (!("problem" in head)) return head;
  throw storeFault(
    `${path} cannot be believed: ${head.problem}. What to do: bring it back from a copy; or take it away to go on without, ` +
      "and nobody can tell any more whether lines are missing at the end of the run's ledger",
  );
}

/** @throws StoreFault where the ledger is not the one whose head this is, or has been cut short */
export function mustHold(
  database: string,
  head: LedgerHead,
  lineAt: (seq: number) => string | undefined,
): void {
  const line = lineAt(head.seq);
  if (line !== undefined && sha256Of(line) === head.hash) return;
  const found = line === undefined ? "it ends before" : "that line has another hash";
  throw storeFault(
    `${database} is not as it was left: expected line ${head.seq} of its ledger with hash ${head.hash} (${headPath(database)}), ` +
      `found that ${found}. What to do: bring the database back from a copy; \`arena board --verify\` says what differs`,
  );
}
