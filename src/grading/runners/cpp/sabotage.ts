// Makes the twin of a C++ test: the same text but for one change that makes it fail wherever the real one passes.
import type { Random } from "../../../domain/random.ts";
import type { Change } from "../compiled/mask.ts";
import {
  type Assertion,
  type Body,
  type CppFile,
  caseName,
  certainAssertions,
  isConditional,
  mayReturn,
} from "./scan.ts";

export interface Manner {
  /** Only add statements: for a tree in which changed assertions do not compile. */
  readonly gentle: boolean;
  /** `assert` means nothing where NDEBUG is defined. */
  readonly ignoresAssert: boolean;
  readonly random: Random;
}

type Form = (low: number, high: number) => string;

const forms: readonly (readonly [RegExp, Form])[] = [
  [/(?:^|_)STREQ$/, (low, high) => `"${low}", "${high}"`],
  [/_FALSE$/, (low) => `${low} == ${low}`],
  [/_EQ$/, (low, high) => `${low}, ${high}`],
  [/_NE$/, (low) => `${low}, ${low}`],
  [/_(?:LT|LE)$/, (low, high) => `${high}, ${low}`],
  [/_(?:GT|GE)$/, (low, high) => `${low}, ${high}`],
  [
    /(?:^|_)(?:CHECK|REQUIRE|EXPECT|ASSERT|VERIFY|TRUE)$|^assert$/,
    (low, high) => `${low} + 1 == ${high} + 1`,
  ],
];

/** A failing use of the macro, undefined for one whose meaning its name does not tell. */
function failingUse(macro: string, random: Random): string | undefined {
  const form = forms.find(([pattern]) => pattern.test(macro))?.[1];
  const low = 2 + random.integer(90);
  return form === undefined ? undefined : `${macro}(${form(low, low + 1 + random.integer(5))});`;
}

const isUnary = (macro: string): boolean =>
  /(?:^|_)(?:CHECK|REQUIRE|EXPECT|ASSERT|VERIFY|TRUE|FALSE)$|^assert$/.test(macro);

function turnedRound(
  file: CppFile,
  { macro, argumentsFrom, argumentsTo }: Assertion,
  random: Random,
): Change | undefined {
  const masked = file.masked.slice(argumentsFrom, argumentsTo);
  // A comma may begin a message; only brackets can hide one that does not.
  if (!isUnary(macro) || masked.replace(/\([^()]*\)|\{[^{}]*\}/g, "").includes(",")) return undefined;
  const text = file.source.slice(argumentsFrom, argumentsTo).trim();
  const contraries = [
    `!(${text})`,
    `(${text}) == false`,
    `false == (${text})`,
    `!static_cast<bool>(${text})`,
  ];
  return { from: argumentsFrom, to: argumentsTo, text: contraries[random.integer(contraries.length)] ?? "" };
}

// The expected value at the end: a literal, or literals in braces behind a type. A call could swallow the change.
const plainExpectation =
  /(?:==|,)\s*((?:[\w:]+(?:<[\w:,<> ]*>)?\s*\(?\s*)?\{[^()]*\}\s*\)?|-?\d[\w']*|_+)\s*$/;

/** Expects another value: the text of such a failure looks like that of any other. */
function otherLiteral(file: CppFile, assertion: Assertion, random: Random): Change | undefined {
  const { macro, argumentsFrom, argumentsTo } = assertion;
  if (!(isUnary(macro) || /_(?:EQ|STREQ)$/.test(macro)) || /_FALSE$/.test(macro)) return undefined;
  const masked = file.masked.slice(argumentsFrom, argumentsTo);
  if (/&&|\|\||!/.test(masked) || (isUnary(macro) && !masked.includes("=="))) return undefined;
  const found = plainExpectation.exec(masked);
  const expectation = found?.[1];
  if (found === null || expectation === undefined || (isUnary(macro) && !found[0].startsWith("==")))
    return undefined;
  const from = argumentsFrom + found.index + found[0].indexOf(expectation);
  const text = file.source.slice(from, argumentsTo);
  if (/^"[^"\\]*"\s*$/.test(text)) {
    const letter = "aeinorst"[random.integer(8)] ?? "e";
    const at = from + 1 + random.integer(text.trimEnd().length - 1);
    return { from: at, to: at, text: letter };
  }
  const number = [...file.masked.slice(from, argumentsTo).matchAll(/(?<![\w.'])\d{1,9}(?![\d.'x])/g)].at(-1);
  if (number === undefined) return undefined;
  const at = from + number.index;
  return { from: at, to: at + number[0].length, text: String(Number(number[0]) + 1 + random.integer(3)) };
}

/** Changes one of the test's own assertions; undefined when this draw leaves them alone, or none can be changed. */
function changedAssertion(
  file: CppFile,
  assertions: readonly Assertion[],
  random: Random,
): Change | undefined {
  const other = assertions.flatMap((assertion) => otherLiteral(file, assertion, random) ?? []);
  // Nothing else gives away a type that is equal to everything.
  if (other.length > 0 && random.integer(8) > 0) return other[random.integer(other.length)];
  const last = assertions.at(-1);
  return last === undefined || random.integer(2) === 0 ? undefined : turnedRound(file, last, random);
}

function usable(file: CppFile, body: Body, manner: Manner): Assertion[] {
  const all = certainAssertions(file, body);
  return all.filter(
    ({ macro }) => !(manner.ignoresAssert && macro === "assert") && failingUse(macro, manner.random),
  );
}

/** Adds a failing assertion: after the last one, or first where the body may be left early. */
function added(file: CppFile, body: Body, macro: string, random: Random): Change | undefined {
  const statement = failingUse(macro, random);
  if (statement === undefined) return undefined;
  const last = certainAssertions(file, body).at(-1);
  const at = mayReturn(file, body) ? body.start : (last?.to ?? body.start);
  return { from: at, to: at, text: ` ${statement}` };
}

const defaultMacros = {
  gtest: ["EXPECT_TRUE", "ASSERT_EQ", "EXPECT_EQ"],
  catch2: ["CHECK", "REQUIRE"],
  doctest: ["CHECK", "REQUIRE"],
};

/** True for a case with several texts, of which the preprocessor takes one. */
function isOneOfSeveral(file: CppFile, body: Body): boolean {
  const name = caseName(file, body);
  return file.bodies.some((other) => other.from !== body.from && caseName(file, other) === name);
}

/** The twin of one case of a test framework: at least a failing assertion of the framework can always be added. */
export function sabotageCase(file: CppFile, body: Body, manner: Manner): Change | undefined {
  if (file.framework === "plain" || (isConditional(file.masked, body.from) && isOneOfSeveral(file, body)))
    return undefined;
  const assertions = usable(file, body, manner);
  if (!manner.gentle && !mayReturn(file, body)) {
    const changed = changedAssertion(file, assertions, manner.random);
    if (changed !== undefined) return changed;
  }
  const macros = defaultMacros[file.framework];
  const macro = assertions.at(-1)?.macro ?? macros[manner.random.integer(macros.length)] ?? "CHECK";
  return added(file, body, macro, manner.random);
}

/** Makes `main` end in `exit(1)` on its way out: what follows a return goes on, exit handlers above all. */
function leavingBadly(main: Body, name: string): Change {
  const text = ` struct ${name} { ~${name}() { __builtin_exit(1); } } ${name}_at_exit; (void)${name}_at_exit;`;
  return { from: main.start, to: main.start, text };
}

/** A function that runs whenever its program does: `main`, or one that is named somewhere else as well. */
function isUsed(file: CppFile, body: Body): boolean {
  if (isConditional(file.masked, body.from)) return false;
  const uses = file.masked.match(new RegExp(`\\b${body.name}\\b`, "g")) ?? [];
  return body.name === "main" || uses.length > 1;
}

/** The twin of a test program without a framework; `name` names a helper and must be new to the file. */
export function sabotageProgram(file: CppFile, manner: Manner, name: string): Change | undefined {
  const { random, gentle } = manner;
  const main = file.bodies.find((body) => body.name === "main" && !isConditional(file.masked, body.from));
  if (main === undefined) return undefined;
  const candidates = file.bodies.filter(
    (body) => isUsed(file, body) && !mayReturn(file, body) && usable(file, body, manner).length > 0,
  );
  const telling = candidates.filter((body) =>
    usable(file, body, manner).some((each) => otherLiteral(file, each, random) !== undefined),
  );
  const drawnFrom = telling.length > 0 && random.integer(8) > 0 ? telling : candidates;
  const chosen = drawnFrom[random.integer(Math.max(1, drawnFrom.length))];
  const assertions = chosen === undefined ? [] : usable(file, chosen, manner);
  const last = assertions.at(-1);
  // Without an assertion that its name explains, only the way out of the program can be tried.
  if (chosen === undefined || last === undefined) return leavingBadly(main, name);
  const changed = gentle ? undefined : changedAssertion(file, assertions, random);
  return changed ?? added(file, chosen, last.macro, random);
}
