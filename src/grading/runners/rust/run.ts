// Builds both phases of a Rust job, then runs every test in a process of its own and collects how each ended.
import type { Incident } from "../../../domain/report.ts";
import { remove, workDirectory, write } from "../../program.ts";
import { type Bench, incidentOf, type Steps, succeeded } from "../compiled/bench.ts";
import { type Pair, type Phase, phases, type TestEnd } from "../compiled/phases.ts";
import type { SealedPhase, Vault } from "../compiled/vault.ts";
import { type BuildOutput, type BuiltBinary, type CargoPackage, readBuild } from "./cargo-json.ts";
import { type CargoTest, selects } from "./command.ts";
import { readSingleTest, readTestList } from "./libtest-output.ts";
import type { RustPlan } from "./plan.ts";

export interface RustJob {
  readonly bench: Bench;
  readonly vault: Vault;
  readonly command: CargoTest;
  readonly packages: readonly CargoPackage[];
  /** Repository paths of test files that nothing needs once they are compiled. */
  readonly hidden: ReadonlySet<string>;
  /** In the order they are to run in. */
  readonly ordered: (tests: readonly string[]) => readonly string[];
}

export const absolute = (path: string): string => `${workDirectory}/${path}`;

/** Builds the tests as they stand in the tree. */
export function* build(job: RustJob, label: string): Steps<BuildOutput | Incident> {
  const argv = ["cargo", "test", "--no-run", "--message-format=json", ...job.command.buildArguments];
  const result = yield* job.bench.run({ label, argv, cwd: workDirectory, env: job.command.env });
  const output = readBuild(result.stdout);
  if (succeeded(result)) return output;
  const words =
    output.firstError ??
    (result.stderr.split("\n").find((line) => line.startsWith("error")) || result.stderr);
  const incident = incidentOf("the build of the tests", result, "build-failed");
  return incident.kind === "build-failed"
    ? { kind: "build-failed", detail: words.trim().slice(0, 1000) }
    : incident;
}

export interface BuiltPhase {
  readonly sealed: SealedPhase;
  readonly output: BuildOutput;
}

function* writeAll(texts: ReadonlyMap<string, string>): Steps<void> {
  for (const [path, text] of texts) yield* write(absolute(path), text);
}

const testBinaries = (output: BuildOutput): BuiltBinary[] => output.binaries.filter(({ isTest }) => isTest);

/** Builds both phases before any judged code has run, sealing each; the sources are as they were afterwards. */
export function* buildPhases(job: RustJob, plan: RustPlan): Steps<Map<Phase, BuiltPhase> | Incident> {
  const built = new Map<Phase, BuiltPhase>();
  for (const phase of phases) {
    yield* writeAll(plan.texts[phase]);
    const output = yield* build(job, `build the ${phase} phase`);
    if ("kind" in output) {
      yield* writeAll(plan.originals);
      return output;
    }
    const sealed = yield* job.vault.seal(testBinaries(output).map(({ executable }) => executable));
    if (sealed === undefined)
      throw new Error("bug: the vault cannot be built in this image; it needs a C compiler as cc");
    built.set(phase, { sealed, output });
  }
  yield* writeAll(plan.originals);
  return built;
}

export interface Binary {
  readonly id: string;
  readonly built: BuiltBinary;
  readonly owner: CargoPackage;
  /** Repository path of the target's root file. */
  readonly root: string;
}

/** Ends by test name: one map for each binary and phase. */
export interface PhaseResults {
  readonly binary: Binary;
  readonly phase: Phase;
  readonly ends: ReadonlyMap<string, TestEnd>;
  readonly listed: readonly string[] | undefined;
  readonly incidents: readonly Incident[];
}

function binariesOf(job: RustJob, output: BuildOutput): Binary[] {
  return testBinaries(output).flatMap((built) => {
    const owner = job.packages.find(({ manifestPath }) => manifestPath === built.manifestPath);
    if (owner === undefined) return [];
    const kind = built.target.kind[0] ?? "lib";
    const plainKind = ["bin", "test", "example", "bench"].includes(kind) ? kind : "lib";
    const root = built.target.src_path.replace(`${workDirectory}/`, "");
    return [{ id: `${owner.name}/${plainKind}/${built.target.name}`, built, owner, root }];
  });
}

function testEnv(job: RustJob, { owner }: Binary, output: BuildOutput): Record<string, string> {
  const programs = output.binaries.filter(
    ({ isTest, manifestPath }) => !isTest && manifestPath === owner.manifestPath,
  );
  return {
    ...job.command.env,
    CARGO: "cargo",
    CARGO_MANIFEST_DIR: owner.folder,
    CARGO_PKG_NAME: owner.name,
    CARGO_PKG_VERSION: owner.version,
    ...Object.fromEntries(
      programs.map(({ target, executable }) => [`CARGO_BIN_EXE_${target.name}`, executable]),
    ),
  };
}

/** A twin may hang where its assertion ends a thread that others wait for; it must not eat the job's time. */
const twinLimitMs = 20_000;

export const functionOf = (test: string): string => test.split("::").at(-1) ?? test;

/** A name has a twin in this phase when any part of its path is a function with one (`case_1` of a table is below it). */
export function twinPhaseOf(plan: RustPlan, test: string): Phase | undefined {
  const owner = test.split("::").findLast((part) => plan.twinPhase.has(part));
  return owner === undefined ? undefined : plan.twinPhase.get(owner);
}

function* runBinary(
  job: RustJob,
  plan: RustPlan,
  phase: Phase,
  binary: Binary,
  output: BuildOutput,
): Steps<PhaseResults> {
  const { bench, command } = job;
  const { executable } = binary.built;
  const common = { cwd: binary.owner.folder, env: testEnv(job, binary, output) };
  const argv = [executable, "--list", "--format", "terse", ...command.ignored];
  const list = yield* bench.run({ label: `list ${binary.id}`, argv, ...common });
  const listed = succeeded(list) ? readTestList(list.stdout) : undefined;
  const incidents: Incident[] = [];
  if (!succeeded(list)) incidents.push(incidentOf(`the list of ${binary.id}`, list, "crashed"));
  const ends = new Map<string, TestEnd>();
  const ours = new Set(plan.canaries.map(({ name }) => name));
  for (const test of job.ordered(listed ?? [])) {
    if (!ours.has(functionOf(test)) && !selects(command, test)) continue;
    const isTwin = twinPhaseOf(plan, test) === phase;
    const single = [executable, "--exact", test, "--test-threads=1", ...command.ignored];
    const limit = isTwin ? { limitMs: twinLimitMs } : {};
    const label = `${binary.id} ${test}`;
    const result = yield* bench.run({ label, argv: single, ...common, ...limit, runsTests: true });
    // What never started has no end: nothing is known of it.
    if (result.wallMs === 0 && bench.leftMs < 1) {
      incidents.push({ kind: "timed-out", detail: `time ran out before ${binary.id} ${test}` });
      break;
    }
    const end = readSingleTest(test, result.outcome, result.stdout);
    ends.set(test, end);
    if (end.kind === "broken" && !isTwin)
      incidents.push(incidentOf(`${binary.id} ${test}`, result, "crashed"));
  }
  return { binary, phase, ends, listed, incidents };
}

/** Runs one phase's binaries. `replaced` says that a binary was changed by what ran before or beside it. */
export function* runPhase(
  job: RustJob,
  plan: RustPlan,
  phase: Phase,
  { sealed, output }: BuiltPhase,
): Steps<{ results: PhaseResults[]; replaced: boolean }> {
  for (const path of job.hidden) yield* remove(absolute(path));
  if (!(yield* job.vault.open(sealed))) return { results: [], replaced: true };
  const results: PhaseResults[] = [];
  for (const binary of binariesOf(job, output))
    results.push(yield* runBinary(job, plan, phase, binary, output));
  return { results, replaced: !(yield* job.vault.unchanged(sealed.digests)) };
}

/** Lays the two phases of one binary side by side. */
export function pairsOf(
  plan: RustPlan,
  results: readonly PhaseResults[],
): (Pair & { readonly name: string })[] {
  const names = new Set(results.flatMap(({ ends }) => [...ends.keys()]));
  return [...names].map((name) => {
    const twinPhase = twinPhaseOf(plan, name);
    const twin = results.find(({ phase }) => phase === twinPhase)?.ends.get(name);
    const reals = results
      .filter(({ phase }) => phase !== twinPhase)
      .flatMap(({ ends }) => ends.get(name) ?? []);
    // A test without a twin runs as it is in both phases: it passes if it always does.
    const real = reals.find(({ kind }) => kind !== "passed") ?? reals[0];
    return {
      name,
      hasTwin: twinPhase !== undefined,
      ...(real === undefined ? {} : { real }),
      ...(twin === undefined ? {} : { twin }),
    };
  });
}
