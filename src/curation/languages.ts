// Which of the four languages a file is written in, by its name alone.
import type { Language } from "../domain/instance.ts";

const extensions: Readonly<Record<Language, RegExp>> = {
  cpp: /\.(c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|h\+\+|inl|ipp|tpp|ixx|cppm)$/i,
  python: /\.(py|pyi|pyx|pxd)$/,
  rust: /\.rs$/,
  go: /\.go$/,
};

const names: Readonly<Record<string, Language>> = {
  "c++": "cpp",
  cpp: "cpp",
  cxx: "cpp",
  c: "cpp",
  python: "python",
  python3: "python",
  py: "python",
  rust: "rust",
  rs: "rust",
  go: "go",
  golang: "go",
};

/** The language a row states in whatever spelling; undefined when it is none of ours. */
export function languageNamed(name: unknown): Language | undefined {
  const key = typeof name === "string" ? name.trim().toLowerCase() : "";
  return Object.hasOwn(names, key) ? names[key] : undefined;
}

export function isWrittenIn(path: string, language: Language): boolean {
  return extensions[language].test(path);
}

/** The language most of these files are written in; undefined for none of ours, or a tie. */
export function mainLanguage(paths: readonly string[]): Language | undefined {
  const counts = (["cpp", "python", "rust", "go"] as const)
    .map((language) => ({ language, count: paths.filter((path) => isWrittenIn(path, language)).length }))
    .sort((one, other) => other.count - one.count);
  const [first, second] = counts;
  if (first === undefined || first.count === 0 || first.count === second?.count) return undefined;
  return first.language;
}
