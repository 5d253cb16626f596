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
};

/** String and character literals first, so that a `//` or `#` inside one is not taken for a comment. */
const tokens: Readonly<Record<Language, RegExp>> = {
  python: /("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*')|#[^\n]*/g,
  rust: /(r(#*)"[\s\S]*?"\2|"(?:\\[\s\S]|[^"\\])*"|'(?:\\.|[^'\\\n])')|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
  go: /(`[^`]*`|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')|\/\/(?!go:|line |export )[^\n]*|\/\*[\s\S]*?\*\//g,
  cpp: /(R"(\w*)\([\s\S]*?\)\2"|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
};

/** White space carries meaning in Python's indentation only; elsewhere every run of it is one blank. */
function withoutBlanks(text: string, language: Language): string {
  const lines = text.split("\n").map((line) => (language === "python" ? line.trimEnd() : line.trim()));
  const kept = lines.filter((line) => line.trim() !== "");
  return language === "python" ? kept.join("\n") : kept.join(" ").replace(/\s+/g, " ");
}

function essence(text: string, language: Language): string {
  const bare = text.replace(tokens[language], (match: string, literal: string | undefined) =>
    literal === undefined ? " " : match,
  );
  return withoutBlanks(bare, language);
}

/** True when both texts are the same program. Files of no known language differ as soon as a non-blank does. */
export function sameButComments(path: string, before: string, after: string): boolean {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const language = Object.hasOwn(extensionLanguage, extension) ? extensionLanguage[extension] : undefined;
  if (language === undefined) return before.replace(/\s+/g, "") === after.replace(/\s+/g, "");
  return essence(before, language) === essence(after, language);
}
