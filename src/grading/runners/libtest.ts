/**
 * `cargo test`, read so that code inside the test process cannot say how a test ended.
 *
 * libtest has no reporter that judged code could not write to, so nothing it prints is believed by itself. Each test
 * runs alone in a process, twice: as it is, and as its *twin*, compiled from the same source with one assertion turned
 * round or one failing statement added. Both have one name, one path and one command line, and a coin thrown per test
 * decides which of two builds holds which. A test counts as passed only if its process says so in its lines, counts
 * and status, and its twin fails. Two canaries with random names stand in every binary, too, each failing in one phase
 * and passing in the other. Both builds are finished, and sealed, before any judged code runs.
 *
 * What remains: code that works out by itself that a test would fail, and bets at even odds, per test, that it is not
 * the twin (docs/threat-model/rust.md); and results that are equal to everything.
 * Doc tests are not counted: they are part of the source they document, and are reported by printing only.
 */
import type { Incident, JobReport } from "../../domain/report.ts";
import {
  type Runner,
  type RunnerContext,
  type RunnerProgram,
  read,
  workDirectory,
  write,
} from "../program.ts";
import { Bench, incidentOf, type Steps, succeeded } from "./compiled/bench.ts";
import { clearLeftovers, sceneNow } from "./compiled/leftovers.ts";
import { type Phase, phases } from "./compiled/phases.ts";
import { besideStubs } from "./compiled/stubs.ts";
import { Vault } from "./compiled/vault.ts";
import { runWhole } from "./exit-code.ts";
import { type CargoPackage, readMetadata } from "./rust/cargo-json.ts";
import { type CargoTest, readCargoTest } from "./rust/command.ts";
import { planRust, type RustPlan, type RustSources, type TargetRoot } from "./rust/plan.ts";
import { type BinaryReport, reportBinary } from "./rust/report.ts";
import {
  absolute,
  type BuiltPhase,
  build,
  buildPhases,
  type PhaseResults,
  type RustJob,
  runPhase,
} from "./rust/run.ts";

function* runBefore(bench: Bench, command: CargoTest): Steps<Incident | undefined> {
  for (const { argv, env } of command.before) {
    const label = argv.join(" ");
    const result = yield* bench.run({ label, argv, cwd: workDirectory, env });
    if (!succeeded(result)) return incidentOf(label, result, "build-failed");
  }
  return undefined;
}

function* readPackages(bench: Bench, command: CargoTest): Steps<CargoPackage[] | Incident> {
  const argv = ["cargo", "metadata", "--format-version", "1", "--no-deps", ...command.manifestArguments];
  const result = yield* bench.run({ label: "packages", argv, cwd: workDirectory, env: command.env });
  const packages = succeeded(result) ? readMetadata(result.stdout) : undefined;
  if (packages !== undefined) return packages;
  const incident = incidentOf("cargo metadata", result, "build-failed");
  return { ...incident, detail: `${incident.detail}: ${result.stderr.trim().slice(0, 800)}` };
}

function rootsOf(packages: readonly CargoPackage[]): TargetRoot[] {
  const ours = packages
    .flatMap(({ targets }) => targets)
    .filter(({ test, src_path: path }) => test && path.startsWith(`${workDirectory}/`));
  const roots = ours.map(({ kind, src_path: path }) => ({
    path: path.slice(workDirectory.length + 1),
    isTestFile: kind.includes("test"),
  }));
  return roots.filter(({ path }, index) => roots.findIndex((other) => other.path === path) === index);
}

/** Reads the roots and every file that may hold a test. */
function* readSources(context: RunnerContext, packages: readonly CargoPackage[]): Steps<RustSources> {
  const roots = rootsOf(packages);
  const folders = packages
    .map(({ folder }) => folder.slice(workDirectory.length + 1))
    .map((folder) => (folder === "" ? "" : `${folder}/`));
  const wanted = context.files.filter(
    (path) => path.endsWith(".rs") && folders.some((folder) => path.startsWith(folder)),
  );
  const texts = new Map<string, string>();
  for (const path of wanted) {
    const text = yield* read(absolute(path), 4_000_000);
    if (text === undefined) continue;
    if (/#\[[^\]]*test\b/.test(text) || roots.some((root) => root.path === path)) texts.set(path, text);
  }
  return { texts, roots };
}

interface Built {
  readonly plan: RustPlan;
  readonly built: ReadonlyMap<Phase, BuiltPhase>;
}

/** Builds with changed assertions, and where those do not compile with added statements only. */
function* buildPlanned(job: RustJob, sources: RustSources, context: RunnerContext): Steps<Incident | Built> {
  let problem: Incident | undefined;
  for (const gentle of [false, true]) {
    const random = context.random.fork(`plan ${gentle}`);
    const plan = planRust(sources, { gentle, random, twins: context.twins });
    const built = yield* buildPhases(job, plan);
    if (!("kind" in built)) return { plan, built };
    problem = built;
    if (built.kind !== "build-failed") return built;
    const plain = yield* build(job, "build without canaries");
    if ("kind" in plain) return plain;
  }
  return {
    kind: "build-failed",
    detail: `the tree compiles, but not with canaries in it: ${problem?.detail ?? ""}`,
  };
}

function filesToHide(sources: RustSources, context: RunnerContext): Set<string> {
  const roots = new Set(sources.roots.filter(({ isTestFile }) => isTestFile).map(({ path }) => path));
  return new Set(context.trustedTestFiles.filter((path) => roots.has(path)));
}

function* runPhases(context: RunnerContext, { plan, built }: Built, job: RustJob) {
  const results: PhaseResults[] = [];
  let replaced = false;
  const scene = yield* sceneNow(job.bench);
  for (const [index, phase] of phases.entries()) {
    const of = built.get(phase);
    if (of === undefined) continue;
    if (index > 0) yield* clearLeftovers(job.bench, scene, context.files);
    const ran = yield* runPhase(job, plan, phase, of);
    results.push(...ran.results);
    replaced ||= ran.replaced;
  }
  for (const path of job.hidden) yield* write(absolute(path), plan.originals.get(path) ?? "");
  return { results, replaced };
}

function byBinary(results: readonly PhaseResults[]): PhaseResults[][] {
  const groups = new Map<string, PhaseResults[]>();
  for (const result of results)
    groups.set(result.binary.id, [...(groups.get(result.binary.id) ?? []), result]);
  return [...groups.values()];
}

function unique(incidents: readonly Incident[]): Incident[] {
  const seen = new Map(incidents.map((incident) => [`${incident.kind} ${incident.detail}`, incident]));
  return [...seen.values()].slice(0, 20);
}

/** Procedural macros of the tree run inside the compiler, beside the sources of canaries and twins. */
function macroNotes(packages: readonly CargoPackage[]): string[] {
  const macros = packages.filter(({ targets }) => targets.some(({ kind }) => kind.includes("proc-macro")));
  return macros.map(
    ({ name }) => `${name} is a procedural macro: its code runs while the tests are compiled`,
  );
}

function finalReport(
  name: string,
  reports: readonly BinaryReport[],
  { replaced, notes }: { readonly replaced: boolean; readonly notes: readonly string[] },
): Omit<JobReport, "seconds"> {
  const checks = reports.flatMap((report) => report.checks);
  const incidents = unique(reports.flatMap((report) => report.incidents));
  if (checks.length === 0 && incidents.length === 0)
    incidents.push({ kind: "no-tests", detail: "no test was run" });
  const deaf = reports.flatMap((report) => report.deaf);
  const told = reports.find((report) => report.forged !== undefined)?.forged;
  const forged = replaced ? "a test binary was replaced while tests ran" : told;
  const vouched = reports.every(({ canaried }) => canaried) && checks.length > 0 && notes.length === 0;
  return {
    job: name,
    checks,
    trust: vouched ? "canaried" : "weak",
    incidents,
    ...(notes.length === 0 ? {} : { notes }),
    ...(forged === undefined ? {} : { forged }),
    ...(deaf.length === 0 ? {} : { deaf }),
  };
}

function* program(context: RunnerContext): RunnerProgram {
  const { job: of } = context;
  const command = readCargoTest(of.run);
  if (typeof command === "string") return yield* runWhole(context, command);
  const bench = new Bench(context);
  const failed = (incident: Incident): JobReport => ({
    job: of.name,
    checks: [],
    trust: "canaried",
    incidents: [incident],
    seconds: bench.seconds,
  });
  const unready = yield* besideStubs(context, command.before, () => runBefore(bench, command));
  if (unready !== undefined) return failed(unready);
  const packages = yield* readPackages(bench, command);
  if ("kind" in packages) return failed(packages);
  const sources = yield* readSources(context, packages);
  const vault = new Vault(context);
  const ordered = (tests: readonly string[]) => context.variety?.ordered(tests) ?? tests;
  const job: RustJob = { bench, vault, command, packages, hidden: filesToHide(sources, context), ordered };
  const planned = yield* buildPlanned(job, sources, context);
  if ("kind" in planned) return failed(planned);
  const { results, replaced } = yield* runPhases(context, planned, job);
  const reports = byBinary(results).map((runs) => reportBinary(of.name, planned.plan, runs));
  const notes = macroNotes(packages);
  return { ...finalReport(of.name, reports, { replaced, notes }), seconds: bench.seconds };
}

export const libtest: Runner = { name: "libtest", program };
