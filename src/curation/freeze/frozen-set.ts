// Freezes what curation has kept into a set: the same rows give the same bytes, and the funnel says what became of the others.

import type { InstanceLine } from "../imported.ts";
import type { StageReport } from "../pipeline/folder.ts";
import { lineOf } from "../pipeline/line-of.ts";
import type { FrozenRow } from "../pipeline/rows.ts";
import { type FrozenSet, freeze, type SetNaming } from "../write-set.ts";
import { attributionsText, licenceCounts, licenceNames } from "./attributions.ts";
import { datasheetText, type FreezeTerms } from "./datasheet.ts";
import { difficultyOf, type QuotaResult } from "./quotas.ts";

function releaseOf({ release, mined }: FrozenRow) {
  const { licences, notices, notRead, authors, dated } = release;
  return {
    licence: {
      names: licenceNames(release),
      files: licences.map(({ path, sha256, spdx, nearest }) => ({
        ...{ path, sha256, spdx },
        ...(nearest === undefined ? {} : { nearest }),
      })),
      notices: notices.map(({ path, sha256 }) => ({ path, sha256 })),
      ...(notRead.length === 0 ? {} : { notRead }),
      ...(mined?.licence === undefined ? {} : { statedByHost: mined.licence }),
    },
    authors,
    ...(dated === undefined ? {} : { temporalSplit: dated }),
  };
}

function frozenLine(row: FrozenRow): InstanceLine {
  const { failToPass, passToPass, oracle, panel, repeats, flaky, worstFlake, notVaried } = row.validation;
  const { split, environment, origin, audit, judgement, annotation } = row;
  const difficulty = difficultyOf(row);
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
      // As boards read it.
      ...(difficulty === undefined ? {} : { difficulty }),
      validation: flakes,
      ...releaseOf(row),
    },
  };
}

export interface FreezeInput {
  readonly rows: readonly FrozenRow[];
  /** Of every stage that has run, this one last. */
  readonly stages: readonly StageReport[];
  readonly quotas: readonly QuotaResult[];
  readonly terms: FreezeTerms;
}

export interface FrozenFolder extends FrozenSet {
  /** What stands beside the two files of a set, by name. */
  readonly documents: Readonly<Record<string, string>>;
  /** SHA-256 of the texts that go with it. */
  readonly texts: readonly string[];
}

/** `funnel.json`: counts and reasons of every stage that has run, in their order. */
function funnelText({ stages, quotas, rows }: FreezeInput): string {
  return `${JSON.stringify({ schemaVersion: 1, stages, quotas, frozen: rows.length }, null, 2)}\n`;
}

function licenceText(rows: readonly FrozenRow[]): string {
  const counts = Object.entries(licenceCounts(rows)).map(([name, count]) => `${name}: ${count}`);
  return `that of each repository (ATTRIBUTIONS.md; ${counts.join("; ")}); the issues' texts are their authors'`;
}

/** The set that these rows are; it says itself how it was made. Nothing is written. */
export function freezeRows(
  input: FreezeInput,
  { name, version }: Pick<SetNaming, "name" | "version">,
): FrozenFolder {
  const rows = [...input.rows].sort((one, other) => (one.id < other.id ? -1 : 1));
  const howMade = "arena curate: a plan tried on base, tests proved on base and gold";
  const set = freeze({ name, version, howMade, licence: licenceText(rows) }, rows.map(frozenLine));
  const texts = rows.flatMap(({ release }) =>
    [...release.licences, ...release.notices].map(({ sha256 }) => sha256),
  );
  return {
    ...set,
    documents: {
      "ATTRIBUTIONS.md": attributionsText(`${name} ${version}`, rows),
      "DATASHEET.md": datasheetText({ ...input, rows, name, version, sha256: set.description.sha256 }),
      "funnel.json": funnelText(input),
    },
    texts: [...new Set(texts)].sort(),
  };
}
