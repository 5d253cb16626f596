// Reads a query's matches into what a file defines, and where comments lead into definitions.
import type { Capture, Match, ParsedTree, SyntaxNode } from "./grammar.ts";
import type { Language } from "./languages.ts";
import { largestChunkBytes } from "./split.ts";
import { isFirstOnLine, isLastOnLine, lineAt, type SourceText } from "./text.ts";

/** Lines are 0-based, inclusive. */
export interface Definition {
  readonly kind: "function" | "method" | "class";
  /** `Outer::inner`, as a person would say it. */
  readonly qualifiedName: string;
  readonly signature: string;
  readonly firstLine: number;
  readonly lastLine: number;
  /** Definitions directly inside, in order. */
  readonly inside: Definition[];
}

export interface Outline {
  /** Outermost definitions in order. */
  readonly definitions: readonly Definition[];
  /** Every name defined, innermost part only, with the line where the name stands; in order. */
  readonly names: readonly { readonly name: string; readonly line: number }[];
  /** Comments and attributes that stand alone on their lines: last line to first line. */
  readonly leading: ReadonlyMap<number, number>;
}

interface Span {
  readonly kind: "function" | "method" | "class" | "impl" | "scope" | "name";
  readonly start: number;
  readonly end: number;
  readonly nameStart: number;
  readonly name: string;
  readonly bodyStart: number | undefined;
}

const nameLimit = 200;
/** Levels below a container at which a definition may begin: `template <…> class`, `export const f = …`. */
const reach = 2;
/** Containers in containers, followed so far. */
const depthLimit = 50;
const namesPerFileLimit = 20_000;

const kinds: Readonly<Record<string, Span["kind"]>> = {
  "definition.function": "function",
  "definition.method": "method",
  "definition.class": "class",
  "definition.name": "name",
  "scope.class": "impl",
  scope: "scope",
};

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, nameLimit);
}

/** What stands outside angle brackets; the brackets of an operator's name stay. */
function withoutArguments(name: string): string {
  const [operator = ""] = /\boperator\b.*$/.exec(name) ?? [];
  let depth = 0;
  let plain = "";
  for (const character of name.slice(0, name.length - operator.length)) {
    if (character === "<") depth += 1;
    if (depth === 0) plain += character;
    if (character === ">") depth = Math.max(0, depth - 1);
  }
  return plain + operator;
}

/**
 * A broken parse leaves a return type before the name, and a conversion operator has its parameters behind it. Names in
 * quotes or brackets are whole.
 */
function functionName(found: string): string {
  if (!/^[\w~:]/.test(found) || !/[\s(]/.test(found)) return found;
  const said = found.replace(/\s*::\s*/g, "::");
  const [operator = ""] = /\boperator\b(\s*\(\s*\)|[^(]*)/.exec(said) ?? [];
  const at = operator === "" ? said.length : said.indexOf(operator);
  const before = said.slice(0, at);
  let depth = 0;
  let start = before.length;
  while (start > 0 && (depth > 0 || before[start - 1] !== " ")) {
    start -= 1;
    if (before[start] === ">") depth += 1;
    if (before[start] === "<") depth -= 1;
  }
  return `${before.slice(start)}${operator.trim().replace(/\s+(?=\W)/, "")}` || said;
}

function spanOf(captures: readonly Capture[], text: string, language: Language): Span | undefined {
  let [outer, name, body, qualifier]: (Capture | undefined)[] = [];
  for (const capture of captures) {
    if (capture.name === "name") name = capture;
    else if (capture.name === "body") body = capture;
    else if (capture.name === "qualifier") qualifier = capture;
    else if (kinds[capture.name] !== undefined) outer = capture;
  }
  const kind = kinds[outer?.name ?? ""];
  if (outer === undefined || name === undefined || kind === undefined) return undefined;
  const slice = ({ node }: Capture) =>
    oneLine(text.slice(node.startIndex, Math.min(node.endIndex, node.startIndex + 4 * nameLimit)));
  const said = kind === "function" || kind === "method" ? functionName(slice(name)) : slice(name);
  if (said === "" || language.keywords.includes(said)) return undefined;
  // A mere name counts where it stands, however much was matched around it.
  const whole = kind === "name" ? name.node : outer.node;
  return {
    kind,
    start: whole.startIndex,
    // A block may stand behind its head instead of inside it.
    end: Math.max(whole.endIndex, body?.node.endIndex ?? 0),
    nameStart: name.node.startIndex,
    name: qualifier === undefined ? said : `${slice(qualifier)}${language.separator}${said}`,
    bodyStart: body?.node.startIndex,
  };
}

/** Outer before inner; of spans around one name the widest, and a chunk's kind before a mere name. */
function ordered(spans: readonly Span[]): Span[] {
  const best = new Map<number, Span>();
  for (const span of spans) {
    const other = best.get(span.nameStart);
    const wins =
      other === undefined ||
      (other.kind === "name" && span.kind !== "name") ||
      (span.kind !== "name" && span.end - span.start > other.end - other.start);
    if (wins) best.set(span.nameStart, span);
  }
  return [...best.values()].sort((one, other) => one.start - other.start || other.end - one.end);
}

/** The last part of a qualified name, without template arguments; of what stands in quotes or brackets, that. */
function innermost(said: string, separator: string): string {
  const quoted = /^\[?(["'`])(.*)\1\]?$/.exec(said)?.[2];
  if (quoted !== undefined) return quoted || said;
  const plain = withoutArguments(said.replace(/^\[(.*)\]$/, "$1"));
  const at = plain.lastIndexOf(separator);
  return (at < 0 ? plain : plain.slice(at + separator.length)).trim() || said;
}

function signatureOf(span: Span, text: string): string {
  const found = text.slice(span.start, Math.min(span.end, span.start + 8 * nameLimit));
  const lineEnd = found.indexOf("\n", Math.max(0, span.nameStart - span.start));
  const end =
    span.bodyStart === undefined ? (lineEnd < 0 ? found.length : lineEnd) : span.bodyStart - span.start;
  return oneLine(found.slice(0, end)).replace(/\s*[{:]$/, "");
}

interface Open {
  readonly end: number;
  readonly name: string;
  readonly isClass: boolean;
  readonly definition?: Definition;
}

/** Nests spans by what contains what. */
function nest(
  spans: readonly Span[],
  source: SourceText,
  language: Language,
): Pick<Outline, "definitions" | "names"> {
  const roots: Definition[] = [];
  const names: { name: string; line: number }[] = [];
  const open: Open[] = [];
  for (const span of spans) {
    while (open.length > 0 && (open.at(-1)?.end ?? 0) <= span.start) open.pop();
    const line = lineAt(source.unitStarts, span.nameStart);
    if (span.kind !== "impl" && span.kind !== "scope" && names.length < namesPerFileLimit)
      names.push({ name: innermost(span.name, language.separator), line });
    if (span.kind === "name") continue;
    const isClass = span.kind === "class" || span.kind === "impl";
    if (span.kind === "scope") {
      open.push({ end: span.end, name: span.name, isClass });
      continue;
    }
    const definition = definitionOf(span, source, { open, language });
    const parent = open.findLast((each) => each.definition !== undefined)?.definition;
    (parent?.inside ?? roots).push(definition);
    open.push({ end: span.end, name: span.name, isClass, definition });
  }
  return { definitions: roots, names };
}

function definitionOf(
  span: Span,
  source: SourceText,
  { open, language }: { open: readonly Open[]; language: Language },
): Definition {
  const isClass = span.kind === "impl" || span.kind === "class";
  const isMethod = span.kind === "method" || open.at(-1)?.isClass || span.name.includes(language.separator);
  return {
    kind: isClass ? "class" : isMethod ? "method" : "function",
    qualifiedName: oneLine([...open.slice(-8).map((each) => each.name), span.name].join(language.separator)),
    signature: signatureOf(span, source.text),
    firstLine: lineAt(source.unitStarts, span.start),
    lastLine: lineAt(source.unitStarts, Math.max(span.start, span.end - 1)),
    inside: [],
  };
}

interface Found {
  readonly spans: Span[];
  readonly leading: Map<number, number>;
  /** Where definitions may stand inside what was found, by start. */
  readonly containers: Map<number, SyntaxNode>;
}

function noteLeading({ node }: Capture, source: SourceText, leading: Map<number, number>): void {
  const first = lineAt(source.unitStarts, node.startIndex);
  const last = lineAt(source.unitStarts, Math.max(node.startIndex, node.endIndex - 1));
  if (isFirstOnLine(source, first, node.startIndex) && isLastOnLine(source, last, node.endIndex))
    leading.set(last, first);
}

/** Bodies of classes and scopes, and of functions too large for a chunk. */
function bodyToEnter(span: Span, captures: readonly Capture[]): SyntaxNode | undefined {
  const isSmall = span.kind !== "class" && span.kind !== "impl" && span.kind !== "scope";
  if (span.kind === "name" || (isSmall && span.end - span.start <= largestChunkBytes)) return undefined;
  return captures.find(({ name }) => name === "body")?.node;
}

function readMatch({ captures }: Match, source: SourceText, into: Found & { language: Language }): void {
  const [first] = captures;
  if (first === undefined) return;
  if (captures.length === 1 && first.name === "leading") noteLeading(first, source, into.leading);
  else if (captures.length === 1 && first.name === "container")
    into.containers.set(first.node.startIndex, first.node);
  else {
    const span = spanOf(captures, source.text, into.language);
    if (span === undefined) return;
    into.spans.push(span);
    const body = bodyToEnter(span, captures);
    if (body !== undefined) into.containers.set(body.startIndex, body);
  }
}

/**
 * Only where definitions stand is looked at: the file, bodies of classes and scopes, conditional blocks. A query over
 * every node would cost as much as half the parse.
 */
export function outlineOf(tree: ParsedTree, source: SourceText, language: Language): Outline {
  const spans: Span[] = [];
  const leading = new Map<number, number>();
  const entered = new Set<number>();
  let level: SyntaxNode[] = [tree.root];
  for (let depth = 0; depth < depthLimit && level.length > 0; depth += 1) {
    const containers = new Map<number, SyntaxNode>();
    for (const node of level)
      for (const match of tree.matches(node, reach))
        readMatch(match, source, { spans, leading, containers, language });
    level = [...containers.values()].filter(({ startIndex }) => !entered.has(startIndex));
    for (const { startIndex } of level) entered.add(startIndex);
  }
  return { ...nest(ordered(spans), source, language), leading };
}
