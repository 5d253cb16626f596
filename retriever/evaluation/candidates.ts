// Which files an evaluation may rank: non-test sources of the row's language, by rules that need nothing but the path.
import type { IndexedFile } from "../digest.ts";

const extensions: Readonly<Record<string, RegExp>> = {
  cpp: /\.(c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|h\+\+|inl|ipp|tpp)$/iu,
  go: /\.go$/u,
  python: /\.pyi?$/u,
  rust: /\.rs$/u,
};

/** Languages without a rule of their own go by what the index took a file for. */
export function isCandidate(file: IndexedFile, language: string): boolean {
  const extension = extensions[language];
  const inLanguage = extension === undefined ? file.language === language : extension.test(file.path);
  return inLanguage && file.digest !== undefined && !file.traits.includes("test");
}
