// Brings in Multi-SWE-bench rows: one merged pull request each, with the issues it resolves inside.
import { z } from "zod";
import { shown } from "../domain/instance.ts";
import { type Imported, importRowsWith, type RowReading, refusalOf, statedId } from "./imported.ts";
import { otherFields, readTime } from "./row-fields.ts";

const issueSchema = z.object({
  number: z.number().nullish(),
  title: z.string().nullish(),
  body: z.string().nullish(),
});

const rowSchema = z.object({
  org: z.string().min(1),
  repo: z.string().min(1),
  number: z.union([z.number().int(), z.string().regex(/^\d+$/).transform(Number)]),
  instance_id: z.string().nullish(),
  title: z.string().nullish(),
  body: z.string().nullish(),
  base: z.object({ sha: z.string() }),
  fix_patch: z.string(),
  test_patch: z.string().nullish(),
  resolved_issues: z.array(issueSchema).nullish(),
  hints: z.string().nullish(),
  created_at: z.unknown().optional(),
  language: z.string().nullish(),
  lang: z.string().nullish(),
  f2p_tests: z.unknown().optional(),
  p2p_tests: z.unknown().optional(),
  s2p_tests: z.unknown().optional(),
  n2p_tests: z.unknown().optional(),
  fixed_tests: z.unknown().optional(),
});

type Row = z.infer<typeof rowSchema>;

/** The issues' titles and bodies: what a contestant is told, never the pull request's own words. */
function statementOf(row: Row): string {
  return (row.resolved_issues ?? [])
    .map((issue) =>
      [issue.title, issue.body].filter((part) => part != null && part.trim() !== "").join("\n\n"),
    )
    .filter((text) => text !== "")
    .join("\n\n");
}

const namesSchema = z.array(z.string());
/** A table by columns, as tools for data frames write it. */
const columnsSchema = z.object({ name: namesSchema }).catchall(z.array(z.unknown()));
/** Test names with what became of them; null: another row's test, in a file whose rows were given the same keys. */
const resultsSchema = z
  .record(z.string(), z.unknown())
  .transform((tests) => Object.keys(tests).filter((name) => tests[name] !== null));
const testsSchema = z.union([
  namesSchema,
  columnsSchema.transform((columns) => columns.name),
  resultsSchema,
  z.null().transform((): string[] => []),
]);

function fromText(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

type TestField = "f2p_tests" | "s2p_tests" | "n2p_tests" | "p2p_tests" | "fixed_tests";

interface StatedTests {
  readonly failToPass: readonly string[];
  readonly passToPass: readonly string[];
  readonly unread: readonly string[];
}

/** A test that did not exist, or was skipped, before the fix counts with those that failed. */
function statedTests(row: Row): StatedTests {
  const unread: string[] = [];
  const names = (field: TestField): readonly string[] => {
    const read = testsSchema.safeParse(fromText(row[field] ?? null));
    if (!read.success) unread.push(`${field}: expected names of tests, found ${shown(row[field])}`);
    return read.data ?? [];
  };
  const failing = [...names("f2p_tests"), ...names("s2p_tests"), ...names("n2p_tests")];
  const failToPass = [...new Set(failing.length > 0 ? failing : names("fixed_tests"))];
  return { failToPass, passToPass: names("p2p_tests"), unread };
}

function unrepairedOf(stated: StatedTests): string[] {
  const count = stated.failToPass.length + stated.passToPass.length;
  if (count === 0) return [...stated.unread, "the row lists no tests: derived by running"];
  const why = `the row's ${count} test names are those of its own log parser: derived by running instead`;
  return [...stated.unread, why];
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
  const created = readTime(row.created_at);
  const others = otherFields(json, rowSchema.shape);
  return {
    id,
    language: row.language ?? row.lang ?? undefined,
    patch: row.fix_patch,
    testPatch: row.test_patch ?? "",
    splitBy: "stated",
    repaired: created.repaired,
    unrepaired: [...unrepairedOf(stated), ...created.unrepaired, ...others.unrepaired],
    fields: {
      repo: `${row.org}/${row.repo}`,
      base_commit: row.base.sha.toLowerCase(),
      problem_statement: statement,
      hints_text: row.hints ?? "",
      created_at: created.text,
      FAIL_TO_PASS: [],
      PASS_TO_PASS: [],
      provenance: {
        source: "multi-swe-bench",
        pullNumber: row.number,
        statedFailToPass: stated.failToPass,
        statedPassToPass: stated.passToPass,
        ...others.kept,
      },
    },
  };
}

/**
 * Reads Multi-SWE-bench rows (JSONL or a JSON array). The issue text is that of the resolved issues; test names stay
 * in `provenance`, and fail-to-pass is derived by running. The split of fix and tests is the row's own. Never throws: see the report.
 */
export function importMultiSweBench(text: string): Imported {
  return importRowsWith(text, readRow);
}
