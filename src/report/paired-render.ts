// Paired tests of contestants against each other, beneath a board.
import { type GridColumn, grid } from "./grid.ts";
import { inert, markdownTable } from "./markdown-table.ts";
import type { PairedMetric } from "./paired-metrics.ts";
import { plain, signed } from "./text.ts";

export const pText = (p: number): string => (p < 0.001 ? "<0.001" : p.toFixed(3));

const figures = ({ difference, low, high, adjustedP, n }: PairedMetric): string[] => [
  `${signed(difference)} [${signed(low)}, ${signed(high)}]`,
  pText(adjustedP),
  String(n),
];

const titles = ["difference", "p", "n"];
const heading = "Paired over the issues that both played";
const note =
  "Difference: the first less the second, with its BCa interval. p: sign-flip test over issues, Holm-adjusted over the pairs of a metric.";

export function renderPairedTable(tests: readonly PairedMetric[]): string {
  if (tests.length === 0) return "";
  const columns: readonly GridColumn<PairedMetric>[] = [
    { title: "metric", left: true, cell: ({ metric }) => metric },
    { title: "first", left: true, cell: ({ one }) => plain(one) },
    { title: "second", left: true, cell: ({ other }) => plain(other) },
    ...titles.map((title, place) => ({ title, cell: (test: PairedMetric) => figures(test)[place] ?? "" })),
  ];
  return ["", `${heading}:`, "", ...grid(columns, tests), "", note, ""].join("\n");
}

export function renderPairedMarkdown(tests: readonly PairedMetric[]): string {
  if (tests.length === 0) return "";
  const rows = tests.map((test) => [test.metric, inert(test.one), inert(test.other), ...figures(test)]);
  const table = markdownTable(["metric", "first", "second", ...titles], rows, [0, 1, 2]);
  return ["", `### ${heading}`, "", ...table, "", note, ""].join("\n");
}
