// The source files that a tree changes against base, with the lines it adds: where mutants and aborts are put.
import { isTestPath } from "../domain/paths.ts";
import { addedLines, isSource, openSyntax, type Syntax } from "../mutants/index.ts";
import type { Case } from "./case.ts";

export interface ChangedSource {
  readonly path: string;
  readonly text: string;
  /** 1-based. */
  readonly lines: ReadonlySet<number>;
}

export interface ChangedSources {
  readonly syntax: Syntax;
  /** By path; tests, and files that are not UTF-8, are none of them. */
  readonly sources: readonly ChangedSource[];
}

/** @throws RetrieverFault grammar-unusable, GitFault */
export async function changedSources(of: Case, tree: string): Promise<ChangedSources> {
  const { language } = of.instance;
  const syntax = await openSyntax(language);
  const added = addedLines(await of.repository.diff(of.baseTree, tree));
  const sources: ChangedSource[] = [];
  for (const path of [...added.keys()].sort()) {
    if (!isSource(syntax, path) || isTestPath(path, language)) continue;
    const text = (await of.repository.readFile(tree, path))?.toString("utf8");
    const lines = added.get(path) ?? new Set();
    if (text !== undefined && lines.size > 0 && !text.includes("\ufffd")) sources.push({ path, text, lines });
  }
  return { syntax, sources };
}
