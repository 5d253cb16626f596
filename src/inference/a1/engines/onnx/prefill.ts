// Reads new tokens of several requests in one run: each goes on behind what is known of its own beginning.
import { copyTokens, emptyParts, type Kv, type Numbers, placeIn } from "./kv.ts";
import type { Piece } from "./prefix-cache.ts";
import { type Caches, type DecoderSession, dispose } from "./session.ts";

export interface PrefillRow {
  /** Keys and values of what stands before, in order. */
  readonly known: readonly Piece[];
  /** At least one. */
  readonly ids: readonly number[];
  readonly wantsLogits: boolean;
}

export interface PrefillResult {
  /** Of what was known and what was read. */
  readonly kv: Kv;
  /** What comes behind the new token `at`. */
  logits(at: number): Float32Array;
}

const knownOf = ({ known }: PrefillRow): number => known.reduce((sum, { count }) => sum + count, 0);

interface Extent {
  readonly past: number;
  readonly fresh: number;
}

/** One row that has its past in one piece needs no copy of it. */
function pastCaches(session: DecoderSession, rows: readonly PrefillRow[], { past }: Extent): Caches {
  const [first] = rows;
  const [only, ...more] = first?.known ?? [];
  if (rows.length === 1 && only !== undefined && more.length === 0 && only.count === only.kv.length) {
    return session.caches(only.kv.parts, 1, past);
  }
  const parts = emptyParts(session.shapes, rows.length, past);
  rows.forEach((each, row) => {
    let start = past - knownOf(each);
    for (const { kv, count } of each.known) {
      copyTokens(session.shapes, placeIn(kv), { parts, row, width: past, start }, count);
      start += count;
    }
  });
  return session.caches(parts, rows.length, past);
}

/** Both the known and the new tokens stand at the right of their part, so that each row may have a gap between them. */
function inputsOf(rows: readonly PrefillRow[], { past, fresh }: Extent) {
  const ids = new Int32Array(rows.length * fresh);
  const positions = new Int32Array(rows.length * fresh);
  const mask = new Uint8Array(rows.length * (past + fresh));
  rows.forEach((each, row) => {
    const known = knownOf(each);
    const gap = fresh - each.ids.length;
    const at = row * (past + fresh);
    mask.fill(1, at + past - known, at + past);
    mask.fill(1, at + past + gap, at + past + fresh);
    each.ids.forEach((id, index) => {
      ids[row * fresh + gap + index] = id;
      positions[row * fresh + gap + index] = known + index;
    });
  });
  return { ids, positions, mask };
}

function kvOfRow(
  session: DecoderSession,
  parts: readonly Numbers[],
  { row, known, fresh }: { readonly row: number; readonly known: number; readonly fresh: number },
  extent: Extent,
): Kv {
  const width = extent.past + extent.fresh;
  const kv = { length: known + fresh, parts: emptyParts(session.shapes, 1, known + fresh) };
  copyTokens(session.shapes, { parts, row, width, start: extent.past - known }, placeIn(kv), known);
  copyTokens(session.shapes, { parts, row, width, start: width - fresh }, placeIn(kv, known), fresh);
  return kv;
}

/** @throws Error of the session */
export async function prefill(
  session: DecoderSession,
  rows: readonly PrefillRow[],
): Promise<readonly PrefillResult[]> {
  const extent = {
    past: Math.max(...rows.map(knownOf)),
    fresh: Math.max(...rows.map(({ ids }) => ids.length)),
  };
  const { caches, logits } = await session.run({
    rows: rows.length,
    ...extent,
    ...inputsOf(rows, extent),
    caches: pastCaches(session, rows, extent),
    wantsLogits: rows.some(({ wantsLogits }) => wantsLogits),
  });
  const parts = session.partsOf(caches);
  const results = rows.map((each, row) => {
    const [known, fresh] = [knownOf(each), each.ids.length];
    const kv =
      rows.length === 1
        ? { length: known + fresh, parts }
        : kvOfRow(session, parts, { row, known, fresh }, extent);
    return { kv, logits: (at: number) => logits(row, extent.fresh - fresh + at) };
  });
  dispose(caches);
  return results;
}
