/**
 * CTest jobs, read so that code inside the test process cannot say how a test ended.
 *
 * ctest only says what there is to run; every test program, and every case of a gtest, Catch2 or doctest program, is
 * started by us in a process of its own, twice: as it is, and as its *twin*, compiled from the same trusted test file
 * with one assertion turned round, one failing assertion added, or a `main` that leaves through `exit(1)`. Both have
 * one path and one command line, and a coin thrown per test decides which of two builds holds which. A test passes
 * only if its process does and its twin fails. Early exits, exit handlers, interposed `exit` or `abort`, signal
 * handlers, deaf assertions and patched frameworks make the twin pass as well: the run is forged. Framework programs
 * carry two canaries with random names, too. Both builds are finished, and sealed, before any judged code runs, and
 * the test files are not there while it does.
 *
 * Report files are not read at all: the status our supervisor saw is better evidence than any file of the process.
 * What remains is in docs/threat-model/cpp.md: a bet at even odds per test by code that knows by itself that a test
 * would fail, and types that are equal to everything. Tests that no twin can be made of, and commands that cannot be
 * taken apart, are judged by their exit status: trust `weak`, with a note that says which.
 */
import type { Incident, JobReport } from "../../domain/report.ts";
import type { Runner, RunnerContext, RunnerProgram } from "../program.ts";
import { Bench, type Steps } from "./compiled/bench.ts";
import { clearLeftovers, sceneNow } from "./compiled/leftovers.ts";
import { type Phase, phases } from "./compiled/phases.ts";
import { type SealedPhase, Vault } from "./compiled/vault.ts";
import type { CmakeTarget } from "./cpp/cmake.ts";
import { readCppCommand } from "./cpp/command.ts";
import { type CppPlan, type CppSource, planCpp } from "./cpp/plan.ts";
import { reportCpp } from "./cpp/report.ts";
import { build, buildPhases, type CppJob, configure, type PhaseRun, runPhase, writeAll } from "./cpp/run.ts";
import { readSources } from "./cpp/sources.ts";
import { runWhole } from "./exit-code.ts";

interface Built {
  readonly plan: CppPlan;
  readonly sealed: ReadonlyMap<Phase, SealedPhase>;
}

/** Builds with changed assertions, and where those do not compile with added ones only. */
function* buildPlanned(
  job: CppJob,
  sources: ReadonlyMap<string, CppSource>,
  targets: readonly CmakeTarget[],
  context: RunnerContext,
): Steps<Built | Incident> {
  let problem = "";
  for (const gentle of [false, true]) {
    const random = context.random.fork(`plan ${gentle}`);
    const plan = planCpp(sources, { gentle, random, twins: context.twins });
    const sealed = yield* buildPhases(job, plan, targets);
    if (!("kind" in sealed)) return { plan, sealed };
    if (sealed.kind !== "build-failed") return sealed;
    problem = sealed.detail;
    const plain = yield* build(job);
    if (plain !== undefined) return plain;
  }
  return { kind: "build-failed", detail: `the tree compiles, but not with canaries in it: ${problem}` };
}

/** Canaries of files whose programs some ctest entry started. */
function expectedCanaries(plan: CppPlan, phaseRuns: readonly PhaseRun[]): string[] {
  const started = new Set(phaseRuns.flatMap(({ runs }) => runs.flatMap(({ unit }) => unit.file ?? [])));
  return [...plan.files].flatMap(([path, { cases }]) =>
    started.has(path) ? [...cases].filter(([, planned]) => planned.isCanary).map(([name]) => name) : [],
  );
}

function* program(context: RunnerContext): RunnerProgram {
  const { job: of } = context;
  const command = readCppCommand(of.run);
  if (typeof command === "string") return yield* runWhole(context, command);
  const bench = new Bench(context);
  const failed = (incident: Incident): JobReport => ({
    job: of.name,
    checks: [],
    trust: "canaried",
    incidents: [incident],
    seconds: bench.seconds,
  });
  const { variety } = context;
  const job: CppJob = {
    bench,
    vault: new Vault(context),
    command,
    ...(variety === undefined ? {} : { variety }),
  };
  const targets = yield* configure(job);
  if ("kind" in targets) return failed(targets);
  const sources = yield* readSources(context, targets);
  const built = yield* buildPlanned(job, sources, targets, context);
  if ("kind" in built) return failed(built);
  const phaseRuns: PhaseRun[] = [];
  const scene = yield* sceneNow(bench);
  for (const [index, phase] of phases.entries()) {
    const sealed = built.sealed.get(phase);
    if (sealed === undefined) continue;
    if (index > 0) yield* clearLeftovers(bench, scene, context.files);
    phaseRuns.push(yield* runPhase(job, { plan: built.plan, targets, phase, sealed }));
  }
  yield* writeAll(built.plan.originals);
  return {
    ...reportCpp(of.name, phaseRuns, expectedCanaries(built.plan, phaseRuns)),
    seconds: bench.seconds,
  };
}

export const ctest: Runner = { name: "ctest", program };
