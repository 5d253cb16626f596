// The ledger as a file: a line an event, written before anything is done because of it, read again after whatever happened.
import { createHash } from "node:crypto";
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { type Ledger, type LedgerEvent, LedgerFault } from "./ledger.ts";

const kinds = [
  ...(["run", "question", "own-bank", "issued", "call", "gated", "decided", "withdrawn"] as const),
  ...(["timed-out", "epoch-ended", "trials-planned", "tried", "ended", "answered", "abandoned"] as const),
] as const satisfies readonly LedgerEvent["kind"][];
/** We wrote it: each line's digest shows that it is as it was, so its kind is all that is looked at. */
const line = z.object({
  digest: z.string(),
  event: z.looseObject({ kind: z.enum(kinds) }),
});

/** Read at once: a ledger may be larger than any string. */
const pieceBytes = 1 << 20;
const newline = 10;

/**
 * Each line's digest goes on from that of the line before, so that no line can be changed, left out or put in unseen.
 */
function digestOf(before: string, event: string): string {
  return createHash("sha256").update(before).update(event).digest("hex").slice(0, 16);
}

export interface OpenLedger extends Ledger {
  /** What was there, read from the file each time that it is gone through. */
  readonly before: Iterable<LedgerEvent>;
  close(): void;
}

/** @throws LedgerFault naming the line */
export function openLedger(path: string, fingerprint: string, clock: Clock): OpenLedger {
  const file = openSync(path, "a+", 0o600);
  try {
    const there = checked(path, fingerprint);
    // What a killed process had begun to write was never acted upon.
    ftruncateSync(file, there.bytes);
    let { digest, bytes } = there;
    const append = (event: LedgerEvent): void => {
      const text = JSON.stringify(event);
      const next = digestOf(digest, text);
      bytes += writeWhole(file, `{"digest":"${next}","event":${text}}\n`, { path, bytes });
      digest = next;
    };
    append({ kind: "run", schemaVersion: 1, fingerprint, atMs: clock.now() });
    return { append, before: firstEvents(path, there.events), close: () => closeSync(file) };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Begins its file with the first event: what is never asked leaves nothing behind. @throws LedgerFault naming the line */
export function openLedgerOnUse(path: string, fingerprint: string, clock: Clock): OpenLedger {
  let opened = existsSync(path) ? openLedger(path, fingerprint, clock) : undefined;
  return {
    before: opened?.before ?? [],
    append: (event) => {
      opened ??= openLedger(path, fingerprint, clock);
      opened.append(event);
    },
    close: () => opened?.close(),
  };
}

/** @param there where it is and what we have written there so far */
function writeWhole(
  file: number,
  text: string,
  there: { readonly path: string; readonly bytes: number },
): number {
  const { path, bytes } = there;
  const found = fstatSync(file).size;
  if (found !== bytes)
    throw new LedgerFault(
      "ledger-unusable",
      `${path}: expected ${bytes} bytes, found ${found}: another process writes there, or a line was written in part. ` +
        "What to do: let one process at a time go on with it",
    );
  const whole = Buffer.from(text);
  try {
    // A disk that fills up takes a part.
    for (let written = 0; written < whole.length; ) written += writeSync(file, whole, written);
  } catch (cause) {
    throw new LedgerFault("ledger-unusable", `${path}: expected to write an event, found ${String(cause)}`, {
      cause,
    });
  }
  return whole.length;
}

function checked(path: string, fingerprint: string): { events: number; digest: string; bytes: number } {
  let there = { events: 0, digest: "", bytes: 0 };
  for (const { event, digest, bytes } of verified(path)) {
    if (event.kind === "run" && event.fingerprint !== fingerprint)
      throw new LedgerFault(
        "ledger-of-another-run",
        `${path}: expected a ledger of the same engines and settings, found one of others. What to do: name another file`,
      );
    there = { events: there.events + 1, digest, bytes };
  }
  return there;
}

function firstEvents(path: string, count: number): Iterable<LedgerEvent> {
  return {
    *[Symbol.iterator]() {
      let left = count;
      if (left === 0) return;
      for (const { event } of verified(path)) {
        yield event;
        left -= 1;
        if (left === 0) return;
      }
    },
  };
}

/**
 * Events of whole lines; a last line without an end is left out.
 * @throws LedgerFault naming the line
 */
export function* readLedger(path: string): Generator<LedgerEvent> {
  for (const { event } of verified(path)) yield event;
}

/** Each with its line's digest and with the bytes up to the line's end. */
function* verified(path: string): Generator<{ event: LedgerEvent; digest: string; bytes: number }> {
  let [digest, bytes, at] = ["", 0, 0];
  for (const written of wholeLines(path)) {
    at += 1;
    const read = eventIn(written.toString("utf8"), digest, `${path}: line ${at}`);
    digest = read.digest;
    bytes += written.length + 1;
    yield { ...read, bytes };
  }
}

function* wholeLines(path: string): Generator<Buffer> {
  const file = openSync(path, "r");
  try {
    let rest = Buffer.alloc(0);
    for (;;) {
      const piece = Buffer.alloc(pieceBytes);
      const read = readSync(file, piece);
      if (read === 0) return;
      const text = Buffer.concat([rest, piece.subarray(0, read)]);
      let from = 0;
      for (let end = text.indexOf(newline); end >= 0; end = text.indexOf(newline, from)) {
        yield text.subarray(from, end);
        from = end + 1;
      }
      rest = text.subarray(from);
    }
  } finally {
    closeSync(file);
  }
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
