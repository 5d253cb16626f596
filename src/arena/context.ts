// What a contestant is shown of the repository: facts, and the snippets a plain search finds for the issue.
import { type LexicalIndex, lexicalIndex, packFiles } from "../../retriever/index.ts";
import type { Language } from "../domain/instance.ts";
import type { Case } from "./case.ts";
import type { Hint, PromptFacts, PromptSnippet } from "./prompts.ts";

/** Larger files are data or generated; the search would only drown in them. */
const maxFileBytes = 256 * 1024;
const maxFiles = 20;

const indexes = new WeakMap<Case, Promise<LexicalIndex>>();

async function indexOf(of: Case): Promise<LexicalIndex> {
  const sources: { path: string; text: string }[] = [];
  for (const entry of of.baseEntries) {
    if (entry.mode !== "100644" && entry.mode !== "100755") continue;
    const content = await of.repository.readFile(of.baseTree, entry.path);
    if (content === undefined || content.length > maxFileBytes || content.includes(0)) continue;
    sources.push({ path: entry.path, text: content.toString("utf8") });
  }
  return lexicalIndex(sources);
}

/** Snippets for the issue alone (hints are never part of the query), within the budget. */
export async function snippetsFor(
  of: Case,
  maxTokens: number,
  count: (text: string) => number,
): Promise<PromptSnippet[]> {
  const index = indexes.get(of) ?? indexOf(of);
  indexes.set(of, index);
  const query = of.instance.problemStatement;
  const ranked = (await index).search(query, maxFiles);
  return packFiles(ranked, { query, maxTokens, count }).map((snippet) => ({
    file: snippet.path,
    startLine: snippet.firstLine,
    endLine: snippet.lastLine,
    text: snippet.text,
  }));
}

export function factsOf(of: Case): PromptFacts {
  const { repo, language, ci } = of.instance;
  const commands = (lint: boolean): string[] =>
    ci.jobs.filter((job) => job.tags.includes("lint") === lint).map((job) => job.run);
  return {
    repo,
    language,
    testCommands: commands(false),
    lintCommands: commands(true),
    paths: of.baseEntries.map((entry) => entry.path),
  };
}

export const placementOf: Readonly<Record<Language, string>> = {
  cpp: "A test is a .cpp file in a test or tests folder (or named *_test.cpp, test_*.cpp); new files go beside the existing ones and follow their conventions.",
  go: "A test is a *_test.go file in the folder of the package it tests, with functions TestXxx(t *testing.T).",
  python: "A test is a test_*.py file in a tests folder, written for the runner named above.",
  rust: "A test is a .rs file directly in a crate's tests folder, with #[test] functions that use the crate from outside.",
};

/** Regions of the new files that a diff changes, from its hunk headers. */
export function changedRegions(diff: string): { file: string; startLine: number; endLine: number }[] {
  const regions: { file: string; startLine: number; endLine: number }[] = [];
  let file: string | undefined;
  for (const line of diff.split("\n")) {
    if (line.startsWith("+++ ")) file = line.startsWith("+++ b/") ? line.slice(6) : undefined;
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk === null || file === undefined) continue;
    const startLine = Number(hunk[1]);
    regions.push({ file, startLine, endLine: startLine + Math.max(1, Number(hunk[2] ?? "1")) - 1 });
  }
  return regions;
}

export function hintOf(mode: "none" | "changed-regions" | "diff", diff: string | undefined): Hint {
  if (mode === "none") return { kind: "none" };
  if (mode === "diff") return { kind: "diff", diff: diff ?? "" };
  return { kind: "changed-regions", regions: changedRegions(diff ?? "") };
}
