// Rows on their way into a set: an audited row of a real history, with whatever a test makes different.
import {
  type FreezableRow,
  type FrozenRow,
  freezableRow,
  type Release,
} from "../../../../src/curation/pipeline/rows.ts";
import { auditedRowOf } from "../audited-row.ts";
import { diff } from "../lines.ts";

export interface RowParts {
  readonly id: string;
  readonly repo?: string;
  readonly baseCommit?: string;
  readonly language?: FreezableRow["split"]["language"];
  readonly createdAt?: string;
  readonly mergedAt?: string;
  readonly commits?: readonly string[];
  readonly merge?: string;
  readonly goldPatch?: string;
  readonly difficulty?: number;
}

export function freezableRowOf(parts: RowParts): FreezableRow {
  const row = auditedRowOf();
  const { mined } = row;
  if (mined === undefined) throw new Error("bug: a mined row without its part");
  const { baseCommit, language, createdAt, goldPatch, difficulty, merge } = parts;
  const commits = parts.commits ?? mined.commits;
  return freezableRow.parse({
    ...row,
    ...{ id: parts.id, repo: parts.repo ?? row.repo },
    mined: {
      ...mined,
      ...{ commits, head: commits.at(-1), mergedAt: parts.mergedAt ?? mined.mergedAt },
      ...(merge === undefined ? {} : { merge }),
    },
    split: {
      ...row.split,
      testPatch: diff("tests/test_place.py"),
      ...(baseCommit === undefined ? {} : { baseCommit }),
      ...(language === undefined ? {} : { language }),
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(goldPatch === undefined ? {} : { goldPatch }),
    },
    ...(difficulty === undefined
      ? {}
      : { judgement: { clarity: 2, clarityWhy: "", difficulty, difficultyWhy: "", by: "rater" } }),
  });
}

const mit = {
  path: "LICENSE",
  sha256: "a".repeat(64),
  spdx: ["MIT"],
  copyright: ["Copyright (c) 2024 Them"],
};

export function frozenRowOf(parts: RowParts, release: Partial<Release> = {}): FrozenRow {
  const own = { licences: [mit], notices: [], notRead: [], authors: ["Ann"], ...release };
  return { ...freezableRowOf(parts), release: own };
}
