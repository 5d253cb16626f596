// Finds test cases, functions and assertions in the text of a C++ test file, before anything is compiled.
import { closingAfter, codeBefore, cppRules, mask } from "../compiled/mask.ts";

export type Framework = "gtest" | "catch2" | "doctest" | "plain";

export interface Body {
  readonly name: string;
  /** Position of the name. */
  readonly from: number;
  readonly start: number;
  /** Position of the closing brace. */
  readonly end: number;
  /** What stands between the parentheses, as written. */
  readonly parameters: string;
}

export interface CppFile {
  readonly source: string;
  readonly masked: string;
  readonly framework: Framework;
  readonly bodies: readonly Body[];
}

const includes: readonly (readonly [Framework, RegExp])[] = [
  ["gtest", /#\s*include\s*[<"](?:gtest\/gtest|gmock\/gmock)\.h[>"]/],
  ["doctest", /#\s*include\s*[<"](?:[\w./-]*\/)?doctest\.h[>"]/],
  ["catch2", /#\s*include\s*[<"](?:[\w./-]*\/)?(?:catch2\/[\w./]+|catch(?:_all|_test_macros)?)\.hpp[>"]/],
];

const notFunctions = new Set([
  "if",
  "for",
  "while",
  "switch",
  "catch",
  "return",
  "sizeof",
  "decltype",
  "alignas",
  "noexcept",
]);
const header = /\b([A-Za-z_]\w*)\s*\(/g;
const afterParameters = /\s*(?:(?:const|noexcept|override|final)\s*)*(?:->\s*[\w:<>&*,\s]+?)?\s*\{/y;

function bodiesOf(source: string, masked: string): Body[] {
  const found: Body[] = [];
  for (const match of masked.matchAll(header)) {
    const name = match[1] ?? "";
    if (notFunctions.has(name)) continue;
    const open = match.index + match[0].length - 1;
    const close = closingAfter(masked, open);
    if (close === undefined) continue;
    afterParameters.lastIndex = close;
    if (!afterParameters.test(masked)) continue;
    const start = afterParameters.lastIndex;
    const end = closingAfter(masked, start - 1);
    if (end === undefined) continue;
    found.push({
      name,
      from: match.index,
      start,
      end: end - 1,
      parameters: source.slice(open + 1, close - 1),
    });
  }
  return found;
}

/** The framework whose header a text includes itself. */
export function includedFramework(text: string): Framework | undefined {
  return includes.find(([, pattern]) => pattern.test(text))?.[0];
}

/** `inherited` is the framework that comes by way of the file's own headers, where it includes none itself. */
export function scanCpp(source: string, inherited: Framework = "plain"): CppFile {
  const masked = mask(source, cppRules);
  const framework = includedFramework(source) ?? inherited;
  return { source, masked, framework, bodies: bodiesOf(source, masked) };
}

const gtestMacros = new Set(["TEST", "TEST_F", "TEST_P", "TYPED_TEST", "TYPED_TEST_P"]);
// Literals side by side are one.
const firstStrings = /^(?:\s*"(?:[^"\\]|\\.)*")+/;
const literals = /"((?:[^"\\]|\\.)*)"/g;

/** The name a framework gives the case in whose braces a body stands; undefined for other functions. */
export function caseName({ framework }: CppFile, { name, parameters }: Body): string | undefined {
  if (framework === "gtest") {
    const parts = parameters.split(",").map((part) => part.trim());
    return gtestMacros.has(name) && parts.length === 2 ? parts.join(".") : undefined;
  }
  if (framework === "plain" || name !== "TEST_CASE") return undefined;
  const written = firstStrings.exec(parameters)?.[0];
  const parts =
    written === undefined ? undefined : [...written.matchAll(literals)].map(([, part = ""]) => part);
  return parts?.join("").replace(/\\(["\\])/g, "$1");
}

export interface Assertion {
  readonly macro: string;
  readonly argumentsFrom: number;
  readonly argumentsTo: number;
  /** Position after the semicolon. */
  readonly to: number;
}

const assertion = /(assert|(?:[A-Z][A-Z0-9]*_)*(?:CHECK|REQUIRE|EXPECT|ASSERT|VERIFY)(?:_[A-Z]+)*)\s*\(/y;

export const mayReturn = (file: CppFile, body: Body): boolean =>
  /\b(?:return|goto|co_return|GTEST_SKIP|SKIP)\b/.test(
    file.masked.slice(body.start, body.end).replace(/\breturn\b[^;]*;\s*$/, ""),
  );

/** Assertions that run whenever the body runs to its end: its own statements, none of a branch, a loop or a lambda. */
export function certainAssertions({ masked }: CppFile, body: Body): Assertion[] {
  const found: Assertion[] = [];
  let at = body.start;
  while (at < body.end) {
    assertion.lastIndex = at;
    const match = /[;{}]/.test(codeBefore(masked, at)) ? assertion.exec(masked) : null;
    const open = match === null ? at : assertion.lastIndex - 1;
    const end = /[([{]/.test(masked[open] ?? "") ? closingAfter(masked, open) : open + 1;
    if (end === undefined) return found;
    if (match !== null && masked[end] === ";") {
      found.push({ macro: match[1] ?? "", argumentsFrom: open + 1, argumentsTo: end - 1, to: end + 1 });
    }
    at = end;
  }
  return found;
}

/** True where the preprocessor may leave the text out. */
export function isConditional(masked: string, at: number): boolean {
  const before = masked.slice(0, at);
  const count = (pattern: RegExp): number => [...before.matchAll(pattern)].length;
  return count(/^[ \t]*#[ \t]*if/gm) > count(/^[ \t]*#[ \t]*endif/gm);
}
