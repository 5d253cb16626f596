// Opens a language's grammar for this house: one parser each, given up on long before a hostile text could hold us up.
import { countingGrammar, type Grammar, type SyntaxNode } from "../../retriever/index.ts";
import type { Language } from "../domain/instance.ts";
import { type SyntaxTable, tables } from "./tables.ts";

/**
 * What contestants wrote is parsed too. Counted, not timed: on a busy host the same text must still give the same mutants.
 * Sound source of the greatest size read here takes less than 2,700, and hostile texts take seconds for so many.
 */
const mostParseSteps = 4_000;
/** UTF-16 units. Longer files are generated, or tables. */
const longestText = 200_000;

/** A language's grammar and what its nodes mean to us. */
export interface Syntax {
  readonly language: Language;
  readonly table: SyntaxTable;
  readonly grammar: Grammar;
}

const opened = new Map<Language, Promise<Syntax>>();

/** Loaded once and shared. @throws RetrieverFault grammar-unusable */
export function openSyntax(language: Language): Promise<Syntax> {
  const known = opened.get(language);
  if (known !== undefined) return known;
  const fresh = countingGrammar(language, mostParseSteps).then((grammar) => {
    return { language, table: tables[language], grammar };
  });
  opened.set(language, fresh);
  fresh.catch(() => opened.delete(language));
  return fresh;
}

/** Of a longer text nothing is made. */
export const isReadable = (text: string): boolean => text.length <= longestText;

/** What `use` makes of the tree; undefined for a text that the parser gives up. */
export function withTree<T>({ grammar }: Syntax, text: string, use: (root: SyntaxNode) => T): T | undefined {
  let tree: ReturnType<Grammar["parse"]>;
  try {
    tree = grammar.parse(text);
  } catch {
    // Too many steps, or a text that the parser itself fails on: another try meets the same.
    return undefined;
  }
  try {
    return use(tree.root);
  } finally {
    tree.free();
  }
}

/** Whether a path names a source of the syntax's language. */
export function isSource({ table }: Syntax, path: string): boolean {
  return table.extensions.has(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
}

export interface Visited {
  readonly node: SyntaxNode;
  /** Outermost first. */
  readonly parents: readonly SyntaxNode[];
  /** What stands before it among its parent's children; absent for the first. */
  readonly before?: SyntaxNode;
}

/** Deeper than sound source goes, and no deeper than a stack of parents is worth keeping. */
const deepest = 400;

/** Nodes that overlap a wanted range of the text, in its order; nothing below `skipped`. */
export function nodesWithin(
  root: SyntaxNode,
  { isWanted, skipped }: { isWanted(node: SyntaxNode): boolean; skipped: ReadonlySet<string> },
): Visited[] {
  const found: Visited[] = [];
  const waiting: Visited[] = [{ node: root, parents: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, parents } = next;
    if (skipped.has(node.type) || parents.length > deepest || !isWanted(node)) continue;
    found.push(next);
    const children = node.children.filter((child) => child !== null);
    const below = [...parents, node];
    for (let at = children.length - 1; at >= 0; at -= 1) {
      const [child, before] = [children[at], children[at - 1]];
      if (child === undefined) continue;
      waiting.push({ node: child, parents: below, ...(before === undefined ? {} : { before }) });
    }
  }
  return found;
}
