// The audit stage: what may give the answer away, repeat another instance, steer a model or leak a secret.
import { patchFiles } from "../patches.ts";
import { type AuditedRow, auditedRow, type ValidatedRow, validatedRow } from "../pipeline/rows.ts";
import { keptAs, rejectedFor, type Stage, type StageOutcome } from "../pipeline/stage.ts";
import { type GoldHunk, goldHunks, holdsHunk, leaksIn, namedGoldFiles, type ReadableFile } from "./answer.ts";
import { nearThreshold, pairsAlike } from "./duplicates.ts";
import { screen } from "./screens.ts";

type Flag = AuditedRow["audit"]["flags"][number];

export interface AuditDeps {
  /** Text files of the base tree, in path order, of bounded size. @throws a fault: the row is asked again */
  readonly treeFiles: (row: ValidatedRow, signal: AbortSignal) => AsyncIterable<ReadableFile>;
  /**
   * Text files of package caches and installed packages in the container the row runs in, in path order; newer releases
   * of the row's own package are among them where they can be reached. @throws a fault: the row is asked again
   */
  readonly packageFiles: (row: ValidatedRow, signal: AbortSignal) => AsyncIterable<ReadableFile>;
  /** Says what the two read: another value audits again. */
  readonly settings: unknown;
}

/** Of one code in one row; more would bury the others. */
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

async function leaked(
  files: AsyncIterable<ReadableFile>,
  by: {
    readonly code: "answer-in-tree" | "answer-in-package";
    readonly hunks: readonly GoldHunk[];
    readonly except: ReadonlySet<string>;
  },
): Promise<Flag[]> {
  const flags: Flag[] = [];
  for await (const file of files) {
    for (const { file: where, of, lines } of leaksIn(file, by.hunks, by.except))
      flags.push({ code: by.code, where, detail: `${lines} lines of ${of}` });
    if (by.code === "answer-in-tree") flags.push(...screened({ where: file.path, text: file.text }));
  }
  return flags;
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
  const detail = `expected none, found ${places.slice(0, mostFlagsOfACode).join("; ")}`;
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
    settings: { rules: 1, nearThreshold, reads: deps.settings },
    run: async (row, signal) => {
      const { goldPatch, createdAt } = row.split;
      const told = toldTexts(row);
      const aside = quarantine(row, [...minedTexts(row), ...told].flatMap(screened));
      if (aside !== undefined) return aside;
      const hunks = goldHunks(goldPatch);
      const except = new Set(patchFiles(goldPatch).map((file) => file.path));
      const flags = [
        ...told.flatMap((text) => givenAway(text, goldPatch, hunks)),
        ...(await leaked(deps.treeFiles(row, signal), { code: "answer-in-tree", hunks, except })),
        ...(await leaked(deps.packageFiles(row, signal), {
          code: "answer-in-package",
          hunks,
          except: new Set(),
        })),
      ];
      const fixAt = row.mined === undefined ? {} : { fixAt: row.mined.mergedAt };
      return keptAs({ ...row, audit: { flags: bounded(flags), issueAt: createdAt, ...fixAt } });
    },
    whole: compared,
  };
}
