// The split stage: from a change that fixed an issue to the texts an instance is made of.
import type { Language } from "../../domain/instance.ts";
import type { Repository } from "../../git/index.ts";
import { type MinedRow, minedRow, type SplitRow, splitRow } from "../pipeline/rows.ts";
import { keptAs, rejectedFor, type Stage } from "../pipeline/stage.ts";
import { baseOf } from "./base.ts";
import { type ChangeLimits, partedChange } from "./change.ts";
import { type TextLimits, textsOf } from "./texts.ts";

export interface SplitLimits extends ChangeLimits, TextLimits {
  /** Between base and head. */
  readonly mostCommits: number;
}

export const defaultSplitLimits: SplitLimits = {
  mostCommits: 250,
  mostFiles: 100,
  mostGoldLines: 2000,
  mostBytes: 8 * 1024 * 1024,
  mostStatementChars: 40_000,
  mostHintChars: 40_000,
  leastLetters: 20,
};

export interface SplitDeps {
  /** The clone that holds the row's commits. @throws a fault: the row is asked again */
  readonly repositoryOf: (row: MinedRow) => Promise<Repository>;
  /** Those wanted; all where it is absent. */
  readonly languages?: readonly Language[];
  readonly limits?: Partial<SplitLimits>;
}

/** Rows with base commit, fix, hidden tests and texts; docs/curation/split.md names every reason of a rejection. */
export function splitStage(deps: SplitDeps): Stage<MinedRow, SplitRow> {
  const limits: SplitLimits = { ...defaultSplitLimits, ...deps.limits };
  const wanted = deps.languages === undefined ? undefined : [...deps.languages].sort();
  return {
    name: "split",
    input: minedRow,
    output: splitRow,
    settings: { rules: 1, limits, languages: wanted ?? "all" },
    run: async (row) => {
      const texts = textsOf(row.mined, limits);
      if (texts.kind === "rejected") return rejectedFor(row, { reason: texts.reason, detail: texts.detail });
      const repository = await deps.repositoryOf(row);
      const base = await baseOf(repository, row.mined, limits.mostCommits);
      if (base.kind === "rejected") return rejectedFor(row, { reason: base.reason, detail: base.detail });
      const trees = {
        base: await repository.treeOf(base.commit),
        head: await repository.treeOf(row.mined.head),
      };
      const parted = await partedChange(repository, trees, limits);
      if (parted.kind === "rejected")
        return rejectedFor(row, { reason: parted.reason, detail: parted.detail });
      const { language, goldPatch, testPatch } = parted;
      if (wanted !== undefined && !wanted.includes(language)) {
        const detail = `expected ${wanted.join(" or ")}, found ${language}`;
        return rejectedFor(row, { reason: "other-language", detail });
      }
      const { problemStatement, hintsText, createdAt } = texts;
      const notes = [...texts.notes, ...parted.notes];
      const own = { baseCommit: base.commit, language, goldPatch, testPatch, notes };
      return keptAs({ ...row, split: { ...own, problemStatement, hintsText, createdAt } });
    },
  };
}
