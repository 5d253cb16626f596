// Makes the twin of a Rust test: the same function under the same name, certain to fail wherever the real one passes.
import type { Random } from "../../../domain/random.ts";
import type { Change } from "../compiled/mask.ts";
import { type Assertion, certainAssertions, type RustFile, type TestFunction } from "./scan.ts";

/** Statements that fail, written so that no compiler lint can tell (`parse` is not evaluated at compile time). */
function failingStatement(random: Random): string {
  const number = 3 + random.integer(60);
  const value = `"${number}".parse::<usize>().unwrap_or(0)`;
  const forms = [
    `assert_eq!(${value} + 1, ${number});`,
    `assert!(${value} == ${number + 2});`,
    `assert_ne!(${value}, ${number});`,
    `assert_eq!(${value}, ${number - 1}, "unexpected count");`,
  ];
  return forms[random.integer(forms.length)] ?? "";
}

/** Turns the assertion round: it holds exactly when the original does not. Undefined when its text is not plain. */
function turnedRound(
  file: RustFile,
  { macro, from, argumentsFrom, argumentsTo }: Assertion,
): Change | undefined {
  const swapped = macro === "assert_eq" ? "assert_ne" : "assert_eq";
  if (macro !== "assert") return { from, to: from + macro.length, text: swapped };
  const masked = file.masked.slice(argumentsFrom, argumentsTo);
  // With a comma it may be a message, or a part of the expression: too little is known.
  if (masked.includes(",")) return undefined;
  return {
    from: argumentsFrom,
    to: argumentsTo,
    text: `!(${file.source.slice(argumentsFrom, argumentsTo).trim()})`,
  };
}

const plainString = /^"[^"\\{}]*"$/;

/** One letter more, somewhere: a text that has another length is another text. */
function withOneMore(text: string, random: Random): string {
  const at = random.integer(text.length + 1);
  const letter = "aeinorst"[random.integer(8)] ?? "e";
  return text.slice(0, at) + letter + text.slice(at);
}

/** Small, so that it fits the type: a literal that does not would cost the whole tree its changed values. */
function otherNumber(text: string, random: Random): string {
  const value = Number(text);
  const step = 1 + random.integer(3);
  return String(value < 100 ? value + step : value - step);
}

const writtenToken =
  /\s+|(?:\w+::)*[A-Z]\w*(?:::(?:from|new))?|vec!|true|false|_+(?:\.(?:to_string|to_owned|into)\(\))?|\w+:(?!:)|-?\d[\w.]*|[&()[\]{},]/y;

/** `Some(150)`, `vec![1, 2]`, `Ok("a".to_string())`, `Point { x: 1 }`: nothing in it is worked out. */
function isWrittenOut(masked: string): boolean {
  writtenToken.lastIndex = 0;
  let at = 0;
  while (at < masked.length && writtenToken.test(masked)) at = writtenToken.lastIndex;
  return at === masked.length;
}

/** Changes one number or string of an expected value such as `Some(150)`. */
function insideLiteral(file: RustFile, from: number, to: number, random: Random): Change | undefined {
  const masked = file.masked.slice(from, to);
  if (!isWrittenOut(masked)) return undefined;
  const numbers = [
    ...masked.matchAll(/(?<![\w.])\d{1,9}(?=(?:\.\d+)?(?:[iu](?:8|16|32|64|128|size)|f32|f64)?(?![\w.]))/g),
  ];
  const strings = [...masked.matchAll(/_+/g)].filter(({ index, 0: { length } }) =>
    plainString.test(file.source.slice(from + index, from + index + length)),
  );
  const sites = [...numbers, ...strings].map(({ index, 0: { length } }) => ({
    at: from + index,
    end: from + index + length,
  }));
  const site = sites[random.integer(Math.max(1, sites.length))];
  if (site === undefined) return undefined;
  const text = file.source.slice(site.at, site.end);
  const fresh = text.startsWith('"')
    ? `"${withOneMore(text.slice(1, -1), random)}"`
    : otherNumber(text, random);
  return { from: site.at, to: site.end, text: fresh };
}

/** Where the last argument of an assertion starts, in masked text that begins after the opening parenthesis. */
function lastComma(masked: string): number {
  let depth = 0;
  const end = masked.trimEnd().endsWith(",") ? masked.trimEnd().length - 1 : masked.length;
  for (let at = end - 1; at >= 0; at -= 1) {
    const letter = masked[at] ?? "";
    if (/[)\]}]/.test(letter)) depth += 1;
    if (/[([{]/.test(letter)) depth -= 1;
    if (letter === "," && depth === 0) return at;
  }
  return -1;
}

/** Changes the expected value where it is written out: the message of the failure looks like any other. */
function otherLiteral(
  file: RustFile,
  { macro, argumentsFrom, argumentsTo }: Assertion,
  random: Random,
): Change | undefined {
  const masked = file.masked.slice(argumentsFrom, argumentsTo);
  const comma = lastComma(masked);
  if (macro !== "assert_eq" || comma === -1) return undefined;
  const first = masked.slice(0, comma);
  // A third argument is a message: the literal found would not be what is compared.
  if (lastComma(first) !== -1) return undefined;
  return (
    insideLiteral(file, argumentsFrom + comma + 1, argumentsTo, random) ??
    insideLiteral(file, argumentsFrom, argumentsFrom + comma, random)
  );
}

function beforeEnd(file: RustFile, test: TestFunction, random: Random): Change {
  const body = file.masked.slice(test.bodyStart, test.bodyEnd).trimEnd();
  const at = test.bodyStart + body.length;
  const glue = body === "" || /[;}]$/.test(body) ? " " : "; ";
  return { from: at, to: at, text: `${glue}${failingStatement(random)}` };
}

function added(file: RustFile, test: TestFunction, last: Assertion | undefined, random: Random): Change {
  const mayReturn = /\breturn\b/.test(file.masked.slice(test.bodyStart, test.bodyEnd));
  if (mayReturn) return { from: test.bodyStart, to: test.bodyStart, text: ` ${failingStatement(random)}` };
  if (!test.returns) return beforeEnd(file, test, random);
  const at = last?.to ?? test.bodyStart;
  return { from: at, to: at, text: ` ${failingStatement(random)}` };
}

/**
 * Mostly another expected value, which alone gives away a type that is equal to everything; seldom the contrary; the
 * rest is left to `added`.
 */
function changedAssertion(
  file: RustFile,
  assertions: readonly Assertion[],
  random: Random,
): Change | undefined {
  const last = assertions.at(-1);
  const manner = random.integer(8);
  const others = assertions.flatMap((each) => otherLiteral(file, each, random) ?? []);
  if (manner > 1 && others.length > 0) return others[random.integer(others.length)];
  return last !== undefined && manner % 2 === 0 ? turnedRound(file, last) : undefined;
}

export interface Manner {
  /** Only add statements, and leave the test's own as they are: for a tree in which the others do not compile. */
  readonly gentle: boolean;
  readonly random: Random;
}

/**
 * The change that turns a test into its twin; undefined for a test that no twin can be made of. No line moves.
 * Where the code is wrong, most twins fail at the same place and in the same words as the test itself, so that nothing
 * in the process tells them apart (docs/threat-model/rust.md has the odds).
 */
export function sabotage(file: RustFile, test: TestFunction, { gentle, random }: Manner): Change | undefined {
  if (test.shouldPanic) {
    if (test.returns) return undefined;
    const text = ' if "1".parse::<u8>().is_ok() { return; }';
    return { from: test.bodyStart, to: test.bodyStart, text };
  }
  const assertions = certainAssertions(file.masked, test);
  const changed = gentle ? undefined : changedAssertion(file, assertions, random);
  return changed ?? added(file, test, assertions.at(-1), random);
}
