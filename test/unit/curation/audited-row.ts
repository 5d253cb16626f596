// A row that has come as far as the audit, for what comes after it.
import { type AuditedRow, auditedRow } from "../../../src/curation/pipeline/rows.ts";
import { hour, minedRowOf } from "../../support/history.ts";
import { diff } from "./lines.ts";

export const statement =
  "Adding takes away. I expected three and got minus one on every platform that I tried.";

export function auditedRowOf(problemStatement = statement): AuditedRow {
  const job = { name: "test", runner: "pytest", run: "pytest" };
  const lists = { failToPass: [], passToPass: [], flaky: {}, notVaried: [], panel: [] };
  return auditedRow.parse({
    ...minedRowOf("a".repeat(40)),
    split: {
      ...{
        baseCommit: "b".repeat(40),
        language: "python",
        goldPatch: diff("src/secret_place.py"),
        testPatch: "",
      },
      ...{ problemStatement, hintsText: "", createdAt: hour(0), notes: [] },
    },
    environment: { ci: { image: "python", jobs: [job] }, refused: 0, passing: 1, unsupported: [], notes: [] },
    validation: { oracle: "tests", repeats: 5, worstFlake: 0, ...lists },
    audit: { flags: [], issueAt: hour(0) },
  });
}
