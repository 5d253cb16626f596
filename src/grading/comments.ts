// Tells whether two texts of a source file differ in anything but comments and white space.
import type { Language } from "../domain/instance.ts";

const extensionLanguage: Readonly<Record<string, Language>> = {
  py: "python",
  pyi: "python",
  rs: "rust",
  go: "go",
  c: "cpp",
  cc: "cpp",
  cpp: "cpp",
  cxx: "cpp",
  h: "cpp",
  hh: "cpp",
  hpp: "cpp",
  hxx: "cpp",
  ipp: "cpp",
};

/**
 * One token per match, chosen by its first characters, so that every text is read in one pass however it is written:
 * what a contestant sends must not be able to keep us busy. A literal or comment that never ends lasts to the end.
 */
const tokens: Readonly<Record<Language, RegExp>> = {
  python: /"""|'''|["'#]/g,
  // A character literal is told from a lifetime by its second quote.
  rust: /\b(?:br|cr|r)(#*)"|"|'(?:\\(?:u\{[^}\n]{0,8}\}|x..|.)|[^'\\\n])'|\/\/|\/\*/g,
  go: /[`"']|\/\/|\/\*/g,
  // Digits may be parted by quotes: 1'000'000.
  cpp: /\b\d[\w.']*|\b(?:u8|[uUL])?R"([^()\\\s]{0,16})\(|["']|\/\/|\/\*/g,
};

/** Comments that tell the tools something: cgo's preamble is handled apart. */
const directive = /^\/\/(?:go:|line |export | ?\+build)/;

interface Piece {
  readonly kind: "code" | "literal" | "comment";
  readonly text: string;
}

function endAfter(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
}

/** End of a quoted literal with backslash escapes; a line end closes it unless it may span lines. */
function quotedEnd(text: string, from: number, options: { quote: string; spansLines: boolean }): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text.startsWith(options.quote, at)) return at + options.quote.length;
    else if (text[at] === "\n" && !options.spansLines) return at;
  }
  return text.length;
}

function commentEnd(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at === -1 ? text.length : at;
}

/** Rust's block comments nest. */
function blockEnd(text: string, from: number, nests: boolean): number {
  if (!nests) return endAfter(text, "*/", from);
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 1;
  while (depth > 0) {
    const found = mark.exec(text);
    if (found === null) return text.length;
    depth += found[0] === "/*" ? 1 : -1;
  }
  return mark.lastIndex;
}

function pieceEnd(text: string, match: RegExpExecArray, language: Language): number {
  const [start, delimiter = ""] = match;
  const from = match.index + start.length;
  if (start === "//" || start === "#") return commentEnd(text, from);
  if (start === "/*") return blockEnd(text, from, language === "rust");
  if (start === "`") return endAfter(text, "`", from);
  if (language === "rust" && start.endsWith('"') && start !== '"')
    return endAfter(text, `"${delimiter}`, from);
  if (language === "cpp" && start.endsWith("(")) return endAfter(text, `)${delimiter}"`, from);
  const isTriple = start === '"""' || start === "'''";
  if (!isTriple && start !== '"' && start !== "'") return from;
  const spansLines = isTriple || (language === "rust" && start === '"');
  return quotedEnd(text, from, { quote: start, spansLines });
}

function piecesOf(text: string, language: Language): Piece[] {
  const pieces: Piece[] = [];
  const pattern = new RegExp(tokens[language]);
  let done = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const end = pieceEnd(text, match, language);
    const piece = text.slice(match.index, end);
    const isComment = /^(#|\/\/|\/\*)/.test(piece) && !(language === "go" && directive.test(piece));
    pieces.push({ kind: "code", text: text.slice(done, match.index) });
    pieces.push({ kind: isComment ? "comment" : "literal", text: piece });
    pattern.lastIndex = end;
    done = end;
  }
  return [...pieces, { kind: "code", text: text.slice(done) }];
}

/** Line ends carry meaning except in Rust, and indentation in Python; other white space is one blank. */
function withoutBlanks(code: string, language: Language): string {
  if (language === "rust") return code.replace(/\s+/g, " ").trim();
  const lines = code.split("\n").map((line) => (language === "python" ? line.trimEnd() : line.trim()));
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => (language === "python" ? line : line.replace(/\s+/g, " ")))
    .join("\n");
}

/** The program without comments and idle white space; literals are kept to the byte, apart from the code. */
function essence(text: string, language: Language): string {
  // The comment before `import "C"` is C code that is compiled.
  if (language === "go" && /^\s*import\s+"C"/m.test(text)) return text;
  const pieces = piecesOf(text, language);
  const literals = pieces.filter((piece) => piece.kind === "literal").map((piece) => piece.text);
  const code = pieces.map((piece) => {
    if (piece.kind === "code") return piece.text.replaceAll("\u0000", " ");
    return piece.kind === "comment" ? " " : "\u0000";
  });
  return JSON.stringify([withoutBlanks(code.join(""), language), literals]);
}

/** Indentation and line order may be data (YAML, make): only blank lines and trailing blanks are idle. */
function essenceOfText(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  return lines.filter((line) => line !== "").join("\n");
}

/** True when both texts are the same program. Files of no known language differ as soon as a non-blank does. */
export function sameButComments(path: string, before: string, after: string): boolean {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const language = Object.hasOwn(extensionLanguage, extension) ? extensionLanguage[extension] : undefined;
  if (language === undefined) return essenceOfText(before) === essenceOfText(after);
  return essence(before, language) === essence(after, language);
}
