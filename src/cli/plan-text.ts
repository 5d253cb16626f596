// A plan before it is played, for people and for machines.
import type { Estimate, Forecast } from "../arena/index.ts";
import { megabytes, table } from "./output.ts";

export interface ShownPlan {
  readonly set: string;
  readonly forecast: Forecast;
  /** Battles of a run that goes on, which are done and not part of the plan. */
  readonly played: number;
}

const count = (value: number): string => value.toLocaleString("en-US");
const dollars = (usd: number): string => `${usd.toFixed(2)} USD`;

function estimate(of: Estimate, shown: (value: number) => string): string {
  return "unknown" in of ? `unknown: ${of.unknown}` : `about ${shown(of.value)} (${of.basis})`;
}

/** Hours are too coarse for a short plan. */
const duration = (hours: number): string =>
  hours < 1 ? `${(hours * 60).toFixed(1)} minutes` : `${hours.toFixed(1)} hours`;

const size = (bytes: number): string =>
  bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : megabytes(bytes);

function contestantTable({ contestants }: Forecast): string {
  const head = ["contestant", "battles", "rounds", "calls", "tokens", "USD"];
  const rows = contestants.map(({ id, battles, rounds, worst }) => [
    ...[id, count(battles), count(rounds)],
    ...(worst === undefined
      ? ["no model", "", ""]
      : [count(worst.calls), count(worst.tokens), worst.usd.toFixed(2)]),
  ]);
  return table([head, ...rows]);
}

const percent = (share: number): string => `${(share * 100).toFixed(0)}%`;

function powerText(power: NonNullable<Forecast["power"]>): string {
  if ("unknown" in power) return `unknown: ${power.unknown}`;
  const { smallestDifference, unit, found, falseAlarms, basis } = power;
  const chances = `found by ${percent(found)} of such runs, false alarms ${percent(falseAlarms)}`;
  return `differences of ${smallestDifference.toFixed(2)} ${unit} and more (${chances}; ${basis})`;
}

function battlesText({ battles, leastBattles }: Forecast): string {
  if (leastBattles === undefined) return count(battles);
  if (leastBattles === battles) return `${count(battles)}, sides drawn as results come`;
  return `${count(leastBattles)} to ${count(battles)}, drawn as results come until a winner is proven`;
}

export function planText({ set, forecast, played }: ShownPlan): string {
  const { rounds, languages, worst, hours, diskBytes, power, tight } = forecast;
  const each = Object.entries(languages);
  const instances = each.reduce((sum, [, n]) => sum + n, 0);
  const lines = [
    ["set", set],
    ["instances", `${count(instances)} (${each.map(([language, n]) => `${language} ${n}`).join(", ")})`],
    [
      "battles",
      played === 0 ? battlesText(forecast) : `${battlesText(forecast)}, besides ${count(played)} played`,
    ],
    ["rounds", forecast.leastBattles === undefined ? count(rounds) : `at most ${count(rounds)}`],
    ["model calls", `at most ${count(worst.calls)}`],
    ["tokens", `at most ${count(worst.tokens)}`],
    ["cost", `at most ${dollars(worst.usd)}`],
    ["time", estimate(hours, duration)],
    ["disk", estimate(diskBytes, size)],
    ...(power === undefined ? [] : [["resolves", powerText(power)]]),
    ...tight.map((budget) => ["budget", `${budget}: the run may stop before its end, and can be resumed`]),
  ];
  return `${table(lines)}\n\n${contestantTable(forecast)}`;
}

export function planJson({ set, forecast, played }: ShownPlan): unknown {
  const { battles, rounds, languages, contestants, worst, hours, diskBytes, tight, power } = forecast;
  const { leastBattles } = forecast;
  return {
    schemaVersion: 1,
    ...{ set, battles, played, rounds, languages },
    ...(leastBattles === undefined ? {} : { leastBattles }),
    ...{ modelCalls: worst.calls, worstCaseUsd: worst.usd, worstCaseTokens: worst.tokens },
    contestants: contestants.map(({ worst: own, ...rest }) => ({
      ...rest,
      ...(own === undefined
        ? {}
        : { modelCalls: own.calls, worstCaseUsd: own.usd, worstCaseTokens: own.tokens }),
    })),
    ...{ hours, diskBytes, tightBudgets: tight },
    ...(power === undefined ? {} : { power }),
  };
}
