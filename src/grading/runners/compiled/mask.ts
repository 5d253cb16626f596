// Blanks comments and literals in Rust and C++ text, so that code can be found by brackets and simple patterns.

/** How a language writes what is not code. */
export interface LexicalRules {
  readonly nestedComments: boolean;
  /** Length of the literal or comment that starts at `at`, or 0 when code starts there. */
  readonly literalAt: (source: string, at: number) => number;
}

function until(source: string, from: number, end: string): number {
  const found = source.indexOf(end, from);
  return found === -1 ? source.length : found + end.length;
}

function quotedEnd(source: string, open: number): number {
  const quote = source[open];
  let at = open + 1;
  while (at < source.length && source[at] !== quote) at += source[at] === "\\" ? 2 : 1;
  return at + 1;
}

function blockCommentEnd(source: string, open: number, nested: boolean): number {
  if (!nested) return until(source, open + 2, "*/");
  let depth = 0;
  for (let at = open; at < source.length; at += 1) {
    const pair = source.slice(at, at + 2);
    if (pair === "/*") depth += 1;
    else if (pair === "*/") depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return source.length;
}

const rustRaw = /(?:br|cr|r)(#*)"/y;
const rustChar = /b?'(?:\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F_]{1,8}\}|.)|[^\\'\n])'/uy;
const cppRaw = /(?:u8|u|U|L)?R"([^()\\\s]{0,16})\(/y;
const wordCharacter = /[A-Za-z0-9_]/;

function stickyMatch(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

function startsWord(source: string, at: number): boolean {
  return at === 0 || !wordCharacter.test(source[at - 1] ?? "");
}

function rustLiteralAt(source: string, at: number): number {
  if (startsWord(source, at)) {
    const raw = stickyMatch(rustRaw, source, at);
    if (raw !== null) return until(source, at + raw[0].length, `"${raw[1] ?? ""}`) - at;
  }
  if (source[at] === '"') return quotedEnd(source, at) - at;
  // A quote that closes no character literal opens a lifetime, which is code.
  if (source[at] === "'") return stickyMatch(rustChar, source, at)?.[0].length ?? 0;
  return 0;
}

function cppLiteralAt(source: string, at: number): number {
  if (startsWord(source, at)) {
    const raw = stickyMatch(cppRaw, source, at);
    if (raw !== null) return until(source, at + raw[0].length, `)${raw[1] ?? ""}"`) - at;
  }
  if (source[at] === '"') return quotedEnd(source, at) - at;
  // A quote between digits separates them (1'000).
  if (source[at] === "'" && startsWord(source, at)) return quotedEnd(source, at) - at;
  return 0;
}

export const rustRules: LexicalRules = { nestedComments: true, literalAt: rustLiteralAt };
export const cppRules: LexicalRules = { nestedComments: false, literalAt: cppLiteralAt };

function skippedAt(source: string, at: number, rules: LexicalRules): number {
  if (source[at] === "/" && source[at + 1] === "/") {
    const end = source.indexOf("\n", at);
    return (end === -1 ? source.length : end) - at;
  }
  if (source[at] === "/" && source[at + 1] === "*") {
    return blockCommentEnd(source, at, rules.nestedComments) - at;
  }
  return rules.literalAt(source, at);
}

/** Text of the same length in which comments are spaces and literals are `_`; line feeds stay. */
export function mask(source: string, rules: LexicalRules): string {
  const parts: string[] = [];
  let at = 0;
  while (at < source.length) {
    const length = skippedAt(source, at, rules);
    const filler = source[at] === "/" ? " " : "_";
    parts.push(
      length === 0
        ? (source[at] ?? "")
        : source.slice(at, at + length).replace(/[^\n]/gu, (lost) => filler.repeat(lost.length)),
    );
    at += Math.max(length, 1);
  }
  return parts.join("");
}

const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Position after the bracket that closes the one at `open` in masked text; undefined when none does. */
export function closingAfter(masked: string, open: number): number | undefined {
  const expected: string[] = [];
  for (let at = open; at < masked.length; at += 1) {
    const letter = masked[at] ?? "";
    const closer = closers[letter];
    if (closer !== undefined) expected.push(closer);
    else if (letter === ")" || letter === "]" || letter === "}") {
      if (expected.pop() !== letter) return undefined;
      if (expected.length === 0) return at + 1;
    }
  }
  return undefined;
}

/** Last character before `at` that is no white space, or "" at the start. */
export function codeBefore(masked: string, at: number): string {
  return masked.slice(0, at).trimEnd().slice(-1);
}

export interface Change {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Applies changes that do not overlap. Positions are those of the original text. */
export function applyChanges(source: string, changes: readonly Change[]): string {
  const ordered = [...changes].sort((one, other) => other.from - one.from);
  return ordered.reduce(
    (text, { from, to, text: fresh }) => text.slice(0, from) + fresh + text.slice(to),
    source,
  );
}
