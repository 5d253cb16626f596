// How `arena retrieve eval` shows what it measured: tables for people, one document for machines.
import { cutoffs, type RerankerAbout, type RowProblem } from "../../retriever/index.ts";
import type {
  GroupSummary,
  LeftOutRow,
  MetricName,
  RetrievalSummary,
  RowResult,
  VariantSummary,
} from "../arena/index.ts";
import { type Estimate, fewInstances } from "../rating/index.ts";
import { harmless, table } from "./output.ts";

export interface RetrievalReport {
  readonly measured: readonly RowResult[];
  readonly leftOut: readonly LeftOutRow[];
  /** Lines of the file that are no rows. */
  readonly problems: readonly RowProblem[];
  readonly summary: RetrievalSummary;
  readonly seconds: number;
  readonly settings: {
    readonly budget: number;
    readonly tokenizer: string;
    readonly seed: string;
    readonly resamples: number;
    readonly level: number;
  };
  readonly reranker?: RerankerAbout;
}

const fileMetricNames: readonly MetricName[] = [
  ...cutoffs.map((k): MetricName => `any@${k}`),
  ...cutoffs.map((k): MetricName => `all@${k}`),
];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** `.738`, `-.012`, `1.000`: as the field's tables have it. */
const rate = (value: number): string =>
  value
    .toFixed(3)
    .replace(/^-(0\.0+)$/u, "$1")
    .replace(/^(-?)0\./u, "$1.");
const signed = (value: number): string => `${rate(value).startsWith("-") ? "" : "+"}${rate(value)}`;
const between = ({ low, high }: Estimate, show: (value: number) => string): string =>
  `${show(low)} to ${show(high)}`;
const withInterval = (estimate: Estimate | undefined, show: (value: number) => string): string =>
  estimate === undefined ? "-" : `${show(estimate.value)} (${between(estimate, show)})`;

function variantRow(name: string, { metrics }: VariantSummary, rows: number): string[] {
  const count = (metric: MetricName): string => {
    const estimate = metrics[metric];
    return estimate === undefined ? "-" : String(Math.round(estimate.value * rows));
  };
  return [
    ...[name, ...fileMetricNames.map(count)],
    ...[withInterval(metrics.mrr, rate), withInterval(metrics.lines, rate)],
  ];
}

const isAblation = (name: string): boolean => name.startsWith("without ");

function groupTable(name: string, group: GroupSummary): string {
  const head = ["", ...fileMetricNames, "MRR", "gold lines shown"];
  const variants = Object.entries(group.variants).filter(([variant]) => !isAblation(variant));
  const few = group.repositories < fewInstances ? "; too few repositories to lean on the intervals" : "";
  return [
    `${name}: ${group.rows} rows of ${group.repositories} repositories${few}`,
    table([head, ...variants.map(([variant, summary]) => variantRow(variant, summary, group.rows))]),
  ].join("\n");
}

const negated = (estimate: Estimate | undefined): Estimate | undefined =>
  estimate && { ...estimate, value: -estimate.value, low: -estimate.high, high: -estimate.low };

/** What `full` adds to another way of ranking, or the other to `full`: paired row by row. */
function gainTable(
  groups: readonly (readonly [string, GroupSummary])[],
  { other, adds }: { readonly other: string; readonly adds: "full" | "other" },
): string {
  const names: readonly MetricName[] = ["mrr", "any@5", "all@10", "lines"];
  const lines = groups.map(([name, { variants }]) => {
    const gain = (metric: MetricName): Estimate | undefined => variants[other]?.fullGains?.[metric];
    const shown = (metric: MetricName) => (adds === "full" ? gain(metric) : negated(gain(metric)));
    return [name, ...names.map((metric) => withInterval(shown(metric), signed))];
  });
  return table([["", "MRR", "any@5", "all@10", "gold lines"], ...lines]);
}

function ablationTable({ variants }: GroupSummary): string[] {
  const found = Object.entries(variants).filter(([name]) => isAblation(name));
  if (found.length === 0) return [];
  const lines = found.map(([name, summary]) => [
    name,
    ...(["any@5", "all@10"] as const).map((metric) => signed(-(summary.fullGains?.[metric]?.value ?? 0))),
    rate(summary.metrics.mrr?.value ?? 0),
    withInterval(summary.fullGains?.mrr, signed),
  ]);
  const head = ["", "any@5 changes by", "all@10 changes by", "MRR", "MRR that the signal adds"];
  return ["", "Ablations, all rows:", table([head, ...lines])];
}

function leftOutLines(leftOut: readonly LeftOutRow[]): string[] {
  if (leftOut.length === 0) return [];
  const lines = leftOut.map(({ id, reason, detail }) => [`  ${harmless(id)}`, reason, harmless(detail)]);
  return ["", `Not measured, and counted nowhere: ${leftOut.length} rows`, table(lines)];
}

export function retrievalText(report: RetrievalReport): string {
  const { measured, leftOut, problems, summary, seconds, settings, reranker } = report;
  const groups = [["all", summary.overall] as const, ...Object.entries(summary.languages)];
  const { overall } = summary;
  const searching = overall.variants.full?.secondsTotal ?? 0;
  const wrong = problems.length === 0 ? "" : `, ${problems.length} problems in the file`;
  const percent = Math.round(settings.level * 100);
  if (measured.length === 0) {
    return [`No row could be measured${wrong}.`, ...leftOutLines(leftOut)].join("\n");
  }
  return [
    `${measured.length} rows measured, ${leftOut.length} not${wrong}. Counts of rows; ${percent} % intervals over repositories.`,
    `Gold lines shown: share within ${settings.budget} tokens (${settings.tokenizer}), mean over ${overall.rowsWithLines} rows that have such lines.`,
    ...(reranker === undefined
      ? []
      : [
          `Reranked by a model (${reranker.kind}, ${reranker.device}, ${reranker.fingerprint.slice(0, 12)})${reranker.fallback === undefined ? "" : `; ${reranker.fallback}`}.`,
        ]),
    "",
    ...groups.flatMap(([name, group]) => [groupTable(name, group), ""]),
    "What full adds to bm25, row by row:",
    gainTable(groups, { other: "bm25", adds: "full" }),
    ...(reranker === undefined
      ? []
      : [
          "",
          "What the model adds to full, row by row:",
          gainTable(groups, { other: "reranked", adds: "other" }),
        ]),
    ...ablationTable(overall),
    ...leftOutLines(leftOut),
    "",
    `${seconds.toFixed(1)} s: ${sum(measured.map(({ indexSeconds }) => indexSeconds)).toFixed(1)} opening repositories, ${searching.toFixed(1)} searching once each (mean ${((1000 * searching) / measured.length).toFixed(0)} ms)`,
  ].join("\n");
}

/** `any@1` to `mrr` of `full` as plain numbers (DESIGN 7), then every way of ranking with its intervals. */
function groupJson({ rows, rowsWithLines, repositories, variants }: GroupSummary) {
  const full = variants.full?.metrics ?? {};
  const plain = [...fileMetricNames, "mrr" as const].map((name) => [name, full[name]?.value ?? null]);
  return {
    n: rows,
    ...Object.fromEntries(plain),
    lineRecall: full.lines?.value ?? null,
    ...{ rowsWithLines, repositories, variants },
  };
}

export function retrievalJson(report: RetrievalReport): unknown {
  const { summary, measured, leftOut, problems, ...rest } = report;
  return {
    schemaVersion: 1,
    overall: groupJson(summary.overall),
    languages: Object.fromEntries(
      Object.entries(summary.languages).map(([language, group]) => [language, groupJson(group)]),
    ),
    ...rest,
    rows: measured,
    leftOut,
    problems,
  };
}
