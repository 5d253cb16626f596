// With and without retrieval: a contestant beside its twins that are shown the source in another way, issue by issue.
import type { Random } from "../../domain/random.ts";
import { retrievalModes } from "../../domain/run.ts";
import type { Estimate } from "../../rating/index.ts";
import { measuredBy, metricDefinitions } from "../metrics.ts";
import { type PairedMetric, pairedMetrics } from "../paired-metrics.ts";
import type { SeenRound } from "../seen.ts";
import { overTries } from "../tries.ts";
import type { Counted } from "./paper.ts";

const names = ["winRate", "winRateStrict", "resolvedRate", "spr", "submitterGoldRecall"] as const;

export interface TwinFigure {
  readonly metric: string;
  readonly whole?: Estimate;
  readonly twin?: Estimate;
  /** The contestant's less the twin's on the issues that both played; absent without such, and for Best@k. */
  readonly paired?: PairedMetric;
}

export interface Twin {
  readonly contestant: string;
  /** `<contestant>@<mode>` */
  readonly twin: string;
  readonly mode: string;
  readonly figures: readonly TwinFigure[];
}

/** The contestant that `id` is a twin of, and how the twin is shown the source. */
function twinNamed(id: string): { readonly of: string; readonly mode: string } | undefined {
  const at = id.lastIndexOf("@");
  const mode = retrievalModes.find((one) => one === id.slice(at + 1));
  return at <= 0 || mode === undefined ? undefined : { of: id.slice(0, at), mode };
}

function bestFigure(k: number, [whole, twin]: readonly (Estimate | undefined)[]): TwinFigure[] {
  if (whole === undefined && twin === undefined) return [];
  return [
    {
      metric: `submitterBest@${k}`,
      ...(whole === undefined ? {} : { whole }),
      ...(twin === undefined ? {} : { twin }),
    },
  ];
}

function figuresOf(pair: readonly [string, string], counted: Counted, random: Random): TwinFigure[] {
  const { seen, bootstrap, k } = counted;
  const sides = pair.map((id) => seen.filter(({ row }) => row.submitter === id));
  const rows = sides.flat().map(({ row }) => row);
  const tests = pairedMetrics(rows, { metrics: names, bootstrap, random });
  const [whole = {}, twin = {}] = sides.map((own) => measuredBy(metricDefinitions(names), own, bootstrap));
  const figures = names.flatMap((metric): TwinFigure[] => {
    const [own, other] = [whole[metric], twin[metric]];
    if (own === undefined && other === undefined) return [];
    const paired = tests.find((test) => test.metric === metric);
    return [
      {
        metric,
        ...(own === undefined ? {} : { whole: own }),
        ...(other === undefined ? {} : { twin: other }),
        ...(paired === undefined ? {} : { paired }),
      },
    ];
  });
  const best = (own: readonly SeenRound[]) => overTries(own, { role: "submitter", k, bootstrap }).best;
  return [...figures, ...bestFigure(k, sides.map(best))];
}

/** Submitters whose twin played too. A paired test names them as `pairedMetrics` does, one before other by name. */
export function twinsOf(counted: Counted, random: Random): Twin[] {
  const known = new Set(counted.contestants);
  return counted.contestants.flatMap((twin) => {
    const named = twinNamed(twin);
    if (named === undefined || !known.has(named.of)) return [];
    const figures = figuresOf([named.of, twin], counted, random.fork(twin));
    return [{ contestant: named.of, twin, mode: named.mode, figures }];
  });
}
