// Split-then-merge over the syntax tree (cAST, arXiv 2506.15655, section 3.2): definitions whole, small ones together.
import type { ParsedTree, SyntaxNode } from "./grammar.ts";
import type { Definition, Outline } from "./outline.ts";
import { type LineRange, largestChunkBytes, mergeBytes, splitLines } from "./split.ts";
import { bytesIn, indentOf, isFirstOnLine, lineAt, type SourceText, textOf } from "./text.ts";

/** A chunk in the making: whole lines. */
export interface Piece extends LineRange {
  /** The definition it is named after; absent for a block. */
  readonly definition?: Definition;
  /** Part of a definition that was split: its neighbours outside are not merged into it. */
  readonly isPart: boolean;
}

/** Less than this beside a definition (closing braces, a lone statement) is no chunk of its own. */
const crumbBytes = 80;
/** Nesting followed into a tree; deeper code is cut at lines. */
const depthLimit = 100;

interface Work {
  readonly source: SourceText;
  readonly outline: Outline;
  readonly tree: ParsedTree;
}

/** Comments and attributes directly above a line belong to it. */
export function leadFrom({ leading }: Outline, line: number): number {
  let first = line;
  for (let above = leading.get(first - 1); above !== undefined; above = leading.get(first - 1)) first = above;
  return first;
}

/** Lines where children begin, of the node and of each child that is itself too large for a chunk. */
function collectCuts(
  work: Work,
  node: SyntaxNode,
  within: LineRange & { depth: number },
  into: Set<number>,
): void {
  const { source } = work;
  let isLed = false;
  for (const child of node.children) {
    if (child === null || child.endIndex <= (source.unitStarts[within.first] ?? 0)) continue;
    const line = lineAt(source.unitStarts, child.startIndex);
    if (line >= within.end) return;
    // Behind a comment there is no cut: it speaks of what follows.
    if (!isLed && line > within.first && isFirstOnLine(source, line, child.startIndex)) into.add(line);
    isLed = child.type.includes("comment");
    if (child.endIndex - child.startIndex > mergeBytes && within.depth < depthLimit)
      collectCuts(work, child, { ...within, depth: within.depth + 1 }, into);
  }
}

/** A stretch too large for one chunk, cut where its syntax allows. */
function split(work: Work, range: LineRange, definition?: Definition): Piece[] {
  const { source, tree } = work;
  const named = definition === undefined ? {} : { definition };
  if (bytesIn(source, range.first, range.end) <= largestChunkBytes)
    return [{ ...range, ...named, isPart: false }];
  const from = source.unitStarts[range.first] ?? 0;
  const to = Math.max(from, (source.unitStarts[range.end] ?? 0) - 1);
  const node = tree.root.descendantForIndex(from, to) ?? tree.root;
  const cuts = new Set<number>();
  collectCuts(work, node, { ...range, depth: 0 }, cuts);
  const sorted = [...cuts].sort((one, other) => one - other);
  return splitLines(source, range, sorted).map((part) => ({
    ...part,
    ...named,
    isPart: definition !== undefined,
  }));
}

/** One definition: whole where it fits, a class by its members, anything else by its statements. */
function piecesOf(work: Work, range: LineRange, definition: Definition): Piece[] {
  const size = bytesIn(work.source, range.first, range.end);
  // A function keeps together what a class is divided by: its inner functions alone do not say what it does.
  const limit = definition.kind === "class" ? mergeBytes : largestChunkBytes;
  if (definition.inside.length === 0 || size <= limit) return split(work, range, definition);
  return layOut(work, range, { definitions: definition.inside, owner: definition }).map((piece) => ({
    ...piece,
    isPart: true,
  }));
}

interface Level {
  readonly definitions: readonly Definition[];
  /** The class whose members these are: what stands between them is its own. */
  readonly owner?: Definition;
}

/** What stands between two definitions: crumbs and blank lines go to the piece before. */
function addGap(
  work: Work,
  gap: LineRange,
  { pieces, owner }: { pieces: Piece[]; owner?: Definition },
): void {
  if (gap.first >= gap.end) return;
  const before = pieces.at(-1);
  let first = gap.first;
  while (first < gap.end && indentOf(work.source, first) < 0) first += 1;
  const isCrumb = bytesIn(work.source, first, gap.end) < crumbBytes;
  const fits = before !== undefined && bytesIn(work.source, before.first, gap.end) <= largestChunkBytes;
  if (before !== undefined && (first === gap.end || (isCrumb && fits))) {
    pieces[pieces.length - 1] = { ...before, end: gap.end };
    return;
  }
  if (before !== undefined) pieces[pieces.length - 1] = { ...before, end: first };
  const range = before === undefined ? gap : { first, end: gap.end };
  pieces.push(...split(work, range, owner));
}

/** Between `at`, where the last definition ended, and `end`, where this one does. */
interface Front {
  readonly at: number;
  /** Where its comments begin. */
  readonly lead: number;
  readonly end: number;
  readonly isFirst: boolean;
}

/**
 * Where a definition's piece begins: with its comments, or with a crumb above them (`package p`, `class Name {`), which
 * is its head unless it closes what stood before, or hangs on it without a blank line.
 */
function frontOf({ source }: Work, { at, lead, end, isFirst }: Front): number {
  let front = isFirst ? at : lead;
  while (front > at && indentOf(source, front - 1) >= 0) front -= 1;
  const isAttached = front === at && !isFirst;
  if (front === lead || isAttached || /^[)}\]]/.test(textOf(source, front, front + 1).trimStart()))
    return lead;
  const alone = bytesIn(source, lead, end);
  const together = bytesIn(source, front, end);
  const fits = together <= largestChunkBytes || alone > largestChunkBytes;
  return fits && together - alone < crumbBytes ? front : lead;
}

function layOut(work: Work, range: LineRange, { definitions, owner }: Level): Piece[] {
  const pieces: Piece[] = [];
  const gaps = owner === undefined ? { pieces } : { pieces, owner };
  let at = range.first;
  for (const definition of definitions) {
    const end = Math.min(definition.lastLine + 1, range.end);
    if (end <= at) continue;
    const lead = Math.min(Math.max(at, leadFrom(work.outline, definition.firstLine)), end);
    const first = frontOf(work, { at, lead, end, isFirst: at === range.first });
    addGap(work, { first: at, end: first }, gaps);
    pieces.push(...piecesOf(work, { first, end }, definition));
    at = end;
  }
  addGap(work, { first: at, end: range.end }, gaps);
  return merge(work.source, pieces);
}

/** Neighbours together up to the target; the name is that of the first definition. */
function merge(source: SourceText, pieces: readonly Piece[]): Piece[] {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    const fits = last !== undefined && bytesIn(source, last.first, piece.end) <= mergeBytes;
    if (last === undefined || !fits || last.isPart || piece.isPart) {
      merged.push(piece);
      continue;
    }
    const definition = last.definition ?? piece.definition;
    const range = { first: last.first, end: piece.end, isPart: false };
    merged[merged.length - 1] = definition === undefined ? range : { ...range, definition };
  }
  return merged;
}

/** Pieces tile the file: in order, every line in exactly one. */
export function layOutFile(work: Work): Piece[] {
  return layOut(work, { first: 0, end: work.source.lines }, { definitions: work.outline.definitions });
}

/** The same for text without a grammar: stretches between blank lines, together up to the target. */
export function layOutBlocks(source: SourceText): Piece[] {
  return splitLines(source, { first: 0, end: source.lines }).map((range) => ({ ...range, isPart: false }));
}
