// Other people's rows take the place of mining and splitting: what an importer makes of them, as the split stage's own result.
import type { Imported, InstanceLine, RowReport } from "../imported.ts";
import { type RejectedRow, type StageResult, stageResult } from "../pipeline/folder.ts";
import { type SplitRow, splitRow } from "../pipeline/rows.ts";

/** SwingArena's and SWE-bench's dates have a blank and no zone; both mean UTC. */
function isoOf(text: string): string {
  const plain = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?$/.exec(text.trim());
  return plain === null ? text : `${plain[1]}T${plain[2]}Z`;
}

type Taken = { readonly row: SplitRow } | { readonly rejected: RejectedRow };

function taken(line: InstanceLine, { row, repaired, unrepaired }: RowReport, format: string): Taken {
  const made = splitRow.safeParse({
    ...{
      schemaVersion: 1,
      id: line.instance_id,
      repo: line.repo,
      origin: { kind: "row", format, row, provenance: line.provenance ?? {} },
    },
    split: {
      ...{ baseCommit: line.base_commit, language: line.language, goldPatch: line.patch },
      ...{ testPatch: line.test_patch ?? "", problemStatement: line.problem_statement },
      ...{ hintsText: line.hints_text ?? "", createdAt: isoOf(line.created_at ?? "") },
      notes: [...repaired, ...unrepaired],
    },
  });
  if (made.success) return { row: made.data };
  const detail = made.error.issues
    .map(({ path, message }) => `${path.slice(1).join(".")}: ${message}, found ${foundIn(line, path.at(-1))}`)
    .join("; ");
  return { rejected: { id: line.instance_id, reason: "incomplete-row", detail, row: line } };
}

/** As the row has it, whatever that is called there. */
function foundIn(line: InstanceLine, part: PropertyKey | undefined): string {
  const named = { baseCommit: line.base_commit, createdAt: line.created_at, language: line.language };
  const value = Object.entries(named).find(([name]) => name === part)?.[1];
  return value === undefined || value === "" ? "nothing" : JSON.stringify(value).slice(0, 100);
}

/** Rejects `refused-row` (the importer's reason) and `incomplete-row` (no base commit, no date). */
export function splitForeignRows({ lines, report }: Imported, format: string): StageResult<SplitRow> {
  const byId = new Map(lines.map((line) => [line.instance_id, line]));
  const kept: SplitRow[] = [];
  const rejected: RejectedRow[] = [];
  for (const told of report) {
    const line = told.refused === undefined ? byId.get(told.id) : undefined;
    if (line === undefined) {
      const id = told.id || `row-${told.row}`;
      rejected.push({ id, reason: "refused-row", detail: told.refused ?? "" });
      continue;
    }
    const made = taken(line, told, format);
    if ("row" in made) kept.push(made.row);
    else rejected.push(made.rejected);
  }
  return stageResult("split", report.length, { kept, rejected, faults: [] });
}
