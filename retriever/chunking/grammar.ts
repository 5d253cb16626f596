// Loads a language's grammar: the native build, or the package's own wasm where no native build loads.
import { createRequire } from "node:module";
import { RetrieverFault } from "../fault.ts";
import { type Language, languages } from "./languages.ts";

/** Offsets are UTF-16 units of the parsed text. */
export interface SyntaxNode {
  readonly type: string;
  readonly startIndex: number;
  readonly endIndex: number;
  /** False for tokens that the grammar writes out: `<`, `if`. */
  readonly isNamed: boolean;
  /** Something below it could not be parsed, or is missing. */
  readonly hasError: boolean;
  readonly childCount: number;
  readonly children: readonly (SyntaxNode | null)[];
  childForFieldName(name: string): SyntaxNode | null;
  descendantForIndex(startIndex: number, endIndex: number): SyntaxNode | null;
}

export interface Capture {
  readonly name: string;
  readonly node: SyntaxNode;
}

export interface Match {
  readonly captures: readonly Capture[];
}

export interface ParsedTree {
  readonly root: SyntaxNode;
  /**
   * Matches of tags.scm that begin at most `depth` levels below the node; what lies deeper is not visited.
   * @throws Error where the tree is too wide for a query
   */
  matches(node: SyntaxNode, depth: number): readonly Match[];
  /** Native trees are freed by the collector: `collectGarbage` of the worker. */
  free(): void;
}

export type GrammarKind = "native" | "wasm";

export interface Grammar {
  readonly kind: GrammarKind;
  /** @throws Error where the parser gives up */
  parse(text: string): ParsedTree;
}

/**
 * Where a text is broken throughout (a megabyte of quotes) a parser's time grows with its square, to an hour. A megabyte
 * of sound source takes a second, so that nothing but such a text comes near this, unless the machine stands still.
 */
const longestParseMs = 30_000;
/** Nodes side by side where a query looks: its time grows with their square, to seconds here. */
const widestLevel = 30_000;

function assertNarrow(node: SyntaxNode, depth: number, textLength: number): void {
  // Every node has a character, nearly always: a shorter text needs no count.
  if (textLength <= widestLevel) return;
  if (node.childCount > widestLevel)
    throw new Error(`${node.childCount} nodes side by side, more than ${widestLevel}`);
  if (depth <= 1) return;
  for (const child of node.children) if (child !== null) assertNarrow(child, depth - 1, textLength);
}

const gaveUp = "no tree after";

/** Of a fallback: a machine that stood still may have been why, so it is no property of the file. */
export function isGivingUp(fallback: string): boolean {
  return fallback.includes(gaveUp);
}

/** Nodes come back to the binding that made them. */
function isNativeNode(node: SyntaxNode): node is SyntaxNode & import("tree-sitter").SyntaxNode {
  return "tree" in node && "grammarId" in node;
}

const require = createRequire(import.meta.url);

function nativeGrammar(language: Language): Grammar {
  const Parser: typeof import("tree-sitter") = require("tree-sitter");
  const loaded: unknown = require(language.package);
  const grammar = language.export === undefined ? loaded : Reflect.get(Object(loaded), language.export);
  const parser = new Parser();
  parser.setLanguage(grammar);
  parser.setTimeoutMicros(1000 * longestParseMs);
  const query = new Parser.Query(grammar, language.tags);
  return {
    kind: "native",
    parse(text) {
      // Without room for the whole text the binding refuses 32 KB and more.
      const tree: import("tree-sitter").Tree | null = parser.parse(text, undefined, {
        bufferSize: text.length + 1,
      });
      if (tree === null) {
        // Or it would go on with this text at the next one.
        parser.reset();
        throw new Error(`${gaveUp} ${longestParseMs / 1000} s`);
      }
      return {
        root: tree.rootNode,
        matches(node, depth) {
          assertNarrow(node, depth, text.length);
          return isNativeNode(node) ? query.matches(node, { maxStartDepth: depth }) : [];
        },
        free: () => undefined,
      };
    },
  };
}

async function wasmGrammar(language: Language, mostSteps = Number.POSITIVE_INFINITY): Promise<Grammar> {
  const { Parser, Language: WasmLanguage, Node, Query } = await import("web-tree-sitter");
  await Parser.init();
  const grammar = await WasmLanguage.load(require.resolve(`${language.package}/${language.wasm}`));
  const parser = new Parser();
  parser.setLanguage(grammar);
  const query = new Query(grammar, language.tags);
  return {
    kind: "wasm",
    parse(text) {
      // Its newer core reads what the native one needs an hour for in a second.
      let steps = 0;
      const progressCallback = (): boolean => {
        steps += 1;
        return steps > mostSteps;
      };
      const tree = parser.parse(text, null, { progressCallback });
      if (tree === null) {
        // Or it would go on with this text at the next one.
        parser.reset();
        throw new Error(`the wasm parser gave no tree in ${mostSteps} steps`);
      }
      return {
        root: tree.rootNode,
        matches(node, depth) {
          assertNarrow(node, depth, text.length);
          return node instanceof Node ? query.matches(node, { maxStartDepth: depth }) : [];
        },
        free: () => tree.delete(),
      };
    },
  };
}

/** @throws RetrieverFault grammar-unusable when neither build loads, or tags.scm does not fit the grammar */
export async function loadGrammar(language: Language, only?: GrammarKind): Promise<Grammar> {
  const causes: unknown[] = [];
  if (only !== "wasm") {
    try {
      return nativeGrammar(language);
    } catch (cause) {
      causes.push(cause);
    }
  }
  try {
    if (only !== "native") return await wasmGrammar(language);
  } catch (cause) {
    causes.push(cause);
  }
  throw unusable(language, causes);
}

function unusable(language: Language, causes: readonly unknown[]): RetrieverFault {
  const message = `expected ${language.package} to load for ${language.name}, found: ${causes.map(String).join("; ")}`;
  return new RetrieverFault("grammar-unusable", `${message}. Install the dependencies again.`, {
    cause: causes[0],
  });
}

/**
 * The grammar of a language folder, for whoever has a name and not a file, and must read a text alike wherever and
 * whenever it is read: one build everywhere, given up after a count of its own steps, not of seconds. A step is some
 * hundred of the parser's operations.
 * @throws RetrieverFault grammar-unusable
 */
export async function countingGrammar(name: string, mostSteps: number): Promise<Grammar> {
  const language = languages().all.find((each) => each.name === name);
  if (language === undefined) {
    const message = `expected a folder ${name} in retriever/languages, found none`;
    throw new RetrieverFault("grammar-unusable", message);
  }
  return wasmGrammar(language, mostSteps).catch((cause: unknown) => {
    throw unusable(language, [cause]);
  });
}
