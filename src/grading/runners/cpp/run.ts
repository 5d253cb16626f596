// Builds both phases of a C++ job, then runs every test program, and every case of a framework, in its own process.
import type { Incident } from "../../../domain/report.ts";
import { remove, workDirectory, write } from "../../program.ts";
import type { Variety } from "../../variation.ts";
import { type Bench, incidentOf, type Steps, succeeded } from "../compiled/bench.ts";
import { type Phase, phases, type TestEnd } from "../compiled/phases.ts";
import type { SealedPhase, Vault } from "../compiled/vault.ts";
import { type CmakeTarget, type CtestEntry, readCtest, readTargets } from "./cmake.ts";
import type { CppCommand, CppStep } from "./command.ts";
import { readGtest, readProgram } from "./frameworks.ts";
import type { CppPlan } from "./plan.ts";
import { plannedFiles, type Unit, unitsOf } from "./units.ts";

export interface CppJob {
  readonly bench: Bench;
  readonly vault: Vault;
  readonly command: CppCommand;
  readonly variety?: Variety;
}

export const absolute = (path: string): string => `${workDirectory}/${path}`;

// Left to themselves these modules run the test programs while they are built, with our sources in reach.
const discoverLater = ["GTEST", "CATCH", "DOCTEST"].map(
  (name) => `-DCMAKE_${name}_DISCOVER_TESTS_DISCOVERY_MODE=PRE_TEST`,
);

function firstError(text: string): string {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => /\berror\b|CMake Error|undefined reference/i.test(line));
  return lines
    .slice(Math.max(0, at), Math.max(0, at) + 8)
    .join("\n")
    .trim()
    .slice(0, 1000);
}

function* runStep({ bench }: CppJob, { kind, argv, cwd, env }: CppStep): Steps<Incident | undefined> {
  const label = argv.join(" ");
  const full = kind === "configure" ? [...argv, ...discoverLater] : argv;
  const result = yield* bench.run({ label, argv: full, cwd, env });
  if (succeeded(result)) return undefined;
  const incident = incidentOf(label, result, "build-failed");
  const detail = `${label}: ${firstError(`${result.stderr}\n${result.stdout}`)}`;
  return incident.kind === "build-failed" ? { kind: "build-failed", detail } : incident;
}

/** Runs everything up to the first build step and reads which sources make which program. */
export function* configure(job: CppJob): Steps<CmakeTarget[] | Incident> {
  const { buildFolder, steps } = job.command;
  yield* write(`${buildFolder}/.cmake/api/v1/query/codemodel-v2`, "");
  for (const step of steps.slice(
    0,
    steps.findIndex(({ kind }) => kind === "build"),
  )) {
    const incident = yield* runStep(job, step);
    if (incident !== undefined) return incident;
  }
  const script = 'for file in "$0"/target-*.json; do cat "$file"; printf "\\036"; done';
  const argv = ["sh", "-c", script, `${buildFolder}/.cmake/api/v1/reply`];
  const { stdout } = yield* job.bench.run({ label: "targets", argv, cwd: workDirectory });
  return readTargets(stdout, job.command);
}

/** The build steps, with the sources as they stand. */
export function* build(job: CppJob): Steps<Incident | undefined> {
  const { steps } = job.command;
  for (const step of steps.slice(steps.findIndex(({ kind }) => kind === "build"))) {
    const incident = yield* runStep(job, step);
    if (incident !== undefined) return incident;
  }
  return undefined;
}

export function* writeAll(texts: ReadonlyMap<string, string>): Steps<void> {
  for (const [path, text] of texts) yield* write(absolute(path), text);
}

/** Builds both phases before any judged code has run, sealing each; the sources are as they were afterwards. */
export function* buildPhases(
  job: CppJob,
  plan: CppPlan,
  targets: readonly CmakeTarget[],
): Steps<Map<Phase, SealedPhase> | Incident> {
  const sealed = new Map<Phase, SealedPhase>();
  const executables = targets
    .filter((target) => plannedFiles(plan, target).length > 0)
    .map(({ executable }) => executable);
  for (const phase of phases) {
    yield* writeAll(plan.texts[phase]);
    const incident = yield* build(job);
    if (incident !== undefined) {
      yield* writeAll(plan.originals);
      return incident;
    }
    const done = yield* job.vault.seal(executables);
    if (done === undefined)
      throw new Error("bug: the vault cannot be built in this image; it needs a C compiler as cc");
    sealed.set(phase, done);
  }
  yield* writeAll(plan.originals);
  return sealed;
}

export interface UnitRun {
  readonly unit: Unit;
  readonly phase: Phase;
  readonly end: TestEnd;
}

export interface PhaseRun {
  readonly runs: readonly UnitRun[];
  readonly incidents: readonly Incident[];
  readonly replaced: boolean;
}

/** A twin may hang where its failure ends a thread that others wait for; it must not eat the job's time. */
const twinLimitMs = 20_000;

function* runUnit(job: CppJob, unit: Unit, phase: Phase): Steps<{ end: TestEnd; incident?: Incident }> {
  const { entry, caseFramework } = unit;
  const isTwin = unit.twinPhase === phase;
  const limitMs = Math.min(
    entry.timeoutMs ?? Number.POSITIVE_INFINITY,
    isTwin ? twinLimitMs : Number.POSITIVE_INFINITY,
  );
  const env = { ...job.command.testEnv, ...entry.env };
  const place = { argv: unit.argv, cwd: entry.cwd, env };
  const result = yield* job.bench.run({ label: unit.id, ...place, limitMs, runsTests: true });
  const end =
    caseFramework === "gtest"
      ? readGtest(result.outcome, result.stdout, unit.maySkip)
      : readProgram(entry, result.outcome, result.stdout + result.stderr);
  if (end.kind !== "broken" || isTwin) return { end };
  return { end: { ...end, why: `${unit.id}: ${end.why}` }, incident: incidentOf(unit.id, result, "crashed") };
}

/** Fixtures stay around the others; entries that name those they follow are left in their order. */
function orderedEntries(entries: readonly CtestEntry[], variety: Variety | undefined): readonly CtestEntry[] {
  if (variety === undefined) return entries;
  if (!entries.some(({ follows }) => follows))
    return [...variety.ordered(entries)].sort((one, other) => one.order - other.order);
  variety.cannot("order", "tests name others that CTest runs before them");
  return entries;
}

export interface PhaseJob {
  readonly plan: CppPlan;
  readonly targets: readonly CmakeTarget[];
  readonly phase: Phase;
  readonly sealed: SealedPhase;
}

/** Runs one phase. `replaced` says that a program was changed by what ran before or beside it. */
export function* runPhase(job: CppJob, { plan, targets, phase, sealed }: PhaseJob): Steps<PhaseRun> {
  const { bench, command } = job;
  for (const path of plan.originals.keys()) yield* remove(absolute(path));
  if (!(yield* job.vault.open(sealed))) return { runs: [], incidents: [], replaced: true };
  const argv = ["ctest", "--show-only=json-v1", ...command.selection];
  const listed = yield* bench.run({
    label: "list tests",
    argv,
    cwd: command.testFolder,
    env: command.testEnv,
  });
  const entries = readCtest(listed.stdout, command.testFolder);
  if (entries === undefined) {
    return { runs: [], incidents: [incidentOf("ctest --show-only", listed, "crashed")], replaced: false };
  }
  const runs: UnitRun[] = [];
  const incidents: Incident[] = [];
  const view = { bench, plan, targets, env: command.testEnv };
  for (const entry of orderedEntries(entries, job.variety)) {
    const units = yield* unitsOf(view, entry);
    for (const unit of job.variety?.ordered(units) ?? units) {
      if (bench.leftMs < 1) {
        incidents.push({ kind: "timed-out", detail: `time ran out before ${unit.id}` });
        return { runs, incidents, replaced: false };
      }
      const { end, incident } = yield* runUnit(job, unit, phase);
      runs.push({ unit, phase, end });
      if (incident !== undefined) incidents.push(incident);
    }
  }
  return { runs, incidents, replaced: !(yield* job.vault.unchanged(sealed.digests)) };
}
