// The stage that proves a row: base and gold, without and with the hidden tests, run again and again, and what stays the same.
import { createHash } from "node:crypto";
import { Fault } from "../../domain/fault.ts";
import type { Instance } from "../../domain/instance.ts";
import { checksById, type RunReport } from "../../domain/report.ts";
import {
  type Baseline,
  type BaselineRuns,
  baselineProblem,
  isLost,
  readBaseline,
  speakingIn,
} from "../../grading/index.ts";
import { instanceIn } from "../pipeline/line-of.ts";
import { type EnvironmentRow, environmentRow, type ValidatedRow, validatedRow } from "../pipeline/rows.ts";
import { keptAs, type Rejection, rejectedFor, type Stage } from "../pipeline/stage.ts";
import type { OwnState, TreeRuns } from "../pipeline/tree-runs.ts";
import { type Flake, flakeOf } from "./flake.ts";
import { type PanelDeps, panelOf } from "./panel.ts";
import type { RunCost } from "./resources.ts";

export interface ValidateDeps {
  readonly runs: Pick<TreeRuns, "run" | "submission">;
  /** Of each state; fewer than five say little of a flaky test. */
  readonly repeats: number;
  /** Order, hash seeds and threads of each repeat are drawn from it. */
  readonly seed: string;
  /** Absent: no panel is grown. */
  readonly panel?: PanelDeps;
  /** Told of every run, before its row is answered: what it took stands in no row, for it never repeats. */
  readonly onRun?: (cost: RunCost) => Promise<void>;
}

type Ran =
  | { readonly kind: "ran"; readonly reports: readonly RunReport[]; readonly notVaried: readonly string[] }
  | { readonly kind: "rejected"; readonly why: Rejection };

/** A run that this host lost beside a control that was lost too: nothing is known then of the row. */
function lost(row: EnvironmentRow, state: OwnState): Fault<"baseline-lost"> {
  const message = `${row.id}: ${state} shows nothing on this host, nor does gold beside it, which did before: free memory and disk, then run the stage again`;
  return new Fault("baseline-lost", message, { retryable: true });
}

/** What `environment` prepared on this machine does not prepare any more: the world has changed, and not the row. */
function unprepared(row: EnvironmentRow, detail: string): Fault<"not-prepared"> {
  const message = `${row.id}: the plan was prepared before and is not now: ${detail.slice(0, 1000)}: mend the network or the disk, or find another plan (arena curate environment)`;
  return new Fault("not-prepared", message, { retryable: true });
}

/** As many as a sandbox has cores: one alone would leave another to the tests. */
const busyCores = 2;

/** Every four repeats see each of the four: a free host and a busy one, today's date and the base commit's. */
const around = (repeat: number) => ({
  load: repeat % 4 >= 2 ? busyCores : 0,
  clockAtBase: repeat % 2 === 1,
});

/** @param speaking jobs that gold shows something in; before it is known a silent one is taken for a quiet one */
async function repeated(
  { row, instance }: { readonly row: EnvironmentRow; readonly instance: Instance },
  state: OwnState,
  {
    runs,
    repeats,
    seed,
    onRun,
    speaking,
  }: ValidateDeps & { readonly speaking: ReadonlySet<string> | undefined },
): Promise<Ran> {
  const reports: RunReport[] = [];
  const notVaried = new Set<string>();
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    const drawn = createHash("sha256").update(JSON.stringify([seed, instance.instanceId, state, repeat]));
    const variation = { repeat, orderSeed: drawn.digest("hex").slice(0, 8), ...around(repeat) };
    const run = await runs.run(instance, state, variation);
    if (run.kind !== "ran") {
      if (run.kind === "not-prepared") throw unprepared(row, run.detail);
      return { kind: "rejected", why: { reason: "unsound", detail: run.detail } };
    }
    await onRun?.({ id: row.id, state, repeat, ...run.resources });
    if (speaking !== undefined && isLost(run.judged, { speaking })) throw lost(row, state);
    reports.push(run.judged.report);
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

/** Why nothing can be judged on it, with what gold's runs said where nothing passes. */
function refusalOf(instance: Instance, baseline: Baseline, runs: BaselineRuns): Rejection | undefined {
  const problem = baselineProblem(instance, baseline);
  if (problem === undefined) return undefined;
  const flaky = [...baseline.flaky].slice(0, 5).join(", ");
  const seen = runs.gold.flatMap(({ jobs }) => jobs.flatMap(({ incidents }) => incidents));
  const why = seen.map(({ kind, detail }) => `${kind}: ${detail.slice(0, 300)}`).slice(0, 3);
  const more = [problem.text, ...(flaky === "" ? [] : [`flaky are ${flaky}`]), ...why];
  return { reason: problem.reason, detail: more.join("; ") };
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
    ...{ oracle: oracleOf(instance, baseline), failToPass, passToPass },
    flaky: Object.fromEntries(flaky),
    worstFlake: Math.max(0, ...relied.map((id) => flakes.get(id)?.upper ?? 0)),
  };
}

const panelSettings = ({ most, settings }: PanelDeps): unknown => ({ most, settings });

/**
 * Rejects `no-instance`, `unsound`, `runner-deceived`, `no-fail-to-pass` and `nothing-passes`.
 * Its runs throw faults not-prepared and baseline-lost besides those of engine and host.
 */
export function validateStage(deps: ValidateDeps): Stage<EnvironmentRow, ValidatedRow> {
  const { repeats, seed, panel } = deps;
  return {
    name: "validate",
    input: environmentRow,
    output: validatedRow,
    settings: { version: 2, repeats, seed, ...(panel === undefined ? {} : { panel: panelSettings(panel) }) },
    run: async (row, signal) => {
      const read = instanceIn(row, row.environment.ci);
      if ("problem" in read) return rejectedFor(row, { reason: "no-instance", detail: read.problem });
      const { instance } = read;
      const own: Record<OwnState, readonly RunReport[]> = { "G+H": [], G: [], B: [], "B+H": [] };
      const notVaried = new Set<string>();
      let speaking: ReadonlySet<string> | undefined;
      const states: readonly OwnState[] = instance.oracle === "tests" ? ["G+H", "G", "B", "B+H"] : ["G", "B"];
      for (const state of states) {
        signal.throwIfAborted();
        const ran = await repeated({ row, instance }, state, { ...deps, speaking });
        if (ran.kind === "rejected") return rejectedFor(row, ran.why);
        own[state] = ran.reports;
        // The first state is gold: what its runs never show anything in tells nothing when it is silent elsewhere.
        speaking ??= speakingIn(ran.reports);
        for (const what of ran.notVaried) notVaried.add(what);
      }
      const runs = { base: own.B, gold: own.G, baseHidden: own["B+H"], goldHidden: own["G+H"] };
      const baseline = readBaseline(instance, runs);
      const refused = refusalOf(instance, baseline, runs);
      if (refused !== undefined) return rejectedFor(row, refused);
      const grown =
        panel === undefined
          ? { panel: [] }
          : await panelOf({ instance, baseline }, { ...panel, runs: deps.runs }, signal);
      const varied = { repeats, notVaried: [...notVaried].sort() };
      const seen = { ...validation(instance, baseline, runs), ...varied, ...grown };
      return keptAs({ ...row, validation: { ...seen, panel: [...seen.panel] } });
    },
  };
}
