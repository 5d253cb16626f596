// A hidden test less one of its assertions: what the mutant control reviews with.
import type { Language } from "../../domain/instance.ts";
import type { Random } from "../../domain/random.ts";

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
