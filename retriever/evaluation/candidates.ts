// Which files an evaluation may rank: non-test sources of the row's language, by rules that need nothing but the path.
import type { IndexedFile, Trait } from "../digest.ts";

const extensions: Readonly<Record<string, RegExp>> = {
  cpp: /\.(c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|h\+\+|inl|ipp|tpp)$/iu,
  go: /\.go$/u,
  python: /\.pyi?$/u,
  rust: /\.rs$/u,
};

/** What has no text that a patch could change. */
const textless: ReadonlySet<Trait> = new Set<Trait>(["binary", "lfs-pointer", "submodule", "symlink"]);

/**
 * Languages without a rule of their own go by what the index took a file for. A source that is too large to be indexed
 * is a candidate all the same: gold that the retriever does not read is gold that it does not find.
 */
export function isCandidate(file: IndexedFile, language: string): boolean {
  const extension = extensions[language];
  const inLanguage = extension === undefined ? file.language === language : extension.test(file.path);
  return inLanguage && !file.traits.some((trait) => trait === "test" || textless.has(trait));
}
