// Brings in rows of SWE-bench and the sets that keep its field names (Verified, Live, Multilingual, SWE-rebench).
import { z } from "zod";
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
  version: z.union([z.string(), z.number().transform(String)]).nullish(),
  environment_setup_commit: z.string().nullish(),
  FAIL_TO_PASS: z.unknown().optional(),
  PASS_TO_PASS: z.unknown().optional(),
  fail_to_pass: z.unknown().optional(),
  pass_to_pass: z.unknown().optional(),
  language: z.string().nullish(),
  repo_language: z.string().nullish(),
  difficulty: z.unknown().optional(),
});

/** Ids as the row lists them: an array, or JSON text of one; undefined when neither can be read. */
function idList(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null || value === "") return [];
  const list = z.array(z.string());
  if (typeof value !== "string") return list.safeParse(value).data;
  try {
    return list.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}

/** Lists were cut at blanks once: "test_x[a" has lost the end of its parameter. */
function isTruncated(id: string): boolean {
  return id.includes("[") && !id.endsWith("]");
}

/** The form our pytest runner names checks by. */
function isNodeId(id: string): boolean {
  return /\.py::\S/.test(id);
}

interface ReadIds {
  readonly ids: readonly string[];
  /** The list as it was, kept when it is not used as it is. */
  readonly stated?: unknown;
  readonly unrepaired: readonly string[];
}

function readIds(field: string, value: unknown): ReadIds {
  const list = idList(value);
  if (list === undefined)
    return {
      ids: [],
      stated: value,
      unrepaired: [`${field}: expected a list of test ids, found other JSON`],
    };
  const foreign = list.filter((id) => !isNodeId(id));
  if (foreign.length > 0) {
    const why = `${field}: ${foreign.length} of ${list.length} ids are no pytest node ids (${foreign[0]}): derived by running instead`;
    return { ids: [], stated: list, unrepaired: [why] };
  }
  const cut = list.filter(isTruncated);
  if (cut.length === 0) return { ids: list, unrepaired: [] };
  const why = `${field}: ${cut.length} of ${list.length} ids are cut in their parameters (${cut[0]}): left out`;
  return { ids: list.filter((id) => !isTruncated(id)), stated: list, unrepaired: [why] };
}

function readRow(json: unknown): RowReading {
  const parsed = rowSchema.safeParse(json);
  if (!parsed.success) return { id: statedId(json), refused: refusalOf(parsed.error, json) };
  const row = parsed.data;
  const failToPass = readIds("FAIL_TO_PASS", row.FAIL_TO_PASS ?? row.fail_to_pass);
  const passToPass = readIds("PASS_TO_PASS", row.PASS_TO_PASS ?? row.pass_to_pass);
  const created = readTime(row.created_at);
  const others = otherFields(json, rowSchema.shape);
  const setup = row.environment_setup_commit ?? "";
  return {
    id: row.instance_id,
    language: row.language ?? row.repo_language ?? undefined,
    patch: row.patch,
    testPatch: row.test_patch ?? "",
    splitBy: "stated",
    repaired: created.repaired,
    unrepaired: [
      ...failToPass.unrepaired,
      ...passToPass.unrepaired,
      ...created.unrepaired,
      ...others.unrepaired,
    ],
    fields: {
      repo: row.repo,
      base_commit: row.base_commit.toLowerCase(),
      problem_statement: row.problem_statement,
      hints_text: row.hints_text ?? "",
      created_at: created.text,
      FAIL_TO_PASS: failToPass.ids,
      PASS_TO_PASS: passToPass.ids,
      ...(row.version ? { version: row.version } : {}),
      ...(setup === "" ? {} : { environment_setup_commit: setup }),
      provenance: {
        source: "swe-bench",
        ...(row.difficulty == null ? {} : { difficulty: row.difficulty }),
        ...(failToPass.stated === undefined ? {} : { statedFailToPass: failToPass.stated }),
        ...(passToPass.stated === undefined ? {} : { statedPassToPass: passToPass.stated }),
        ...others.kept,
      },
    },
  };
}

/**
 * Reads SWE-bench rows: a JSON array or JSONL, FAIL_TO_PASS and PASS_TO_PASS as arrays or JSON text of arrays. Lists
 * whose ids our runners do not use are kept in `provenance` and derived by running. The split of fix and tests is the
 * row's own. Never throws: see the report.
 */
export function importSweBench(text: string): Imported {
  return importRowsWith(text, readRow);
}
