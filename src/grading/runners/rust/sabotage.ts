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
const plainNumber = /^-?\d{1,9}$/;

/** One letter more, somewhere: a text that has another length is another text. */
function withOneMore(text: string, random: Random): string {
  const at = random.integer(text.length + 1);
  const letter = "aeinorst"[random.integer(8)] ?? "e";
  return text.slice(0, at) + letter + text.slice(at);
}

/** Changes the expected value where it is a plain literal: the message of the failure looks like any other. */
function otherLiteral(
  file: RustFile,
  { macro, argumentsFrom, argumentsTo }: Assertion,
  random: Random,
): Change | undefined {
  const masked = file.masked.slice(argumentsFrom, argumentsTo);
  const comma = masked.lastIndexOf(",", masked.trimEnd().length - 2);
  if (macro !== "assert_eq" || comma === -1) return undefined;
  const from = argumentsFrom + comma + 1;
  const literal = file.source.slice(from, argumentsTo).replace(/,\s*$/, "").trim();
  const first = masked.slice(0, comma);
  // A third argument is a message: the literal found would not be what is compared.
  if (/[,<]/.test(first.replace(/\([^()]*\)|\[[^[\]]*\]/g, ""))) return undefined;
  if (plainString.test(literal))
    return { from, to: argumentsTo, text: ` "${withOneMore(literal.slice(1, -1), random)}"` };
  if (plainNumber.test(literal))
    return { from, to: argumentsTo, text: ` ${Number(literal) + 1 + random.integer(3)}` };
  return undefined;
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

/** Mostly another expected value, seldom the contrary; the rest is left to `added`. */
function changedAssertion(file: RustFile, last: Assertion, random: Random): Change | undefined {
  const manner = random.integer(6);
  if (manner === 0) return turnedRound(file, last);
  return manner < 5 ? otherLiteral(file, last, random) : undefined;
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
  const last = certainAssertions(file.masked, test).at(-1);
  const changed = gentle || last === undefined ? undefined : changedAssertion(file, last, random);
  return changed ?? added(file, test, last, random);
}
