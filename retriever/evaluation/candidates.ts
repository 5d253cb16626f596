// Which files an evaluation may rank: non-test sources of the row's language, by rules that need nothing but the path.
import type { IndexedFile } from "../digest.ts";

const testWords = new Set([
  "conftest",
  "test",
  "testcase",
  "testcases",
  "testdata",
  "tests",
  "testsuite",
  "testutil",
  "testutils",
  "unittest",
  "unittests",
]);

const extensions: Readonly<Record<string, RegExp>> = {
  cpp: /\.(c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|h\+\+|inl|ipp|tpp)$/iu,
  go: /\.go$/u,
  python: /\.pyi?$/u,
  rust: /\.rs$/u,
};

/** A path is a test when a word of it, cut at punctuation and camelCase, is a word for tests. */
export function isTestPath(path: string): boolean {
  const words = path.split(/[^\p{L}\p{N}]+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u);
  return words.some((word) => testWords.has(word.toLowerCase()));
}

/** Languages without a rule of their own go by what the index took a file for. */
export function isCandidate(file: IndexedFile, language: string): boolean {
  const extension = extensions[language];
  const inLanguage = extension === undefined ? file.language === language : extension.test(file.path);
  return inLanguage && file.digest !== undefined && !isTestPath(file.path);
}
