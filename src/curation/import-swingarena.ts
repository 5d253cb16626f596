// Brings in SwingArena rows, saying of each what its collectors broke, what could be mended and what could not.
import { z } from "zod";
import { readCiNames } from "./ci-names.ts";
import { type Imported, importRowsWith, type RowReading, refusalOf, statedId } from "./imported.ts";
import { otherFields, readTime } from "./row-fields.ts";

const rowSchema = z.object({
  instance_id: z.string(),
  repo: z.string(),
  base_commit: z.string(),
  patch: z.string(),
  test_patch: z.string().nullish(),
  problem_statement: z.string(),
  hints_text: z.string().nullish(),
  created_at: z.unknown().optional(),
  merge_commit_sha: z.string().nullish(),
  language: z.string().nullish(),
  ci_name_list: z.unknown().optional(),
  pull_number: z.unknown().optional(),
  issue_numbers: z.unknown().optional(),
  // Placeholders in every row: an empty list, "" or "0.0".
  FAIL_TO_PASS: z.unknown().optional(),
  PASS_TO_PASS: z.unknown().optional(),
  version: z.unknown().optional(),
  environment_setup_commit: z.unknown().optional(),
});

/** Ids with a slash or a hash come from hand-made rows. */
function safeId(id: string): { readonly id: string; readonly repaired: readonly string[] } {
  const safe = id.replace(/[^A-Za-z0-9._-]+/g, "-");
  return { id: safe, repaired: safe === id ? [] : [`instance_id ${JSON.stringify(id)} became ${safe}`] };
}

function readRow(json: unknown): RowReading {
  const parsed = rowSchema.safeParse(json);
  if (!parsed.success) return { id: statedId(json), refused: refusalOf(parsed.error, json) };
  const row = parsed.data;
  const { id, repaired } = safeId(row.instance_id);
  const ci =
    row.ci_name_list === undefined
      ? { names: [], repaired: [], unrepaired: ["the row has no ci_name_list"] }
      : readCiNames(row.ci_name_list);
  const created = readTime(row.created_at);
  const others = otherFields(json, rowSchema.shape);
  const merge = row.merge_commit_sha ?? "";
  const noMerge =
    "empty merge commit: the gold tree is built from the base commit and the gold patch instead";
  return {
    id,
    language: row.language ?? undefined,
    patch: row.patch,
    testPatch: row.test_patch ?? "",
    splitBy: "substring",
    repaired: [...repaired, ...created.repaired, ...(merge === "" ? [noMerge] : []), ...ci.repaired],
    unrepaired: [...created.unrepaired, ...ci.unrepaired, ...others.unrepaired],
    fields: {
      repo: row.repo,
      base_commit: row.base_commit.toLowerCase(),
      problem_statement: row.problem_statement,
      hints_text: row.hints_text ?? "",
      created_at: created.text,
      FAIL_TO_PASS: [],
      PASS_TO_PASS: [],
      provenance: {
        source: "swingarena",
        ...(merge === "" ? {} : { mergeCommit: merge }),
        ...(row.pull_number == null ? {} : { pullNumber: row.pull_number }),
        ...(row.issue_numbers == null ? {} : { issueNumbers: row.issue_numbers }),
        ...(ci.names.length === 0 ? {} : { ciNames: ci.names }),
        ...others.kept,
      },
    },
  };
}

/**
 * Reads SwingArena rows (JSONL, or a JSON array). Repairs `ci_name_list`, empty merge commits and the split of tests
 * and gold patch; refuses rows whose gold patch has no file of the stated language. Plans are not in the rows:
 * infer them from the repository. Never throws: what is wrong with a row is in its report.
 */
export function importSwingArena(text: string): Imported {
  return importRowsWith(text, readRow);
}
