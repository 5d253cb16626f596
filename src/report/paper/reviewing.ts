// With and without a reviewer: what continuous integration alone lets through, and what reviewers' tests catch of it.
import {
  isLabelled,
  isValid,
  type MetricDefinition,
  one,
  rate,
  rounds,
  where,
} from "../metric-definition.ts";
import { type Glossary, type Metrics, measuredBy, metricDefinitions } from "../metrics.ts";
import type { Counted } from "./paper.ts";

/** All of submitters: reviewers are whoever they met. */
const own: Readonly<Record<string, MetricDefinition>> = {
  wrongLetThrough: {
    role: "submitter",
    range: rate,
    what: `submission valid although unresolved: continuous integration alone would have taken it, over labelled ${rounds}`,
    of: where(isLabelled, (row) => one(isValid(row) && row.record.label === "unresolved")),
  },
  wrongCaught: {
    role: "submitter",
    range: rate,
    what: `submission killed by the reviewer's tests, over ${rounds} with a valid unresolved submission`,
    of: where(
      (row) => isValid(row) && row.record.label === "unresolved",
      ({ record }) => one(record.effect === "killed"),
    ),
  },
  rightRejected: {
    role: "submitter",
    range: rate,
    what: `submission killed by the reviewer's tests (contested), over ${rounds} with a valid resolved submission`,
    of: where(
      (row) => isValid(row) && row.record.label === "resolved",
      ({ record }) => one(record.effect === "killed"),
    ),
  },
};

export const reviewingGlossary: Readonly<Record<string, Glossary>> = Object.fromEntries(
  Object.entries(own).map(([name, { role, what }]) => [name, { role, what }]),
);

export interface Reviewing {
  readonly contestant: string;
  /** `validRate` is the Win Rate without a reviewer, `winRate` the one with. */
  readonly metrics: Metrics;
}

export function reviewingOf({ seen, contestants, bootstrap }: Counted): Reviewing[] {
  const definitions = { ...metricDefinitions(["validRate", "winRate", "resolvedRate"]), ...own };
  return contestants.flatMap((contestant) => {
    const submitted = seen.filter(({ row }) => row.submitter === contestant);
    if (submitted.length === 0) return [];
    return [{ contestant, metrics: measuredBy(definitions, submitted, bootstrap) }];
  });
}
