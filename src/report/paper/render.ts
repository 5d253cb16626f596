// The paper's tables in a terminal, in Markdown and as CSV; others' words are made harmless in each.
import type { Estimate } from "../../rating/index.ts";
import { type Cell, csvLines } from "../csv-cells.ts";
import { type GridColumn, grid, maxWidth } from "../grid.ts";
import { inert, markdownTable } from "../markdown-table.ts";
import type { Metrics } from "../metrics.ts";
import { plain, wrapped } from "../text.ts";
import type { Paper } from "./paper.ts";
import { type PaperCell, type PaperTable, paperTables } from "./tables.ts";

const text = (cell: PaperCell | undefined): string =>
  cell === undefined ? "" : typeof cell === "string" ? cell : plain(cell.theirs);

function inTerminal({ title, what, columns, names, rows }: PaperTable): string[] {
  const shown = columns.map(
    (column, place): GridColumn<readonly PaperCell[]> => ({
      title: column,
      ...(place < names ? { left: true } : {}),
      cell: (row) => text(row[place]),
    }),
  );
  const body = rows.length === 0 ? [] : ["", ...grid(shown, rows)];
  return [title, wrapped(what, maxWidth, "  "), ...body, ""];
}

export function renderPaperTable(title: string, paper: Paper): string {
  return [wrapped(title, maxWidth), "", ...paperTables(paper).flatMap(inTerminal)].join("\n");
}

function inMarkdown({ title, what, columns, names, rows }: PaperTable): string[] {
  const header = columns.map((column) => column.replace("\n", " ").trim());
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : inert(cell.theirs))));
  const left = Array.from({ length: names }, (_, place) => place);
  const body = rows.length === 0 ? [] : [...markdownTable(header, cells, left), ""];
  return [`### ${title}`, "", what, "", ...body];
}

export function renderPaperMarkdown(title: string, paper: Paper): string {
  return [inert(title), "", ...paperTables(paper).flatMap(inMarkdown)].join("\n");
}

const header = [
  ...["section", "contestant", "other", "role", "language", "mode", "kind", "code", "k", "turn"],
  ...["metric", "value", "low", "high", "n", "rounds", "p"],
] as const;
type Line = Readonly<Partial<Record<(typeof header)[number], Cell>>>;

const figure = (metric: string, estimate: Estimate | undefined): Line[] =>
  estimate === undefined
    ? []
    : [
        {
          metric,
          ...{ value: estimate.value, low: estimate.low, high: estimate.high, n: estimate.n },
        },
      ];

const figures = (common: Line, metrics: Metrics): Line[] =>
  Object.entries(metrics).flatMap(([metric, estimate]) =>
    figure(metric, estimate).map((line) => ({ ...common, ...line })),
  );

function triedLines(paper: Paper): Line[] {
  const best = paper.bestByLanguage.flatMap(({ contestant, role, language, ...tried }) =>
    [...figure("best", tried.best), ...figure("all", tried.all)].map((line) => ({
      ...{ section: "best-by-language", contestant, role, language, k: paper.k },
      ...line,
    })),
  );
  const curves = paper.curves.flatMap(({ contestant, role, points }) =>
    points.flatMap(({ k, ...tried }) =>
      [...figure("best", tried.best), ...figure("all", tried.all)].map((line) => ({
        ...{ section: "curve", contestant, role, k },
        ...line,
      })),
    ),
  );
  return [...best, ...curves];
}

function twinLines({ twins }: Paper): Line[] {
  return twins.flatMap(({ contestant, twin, mode, figures: own }) =>
    own.flatMap(({ metric, whole, twin: other, paired }) => {
      const common = { section: "twin", contestant, other: twin, role: "submitter", mode };
      const difference: Line[] =
        paired === undefined
          ? []
          : [
              {
                ...{ kind: "difference", metric, value: paired.difference, low: paired.low },
                ...{ high: paired.high, n: paired.n, p: paired.adjustedP },
              },
            ];
      return [
        ...figure(metric, whole).map((line) => ({ kind: "whole", ...line })),
        ...figure(metric, other).map((line) => ({ kind: "twin", ...line })),
        ...difference,
      ].map((line) => ({ ...common, ...line }));
    }),
  );
}

/** One line a figure; what does not apply to a section is an empty cell. */
export function renderPaperCsv(paper: Paper): string {
  const lines: Line[] = [
    ...paper.pairs.flatMap(({ submitter, reviewer, rounds, metrics }) =>
      figures({ section: "pair", contestant: submitter, other: reviewer, rounds }, metrics),
    ),
    ...triedLines(paper),
    ...twinLines(paper),
    ...paper.reviewing.flatMap(({ contestant, metrics }) =>
      figures({ section: "reviewing", contestant, role: "submitter" }, metrics),
    ),
    ...paper.turns.flatMap(({ contestant, role, turn, rounds, metrics }) =>
      figures({ section: "turn", contestant, role, turn, rounds }, metrics),
    ),
    ...paper.uses.flatMap(({ contestant, role, rounds, metrics }) =>
      figures({ section: "use", contestant, role, rounds }, metrics),
    ),
    ...paper.failures.flatMap(({ contestant, role, kind, code, rounds, share, goldNotShown }): Line[] => [
      {
        ...{ section: "failure", contestant, role, kind, code, rounds },
        ...{ metric: "share", value: share },
      },
      {
        ...{ section: "failure", contestant, role, kind, code, rounds },
        ...{ metric: "goldNotShown", value: goldNotShown },
      },
    ]),
  ];
  return csvLines([header, ...lines.map((line) => header.map((name) => line[name]))]);
}
