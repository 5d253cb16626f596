// The course of a pytest or unittest job: inventory, both phases, restored files, one report.
import type { Incident, JobReport } from "../../../domain/report.ts";
import { type RunnerContext, type RunnerProgram, workDirectory, write } from "../../program.ts";
import { Bench, incidentOf, type Steps, succeeded } from "../compiled/bench.ts";
import { clearLeftovers, sceneNow } from "../compiled/leftovers.ts";
import { type Phase, phases } from "../compiled/phases.ts";
import { besideStubs } from "../compiled/stubs.ts";
import { runWhole } from "../exit-code.ts";
import { type PythonTests, readPythonTests } from "./command.ts";
import { readInventory, type TestFile } from "./inventory.ts";
import { inventoryScript } from "./inventory-script.ts";
import { pytestPlace, unittestPlace } from "./places.ts";
import { type PythonPlan, planPython } from "./plan.ts";
import { processScript } from "./process-script.ts";
import { type PhaseResults, readPhase } from "./records.ts";
import { type Vouched, vouch } from "./vouch.ts";

export type Tool = "pytest" | "unittest";

interface PythonJob {
  readonly bench: Bench;
  readonly command: PythonTests;
  readonly context: RunnerContext;
  readonly tool: Tool;
}

const inWork = (path: string): string => (path === "" ? workDirectory : `${workDirectory}/${path}`);

function hex(context: RunnerContext, digits: number): string {
  return Array.from({ length: digits }, () => context.random.integer(16).toString(16)).join("");
}

function* takeInventory({ bench, command, context }: PythonJob): Steps<TestFile[] | Incident> {
  const paths = context.trustedTestFiles.filter((path) => path.endsWith(".py"));
  const result = yield* bench.run({
    label: "inventory of tests",
    argv: [command.interpreter, "-I", "-B", "-c", inventoryScript],
    cwd: workDirectory,
    stdin: JSON.stringify(paths),
    maxOutputBytes: 64_000_000,
  });
  const files = succeeded(result) ? readInventory(result.stdout) : undefined;
  if (files !== undefined) return files;
  const incident = incidentOf("the inventory of tests", result, "crashed");
  return { ...incident, detail: `${incident.detail}: ${result.stderr.trim().slice(-800)}` };
}

function* runBefore({ bench, command }: PythonJob): Steps<Incident | undefined> {
  for (const { argv, env, folder } of command.before) {
    const label = argv.join(" ");
    const result = yield* bench.run({ label, argv, cwd: inWork(folder), env });
    if (!succeeded(result)) {
      const incident = incidentOf(label, result, "build-failed");
      return { ...incident, detail: `${incident.detail}: ${result.stderr.trim().slice(-800)}` };
    }
  }
  return undefined;
}

function* runPhase(job: PythonJob, plan: PythonPlan, phase: Phase): Steps<PhaseResults> {
  const { bench, command, context, tool } = job;
  for (const file of plan.files.values()) yield* write(inWork(file.path), file.texts[phase]);
  const mark = hex(context, 24);
  const scratch = `/tmp/${hex(context, 12)}`;
  const searched = command.env.PYTHONPATH ?? context.env.PYTHONPATH ?? "";
  const orders = {
    mark,
    arguments: command.testArguments,
    path: searched.split(":").filter((entry) => entry !== ""),
    asModule: command.asModule,
    scratch,
  };
  const order = context.variety?.orderNumber;
  const drawn = order === undefined ? {} : { order };
  // Compiled files of the tree are neither read nor written: they may be older, or other, than their sources.
  const own = ["-B", "-X", `pycache_prefix=${scratch}c`];
  const result = yield* bench.run({
    label: `tests, ${phase} phase`,
    argv: [
      command.interpreter,
      ...command.interpreterArguments,
      ...own,
      "-c",
      processScript(tool, order !== undefined),
    ],
    cwd: inWork(command.folder),
    env: { ...command.env, PYTHONPATH: "", PYTHONSAFEPATH: "", PYTHONSTARTUP: "" },
    stdin: JSON.stringify({ ...orders, ...drawn }),
    maxOutputBytes: 32_000_000,
    runsTests: true,
  });
  return readPhase(phase, result, mark);
}

function unique(incidents: readonly Incident[]): Incident[] {
  const seen = new Map(
    incidents.map((incident) => [`${incident.kind} ${incident.detail}`, incident] as const),
  );
  return [...seen.values()].slice(0, 20);
}

function reportOf(job: PythonJob, found: Vouched): JobReport {
  const incidents = unique(found.incidents);
  if (found.checks.length === 0 && incidents.length === 0)
    incidents.push({ kind: "no-tests", detail: "no test was run" });
  const notes = found.canaried ? [] : ["some tests passed that neither a twin nor a canary vouches for"];
  return {
    job: job.context.job.name,
    checks: found.checks,
    trust: found.canaried ? "canaried" : "weak",
    incidents,
    ...(found.forged === undefined ? {} : { forged: found.forged }),
    ...(found.deaf.length === 0 ? {} : { deaf: found.deaf }),
    ...(notes.length === 0 ? {} : { notes }),
    seconds: job.bench.seconds,
  };
}

function* runBoth(job: PythonJob, plan: PythonPlan): Steps<Vouched> {
  const results: PhaseResults[] = [];
  const scene = yield* sceneNow(job.bench);
  for (const [index, phase] of phases.entries()) {
    if (index > 0) yield* clearLeftovers(job.bench, scene, job.context.files);
    results.push(yield* runPhase(job, plan, phase));
  }
  // A preparation keeps the tree it ran in: it must be the one it was given.
  for (const file of plan.files.values()) yield* write(inWork(file.path), file.original);
  const place = job.tool === "pytest" ? pytestPlace : unittestPlace;
  return vouch({
    job: job.context.job.name,
    plan,
    phases: results,
    placeOf: (id) => place(plan, id),
    selects: job.command.selects,
  });
}

/** The program of both Python runners; what cannot be taken apart is judged by its exit status, and says so. */
export function* pythonProgram(context: RunnerContext, tool: Tool): RunnerProgram {
  const command = readPythonTests(context.job.run, tool);
  if (typeof command === "string") return yield* runWhole(context, command);
  const job: PythonJob = { bench: new Bench(context), command, context, tool };
  const failed = (incident: Incident): JobReport =>
    reportOf(job, { checks: [], incidents: [incident], deaf: [], canaried: true });
  const inventory = yield* takeInventory(job);
  if ("kind" in inventory) return failed(inventory);
  const unready = yield* besideStubs(context, command.before, () => runBefore(job));
  if (unready !== undefined) return failed(unready);
  const plan = planPython(inventory, {
    tool,
    random: context.random.fork("plan"),
    twins: context.twins,
    selects: command.selects,
  });
  return reportOf(job, yield* runBoth(job, plan));
}
