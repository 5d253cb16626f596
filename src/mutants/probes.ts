// Puts an abort before every changed statement: a check that comes out otherwise then has reached one of them.
//
// Nothing is measured by what a program says of itself, as coverage tools do: the check's own outcome tells, and it
// comes from a run that is judged like any other. Statements outside functions get no abort, for loading the file
// would reach them and every check would seem to.
import type { SyntaxNode } from "../../retriever/index.ts";
import { type Lines, linesOf } from "./lines.ts";
import { isReadable, nodesWithin, type Syntax, type Visited, withTree } from "./syntax.ts";

export type Probed =
  | { readonly kind: "probed"; readonly text: string; readonly probes: number }
  /** No line of it is run by a call. */
  | { readonly kind: "nothing" }
  /** It is too long, or no tree could be made of it, with the aborts or without. */
  | { readonly kind: "unparsed" };

/** Rust's blocks hold expressions and items too; elsewhere only statements stand in one. */
function isStatement(node: SyntaxNode, language: Syntax["language"]): boolean {
  const { type } = node;
  // A label is jumped to: what stands before it is not reached by its own way.
  if (!node.isNamed || /comment|attribute/.test(type) || type === "case_statement") return false;
  if (language === "rust") return type !== "label" && !type.endsWith("_item");
  if (language === "python") return true;
  return type === "declaration" || /_(statement|declaration)$/.test(type) || type === "for_range_loop";
}

/** What is reached together: a statement, or what stands in the place of a block. */
interface Reached {
  readonly start: number;
  readonly end: number;
  /** Of its head: itself up to the first block within it. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** It is no statement of a block: abort and it need braces around them. */
  readonly isBare: boolean;
}

/** The part of a node that is only reached when a condition says so, or when it is called. */
function bareBody(node: SyntaxNode, { bare, containers }: Syntax["table"]): SyntaxNode | undefined {
  const field = bare.get(node.type);
  if (field === undefined) return undefined;
  const own = field === "" ? node.children.find((child) => child?.isNamed === true) : undefined;
  const body = field === "" ? own : node.childForFieldName(field);
  return body && !containers.has(body.type) ? body : undefined;
}

/** Offset of the last character of a head: `if`, its condition, and what else stands before the first block. */
function headEnd(node: SyntaxNode, { table }: Syntax, text: string): number {
  let end = node.endIndex;
  const waiting: SyntaxNode[] = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const inner = next !== node && table.containers.has(next.type) ? next : bareBody(next, table);
    if (inner !== undefined) end = Math.min(end, inner.startIndex);
    if (inner === next) continue;
    for (const child of next.children) if (child !== null && child !== inner) waiting.push(child);
  }
  let last = end - 1;
  // Python's blocks begin with their first statement.
  while (last > node.startIndex && /\s/.test(text[last] ?? "")) last -= 1;
  return last;
}

function reachedIn(syntax: Syntax, text: string, lines: Lines): Reached[] | undefined {
  const { table, language } = syntax;
  const isFunction = ({ type }: SyntaxNode): boolean => table.functions.has(type);
  const reached = (node: SyntaxNode, isBare: boolean): Reached => {
    const { startIndex: start, endIndex: end } = node;
    const firstLine = lines.at(start);
    const lastLine = Math.max(firstLine, lines.at(headEnd(node, syntax, text)));
    return { start, end, firstLine, lastLine, isBare };
  };
  const at = ({ node, parents, before }: Visited): Reached[] => {
    const container = parents.at(-1);
    const isWithin = parents.some(isFunction);
    if (container === undefined || !(isWithin || isFunction(node))) return [];
    const body = bareBody(node, table);
    const found = body === undefined ? [] : [reached(body, true)];
    // Behind an attribute there is no room: it belongs to what follows it.
    const isFree = before?.type.includes("attribute") !== true;
    const isOne = isWithin && isFree && table.containers.has(container.type) && isStatement(node, language);
    return isOne ? [reached(node, false), ...found] : found;
  };
  return withTree(syntax, text, (root) =>
    nodesWithin(root, { isWanted: lines.isTouched, skipped: table.skipped }).flatMap(at),
  );
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

const closing = " }";

/** Python's statements end with their line; elsewhere the abort shares the line, and no number changes. */
function insertions({ start, end, isBare }: Reached, text: string, { language, table }: Syntax): Insertion[] {
  if (isBare)
    return [
      { at: start, text: `{ ${table.abort} ` },
      { at: end, text: closing },
    ];
  if (language !== "python") return [{ at: start, text: `${table.abort} ` }];
  const indent = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  return indent.trim() === "" ? [{ at: start, text: `${table.abort}\n${indent}` }] : [];
}

/** In the text's order; what closes at a place comes before what opens there. */
function inserted(text: string, all: readonly Insertion[]): string {
  const closes = ({ text: more }: Insertion): number => (more === closing ? 0 : 1);
  const order = [...all].sort((one, other) => one.at - other.at || closes(one) - closes(other));
  const starts = [0, ...order.map(({ at }) => at)];
  const pieces = starts.map((from, place) => text.slice(from, order[place]?.at) + (order[place]?.text ?? ""));
  return pieces.join("");
}

/** The text with an abort before each statement whose head lies on one of the lines (1-based). */
export function probed(syntax: Syntax, text: string, changedLines: ReadonlySet<number>): Probed {
  if (!isReadable(text)) return { kind: "unparsed" };
  const lines = linesOf(text, changedLines);
  const all = reachedIn(syntax, text, lines);
  if (all === undefined) return { kind: "unparsed" };
  const wanted = all.filter(({ firstLine, lastLine }) => lines.wantedWithin(firstLine, lastLine) > 0);
  const probes = wanted.map((each) => insertions(each, text, syntax)).filter((each) => each.length > 0);
  if (probes.length === 0) return { kind: "nothing" };
  const changed = inserted(text, probes.flat());
  const hadError = withTree(syntax, text, (root) => root.hasError);
  const hasError = withTree(syntax, changed, (root) => root.hasError);
  const isBroken = hasError === undefined || (hasError && hadError === false);
  return isBroken ? { kind: "unparsed" } : { kind: "probed", text: changed, probes: probes.length };
}
