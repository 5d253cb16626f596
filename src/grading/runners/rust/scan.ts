// Finds the test functions of a Rust file in its text, so that their twins can be made before anything is compiled.
import { closingAfter, codeBefore, mask, rustRules } from "../compiled/mask.ts";

export interface TestFunction {
  readonly name: string;
  /** First position inside the body's braces. */
  readonly bodyStart: number;
  /** Position of the body's closing brace. */
  readonly bodyEnd: number;
  readonly shouldPanic: boolean;
  /** True when the function is declared to return something. */
  readonly returns: boolean;
}

export interface RustFile {
  readonly source: string;
  readonly masked: string;
  readonly tests: readonly TestFunction[];
}

const testAttribute = /#\[\s*(?:\w+\s*::\s*)*(?:test|rstest)\s*(?:\([^\]]*\))?\s*\]/g;
const otherAttributes = /(?:#\[[^\]]*\]\s*)*$/;
const signature =
  /(?:\s*#\[[^\]]*\])*\s*(?:pub\s*(?:\([^)]*\)\s*)?)?(?:async\s+)?(?:unsafe\s+)?fn\s+(\w+)\s*\(/y;

function functionAfter(masked: string, attribute: RegExpExecArray): TestFunction | undefined {
  signature.lastIndex = attribute.index + attribute[0].length;
  const found = signature.exec(masked);
  const name = found?.[1];
  if (found === null || name === undefined) return undefined;
  const afterArguments = closingAfter(masked, signature.lastIndex - 1);
  if (afterArguments === undefined) return undefined;
  const open = masked.indexOf("{", afterArguments);
  const end = open === -1 ? undefined : closingAfter(masked, open);
  const type = masked.slice(afterArguments, open).trim();
  if (end === undefined || !(type === "" || type.startsWith("->")) || type.includes(";")) return undefined;
  const before = otherAttributes.exec(masked.slice(0, attribute.index))?.[0] ?? "";
  const attributes = before + masked.slice(attribute.index, signature.lastIndex);
  return {
    name,
    bodyStart: open + 1,
    bodyEnd: end - 1,
    shouldPanic: /\bshould_panic\b/.test(attributes),
    returns: type !== "",
  };
}

/** Reads one file. Functions made by macros are not seen: they are tests without a twin. */
export function scanRust(source: string): RustFile {
  const masked = mask(source, rustRules);
  const tests: TestFunction[] = [];
  for (const attribute of masked.matchAll(testAttribute)) {
    const found = functionAfter(masked, attribute);
    if (found !== undefined && !tests.some((test) => test.bodyStart === found.bodyStart)) tests.push(found);
  }
  return { source, masked, tests };
}

export interface Assertion {
  readonly macro: string;
  readonly from: number;
  /** Positions of what stands between the parentheses. */
  readonly argumentsFrom: number;
  readonly argumentsTo: number;
  /** Position after the semicolon. */
  readonly to: number;
}

const assertion = /(assert|assert_eq|assert_ne)!\s*\(/y;

/**
 * The assertions that run whenever a passing test runs: statements of the body itself, not of a branch, a loop or a
 * closure. None when the body may return early.
 */
export function certainAssertions(masked: string, test: TestFunction): Assertion[] {
  if (/\breturn\b/.test(masked.slice(test.bodyStart, test.bodyEnd))) return [];
  const found: Assertion[] = [];
  let at = test.bodyStart;
  while (at < test.bodyEnd) {
    assertion.lastIndex = at;
    const match = /[;{}]/.test(codeBefore(masked, at)) ? assertion.exec(masked) : null;
    const open = match === null ? at : assertion.lastIndex - 1;
    const end = /[([{]/.test(masked[open] ?? "") ? closingAfter(masked, open) : open + 1;
    if (end === undefined) return found;
    if (match !== null && masked[end] === ";") {
      found.push({
        macro: match[1] ?? "",
        from: at,
        argumentsFrom: open + 1,
        argumentsTo: end - 1,
        to: end + 1,
      });
    }
    at = end;
  }
  return found;
}
