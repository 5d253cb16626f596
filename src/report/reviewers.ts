// What a board says of reviewers alone: whom their tests kill and spare, and whether they could tell anything at all.
import type { RoundRow } from "../domain/run.ts";
import type { Estimate } from "../rating/index.ts";
import type { Board, Standing } from "./board.ts";
import { collusionNotes } from "./collusion.ts";
import type { Metrics } from "./metrics.ts";
import { triviality } from "./reviewer-metrics.ts";
import { counted, fitted, plain, share, shareInterval, widthOf, wrapped } from "./text.ts";

const columns: readonly (readonly [string, (metrics: Metrics) => string])[] = [
  ["valid", ({ reviewValidRate }) => share(reviewValidRate)],
  ["reveal", ({ revealsIssue }) => share(revealsIssue)],
  ["panel kills", ({ panelKillRate }) => shareInterval(panelKillRate)],
  ["false kills", ({ falseRejection }) => shareInterval(falseRejection)],
  ["mutants killed", ({ mutationScore }) => shareInterval(mutationScore)],
  ["subtle", ({ subtleMutationScore }) => share(subtleMutationScore)],
  ["execute", ({ executesGoldChange, executesChange }) => share(executesGoldChange ?? executesChange)],
  ["trivial", ({ trivialRate }) => share(trivialRate)],
];

/** The names of all metrics above, for machines and for the glossary. */
const shown = [
  "reviewValidRate",
  "revealsIssue",
  "panelKillRate",
  "falseRejection",
  "mutationScore",
  "subtleMutationScore",
  "executesGoldChange",
  "executesChange",
  "trivialRate",
  "killRateOnUnresolved",
  "killRateOnResolved",
  "overfitted",
] as const;

/** Best first: what is killed of mutants less what is wrongly killed; whoever has neither comes last, by name. */
function worth({ metrics }: Standing): number {
  const { mutationScore, panelKillRate, falseRejection } = metrics;
  const kills = [mutationScore, panelKillRate].filter((estimate) => estimate !== undefined);
  if (kills.length === 0) return Number.NEGATIVE_INFINITY;
  const mean = kills.reduce((sum, { value }) => sum + value, 0) / kills.length;
  return mean - (falseRejection?.value ?? 0);
}

function reviewersOf({ contestants }: Board): Standing[] {
  return contestants
    .filter(({ rounds }) => rounds.reviewer > 0)
    .sort((one, other) => {
      const [left, right] = [worth(one), worth(other)];
      return left === right ? (one.id < other.id ? -1 : 1) : right - left;
    });
}

export const reviewersLegend =
  "valid: tests given and valid. reveal: fail on the base tree. panel kills: of wrong hidden candidates. false kills: of right ones. " +
  "mutants killed: of seeded defects in the lines gold changes that some test tells from gold; subtle: of those that no visible test notices. execute: checks that reach a changed line. " +
  "trivial: tests that pass on base and on every mutant. n: reviews. A dash: nothing to divide by.";

export interface ReviewerCells {
  /** Names are as their contestants wrote them. */
  readonly names: readonly string[];
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Best reviewer first; the header has no cell for the names. */
export function reviewerCells(board: Board): ReviewerCells {
  const reviewers = reviewersOf(board);
  return {
    names: reviewers.map(({ id }) => id),
    header: [...columns.map(([title]) => title), "n", "void"],
    rows: reviewers.map(({ metrics, rounds, voids }) => [
      ...columns.map(([, cell]) => cell(metrics)),
      String(rounds.reviewer),
      String(voids.rounds),
    ]),
  };
}

/** Whether anything was measured of them that rounds alone do not show. */
export function hasReviewerFigures({ contestants }: Board): boolean {
  return contestants.some(
    ({ metrics }) => metrics.mutationScore !== undefined || metrics.executesChange !== undefined,
  );
}

/** One sentence for below a board of battles; none where nothing was measured. */
export function reviewerNotes(board: Board): string[] {
  if (!hasReviewerFigures(board)) return [];
  const told = reviewersOf(board).map(({ id, metrics: { mutationScore, executesChange, trivialRate } }) => {
    const trivial = trivialRate === undefined ? "" : `, ${share(trivialRate)} trivial`;
    return `${plain(id)} ${share(mutationScore)}, ${share(executesChange)}${trivial}`;
  });
  return [`Reviewers, mutants killed and checks that execute a changed line: ${told.join("; ")}.`];
}

const nameWidth = 24;

/** A table for a terminal, best reviewer first, and what must be said with it. */
export function renderReviewers(board: Board): string {
  const { names, header, rows } = reviewerCells(board);
  const lines = [
    ["reviewer", ...header],
    ...rows.map((row, at) => [fitted(plain(names[at] ?? ""), nameWidth), ...row]),
  ];
  const widths = ["", ...header].map((_, place) =>
    Math.max(...lines.map((row) => widthOf(row[place] ?? ""))),
  );
  const aligned = lines.map((row) =>
    row
      .map((cell, place) => `${cell}${" ".repeat((widths[place] ?? 0) - widthOf(cell))}`)
      .join("  ")
      .trimEnd(),
  );
  const few = board.tooFewIssues ? [`Only ${counted(board.instances, "issue")}: too few to tell.`] : [];
  const flags = board.collusion === undefined ? [] : collusionNotes(board.collusion);
  const notes = [reviewersLegend, ...few, ...flags].map((note) => wrapped(note, 100, "  "));
  return [...aligned, "", ...notes, ""].join("\n");
}

interface ReviewJson {
  readonly instance_id: string;
  readonly status: string;
  readonly reasons: readonly string[];
  readonly fails_on_base?: boolean;
  readonly panel: RoundRow["record"]["panel"];
  readonly mutants?: RoundRow["record"]["mutants"];
  readonly reach?: RoundRow["record"]["review"]["reach"];
  /** Passes on base and on every mutant. */
  readonly trivial?: boolean;
  readonly void?: string;
}

function reviewJson({ instanceId, record }: RoundRow): ReviewJson {
  const { review, panel, mutants } = record;
  const trivial = triviality(record);
  return {
    instance_id: instanceId,
    status: review.status,
    reasons: review.reasons.map(({ code, detail }) => `${code}: ${detail}`),
    ...(review.failsOnBase === undefined ? {} : { fails_on_base: review.failsOnBase }),
    panel,
    ...(mutants === undefined ? {} : { mutants }),
    ...(review.reach === undefined ? {} : { reach: review.reach }),
    ...(trivial === undefined ? {} : { trivial }),
    ...(record.void === undefined ? {} : { void: `${record.void.cause}: ${record.void.detail}` }),
  };
}

export interface ReviewerJson {
  readonly id: string;
  readonly metrics: Readonly<Record<string, Estimate>>;
  readonly reviews: readonly ReviewJson[];
}

/** For machines: reviewers in the table's order, each with its metrics and every one of its reviews. */
export function reviewersJson(board: Board, rows: readonly RoundRow[]): ReviewerJson[] {
  return reviewersOf(board).map(({ id, metrics }) => ({
    id,
    metrics: Object.fromEntries(
      shown.flatMap((name) => (metrics[name] === undefined ? [] : [[name, metrics[name]]])),
    ),
    reviews: rows
      .filter(({ reviewer }) => reviewer === id)
      .sort((one, other) => (one.instanceId < other.instanceId ? -1 : 1))
      .map(reviewJson),
  }));
}
