/**
 * `go test`, read so that code inside the test process cannot say how a test ended.
 *
 * Every test binary prints its own results, so nothing it prints is believed by itself. Each package is built twice:
 * a coin per test decides in which build it is as it is, and in which it is its *twin*, the same function with an
 * expected value changed, a condition turned round or one failing statement added. A test counts as passed only if it
 * passes as it is and its twin fails. Two canaries with random names stand in every test file as well. Both builds are
 * finished, and sealed, before any judged code runs; the texts of the tests are out of reach while they run.
 *
 * Decisions: the part of `go vet` that `go test` runs is run too, and a package it objects to has failed to build.
 * Examples with an output and the seeds of fuzz tests count as tests; benchmarks are not run. A package that does not
 * build loses its tests, the others keep theirs. What remains possible is in docs/threat-model/go.md.
 */
import { embeddedTests, type Incident, type JobReport } from "../../domain/report.ts";
import { type Runner, type RunnerContext, type RunnerProgram, workDirectory } from "../program.ts";
import { Bench, type Steps } from "./compiled/bench.ts";
import { besideStubs } from "./compiled/stubs.ts";
import { Vault } from "./compiled/vault.ts";
import { runWhole } from "./exit-code.ts";
import { readGoTest } from "./go/command.ts";
import {
  buildPackages,
  type GoJob,
  listEmbedded,
  listPackages,
  readSources,
  runBefore,
  runPhases,
  vetPackages,
} from "./go/run.ts";
import { type Vouched, vouchPackage } from "./go/vouch.ts";

function unique(incidents: readonly Incident[]): Incident[] {
  const seen = new Map(
    incidents.map((incident) => [`${incident.kind} ${incident.detail}`, incident] as const),
  );
  return [...seen.values()].slice(0, 20);
}

function reportOf(job: GoJob, found: readonly Vouched[], more: readonly Incident[]): JobReport {
  const checks = found.flatMap((each) => each.checks);
  const incidents = unique([...more, ...found.flatMap((each) => each.incidents)]);
  if (checks.length === 0 && incidents.length === 0)
    incidents.push({ kind: "no-tests", detail: "no test was run" });
  const deaf = found.flatMap((each) => each.deaf);
  const forged = found.find((each) => each.forged !== undefined)?.forged;
  const bare = found.some(
    ({ canaried, checks: own }) => !canaried && own.some(({ status }) => status === "passed"),
  );
  return {
    job: job.context.job.name,
    checks,
    trust: bare ? "weak" : "canaried",
    incidents,
    ...(forged === undefined ? {} : { forged }),
    ...(deaf.length === 0 ? {} : { deaf }),
    ...(bare ? { notes: ["a package has no test file that canaries could be put in"] } : {}),
    seconds: job.bench.seconds,
  };
}

/** A program that carries its tests' texts could tell tests from twins; `deaf` is excused where gold does so too. */
function withEmbedded(report: JobReport, paths: readonly string[]): JobReport {
  if (paths.length === 0) return report;
  const shown = paths.map((path) => `${report.job}::${path} ${embeddedTests}`);
  return { ...report, deaf: [...(report.deaf ?? []), ...shown] };
}

function* judged(job: GoJob): Steps<JobReport> {
  const unready = yield* besideStubs(job.context, job.command.before, () => runBefore(job));
  if (unready !== undefined) return reportOf(job, [], [unready]);
  const packages = yield* listPackages(job);
  if ("kind" in packages) return reportOf(job, [], [packages]);
  const objections = yield* vetPackages(job, packages);
  const refused = [...objections].map(
    ([path, text]): Incident => ({
      kind: "build-failed",
      detail: `go vet objects to ${path}: ${text.trim().slice(0, 800)}`,
    }),
  );
  const sound = packages.filter(({ importPath }) => !objections.has(importPath));
  const sources = yield* readSources(sound);
  const built = yield* buildPackages(job, sound, sources);
  const { results, replaced } = yield* runPhases(job, built);
  const shown = yield* listEmbedded(job);
  const found = built.plans.map((plan) =>
    vouchPackage({ job: job.context.job.name, plan, phases: results.get(plan.package.importPath) ?? [] }),
  );
  const report = withEmbedded(reportOf(job, found, [...refused, ...built.incidents]), shown);
  if (built.plans.length === 0 || !replaced) return report;
  if (built.sealed !== undefined)
    return { ...report, forged: report.forged ?? "a test binary was replaced while tests ran" };
  const detail = "the test binaries could not be sealed: the image has no working C compiler (cc)";
  return { ...report, incidents: [{ kind: "crashed", detail }] };
}

function* program(context: RunnerContext): RunnerProgram {
  const command = readGoTest(context.job.run);
  if (typeof command === "string") return yield* runWhole(context, command);
  const bench = new Bench(context);
  context.variety?.cannot("clock", "Go programs ask the kernel for the time");
  const binaries = `${workDirectory}/.${context.random
    .fork("binaries")
    .integer(2 ** 31)
    .toString(16)}`;
  const job: GoJob = { bench, vault: new Vault(context), command, context, binaries };
  return yield* judged(job);
}

export const goTest: Runner = { name: "go-test", program };
