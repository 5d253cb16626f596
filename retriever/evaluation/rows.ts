// Reads lines of an evaluation file: our own form, and dataset rows whose gold is in their patch.
import { z } from "zod";
import { goldOfPatch } from "./gold-of-patch.ts";

export interface Span {
  readonly path: string;
  /** 1-based, inclusive, at the base commit. */
  readonly firstLine: number;
  readonly lastLine: number;
}

export interface EvaluationRow {
  readonly id: string;
  readonly repo: string;
  readonly baseCommit: string;
  /** Lower case; `cpp` for C and C++. */
  readonly language: string;
  readonly query: string;
  readonly goldFiles: readonly string[];
  readonly goldSpans: readonly Span[];
}

export interface RowProblem {
  /** 1-based. */
  readonly line: number;
  /** Dotted; empty for a line that is no JSON object. */
  readonly field: string;
  readonly found: string;
}

const text = z.string().min(1);
const commit = z.string().regex(/^[0-9a-f]{7,64}$/u, "expected a commit id");
const line = z.int().positive();

/** The names that people give to the ends of a span, inclusive and from 1. */
const span = z
  .object({ path: text.optional(), file: text.optional() })
  .extend({ firstLine: line.optional(), start: line.optional(), start_line: line.optional() })
  .extend({ lastLine: line.optional(), end: line.optional(), end_line: line.optional() })
  .transform((given, context): Span => {
    const path = given.path ?? given.file;
    const firstLine = given.firstLine ?? given.start ?? given.start_line;
    const lastLine = given.lastLine ?? given.end ?? given.end_line;
    if (path !== undefined && firstLine !== undefined && lastLine !== undefined && firstLine <= lastLine) {
      return { path, firstLine, lastLine };
    }
    context.addIssue({
      code: "custom",
      message: "expected a path and its first and last line, in this order",
    });
    return z.NEVER;
  });

const spanForms = {
  error:
    "expected a list of {path, firstLine, lastLine} or of [path, first, last], or lists of [first, last] by path",
};

const inOrder = ({ firstLine, lastLine }: Pick<Span, "firstLine" | "lastLine">): boolean =>
  firstLine <= lastLine;

const tripleSpan = z
  .tuple([text, line, line])
  .transform(([path, firstLine, lastLine]): Span => ({ path, firstLine, lastLine }))
  .refine(inOrder, spanForms);

/** Lists of spans, or lists of pairs of lines by path. */
const spans = z.union(
  [
    z.array(z.union([span, tripleSpan])),
    z
      .record(text, z.array(z.tuple([line, line])))
      .transform((byPath): Span[] =>
        Object.entries(byPath).flatMap(([path, pairs]) =>
          pairs.map(([firstLine, lastLine]) => ({ path, firstLine, lastLine })),
        ),
      )
      .refine((found) => found.every(inOrder), spanForms),
  ],
  spanForms,
);

const own = z.object({
  id: text,
  repo: text,
  base_commit: commit,
  language: text,
  query: text,
  gold_files: z.array(text).min(1),
  gold_spans: spans.nullish(),
});

const dataset = z.object({
  instance_id: text,
  repo: text,
  base_commit: commit,
  language: text,
  problem_statement: text,
  patch: text,
});

const languageNames: Readonly<Record<string, string>> = {
  c: "cpp",
  "c++": "cpp",
  golang: "go",
  py: "python",
  rs: "rust",
};

function languageOf(name: string): string {
  const lower = name.toLowerCase();
  return languageNames[lower] ?? lower;
}

function ownRow(row: z.infer<typeof own>): EvaluationRow {
  return {
    id: row.id,
    repo: row.repo,
    baseCommit: row.base_commit,
    language: languageOf(row.language),
    query: row.query,
    goldFiles: [...new Set(row.gold_files)],
    goldSpans: row.gold_spans ?? [],
  };
}

function datasetRow(row: z.infer<typeof dataset>): EvaluationRow {
  const gold = goldOfPatch(row.patch);
  return {
    id: row.instance_id,
    repo: row.repo,
    baseCommit: row.base_commit,
    language: languageOf(row.language),
    query: row.problem_statement,
    goldFiles: gold.files,
    goldSpans: gold.spans,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function rowOf(value: Record<string, unknown>): EvaluationRow | z.ZodError {
  // `id` and `query` are ours; a row that has neither is a dataset's.
  if ("query" in value || "id" in value) {
    const result = own.safeParse(value);
    return result.success ? ownRow(result.data) : result.error;
  }
  const result = dataset.safeParse(value);
  return result.success ? datasetRow(result.data) : result.error;
}

/** Good rows in order, and every problem by line and field; blank lines are nothing. A repeated id is a problem. */
export function readRows(jsonl: string): { rows: EvaluationRow[]; problems: RowProblem[] } {
  const rows: EvaluationRow[] = [];
  const problems: RowProblem[] = [];
  const lineOfId = new Map<string, number>();
  for (const [index, content] of jsonl
    .replace(/^\ufeff/u, "")
    .split("\n")
    .entries()) {
    if (content.trim() === "") continue;
    const line = index + 1;
    const value = parsed(content);
    if (!isObject(value)) {
      problems.push({ line, field: "", found: "expected a JSON object" });
      continue;
    }
    const row = rowOf(value);
    if (row instanceof z.ZodError) {
      for (const issue of row.issues)
        problems.push({ line, field: issue.path.join("."), found: issue.message });
      continue;
    }
    const first = lineOfId.get(row.id);
    if (first !== undefined) {
      problems.push({ line, field: "id", found: `${row.id} stands on line ${first} already` });
      continue;
    }
    lineOfId.set(row.id, line);
    rows.push(row);
  }
  return { rows, problems };
}
