// Hides from a grammar what it cannot read without the preprocessor: blanks of the same length, every offset stays.
import type { Language } from "./languages.ts";

const directive =
  /^[ \t]*#[ \t]*(?:(if|ifdef|ifndef)|(elif|elifdef|elifndef|else)|endif)\b(?:[^\n]*\\\r?\n)*[^\n]*/gm;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** An `#if` that has not met its `#endif` yet. */
interface Conditional {
  /** Its directives so far; a branch stands behind each. */
  readonly directives: Span[];
  /** Opening less closing braces of each branch. */
  readonly balances: number[];
}

const code = {
  newline: 10,
  quote: 34,
  apostrophe: 39,
  star: 42,
  slash: 47,
  backslash: 92,
  open: 123,
  close: 125,
};

/** Past the literal that opens at `at`; it ends with its line at the latest. */
function endOfLiteral(text: string, at: number, end: number): number {
  const quote = text.charCodeAt(at);
  for (let next = at + 1; next < end; next += 1) {
    const unit = text.charCodeAt(next);
    if (unit === quote || unit === code.newline) return next + 1;
    if (unit === code.backslash) next += 1;
  }
  return end;
}

/** Past what opens with a slash: a comment, or the slash alone. */
function endOfSlash(text: string, at: number, end: number): number {
  const second = text.charCodeAt(at + 1);
  if (second !== code.slash && second !== code.star) return at + 1;
  const close = second === code.slash ? "\n" : "*/";
  // Of the stretch alone: a comment that never ends would be sought through the whole file again and again.
  const found = text.slice(at + 2, end).indexOf(close);
  return found < 0 ? end : at + 2 + found + close.length;
}

/** Opening less closing braces of a stretch. */
function balanceOf(text: string, { start, end }: Span): number {
  let balance = 0;
  for (let at = start; at < end; ) {
    const unit = text.charCodeAt(at);
    if (unit === code.quote || unit === code.apostrophe) at = endOfLiteral(text, at, end);
    else if (unit === code.slash) at = endOfSlash(text, at, end);
    else {
      if (unit === code.open) balance += 1;
      else if (unit === code.close) balance -= 1;
      at += 1;
    }
  }
  return balance;
}

/** All but the first branch, and the directives themselves. */
function allButFirst({ directives }: Conditional, last: Span): Span[] {
  const [first, second = last] = directives;
  return first === undefined ? [] : [first, { start: second.start, end: last.end }];
}

/**
 * Branches that open a block which another branch, or what follows, closes: a grammar sees every branch and then one
 * block too many. Of such a conditional only the first branch is left.
 */
function halfBlocks(text: string): Span[] {
  const hidden: Span[] = [];
  const open: Conditional[] = [];
  let at = 0;
  for (const match of text.matchAll(directive)) {
    const here = { start: match.index, end: match.index + match[0].length };
    const top = open.at(-1);
    if (top !== undefined) addBalance(top, balanceOf(text, { start: at, end: here.start }));
    at = here.end;
    if (match[1] !== undefined) open.push({ directives: [here], balances: [0] });
    else if (match[2] !== undefined) {
      top?.directives.push(here);
      top?.balances.push(0);
    } else if (top !== undefined) {
      open.pop();
      if (top.balances.some((balance) => balance !== 0)) hidden.push(...allButFirst(top, here));
      const outer = open.at(-1);
      if (outer !== undefined) addBalance(outer, top.balances[0] ?? 0);
    }
  }
  return hidden.sort((one, other) => one.start - other.start);
}

function addBalance({ balances }: Conditional, balance: number): void {
  balances[balances.length - 1] = (balances.at(-1) ?? 0) + balance;
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, " ");
}

function withoutHalfBlocks(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of halfBlocks(text)) {
    // Inside a branch that is hidden already there is nothing left to hide.
    if (end <= at) continue;
    const from = Math.max(start, at);
    parts.push(text.slice(at, from), blank(text.slice(from, end)));
    at = end;
  }
  return at === 0 ? text : [...parts, text.slice(at)].join("");
}

const patterns = new Map<string, readonly RegExp[]>();

function patternsOf({ name, unreadable }: Language): readonly RegExp[] {
  const found = patterns.get(name) ?? unreadable.map((source) => new RegExp(source, "gm"));
  patterns.set(name, found);
  return found;
}

/** As long as `text`, with line breaks where it has them. */
export function readableText(text: string, language: Language): string {
  const whole = language.hasConditionals ? withoutHalfBlocks(text) : text;
  return patternsOf(language).reduce(
    (read, pattern) => read.replace(pattern, (all, found: string) => all.replace(found, blank(found))),
    whole,
  );
}
