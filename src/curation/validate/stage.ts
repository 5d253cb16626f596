// The stage that proves a row: base and gold, without and with the hidden tests, run again and again, and what stays the same.
import { createHash } from "node:crypto";
import type { Instance } from "../../domain/instance.ts";
import { checksById, type RunReport } from "../../domain/report.ts";
import { type Baseline, type BaselineRuns, readBaseline } from "../../grading/index.ts";
import { instanceIn } from "../pipeline/line-of.ts";
import { type EnvironmentRow, environmentRow, type ValidatedRow, validatedRow } from "../pipeline/rows.ts";
import { keptAs, type Rejection, rejectedFor, type Stage } from "../pipeline/stage.ts";
import type { OwnState, TreeRuns } from "../pipeline/tree-runs.ts";
import { type Flake, flakeOf } from "./flake.ts";

export interface ValidateDeps {
  readonly runs: TreeRuns;
  /** Of each state; fewer than five say little of a flaky test. */
  readonly repeats: number;
  /** Order, hash seeds and load of each repeat are drawn from it. */
  readonly seed: string;
}

type Ran =
  | { readonly kind: "ran"; readonly reports: readonly RunReport[]; readonly notVaried: readonly string[] }
  | { readonly kind: "rejected"; readonly why: Rejection };

async function repeated(instance: Instance, state: OwnState, deps: ValidateDeps): Promise<Ran> {
  const reports: RunReport[] = [];
  const notVaried = new Set<string>();
  for (let repeat = 1; repeat <= deps.repeats; repeat += 1) {
    const drawn = createHash("sha256").update(
      JSON.stringify([deps.seed, instance.instanceId, state, repeat]),
    );
    const variation = { repeat, orderSeed: drawn.digest("hex").slice(0, 8), load: repeat % 2 };
    const run = await deps.runs.run(instance, state, variation);
    if (run.kind !== "ran") return { kind: "rejected", why: { reason: run.kind, detail: run.detail } };
    reports.push(run.report);
    for (const what of run.notVaried) notVaried.add(what);
  }
  return { kind: "ran", reports, notVaried: [...notVaried] };
}

/** By check: in how many repeats of its most changeable state it came out as in most of them, and otherwise. */
function flakesOf(runs: BaselineRuns): ReadonlyMap<string, Flake> {
  const worst = new Map<string, Flake>();
  for (const reports of [runs.base, runs.gold, runs.baseHidden, runs.goldHidden]) {
    const byRun = reports.map(checksById);
    for (const id of new Set(byRun.flatMap((checks) => [...checks.keys()]))) {
      const counts = new Map<string, number>();
      for (const checks of byRun) {
        const status = checks.get(id)?.status ?? "absent";
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }
      const agreeing = Math.max(...counts.values());
      const flake = flakeOf(agreeing, reports.length - agreeing);
      if (flake.upper > (worst.get(id)?.upper ?? 0)) worst.set(id, flake);
    }
  }
  return worst;
}

/** Why nothing can be judged on it, or undefined. Jobs that come out better on gold than on base are an oracle too. */
function refusalOf(instance: Instance, baseline: Baseline, runs: BaselineRuns): Rejection | undefined {
  if (baseline.forged !== undefined)
    return {
      reason: "runner-deceived",
      detail: `the runner's own checks go wrong on gold: ${baseline.forged}`,
    };
  if (instance.oracle === "tests" && baseline.failToPass.size === 0) {
    const flaky = [...baseline.flaky].slice(0, 5).join(", ");
    const among = flaky === "" ? "" : `; flaky are ${flaky}`;
    const detail = `expected a test that always fails before the fix and always passes after it, found none${among}`;
    return { reason: "no-fail-to-pass", detail };
  }
  if (baseline.goldPassing.size > 0 || baseline.failToPass.size > 0) return undefined;
  const seen = runs.gold.flatMap(({ jobs }) => jobs.flatMap(({ incidents }) => incidents));
  const why = seen.map(({ kind, detail }) => `${kind}: ${detail.slice(0, 300)}`).slice(0, 3);
  return {
    reason: "nothing-passes",
    detail: ["expected a check that passes on gold, found none", ...why].join("; "),
  };
}

/** `jobs` only where a check of gold's own tells it from base; else there is nothing to be resolved. */
function oracleOf(instance: Instance, { goldPassing, stable }: Baseline): "tests" | "jobs" | "none" {
  if (instance.oracle === "tests") return "tests";
  return [...goldPassing].some((id) => !stable.has(id)) ? "jobs" : "none";
}

function validation(instance: Instance, baseline: Baseline, runs: BaselineRuns) {
  const flakes = flakesOf(runs);
  const [failToPass, passToPass] = [[...baseline.failToPass].sort(), [...baseline.passToPass].sort()];
  const relied = [...failToPass, ...passToPass, ...baseline.stable];
  const flaky = [...baseline.flaky].sort().flatMap((id) => {
    const flake = flakes.get(id);
    return flake === undefined ? [] : [[id, flake] as const];
  });
  return {
    ...{ oracle: oracleOf(instance, baseline), failToPass, passToPass, panel: [] },
    flaky: Object.fromEntries(flaky),
    worstFlake: Math.max(0, ...relied.map((id) => flakes.get(id)?.upper ?? 0)),
  };
}

/** Rejects `no-instance`, `unsound`, `not-prepared`, `runner-deceived`, `no-fail-to-pass` and `nothing-passes`. */
export function validateStage(deps: ValidateDeps): Stage<EnvironmentRow, ValidatedRow> {
  const { repeats, seed } = deps;
  return {
    name: "validate",
    input: environmentRow,
    output: validatedRow,
    settings: { version: 1, repeats, seed },
    run: async (row, signal) => {
      const read = instanceIn(row);
      if ("problem" in read) return rejectedFor(row, { reason: "no-instance", detail: read.problem });
      const { instance } = read;
      const own: Record<OwnState, readonly RunReport[]> = { "G+H": [], G: [], B: [], "B+H": [] };
      const notVaried = new Set<string>();
      const states: readonly OwnState[] = instance.oracle === "tests" ? ["G+H", "G", "B", "B+H"] : ["G", "B"];
      for (const state of states) {
        signal.throwIfAborted();
        const ran = await repeated(instance, state, deps);
        if (ran.kind === "rejected") return rejectedFor(row, ran.why);
        own[state] = ran.reports;
        for (const what of ran.notVaried) notVaried.add(what);
      }
      const runs = { base: own.B, gold: own.G, baseHidden: own["B+H"], goldHidden: own["G+H"] };
      const baseline = readBaseline(instance, runs);
      const refused = refusalOf(instance, baseline, runs);
      if (refused !== undefined) return rejectedFor(row, refused);
      const varied = { repeats, notVaried: [...notVaried].sort() };
      return keptAs({ ...row, validation: { ...validation(instance, baseline, runs), ...varied } });
    },
  };
}
