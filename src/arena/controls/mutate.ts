// Seeded defects for the mutant control: one changed token in a changed line, or one assertion taken away.
import type { Language } from "../../domain/instance.ts";
import { type Random, shuffled } from "../../domain/random.ts";

export interface Mutation {
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

const swaps: readonly (readonly [RegExp, string])[] = [
  [/<=/, "<"],
  [/>=/, ">"],
  [/==/, "!="],
  [/!=/, "=="],
  [/ < /, " <= "],
  [/ > /, " >= "],
  [/ \+ /, " - "],
  [/ - /, " + "],
  [/\btrue\b/, "false"],
  [/\bfalse\b/, "true"],
  [/\bTrue\b/, "False"],
  [/\bFalse\b/, "True"],
  [/ && /, " || "],
  [/ \|\| /, " && "],
  [/\band\b/, "or"],
  [/\bor\b/, "and"],
  [/\bnot /, ""],
  [/\b0\b/, "1"],
  [/\b1\b/, "2"],
];

const isComment = (line: string): boolean => /^\s*(\/\/|#|\*|\/\*|"""|''')/.test(line);

/** Every single-token mutation of the given lines (1-based), in seeded order. */
export function mutationsOf(text: string, lines: readonly number[], random: Random): Mutation[] {
  const source = text.split("\n");
  const found: Mutation[] = [];
  for (const line of lines) {
    const before = source[line - 1];
    if (before === undefined || isComment(before)) continue;
    for (const [pattern, replacement] of swaps) {
      const after: string = before.replace(pattern, replacement);
      if (after !== before) found.push({ line, before, after });
    }
  }
  return shuffled(found, random);
}

/** An assignment to what exists already, complete in its line; what declares a name would not compile without it. */
const assignment = /^(\s*)[\w.]+ [-+*/|&]?= .+[^,([{\\]$/;

/** One forgotten statement per wanted line that is a plain assignment. */
export function omissionsOf(text: string, lines: readonly number[], language: Language): Mutation[] {
  const source = text.split("\n");
  return lines.flatMap((line) => {
    const before = source[line - 1] ?? "";
    const indent = assignment.exec(before)?.[1];
    return indent === undefined
      ? []
      : [{ line, before, after: `${indent}${language === "python" ? "pass" : ""}` }];
  });
}

export function withMutation(text: string, mutation: Mutation): string {
  const source = text.split("\n");
  source[mutation.line - 1] = mutation.after;
  return source.join("\n");
}

const assertions: Readonly<Record<Language, RegExp>> = {
  python: /^(\s*)(assert\s.*|self\.assert\w*\(.*\))$/,
  rust: /^(\s*)(assert(_eq|_ne)?!\(.*\);)$/,
  go: /^(\s*)(t\.(Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(.*\))$/,
  cpp: /^(\s*)((CHECK|REQUIRE|ASSERT|EXPECT|assert)\w*\s*\(.*\);)$/,
};

const emptied: Readonly<Record<Language, string>> = { python: "pass", rust: "", go: "_ = t", cpp: "" };

function balanced(statement: string): boolean {
  let depth = 0;
  for (const character of statement) {
    if ("([{".includes(character)) depth += 1;
    if (")]}".includes(character)) depth -= 1;
  }
  return depth === 0;
}

/** The text with one of its one-line assertions taken away, or undefined when it has none. */
export function withoutOneAssertion(text: string, language: Language, random: Random): string | undefined {
  const source = text.split("\n");
  const places = source.flatMap((line, index) => {
    const match = assertions[language].exec(line);
    return match !== null && balanced(match[2] ?? "") ? [{ index, indent: match[1] ?? "" }] : [];
  });
  const place = places[random.integer(places.length)];
  if (place === undefined) return undefined;
  source[place.index] = `${place.indent}${emptied[language]}`.trimEnd();
  return source.join("\n");
}
