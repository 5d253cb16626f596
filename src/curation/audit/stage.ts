// The audit stage: what may give the answer away, repeat another instance, steer a model or leak a secret.
import { patchFiles } from "../patches.ts";
import { type AuditedRow, auditedRow, type ValidatedRow, validatedRow } from "../pipeline/rows.ts";
import { keptAs, rejectedFor, type Stage, type StageOutcome } from "../pipeline/stage.ts";
import { type GoldHunk, goldHunks, holdsHunk, leaksIn, namedGoldFiles } from "./answer.ts";
import type { FoundFile } from "./container-files.ts";
import { nearThreshold, pairsAlike } from "./duplicates.ts";
import { screen } from "./screens.ts";

type Flag = AuditedRow["audit"]["flags"][number];

export interface AuditDeps {
  /**
   * Tells every text file of the container the row runs in, in one order: of the base tree as contestants see it, then of
   * package caches and installed packages, other releases of the row's own package among them.
   * @throws a fault: the row is asked again
   */
  readonly readContainer: (
    row: ValidatedRow,
    onFile: (file: FoundFile) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Says what it reads: another value audits again. */
  readonly settings: unknown;
}

/** Of one code in one row; more would bury the others, and a tree may be made to hold millions. */
const mostFlagsOfACode = 20;

interface NamedText {
  readonly where: string;
  readonly text: string;
}

/** What a solver is told. */
function toldTexts({ split }: ValidatedRow): NamedText[] {
  return [
    { where: "problem statement", text: split.problemStatement },
    { where: "hints", text: split.hintsText },
  ];
}

/** Where what is told comes from, comment by comment. */
function minedTexts(row: ValidatedRow): NamedText[] {
  return (row.mined?.issues ?? []).flatMap((issue) => [
    { where: `issue ${issue.repo}#${issue.number}`, text: `${issue.title}\n${issue.body}` },
    ...issue.comments.map((comment, index) => ({
      where: `issue ${issue.repo}#${issue.number}, comment ${index + 1} by ${comment.author}`,
      text: comment.body,
    })),
  ]);
}

function screened({ where, text }: NamedText): Flag[] {
  return screen(text).map(({ code, rule, line }) => ({
    code,
    where: `${where}, line ${line}`,
    detail: rule,
  }));
}

function givenAway({ where, text }: NamedText, goldPatch: string, hunks: readonly GoldHunk[]): Flag[] {
  const found = hunks.filter((hunk) => holdsHunk(text, hunk));
  return [
    ...found.map(
      ({ path, lines }): Flag => ({
        code: "answer-in-text",
        where,
        detail: `${lines.length} lines of ${path}`,
      }),
    ),
    ...namedGoldFiles(text, goldPatch).map(
      (path): Flag => ({ code: "names-gold-file", where, detail: path }),
    ),
  ];
}

/** What is left out is counted. */
function cutList(texts: readonly string[]): string[] {
  const more = texts.length - mostFlagsOfACode;
  return more <= 0 ? [...texts] : [...texts.slice(0, mostFlagsOfACode), `and ${more} more`];
}

/** What is found in one file. The fix's own files hold what it changes: there alone nothing is looked for. */
function inFile(
  file: Exclude<FoundFile, { readonly notRead: string }>,
  hunks: readonly GoldHunk[],
  fixed: ReadonlySet<string>,
): Flag[] {
  const isTree = file.part === "tree";
  const leaks = leaksIn(file, hunks, isTree ? fixed : new Set());
  const code = isTree ? "answer-in-tree" : "answer-in-package";
  return [
    ...leaks.map(({ file: where, of, lines }): Flag => ({ code, where, detail: `${lines} lines of ${of}` })),
    ...(isTree ? screened({ where: file.path, text: file.text }) : []),
  ];
}

/** Where a row can be looked at again. */
function sourceOf({ origin, repo }: ValidatedRow): string {
  if (origin.kind === "pull-request") return origin.url;
  return origin.kind === "commits" ? `${repo} ${origin.fix}` : `${origin.format} row ${origin.row}`;
}

function bounded(flags: readonly Flag[]): Flag[] {
  const seen = new Map<string, number>();
  return flags.filter(({ code }) => {
    const before = seen.get(code) ?? 0;
    seen.set(code, before + 1);
    return before < mostFlagsOfACode;
  });
}

/** Steering words and secrets in what a solver is told put the row aside; in a repository's own files they are flagged. */
function quarantine(row: ValidatedRow, found: readonly Flag[]): StageOutcome<AuditedRow> | undefined {
  // A row is put aside once: for a secret before all else, for that one must be revoked.
  const code = (["secret", "injection"] as const).find((each) => found.some((flag) => flag.code === each));
  if (code === undefined) return undefined;
  const places = found.filter((flag) => flag.code === code).map(({ where, detail }) => `${where}: ${detail}`);
  const detail = `expected none, found ${places.slice(0, mostFlagsOfACode).join("; ")} (${sourceOf(row)})`;
  return rejectedFor(row, { reason: `${code}-quarantined`, detail });
}

/** Exact repeats of an earlier row are dropped; near ones are flagged. */
function compared(rows: readonly AuditedRow[]): StageOutcome<AuditedRow> {
  const pairs = pairsAlike(rows.map(({ id, split }) => ({ id, ...split })));
  const repeats = new Map(pairs.filter((pair) => pair.kind === "duplicate").map((pair) => [pair.id, pair]));
  const kept = rows
    .filter((row) => !repeats.has(row.id))
    .map((row) => {
      const near = pairs.filter((pair) => pair.id === row.id);
      const flags = near.map(({ of, detail }): Flag => ({ code: "near-duplicate", where: of, detail }));
      return { ...row, audit: { ...row.audit, flags: [...row.audit.flags, ...flags] } };
    });
  const rejected = [...repeats.values()].map(({ id, of, detail }) => ({
    ...{ id, reason: "duplicate", detail: `expected an instance of its own, found the ${detail} as ${of}` },
  }));
  return { kept, rejected };
}

/** Rows with flags and dates; docs/curation/audit.md names what is flagged and what is put aside. */
export function auditStage(deps: AuditDeps): Stage<ValidatedRow, AuditedRow> {
  return {
    name: "audit",
    input: validatedRow,
    output: auditedRow,
    settings: { rules: 2, nearThreshold, reads: deps.settings },
    run: async (row, signal) => {
      const { goldPatch, createdAt } = row.split;
      const told = toldTexts(row);
      const aside = quarantine(row, [...minedTexts(row), ...told].flatMap(screened));
      if (aside !== undefined) return aside;
      const hunks = goldHunks(goldPatch);
      const fixed = new Set(patchFiles(goldPatch).map((file) => file.path));
      let flags = told.flatMap((text) => givenAway(text, goldPatch, hunks));
      const notRead: string[] = [];
      const look = (file: FoundFile): void => {
        if ("notRead" in file) notRead.push(file.notRead);
        else flags = bounded([...flags, ...inFile(file, hunks, fixed)]);
      };
      await deps.readContainer(row, look, signal);
      const fixAt = row.mined === undefined ? {} : { fixAt: row.mined.mergedAt };
      const left = notRead.length === 0 ? {} : { notRead: cutList(notRead) };
      return keptAs({ ...row, audit: { flags, ...left, issueAt: createdAt, ...fixAt } });
    },
    whole: compared,
  };
}
