// Other people's rows as rows of a curation: what is missing in one is said, and nothing is made up for it.
import { describe, expect, it } from "vitest";
import { importSwingArena } from "../../../../src/curation/index.ts";
import { splitForeignRows } from "../../../../src/curation/split/foreign-rows.ts";

const patch = "diff --git a/a.go b/a.go\n--- a/a.go\n+++ b/a.go\n@@ -1 +1 @@\n-package a\n+package b\n";
const whole = {
  ...{ instance_id: "o__r-1", repo: "o/r", base_commit: "a".repeat(40), patch, test_patch: "" },
  ...{ problem_statement: "it breaks", created_at: "2024-05-06 07:08:09", language: "go" },
};

const split = (...rows: readonly object[]) =>
  splitForeignRows(importSwingArena(rows.map((row) => JSON.stringify(row)).join("\n")), "swingarena");

describe("rows of others", () => {
  it("become rows that stages go on with, their dates in UTC", () => {
    const { kept, rejected, report } = split(whole);
    expect(rejected).toEqual([]);
    expect(kept).toMatchObject([
      {
        ...{ id: "o__r-1", repo: "o/r", origin: { kind: "row", format: "swingarena", row: 1 } },
        split: {
          baseCommit: "a".repeat(40),
          language: "go",
          goldPatch: patch,
          createdAt: "2024-05-06T07:08:09Z",
        },
      },
    ]);
    expect(report).toMatchObject({ rows: 1, kept: 1, rejected: 0, reasons: {} });
  });

  it("are rejected where the importer refuses them, or something is missing", () => {
    const { kept, rejected, report } = split(
      { ...whole, base_commit: "" },
      { ...whole, instance_id: "o__r-2", created_at: null },
      { ...whole, instance_id: "o__r-3", language: "cobol" },
      { ...whole, instance_id: "o__r-4", patch: "" },
    );
    expect(kept).toEqual([]);
    expect(rejected.map(({ id, reason }) => [id, reason])).toEqual([
      ["o__r-1", "incomplete-row"],
      ["o__r-2", "incomplete-row"],
      ["o__r-3", "refused-row"],
      ["o__r-4", "refused-row"],
    ]);
    expect(rejected[0]?.detail).toContain("baseCommit");
    expect(rejected[1]?.detail).toBe("createdAt: Invalid ISO datetime, found nothing");
    expect(rejected[2]?.detail).toContain("cobol");
    expect(report.reasons).toEqual({ "incomplete-row": 2, "refused-row": 2 });
  });
});
