// Lines and rows the curation tests start from: small, ours, and complete.
import type { InstanceLine } from "../../../src/curation/index.ts";

/** A one-line change of one file as git writes it. */
export function diff(path: string, before = "old", after = "new"): string {
  const head = `diff --git a/${path} b/${path}\nindex 1111111..2222222 100644\n`;
  return `${head}--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-${before}\n+${after}\n`;
}

export const commit = "0123456789abcdef0123456789abcdef01234567";

export function line(id: string, more: Partial<InstanceLine> = {}): InstanceLine {
  return {
    instance_id: id,
    repo: "owner/name",
    base_commit: commit,
    language: "python",
    patch: diff("name/core.py"),
    test_patch: diff("tests/test_core.py"),
    problem_statement: "It is wrong\n\nMake it right.",
    ...more,
  };
}

/** A SwingArena row as it is published. */
export function swingArenaRow(more: Readonly<Record<string, unknown>> = {}) {
  return {
    repo: "owner/name",
    instance_id: "owner__name-7",
    base_commit: commit,
    merge_commit_sha: "89abcdef0123456789abcdef0123456789abcdef",
    patch: diff("name/core.py"),
    test_patch: diff("tests/test_core.py"),
    problem_statement: "It is wrong",
    hints_text: "",
    created_at: "2024-05-01 10:00:00",
    ci_name_list: [["test", ".github/workflows/ci.yml"]],
    environment_setup_commit: "",
    version: "0.0",
    FAIL_TO_PASS: [],
    PASS_TO_PASS: [],
    language: "python",
    ...more,
  };
}

export function jsonl(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
