// Freezes what curation has kept into a set: the same rows give the same bytes, and the funnel says what became of the others.

import type { InstanceLine } from "./imported.ts";
import type { StageReport } from "./pipeline/folder.ts";
import { lineOf } from "./pipeline/line-of.ts";
import type { AnnotatedRow, ValidatedRow } from "./pipeline/rows.ts";
import { type FrozenSet, freeze, type SetNaming } from "./write-set.ts";

/** What audit, judge and annotators found is told where they were asked. */
export type FreezableRow = ValidatedRow & Partial<Pick<AnnotatedRow, "audit" | "judgement" | "annotation">>;

function frozenLine(row: FreezableRow): InstanceLine {
  const { failToPass, passToPass, oracle, panel, repeats, flaky, worstFlake, notVaried } = row.validation;
  const { split, environment, origin, mined, audit, judgement, annotation } = row;
  const flakes = { repeats, flaky: Object.keys(flaky).sort(), worstFlake, notVaried };
  return {
    ...lineOf(row, environment.ci),
    ...{ oracle, panel, FAIL_TO_PASS: [...failToPass], PASS_TO_PASS: [...passToPass] },
    provenance: {
      ...{
        origin,
        splitNotes: split.notes,
        planNotes: environment.notes,
        unsupportedJobs: environment.unsupported,
      },
      ...(audit === undefined ? {} : { audit }),
      ...(judgement === undefined ? {} : { judgement }),
      ...(annotation === undefined ? {} : { annotation }),
      ...{ validation: flakes, ...(mined?.licence === undefined ? {} : { licence: mined.licence }) },
    },
  };
}

export interface Funnel {
  readonly stages: readonly StageReport[];
  readonly frozen: number;
}

/** `funnel.json`: counts and reasons of every stage that has run, in their order. */
export function funnelText({ stages, frozen }: Funnel): string {
  return `${JSON.stringify({ schemaVersion: 1, stages, frozen }, null, 2)}\n`;
}

/** The set that these rows are; it says itself how it was made. */
export function freezeRows(rows: readonly FreezableRow[], naming: Omit<SetNaming, "howMade">): FrozenSet {
  return freeze(
    { ...naming, howMade: "arena curate: a plan tried on base, tests proved on base and gold" },
    rows.map(frozenLine),
  );
}
