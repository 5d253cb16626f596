// The ledger as a file: a line an event, written before anything is done because of it, read again after whatever happened.
import { createHash } from "node:crypto";
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { type Ledger, type LedgerEvent, LedgerFault } from "./ledger.ts";

const kinds = ["run", "question", "issued", "call", "gated", "decided", "withdrawn"] as const;
const moreKinds = ["timed-out", "epoch-ended", "own-bank", "tried", "ended", "answered"] as const;
/** We wrote it: each line's digest shows that it is as it was, so its kind is all that is looked at. */
const line = z.object({
  digest: z.string(),
  event: z.looseObject({ kind: z.enum([...kinds, ...moreKinds]) }),
});

/**
 * Each line's digest goes on from that of the line before, so that no line can be changed, left out or put in unseen.
 */
function digestOf(before: string, event: string): string {
  return createHash("sha256").update(before).update(event).digest("hex").slice(0, 16);
}

export interface OpenLedger extends Ledger {
  /** What was there. */
  readonly before: readonly LedgerEvent[];
  close(): void;
}

/** @throws LedgerFault naming the line */
export function openLedger(path: string, fingerprint: string, clock: Clock): OpenLedger {
  const file = openSync(path, "a+", 0o600);
  try {
    const { events, digest, bytes } = readLedger(path);
    // What a killed process had begun to write was never acted upon.
    ftruncateSync(file, bytes);
    mustBeOf(fingerprint, events, path);
    let last = digest;
    const append = (event: LedgerEvent): void => {
      const text = JSON.stringify(event);
      last = digestOf(last, text);
      writeSync(file, `{"digest":"${last}","event":${text}}\n`);
    };
    append({ kind: "run", schemaVersion: 1, fingerprint, atMs: clock.now() });
    return { append, before: events, close: () => closeSync(file) };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function mustBeOf(fingerprint: string, events: readonly LedgerEvent[], path: string): void {
  const other = events.find((event) => event.kind === "run" && event.fingerprint !== fingerprint);
  if (other === undefined) return;
  throw new LedgerFault(
    "ledger-of-another-run",
    `${path}: expected a ledger of the same engines and settings, found one of others. What to do: name another file`,
  );
}

/**
 * Events of whole lines and how many bytes those have; a last line without an end is left out.
 * @throws LedgerFault naming the line
 */
export function readLedger(path: string): { events: LedgerEvent[]; digest: string; bytes: number } {
  const text = readFileSync(path, "utf8");
  const end = text.lastIndexOf("\n") + 1;
  const events: LedgerEvent[] = [];
  let digest = "";
  for (const [at, written] of text.slice(0, end).split("\n").slice(0, -1).entries()) {
    const event = eventIn(written, digest, `${path}: line ${at + 1}`);
    digest = event.digest;
    events.push(event.event);
  }
  return { events, digest, bytes: Buffer.byteLength(text.slice(0, end)) };
}

function eventIn(written: string, before: string, where: string): { event: LedgerEvent; digest: string } {
  const damaged = (found: string): LedgerFault =>
    new LedgerFault(
      "ledger-unusable",
      `${where}: expected an event whose digest follows from the line before, found ${found}. ` +
        "What to do: keep the lines before it, or begin another ledger",
    );
  const parsed = line.safeParse(jsonOf(written));
  if (!parsed.success) throw damaged("something else");
  const eventText = written.slice(written.indexOf('"event":') + '"event":'.length, -1);
  if (digestOf(before, eventText) !== parsed.data.digest) throw damaged("another digest");
  return { event: trusted(eventText), digest: parsed.data.digest };
}

/** Its digest holds: it is as `append` wrote it. */
function trusted(eventText: string): LedgerEvent {
  return JSON.parse(eventText);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
