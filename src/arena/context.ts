// What a contestant is told of an instance besides source: facts, where tests go, and what it may know of a patch.
import type { Language } from "../domain/instance.ts";
import type { Case } from "./case.ts";
import type { Hint, PromptFacts } from "./prompts.ts";

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
