// A comparison of two runs in a terminal, in Markdown and as CSV.
import type { ComparedContestant, ComparedMetric, Comparison } from "./compare.ts";
import { type Cell, csvLines } from "./csv-cells.ts";
import { type GridColumn, grid, maxWidth } from "./grid.ts";
import { inert, markdownTable } from "./markdown-table.ts";
import { pText } from "./paired-render.ts";
import { plain, signed, wrapped } from "./text.ts";

interface Row extends ComparedMetric {
  readonly id: string;
}

const rowsOf = ({ contestants }: Comparison): Row[] =>
  contestants.flatMap(({ id, metrics }) => metrics.map((metric) => ({ id, ...metric })));

const titleOf = ({ first, second }: Comparison): string =>
  `${second.name} less ${first.name}, on the issues that both have`;

/** Rows with p below one minus the level after Holm's adjustment are marked. */
const mark = ({ adjustedP }: Row, { intervals }: Comparison): string =>
  adjustedP <= 1 - intervals.level + 1e-12 ? "*" : "";

const columns = (comparison: Comparison): readonly GridColumn<Row>[] => [
  { title: "contestant", left: true, cell: ({ id }) => plain(id) },
  { title: "metric", left: true, cell: ({ metric }) => metric },
  { title: "first", cell: ({ first }) => first.toFixed(2) },
  { title: "second", cell: ({ second }) => second.toFixed(2) },
  {
    title: "difference",
    cell: ({ difference, low, high }) => `${signed(difference)} [${signed(low)}, ${signed(high)}]`,
  },
  { title: "p", cell: ({ adjustedP }) => pText(adjustedP) },
  { title: "", cell: (row) => mark(row, comparison) },
  { title: "n", cell: ({ n }) => String(n) },
];

const listedUpTo = 8;

function listed(ids: readonly string[]): string {
  const rest = ids.length - listedUpTo;
  const shown = ids.slice(0, listedUpTo).map(plain).join(", ");
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

function movedText({ id, gained, lost }: ComparedContestant): string[] {
  const parts = [
    ...(gained.length === 0 ? [] : [`resolved more often ${listed(gained)}`]),
    ...(lost.length === 0 ? [] : [`less often ${listed(lost)}`]),
  ];
  return parts.length === 0 ? [] : [`${plain(id)}: ${parts.join("; ")}.`];
}

function notes(comparison: Comparison): string[] {
  const { changed, onlyInFirst, onlyInSecond, contestants, intervals } = comparison;
  const settings = changed.map(
    ({ setting, first, second }) => `${setting} (${plain(first)}, then ${plain(second)})`,
  );
  const alone = [
    ...(onlyInFirst.length === 0 ? [] : [`the first run: ${listed(onlyInFirst)}`]),
    ...(onlyInSecond.length === 0 ? [] : [`the second: ${listed(onlyInSecond)}`]),
  ];
  return [
    ...(contestants.length === 0 ? ["No contestant played in both runs: there is nothing to compare."] : []),
    `Paired over issues: ${intervals.method} at ${intervals.level}; p of the sign-flip test, Holm-adjusted over the contestants in each metric; * at most ${(1 - intervals.level).toFixed(2)}.`,
    ...(settings.length === 0 ? [] : [`The runs differ in ${settings.join("; ")}.`]),
    ...(alone.length === 0
      ? []
      : [`Only in ${alone.join("; only in ")}. Opponents that differ move win and kill rates.`]),
    ...contestants.flatMap(movedText),
  ];
}

export function renderComparisonTable(comparison: Comparison): string {
  const rows = rowsOf(comparison);
  return [
    wrapped(plain(titleOf(comparison)), maxWidth),
    "",
    ...(rows.length === 0 ? [] : [...grid(columns(comparison), rows), ""]),
    ...notes(comparison).map((note) => wrapped(note, maxWidth, "  ")),
    "",
  ].join("\n");
}

export function renderComparisonMarkdown(comparison: Comparison): string {
  const shown = columns(comparison);
  const header = shown.map(({ title }) => title);
  const rows = rowsOf(comparison).map((row) =>
    shown.map(({ cell }, place) =>
      place === 0 ? inert(row.id) : place === 6 ? cell(row).replace("*", "\\*") : cell(row),
    ),
  );
  return [
    inert(titleOf(comparison)),
    "",
    ...(rows.length === 0 ? [] : [...markdownTable(header, rows, [0, 1]), ""]),
    ...notes(comparison).map((note) => `- ${inert(note)}`),
    "",
  ].join("\n");
}

const header = [
  ...["first_run", "second_run", "contestant", "metric", "first", "second"],
  ...["difference", "low", "high", "n", "p", "adjusted_p"],
];

export function renderComparisonCsv(comparison: Comparison): string {
  const { first, second } = comparison;
  const lines = rowsOf(comparison).map((row): Cell[] => [
    ...[first.name, second.name, row.id, row.metric, row.first, row.second],
    ...[row.difference, row.low, row.high, row.n, row.p, row.adjustedP],
  ]);
  return csvLines([header, ...lines]);
}

/** For machines: the comparison with a `schemaVersion`. */
export const comparisonJson = (comparison: Comparison): Comparison & { readonly schemaVersion: 1 } => ({
  schemaVersion: 1,
  ...comparison,
});
