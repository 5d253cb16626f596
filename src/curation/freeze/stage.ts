// The freeze stage: which rows a set is to hold, by date, licence and quota, and what is to be said of each repository.
import { Fault } from "../../domain/fault.ts";
import type { Repository } from "../../git/index.ts";
import { type FreezableRow, type FrozenRow, freezableRow, frozenRow } from "../pipeline/rows.ts";
import { keptAs, rejectedFor, type Stage, type StageOutcome } from "../pipeline/stage.ts";
import { type LicenceRule, licenceProblem } from "./licence-rule.ts";
import { drawn, type Quotas } from "./quotas.ts";
import { authorsOf, type ReleaseDeps, releaseFiles } from "./repository-licence.ts";
import { sideOf, type TemporalSplit } from "./temporal-split.ts";

export interface FreezeDeps extends ReleaseDeps {
  /** A clone that holds the row's commits. @throws a fault where there is none: licences are never guessed */
  readonly repositoryOf: (row: FreezableRow) => Promise<Repository>;
  readonly temporal?: TemporalSplit;
  readonly licences: LicenceRule;
  readonly quotas: Quotas;
}

/** Nothing is frozen while a row has not been asked: the set would lack what the next run may bring. */
export class FreezeFault extends Fault<"rows-not-asked"> {
  constructor(message: string) {
    super("rows-not-asked", message, { retryable: true });
  }
}

function withinQuotas(rows: readonly FrozenRow[], quotas: Quotas): StageOutcome<FrozenRow> {
  const { leftOut, results } = drawn(rows, quotas);
  const counts = new Map(results.map((each) => [each.of, each]));
  return {
    kept: rows.filter(({ id }) => !leftOut.has(id)),
    rejected: rows.flatMap(({ id }) => {
      const quota = leftOut.get(id);
      if (quota === undefined) return [];
      const { most, came } = counts.get(quota) ?? { most: 0, came: 0 };
      const detail = `expected at most ${most} of ${quota}, found ${came}: drawn by the seed "${quotas.seed}"`;
      return [{ id, reason: "over-quota", detail }];
    }),
  };
}

/** Rejects `too-early`, `too-late`, `no-merge-date`, `licence-unknown`, `licence-refused` and `over-quota`. */
export function freezeStage(deps: FreezeDeps): Stage<FreezableRow, FrozenRow> {
  const { temporal, licences, quotas, texts } = deps;
  return {
    name: "freeze",
    input: freezableRow,
    output: frozenRow,
    // Quotas are drawn over all rows each time: they decide nothing about one row alone.
    settings: { rules: 1, temporal: temporal ?? null, licences: licences.words, texts: texts.version },
    run: async (row) => {
      const side = sideOf(row, temporal);
      if ("rejected" in side) return rejectedFor(row, side.rejected);
      const repository = await deps.repositoryOf(row);
      const files = await releaseFiles(row.split, repository, deps);
      const problem = licenceProblem(files, licences);
      if (problem !== undefined) return rejectedFor(row, problem);
      return keptAs({ ...row, release: { ...files, authors: await authorsOf(row, repository), ...side } });
    },
    whole: (rows) => withinQuotas(rows, quotas),
  };
}
