// Finds the tests of a Go file and the places in them that decide how they end, by brackets and simple patterns.
import { closingAfter, type LexicalRules, mask } from "../compiled/mask.ts";

const literals = [/"(?:[^"\\\n]|\\.)*"/y, /`[^`]*`/y, /'(?:[^'\\\n]|\\.)+'/y];

export const goRules: LexicalRules = {
  nestedComments: false,
  literalAt: (source, at) => {
    for (const pattern of literals) {
      pattern.lastIndex = at;
      const found = pattern.exec(source);
      if (found !== null) return found[0].length;
    }
    return 0;
  },
};

export type GoTestKind = "Test" | "Fuzz" | "Example";

export interface GoTestFunction {
  readonly kind: GoTestKind;
  readonly name: string;
  /** Name of the `*testing.T` or `*testing.F` parameter; "" for an example. */
  readonly handle: string;
  /** Between the braces of the body. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

export interface GoFile {
  readonly source: string;
  readonly masked: string;
  readonly tests: readonly GoTestFunction[];
  /** `testing` is imported under its own name, so that canaries can be written. */
  readonly importsTesting: boolean;
}

const header = /^func (Test|Fuzz|Example)(\w*)\(\s*(?:(\w+)\s+\*testing\.([TF])\s*)?\)\s*\{/gm;
const handleOf: Readonly<Record<GoTestKind, string | undefined>> = {
  Test: "T",
  Fuzz: "F",
  Example: undefined,
};

function isKind(text: string | undefined): text is GoTestKind {
  return text === "Test" || text === "Fuzz" || text === "Example";
}

function testOf(masked: string, match: RegExpExecArray): GoTestFunction | undefined {
  const [whole, kind, rest = "", handle = "", type] = match;
  // `Testify` is no test: what follows the prefix may not be a lower-case letter.
  if (!isKind(kind) || /^\p{Ll}/u.test(rest) || handleOf[kind] !== type) return undefined;
  const open = match.index + whole.length - 1;
  const end = closingAfter(masked, open);
  if (end === undefined) return undefined;
  return { kind, name: `${kind}${rest}`, handle, bodyStart: open + 1, bodyEnd: end - 1 };
}

export function scanGo(source: string): GoFile {
  const masked = mask(source, goRules);
  const tests = [...masked.matchAll(header)].flatMap((match) => testOf(masked, match) ?? []);
  const importsTesting = /^\s*(?:import\s+)?"testing"\s*$/m.test(source);
  return { source, masked, tests, importsTesting };
}

/** An `if` whose block reports a failure, certain to be reached when the test passes. */
export interface FailingIf {
  readonly conditionFrom: number;
  readonly conditionTo: number;
  /** The call in the block, with its arguments as they are in the source. */
  readonly call: string;
  /** Variable of the innermost loop around it, and what it ranges over. */
  readonly loop: { readonly variable: string; readonly over: string } | undefined;
}

const loopHeader = /^for\s+(?:\w+\s*,\s*)?(\w+)\s*:=\s*range\s+(\w+)$/;
const subtestHeader = /^\w+\.Run\(.*,\s*func\(\w+ \*testing\.T\)$/s;

interface Block {
  readonly close: number;
  readonly loop: { readonly variable: string; readonly over: string } | undefined;
  readonly transparent: boolean;
}

/** Text of the statement whose block opens at `open`. */
function headBefore(masked: string, from: number, open: number): string {
  const before = masked.slice(from, open);
  const start = Math.max(before.lastIndexOf("\n"), before.lastIndexOf("{"), before.lastIndexOf("}")) + 1;
  return before.slice(start).trim();
}

function blockAt({ masked, bodyStart }: { masked: string; bodyStart: number }, open: number): Block {
  const head = headBefore(masked, bodyStart, open);
  const [, variable = "", over = ""] = loopHeader.exec(head) ?? [];
  const loop = variable === "" ? undefined : { variable, over };
  const close = closingAfter(masked, open) ?? masked.length;
  return { close, loop, transparent: loop !== undefined || subtestHeader.test(head) };
}

/** Position after `if init;`, so that what is left up to the brace is the condition. */
function conditionStart(masked: string, from: number, to: number): number {
  const semicolon = masked.slice(from, to).lastIndexOf(";");
  const start = semicolon === -1 ? from : from + semicolon + 1;
  return start + (masked.slice(start, to).length - masked.slice(start, to).trimStart().length);
}

const failingCall = /^\s*(\w+\.(?:Errorf?|Fatalf?|Fail|FailNow)\([\s\S]*\))\s*$/;

function failingIf(file: GoFile, at: number, open: number): Omit<FailingIf, "loop"> | undefined {
  const close = closingAfter(file.masked, open);
  if (close === undefined || /^\s*else\b/.test(file.masked.slice(close))) return undefined;
  const inside = file.masked.slice(open + 1, close - 1);
  if (!failingCall.test(inside) || /[;{}]/.test(inside) || inside.trim().split("\n").length > 3)
    return undefined;
  const conditionFrom = conditionStart(file.masked, at + 2, open);
  const condition = file.masked.slice(conditionFrom, open);
  const conditionTo = conditionFrom + condition.trimEnd().length;
  return { conditionFrom, conditionTo, call: file.source.slice(open + 1, close - 1).trim() };
}

/** Deferred calls that end nothing; any other may catch a panic that the test is about, so that its end is not reached. */
const harmlessDefer =
  /\bdefer\s+(?:cancel|(?:\w+\.)+(?:Close|Unlock|RUnlock|Stop|Shutdown|Remove|RemoveAll|Done))\(/g;

/** Whether a deferred call in this masked text may catch a panic. */
export function mayRecover(masked: string): boolean {
  return /\bdefer\b/.test(masked.replace(harmlessDefer, ""));
}

const leaves = /\b(continue|break|return|goto|panic|Skip|SkipNow|Skipf)\b/;

/** Every such `if` of a test: at its top level, or inside loops and subtests that do nothing but go on. */
export function failingIfs(file: GoFile, test: GoTestFunction): FailingIf[] {
  const found: FailingIf[] = [];
  const stack: Block[] = [];
  const { masked } = file;
  for (let at = test.bodyStart; at < test.bodyEnd; at += 1) {
    while (stack.length > 0 && at >= (stack.at(-1)?.close ?? 0)) stack.pop();
    if (masked[at] !== "{") continue;
    const block = blockAt({ masked, bodyStart: test.bodyStart }, at);
    const head = headBefore(masked, test.bodyStart, at);
    const reached =
      stack.every(({ transparent }) => transparent) && !leaves.test(masked.slice(test.bodyStart, at));
    if (reached && /^if\b/.test(head)) {
      const start = masked.lastIndexOf(head, at);
      const failing = failingIf(file, start, at);
      const loop = stack.findLast((each) => each.loop !== undefined)?.loop;
      if (failing !== undefined) found.push({ ...failing, loop });
    }
    stack.push(block);
  }
  return found;
}

export interface Table {
  /** Names of the fields of an inline struct, in order; empty for any other element type. */
  readonly fields: readonly string[];
  readonly rows: readonly { readonly from: number; readonly to: number }[];
}

function fieldNames(body: string): string[] {
  return body.split(/[\n;]/).flatMap((line) => {
    const [, names = ""] = /^\s*(\w+(?:\s*,\s*\w+)*)\s+\S/.exec(line) ?? [];
    return names === "" ? [] : names.split(",").map((name) => name.trim());
  });
}

/** Elements between commas at the top level of a bracketed piece of masked text. */
export function elements(masked: string, from: number, to: number): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let start = from;
  for (let at = from; at < to; at += 1) {
    if (/[([{]/.test(masked[at] ?? "")) at = (closingAfter(masked, at) ?? to) - 1;
    else if (masked[at] === ",") {
      found.push({ from: start, to: at });
      start = at + 1;
    }
  }
  if (masked.slice(start, to).trim() !== "") found.push({ from: start, to });
  return found;
}

/** The composite literal a name is given in this file, when it has at least one element. */
export function tableOf({ masked }: GoFile, name: string): Table | undefined {
  const given = new RegExp(`\\b${name}\\b[^=\\n]*=\\s*(?:\\[[^\\]]*\\]|map\\[[^\\]]*\\])\\s*`, "g");
  const matches = [...masked.matchAll(given)];
  const match = matches[0];
  if (match === undefined || matches.length > 1) return undefined;
  let at = match.index + match[0].length;
  let fields: string[] = [];
  if (/^struct\s*\{/.test(masked.slice(at))) {
    const open = masked.indexOf("{", at);
    const close = closingAfter(masked, open) ?? open + 1;
    fields = fieldNames(masked.slice(open + 1, close - 1));
    at = close;
  }
  const open = masked.indexOf("{", at);
  const close = open === -1 ? undefined : closingAfter(masked, open);
  if (close === undefined || !/^\*?[\w.]*\s*$/.test(masked.slice(at, open))) return undefined;
  const rows = elements(masked, open + 1, close - 1);
  return rows.length === 0 ? undefined : { fields, rows };
}
