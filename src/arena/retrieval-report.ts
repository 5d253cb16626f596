// Sums measured rows up: rates with intervals over repositories, gains over the baseline paired row by row. Pure.
import { cutoffs } from "../../retriever/index.ts";
import type { Bootstrap, Cluster, Estimate } from "../rating/index.ts";
import type { RowResult, VariantResult } from "./retrieval-evaluation.ts";

/** `any@1` to `all@20`, `mrr`, and `lines`: the mean share of a row's gold lines that the budget shows. */
export type MetricName = `any@${number}` | `all@${number}` | "mrr" | "lines";

export interface VariantSummary {
  /** Of the rows; a metric that no row has is absent, and `n` of an estimate counts repositories. */
  readonly metrics: Readonly<Partial<Record<MetricName, Estimate>>>;
  /** Full minus this, row by row; absent for `full` itself. */
  readonly fullGains?: Readonly<Partial<Record<MetricName, Estimate>>>;
  readonly secondsTotal: number;
}

export interface GroupSummary {
  readonly rows: number;
  /** Rows that have gold lines. */
  readonly rowsWithLines: number;
  readonly repositories: number;
  readonly variants: Readonly<Record<string, VariantSummary>>;
}

export interface RetrievalSummary {
  readonly overall: GroupSummary;
  readonly languages: Readonly<Record<string, GroupSummary>>;
}

type Value = (result: VariantResult) => number | undefined;

const metrics: readonly (readonly [MetricName, Value])[] = [
  ...cutoffs.map((k, at) => [`any@${k}`, (result: VariantResult) => result.any[at]] as const),
  ...cutoffs.map((k, at) => [`all@${k}`, (result: VariantResult) => result.all[at]] as const),
  ["mrr", ({ reciprocalRank }) => reciprocalRank],
  ["lines", ({ lines }) => (lines === undefined ? undefined : lines.shown / lines.gold)],
];

/** Rows of one repository stand and fall together: repositories are what is drawn. In order of their folders. */
function clustersOf(
  rows: readonly RowResult[],
  value: (row: RowResult) => number | undefined,
): readonly Cluster[] {
  const sums = new Map<string, { numerator: number; denominator: number }>();
  for (const row of rows) {
    const found = value(row);
    if (found === undefined) continue;
    const sum = sums.get(row.folder) ?? { numerator: 0, denominator: 0 };
    sum.numerator += found;
    sum.denominator += 1;
    sums.set(row.folder, sum);
  }
  return [...sums].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, sum]) => [sum]);
}

function estimates(
  rows: readonly RowResult[],
  bootstrap: Bootstrap,
  value: (row: RowResult, metric: Value) => number | undefined,
  range: { readonly least: number; readonly greatest: number },
): Partial<Record<MetricName, Estimate>> {
  const found: Partial<Record<MetricName, Estimate>> = {};
  for (const [name, metric] of metrics) {
    const estimate = bootstrap.estimate(
      clustersOf(rows, (row) => value(row, metric)),
      range,
    );
    if (estimate !== undefined) found[name] = estimate;
  }
  return found;
}

function variantSummary(rows: readonly RowResult[], name: string, bootstrap: Bootstrap): VariantSummary {
  const of = (row: RowResult, metric: Value, variant: string): number | undefined => {
    const result = row.variants[variant];
    return result === undefined ? undefined : metric(result);
  };
  const gain = (row: RowResult, metric: Value): number | undefined => {
    const [full, other] = [of(row, metric, "full"), of(row, metric, name)];
    return full === undefined || other === undefined ? undefined : full - other;
  };
  return {
    metrics: estimates(rows, bootstrap, (row, metric) => of(row, metric, name), { least: 0, greatest: 1 }),
    ...(name === "full" ? {} : { fullGains: estimates(rows, bootstrap, gain, { least: -1, greatest: 1 }) }),
    secondsTotal: rows.reduce((sum, row) => sum + (row.variants[name]?.seconds ?? 0), 0),
  };
}

function groupSummary(rows: readonly RowResult[], bootstrap: Bootstrap): GroupSummary {
  const names = Object.keys(rows[0]?.variants ?? {});
  return {
    rows: rows.length,
    rowsWithLines: rows.filter((row) => row.variants.full?.lines !== undefined).length,
    repositories: new Set(rows.map(({ folder }) => folder)).size,
    variants: Object.fromEntries(names.map((name) => [name, variantSummary(rows, name, bootstrap)])),
  };
}

/** Languages in order of their names. */
export function summariseRetrieval(rows: readonly RowResult[], bootstrap: Bootstrap): RetrievalSummary {
  const languages = [...new Set(rows.map(({ language }) => language))].sort();
  return {
    overall: groupSummary(rows, bootstrap),
    languages: Object.fromEntries(
      languages.map((language) => [
        language,
        groupSummary(
          rows.filter((row) => row.language === language),
          bootstrap,
        ),
      ]),
    ),
  };
}
