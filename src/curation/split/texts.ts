// What a solver is told: the issue's own words as the statement, what was said below it as hints, all of a bounded size.
import type { MinedRow } from "../pipeline/rows.ts";
import type { Rejection } from "../pipeline/stage.ts";
import { clockSlackSeconds } from "./base.ts";

export type MinedPart = MinedRow["mined"];
type LinkedIssue = MinedPart["issues"][number];

export interface Texts {
  readonly problemStatement: string;
  readonly hintsText: string;
  /** Of the oldest issue. */
  readonly createdAt: string;
  readonly notes: readonly string[];
}

export type TextsAnswer = ({ readonly kind: "texts" } & Texts) | ({ readonly kind: "rejected" } & Rejection);

/** The first `most` characters, never half of one; what was cut is said in the notes. */
function bounded(
  text: string,
  most: number,
  told: { readonly what: string; readonly notes: string[] },
): string {
  if (text.length <= most) return text;
  told.notes.push(`${told.what}: the first ${most} of ${text.length} characters kept`);
  return text.slice(0, most).replace(/[\uD800-\uDBFF]$/, "");
}

const clean = (text: string): string => text.replaceAll("\0", "").replaceAll("\r\n", "\n").trim();
const timeOf = (text: string): number => Date.parse(text);

function statementOf(issue: LinkedIssue): string {
  return [clean(issue.title), clean(issue.body)].filter((part) => part !== "").join("\n\n");
}

/** Comments from before the change's first commit, oldest first: a later one may speak of the fix. */
function hintsOf(issues: readonly LinkedIssue[], firstCommitAt: string, notes: string[]): string {
  const comments = issues.flatMap((issue) => issue.comments);
  const early = comments.filter((comment) => timeOf(comment.createdAt) < timeOf(firstCommitAt));
  const late = comments.length - early.length;
  if (late > 0) notes.push(`${late} comments left out: not from before the change's first commit`);
  return early
    .sort((one, other) => timeOf(one.createdAt) - timeOf(other.createdAt))
    .map((comment) => clean(comment.body))
    .filter((body) => body !== "")
    .join("\n\n");
}

export interface TextLimits {
  readonly mostStatementChars: number;
  readonly mostHintChars: number;
  /** Letters and digits a statement must have to say anything. */
  readonly leastLetters: number;
}

/** Statement and hints of a change, or why it states no problem. Issues opened after the merge are left out. */
export function textsOf(mined: MinedPart, limits: TextLimits): TextsAnswer {
  const notes: string[] = [];
  const latest = timeOf(mined.mergedAt) + clockSlackSeconds * 1000;
  const issues = mined.issues.filter((issue) => timeOf(issue.createdAt) <= latest);
  const [first] = [...issues].sort((one, other) => timeOf(one.createdAt) - timeOf(other.createdAt));
  if (first === undefined) {
    const detail = `expected an issue from before the merge of ${mined.mergedAt}, found none`;
    return { kind: "rejected", reason: "issue-after-fix", detail };
  }
  const late = mined.issues.length - issues.length;
  if (late > 0) notes.push(`${late} issues left out: opened after the merge`);
  const statement = issues.map(statementOf).join("\n\n");
  const letters = statement.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  if (letters < limits.leastLetters) {
    const detail = `expected a statement of at least ${limits.leastLetters} letters, found ${letters}`;
    return { kind: "rejected", reason: "empty-statement", detail };
  }
  const hints = hintsOf(issues, mined.firstCommitAt, notes);
  return {
    kind: "texts",
    problemStatement: bounded(statement, limits.mostStatementChars, { what: "statement", notes }),
    hintsText: bounded(hints, limits.mostHintChars, { what: "hints", notes }),
    createdAt: first.createdAt,
    notes,
  };
}
