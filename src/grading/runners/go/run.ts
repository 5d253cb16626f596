// The course of a `go test` job: packages, vet, both builds, sealed binaries, both phases, one report.
import type { Incident } from "../../../domain/report.ts";
import { type RunnerContext, read, remove, workDirectory, write } from "../../program.ts";
import { type Bench, incidentOf, type Steps, succeeded } from "../compiled/bench.ts";
import { clearLeftovers, sceneNow } from "../compiled/leftovers.ts";
import { type Phase, phases } from "../compiled/phases.ts";
import type { SealedPhase, Vault } from "../compiled/vault.ts";
import type { GoTest } from "./command.ts";
import { type PackageResults, readPackage } from "./output.ts";
import { type GoPackage, readPackages, readVet } from "./packages.ts";
import { type PackagePlan, planPackage } from "./plan.ts";

export interface GoJob {
  readonly bench: Bench;
  readonly vault: Vault;
  readonly command: GoTest;
  readonly context: RunnerContext;
  /** Where test binaries lie while their phase runs. */
  readonly binaries: string;
}

const inWork = (path: string): string => (path === "" ? workDirectory : `${workDirectory}/${path}`);

function go(job: GoJob, label: string, argv: readonly string[]) {
  const { bench, command } = job;
  return bench.run({ label, argv: ["go", ...argv], cwd: inWork(command.folder), env: command.env });
}

export function* runBefore({ bench, command }: GoJob): Steps<Incident | undefined> {
  for (const { argv, env, folder } of command.before) {
    const label = argv.join(" ");
    const result = yield* bench.run({ label, argv, cwd: inWork(folder), env });
    if (!succeeded(result)) {
      const incident = incidentOf(label, result, "build-failed");
      return { ...incident, detail: `${incident.detail}: ${result.stderr.trim().slice(0, 800)}` };
    }
  }
  return undefined;
}

const listed = "-json=ImportPath,Dir,TestGoFiles,XTestGoFiles";

export function* listPackages(job: GoJob): Steps<GoPackage[] | Incident> {
  const { buildArguments, packages } = job.command;
  const result = yield* go(job, "packages", ["list", "-e", listed, ...buildArguments, ...packages]);
  if (succeeded(result)) return readPackages(result.stdout);
  const incident = incidentOf("go list", result, "build-failed");
  return { ...incident, detail: `${incident.detail}: ${result.stderr.trim().slice(0, 800)}` };
}

const embeddedFiles = '{{if not .Standard}}{{range .EmbedFiles}}{{$.Dir}}/{{.}}{{"\\n"}}{{end}}{{end}}';

/** Repository paths of test files that code outside the tests embeds, in the packages under test or below them. */
export function* listEmbedded(job: GoJob): Steps<string[]> {
  const { buildArguments, packages } = job.command;
  const argv = ["list", "-e", "-deps", "-f", embeddedFiles, ...buildArguments, ...packages];
  const { stdout } = yield* go(job, "embedded files", argv);
  const own = stdout.split("\n").filter((path) => path.startsWith(`${workDirectory}/`));
  return own.filter((path) => path.endsWith("_test.go")).map((path) => path.slice(workDirectory.length + 1));
}

/** The analyses `go test` runs before it runs a test. `tests` is left out: releases disagree on it. */
const vetted = [
  "atomic",
  "bool",
  "buildtags",
  "directive",
  "errorsas",
  "ifaceassert",
  "nilfunc",
  "printf",
  "stringintconv",
];

/** What vet objects to, by import path: `go test` counts such a package as one that does not build. */
export function* vetPackages(job: GoJob, packages: readonly GoPackage[]): Steps<ReadonlyMap<string, string>> {
  if (!job.command.vet || packages.length === 0) return new Map();
  const flags = vetted.map((name) => `-${name}`);
  const paths = packages.map(({ importPath }) => importPath);
  const result = yield* go(job, "vet", ["vet", ...flags, ...job.command.buildArguments, ...paths]);
  return succeeded(result) ? new Map() : readVet(result.stderr);
}

export function* readSources(packages: readonly GoPackage[]): Steps<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  for (const path of packages.flatMap(({ testFiles }) => testFiles)) {
    const text = yield* read(inWork(path), 4_000_000);
    if (text !== undefined) sources.set(path, text);
  }
  return sources;
}

function* writeAll(texts: ReadonlyMap<string, string>): Steps<void> {
  for (const [path, text] of texts) yield* write(inWork(path), text);
}

const binaryOf = (job: GoJob, index: number): string => `${job.binaries}/${index}.test`;

function* compile(job: GoJob, plan: PackagePlan, output: string): Steps<Incident | undefined> {
  const { importPath } = plan.package;
  const argv = ["test", "-c", "-vet=off", "-o", output, ...job.command.buildArguments, importPath];
  const result = yield* go(job, `build ${importPath}`, argv);
  if (succeeded(result)) return undefined;
  const incident = incidentOf(`the build of ${importPath}`, result, "build-failed");
  return { ...incident, detail: `${incident.detail}: ${result.stderr.trim().slice(0, 800)}` };
}

/**
 * Finds a plan whose twins compile in both phases; the first phase's binary is left at `output.first`.
 * A package that does not compile as it is has failed to build; one that compiles only without twins is ours to mend.
 */
function* compileBoth(
  job: GoJob,
  of: GoPackage,
  sources: ReadonlyMap<string, string>,
  output: Readonly<Record<Phase, string>>,
): Steps<PackagePlan | Incident> {
  let problem: Incident | undefined;
  for (const gentle of [false, true]) {
    const random = job.context.random.fork(`plan ${of.importPath} ${gentle}`);
    const plan = planPackage(of, sources, { random, twins: job.context.twins, gentle });
    problem = undefined;
    for (const phase of phases) {
      yield* writeAll(plan.texts[phase]);
      problem ??= yield* compile(job, plan, output[phase]);
    }
    yield* writeAll(plan.originals);
    if (problem === undefined) return plan;
    const plain = yield* compile(job, plan, `${output.first}.plain`);
    if (plain !== undefined) return plain;
  }
  return {
    kind: "build-failed",
    detail: `${of.importPath} compiles, but not with canaries: ${problem?.detail ?? ""}`,
  };
}

export interface Built {
  readonly plans: readonly PackagePlan[];
  readonly incidents: readonly Incident[];
  readonly sealed: Readonly<Record<Phase, SealedPhase>> | undefined;
}

/** Builds every package for both phases before any judged code runs, and takes the binaries away. */
export function* buildPackages(
  job: GoJob,
  packages: readonly GoPackage[],
  sources: ReadonlyMap<string, string>,
): Steps<Built> {
  const plans: PackagePlan[] = [];
  const incidents: Incident[] = [];
  for (const of of packages) {
    const at = binaryOf(job, plans.length);
    const built = yield* compileBoth(job, of, sources, { first: at, second: `${at}.second` });
    if ("kind" in built) incidents.push(built);
    else plans.push(built);
  }
  const paths = plans.map((_, index) => binaryOf(job, index));
  const first = yield* job.vault.seal(paths);
  const second = first === undefined ? undefined : yield* sealSecond(job, paths);
  const sealed = first === undefined || second === undefined ? undefined : { first, second };
  return { plans, incidents, sealed };
}

function* sealSecond(job: GoJob, paths: readonly string[]): Steps<SealedPhase | undefined> {
  for (const path of paths) {
    const moved = yield* job.bench.run({
      label: "put aside",
      argv: ["mv", `${path}.second`, path],
      cwd: workDirectory,
    });
    if (!succeeded(moved)) return undefined;
  }
  return yield* job.vault.seal(paths);
}

function selection(job: GoJob, plan: PackagePlan): string[] {
  const { pattern } = job.command;
  if (pattern === undefined) return [];
  return [`-test.run=(?:${pattern})|^(?:${plan.canaries.map(({ name }) => name).join("|")})$`];
}

function* runPackage(job: GoJob, plan: PackagePlan, phase: Phase, binary: string): Steps<PackageResults> {
  const { bench, command } = job;
  const seconds = Math.max(1, Math.floor(bench.leftMs / 1000));
  const order = job.context.variety?.orderNumber;
  const shuffle = order === undefined ? [] : [`-test.shuffle=${order}`];
  const timeout = `-test.timeout=${seconds}s`;
  const flags = ["-test.v=test2json", "-test.paniconexit0", timeout, "-test.count=1", ...shuffle];
  const { importPath, folder } = plan.package;
  const result = yield* bench.run({
    label: `tests of ${importPath}, ${phase} phase`,
    argv: [binary, ...flags, ...command.testArguments, ...selection(job, plan)],
    cwd: folder,
    env: { ...command.env, PWD: folder },
    maxOutputBytes: 16_000_000,
    runsTests: true,
  });
  return readPackage(phase, importPath, result);
}

export interface Ran {
  readonly results: ReadonlyMap<string, readonly PackageResults[]>;
  /** A sealed binary did not come out as it went in, or was changed while tests ran. */
  readonly replaced: boolean;
}

/** Runs both phases. The texts of the tests are out of reach meanwhile, and are put back at the end. */
export function* runPhases(job: GoJob, { plans, sealed }: Built): Steps<Ran> {
  const results = new Map<string, PackageResults[]>();
  let replaced = sealed === undefined;
  for (const path of plans.flatMap(({ originals }) => [...originals.keys()])) yield* remove(inWork(path));
  const scene = yield* sceneNow(job.bench);
  for (const [at, phase] of phases.entries()) {
    if (sealed === undefined) break;
    if (at > 0) yield* clearLeftovers(job.bench, scene, job.context.files);
    replaced ||= !(yield* job.vault.open(sealed[phase]));
    for (const [index, plan] of plans.entries()) {
      const ran = yield* runPackage(job, plan, phase, binaryOf(job, index));
      results.set(plan.package.importPath, [...(results.get(plan.package.importPath) ?? []), ran]);
    }
    replaced ||= !(yield* job.vault.unchanged(sealed[phase].digests));
    for (const [index] of plans.entries()) yield* remove(binaryOf(job, index));
  }
  for (const plan of plans) yield* writeAll(plan.originals);
  return { results, replaced };
}
