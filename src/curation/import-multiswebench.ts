// Brings in Multi-SWE-bench rows: one merged pull request each, with the issues it resolves inside.
import { z } from "zod";
import { type Imported, importRowsWith, type RowReading, refusalOf, statedId } from "./imported.ts";

const issueSchema = z.object({
  number: z.number().nullish(),
  title: z.string().nullish(),
  body: z.string().nullish(),
});

/** Test names with what became of them; some releases list the names only. */
const testsSchema = z
  .union([z.record(z.string(), z.unknown()).transform((tests) => Object.keys(tests)), z.array(z.string())])
  .nullish();

const rowSchema = z.object({
  org: z.string().min(1),
  repo: z.string().min(1),
  number: z.number().int(),
  instance_id: z.string().nullish(),
  title: z.string().nullish(),
  body: z.string().nullish(),
  base: z.object({ sha: z.string() }),
  fix_patch: z.string(),
  test_patch: z.string().nullish(),
  resolved_issues: z.array(issueSchema).default([]),
  hints: z.string().nullish(),
  created_at: z.string().nullish(),
  language: z.string().nullish(),
  lang: z.string().nullish(),
  f2p_tests: testsSchema,
  p2p_tests: testsSchema,
  s2p_tests: testsSchema,
  n2p_tests: testsSchema,
});

type Row = z.infer<typeof rowSchema>;

/** The issues' titles and bodies: what a contestant is told, never the pull request's own words. */
function statementOf(row: Row): string {
  return row.resolved_issues
    .map((issue) =>
      [issue.title, issue.body].filter((part) => part != null && part.trim() !== "").join("\n\n"),
    )
    .filter((text) => text !== "")
    .join("\n\n");
}

/** A test that did not exist, or was skipped, before the fix counts with those that failed. */
function statedTests(row: Row): {
  readonly failToPass: readonly string[];
  readonly passToPass: readonly string[];
} {
  const failing = [row.f2p_tests, row.s2p_tests, row.n2p_tests].flatMap((tests) => tests ?? []);
  return { failToPass: [...new Set(failing)], passToPass: row.p2p_tests ?? [] };
}

function unrepairedOf(stated: ReturnType<typeof statedTests>): string[] {
  const count = stated.failToPass.length + stated.passToPass.length;
  if (count === 0) return ["the row lists no tests: derived by running"];
  return [`the row's ${count} test names are those of its own log parser: derived by running instead`];
}

function readRow(json: unknown): RowReading {
  const parsed = rowSchema.safeParse(json);
  if (!parsed.success) return { id: statedId(json), refused: refusalOf(parsed.error, json) };
  const row = parsed.data;
  const id = `${row.org}__${row.repo}-${row.number}`;
  const statement = statementOf(row);
  if (statement === "") {
    return { id, refused: "resolved_issues: expected an issue with a title or a body, found none" };
  }
  const stated = statedTests(row);
  return {
    id,
    language: row.language ?? row.lang ?? undefined,
    patch: row.fix_patch,
    testPatch: row.test_patch ?? "",
    splitBy: "stated",
    repaired: [],
    unrepaired: unrepairedOf(stated),
    fields: {
      repo: `${row.org}/${row.repo}`,
      base_commit: row.base.sha.toLowerCase(),
      problem_statement: statement,
      hints_text: row.hints ?? "",
      created_at: row.created_at ?? "",
      FAIL_TO_PASS: [],
      PASS_TO_PASS: [],
      provenance: {
        source: "multi-swe-bench",
        pullNumber: row.number,
        statedFailToPass: stated.failToPass,
        statedPassToPass: stated.passToPass,
      },
    },
  };
}

/**
 * Reads Multi-SWE-bench rows (JSONL or a JSON array). The issue text is that of the resolved issues; test names stay
 * in `provenance`, and fail-to-pass is derived by running. Never throws: see the report.
 */
export function importMultiSweBench(text: string): Imported {
  return importRowsWith(text, readRow);
}
