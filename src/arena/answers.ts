// Reads what a model answered, strictly: a submission or a review, or exactly why it is neither.
import { z } from "zod";
import { unsafePath } from "../domain/paths.ts";
import { checkDiff, type DiffFile } from "./answers/diff.ts";
import type { FileEdit, TestFile } from "./answers/edits.ts";
import { type Block, findBlock } from "./answers/fences.ts";
import { type JsonMistake, jsonMistake } from "./answers/json.ts";

export type { DiffFile } from "./answers/diff.ts";
export {
  type Applied,
  applyEdits,
  applyTests,
  type FileEdit,
  type ReadFile,
  type TestFile,
} from "./answers/edits.ts";

/** Sent back to the model as it is: it says where, what was expected and what was found. */
export interface Unusable {
  /** `unsafe-path`: readable, but it names a path no answer may. */
  readonly kind: "unparseable" | "unsafe-path";
  readonly reason: string;
}

export interface DiffAnswer {
  readonly kind: "diff";
  readonly diff: string;
  readonly files: readonly DiffFile[];
}

export type Submission =
  | { readonly kind: "edits"; readonly edits: readonly FileEdit[] }
  | DiffAnswer
  | Unusable;

/** `none`: the reviewer declines, with `{"tests": []}`. */
export type ReviewAnswer =
  | { readonly kind: "tests"; readonly tests: readonly TestFile[] }
  | { readonly kind: "none" }
  | DiffAnswer
  | Unusable;

const path = z.string("expected a path inside the repository");
const text = z.string("expected text");

const editSchema = z.strictObject({
  file: path,
  search: text.exactOptional(),
  replace: text.exactOptional(),
  delete: z.literal(true, "expected true, or no such field").exactOptional(),
});

const testSchema = z.strictObject({
  file: path,
  content: text.exactOptional(),
  append: text.exactOptional(),
});

const submissionSchema = z.strictObject({ edits: z.array(editSchema, "expected a list of edits") });
const reviewSchema = z.strictObject({ tests: z.array(testSchema, "expected a list of tests") });

function unparseable(reason: string): Unusable {
  return { kind: "unparseable", reason };
}

/** Line and column in the whole answer of a character of the block, both from 1. */
function placeOf(block: Block, offset: number): string {
  const before = block.content.slice(0, offset).split("\n");
  return `line ${block.firstLine + before.length - 1}, column ${(before.at(-1) ?? "").length + 1}`;
}

function syntaxError(block: Block, { offset, expected }: JsonMistake): string {
  const rest = block.content.slice(offset, offset + 30);
  const found = rest.trim() === "" && offset + 30 >= block.content.length ? "the end" : JSON.stringify(rest);
  return `${placeOf(block, offset)}: expected ${expected}; found ${found}`;
}

function json(block: Block): { ok: true; value: unknown } | { ok: false; reason: string } {
  const mistake = jsonMistake(block.content);
  if (mistake !== undefined) return { ok: false, reason: syntaxError(block, mistake) };
  return { ok: true, value: JSON.parse(block.content) };
}

function issuesOf(error: z.ZodError): string {
  const lines = error.issues.slice(0, 5).map((issue) => {
    const field = issue.path.join(".") || "the JSON object";
    if (issue.code === "unrecognized_keys")
      return `${field}: no field ${issue.keys.join(", ")} is known here`;
    return `${field}: ${issue.message}`;
  });
  return lines.join("; ");
}

function parsed<T>(
  block: Block,
  schema: z.ZodType<T>,
): { ok: true; value: T } | { ok: false; reason: string } {
  const read = json(block);
  if (!read.ok) return read;
  const result = schema.safeParse(read.value);
  return result.success ? { ok: true, value: result.data } : { ok: false, reason: issuesOf(result.error) };
}

function unsafeAmong(list: string, entries: readonly { file: string }[]): Unusable | undefined {
  for (const [index, { file }] of entries.entries()) {
    const problem = unsafePath(file);
    if (problem === undefined) continue;
    const reason = `${list}.${index}.file: expected a path inside the repository; found ${problem}`;
    return { kind: "unsafe-path", reason };
  }
  return undefined;
}

function diffAnswer(block: Block): DiffAnswer | Unusable {
  const checked = checkDiff(block.content, block.firstLine);
  if (checked.ok) return { kind: "diff", diff: checked.diff, files: checked.files };
  return { kind: checked.problem === "unsafe" ? "unsafe-path" : "unparseable", reason: checked.reason };
}

function editOf(written: z.infer<typeof editSchema>): FileEdit | undefined {
  const { file, search, replace } = written;
  if (written.delete)
    return search === undefined && replace === undefined ? { file, delete: true } : undefined;
  return search === undefined || replace === undefined ? undefined : { file, search, replace };
}

function testOf({ file, content, append }: z.infer<typeof testSchema>): TestFile | undefined {
  if (content !== undefined) return append === undefined ? { file, content } : undefined;
  return append === undefined ? undefined : { file, append };
}

/** A submission: `{"edits": [...]}` or a unified diff. Pure; never throws. */
export function parseSubmission(answer: string): Submission {
  const found = findBlock(answer);
  if (!found.ok) return unparseable(found.reason);
  if (found.block.language === "diff") return diffAnswer(found.block);
  const read = parsed(found.block, submissionSchema);
  if (!read.ok) return unparseable(read.reason);
  const edits: FileEdit[] = [];
  for (const [index, written] of read.value.edits.entries()) {
    const edit = editOf(written);
    if (edit === undefined)
      return unparseable(`edits.${index}: expected search and replace, or delete alone`);
    edits.push(edit);
  }
  return unsafeAmong("edits", edits) ?? { kind: "edits", edits };
}

/** A review: `{"tests": [...]}` or a unified diff. Pure; never throws. */
export function parseReview(answer: string): ReviewAnswer {
  const found = findBlock(answer);
  if (!found.ok) return unparseable(found.reason);
  if (found.block.language === "diff") return diffAnswer(found.block);
  const read = parsed(found.block, reviewSchema);
  if (!read.ok) return unparseable(read.reason);
  if (read.value.tests.length === 0) return { kind: "none" };
  const tests: TestFile[] = [];
  for (const [index, written] of read.value.tests.entries()) {
    const test = testOf(written);
    if (test === undefined) return unparseable(`tests.${index}: expected either content or append`);
    tests.push(test);
  }
  return unsafeAmong("tests", tests) ?? { kind: "tests", tests };
}
