// Ends for a strength that the rounds leave unbounded: how weak could one be that was never seen to fail?
import type { Fit } from "./fit.ts";
import { IssueLikelihood } from "./likelihood.ts";
import { at, whole } from "./linear.ts";

interface Own {
  /** η less the node's own strength, its issue's likeliest effect and the sign with which the strength enters. */
  readonly base: number;
  readonly u: number;
  readonly sign: number;
  readonly rounds: number;
}

function ownCells(fit: Fit, likelihood: IssueLikelihood, node: number): { cells: Own[]; issues: number } {
  const { design, theta, placement } = fit;
  const place = whole(design.nodePlace, node);
  const strength = place < 0 ? 0 : at(theta, place);
  const issues = new Set<number>();
  const cells: Own[] = [];
  for (let issue = 0; issue < design.issues.length; issue += 1) {
    for (
      let cell = whole(design.cells.starts, issue);
      cell < whole(design.cells.starts, issue + 1);
      cell += 1
    ) {
      const isSubmitter = whole(design.cells.submitter, cell) === node;
      if (!isSubmitter && whole(design.cells.reviewer, cell) !== node) continue;
      const sign = isSubmitter ? 1 : -1;
      const base = likelihood.baseOf(cell, issue) - sign * strength;
      const width = design.margins.length;
      const rounds = design.cells.counts
        .subarray(cell * width, (cell + 1) * width)
        .reduce((a, b) => a + b, 0);
      cells.push({ base, u: at(placement.mean, issue), sign, rounds });
      issues.add(issue);
    }
  }
  return { cells, issues: issues.size };
}

/** Mean margin in the node's favour, were its strength `strength`. */
function favourAt(strength: number, cells: readonly Own[], likelihood: IssueLikelihood): number {
  let [sum, total] = [0, 0];
  for (const { base, u, sign, rounds } of cells) {
    sum += rounds * sign * likelihood.meanMargin(base + sign * strength, u);
    total += rounds;
  }
  return sum / total;
}

/** Strengths beyond this are the same for every figure. */
const farthest = 30;

function strengthWhere(favour: number, cells: readonly Own[], likelihood: IssueLikelihood): number {
  let [low, high] = [-farthest, farthest];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (favourAt(middle, cells, likelihood) < favour) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The end on the bounded side of a strength whose every round came out best (`above`) or worst (`below`). Were a share p of
 * issues able to show otherwise, none of n would have with chance (1 - p)ⁿ; so with p = 1 - ((1 - level) / 2)^(1/n) the mean
 * margin is at least p · worst + (1 - p) · best (Clopper and Pearson 1934, n of n), and the end is the strength that makes the
 * mean margin of the contestant's own rounds just that, everybody else's being as estimated.
 */
export function endOf(fit: Fit, node: number, options: { side: "above" | "below"; level: number }): number {
  const likelihood = new IssueLikelihood(fit.design, fit.theta);
  const { cells, issues } = ownCells(fit, likelihood, node);
  const margins = fit.design.margins;
  const [worst, best] = [margins[0] ?? 0, margins.at(-1) ?? 0];
  const isSubmitter = node < fit.design.contestants.length;
  const [least, greatest] = isSubmitter ? [worst, best] : [-best, -worst];
  const unseen = 1 - ((1 - options.level) / 2) ** (1 / issues);
  const favour =
    options.side === "above"
      ? unseen * least + (1 - unseen) * greatest
      : unseen * greatest + (1 - unseen) * least;
  return strengthWhere(favour, cells, likelihood);
}
