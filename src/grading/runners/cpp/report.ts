// Lays both phases of a C++ job side by side: canaries first, then every test against its twin.
import type { Check, Incident, JobReport } from "../../../domain/report.ts";
import { judgePair, type TestEnd } from "../compiled/phases.ts";
import type { PhaseRun, UnitRun } from "./run.ts";
import type { Unit } from "./units.ts";

function byUnit(runs: readonly UnitRun[]): Map<string, UnitRun[]> {
  const groups = new Map<string, UnitRun[]>();
  for (const run of runs) groups.set(run.unit.id, [...(groups.get(run.unit.id) ?? []), run]);
  return groups;
}

/** A canary fails in one phase and passes in the other; a crash in both is no lie but vouches for nothing. */
function judgeCanary(runs: readonly UnitRun[]): { readonly forged?: string; readonly lost?: string } {
  for (const { unit, phase, end } of runs) {
    const wanted = unit.twinPhase === phase ? "failed" : "passed";
    if (end.kind === wanted) continue;
    if (end.kind === "broken" && !end.contradicts)
      return { lost: `canary ${unit.id} did not come to its end` };
    return { forged: `canary ${unit.id} must have ${wanted} and is reported ${end.kind}` };
  }
  return {};
}

function judgeUnit(unit: Unit, runs: readonly UnitRun[]) {
  const twin = runs.find(({ phase }) => phase === unit.twinPhase)?.end;
  const reals = runs.filter(({ phase }) => phase !== unit.twinPhase).map(({ end }): TestEnd => end);
  const real = reals.find(({ kind }) => kind !== "passed") ?? reals[0];
  return judgePair({
    hasTwin: unit.twinPhase !== undefined,
    ...(real === undefined ? {} : { real }),
    ...(twin === undefined ? {} : { twin }),
  });
}

function unique(incidents: readonly Incident[]): Incident[] {
  const seen = new Map(incidents.map((incident) => [`${incident.kind} ${incident.detail}`, incident]));
  return [...seen.values()].slice(0, 20);
}

interface Tally {
  readonly checks: Check[];
  readonly forged: string[];
  readonly lost: string[];
  /** Checks that pass and whose twin does not fail. */
  readonly deaf: string[];
  /** Names of passed checks that no twin vouches for. */
  readonly alone: string[];
}

function addCanary(sums: Tally, group: readonly UnitRun[]): void {
  const { forged, lost } = judgeCanary(group);
  if (forged !== undefined) sums.forged.push(forged);
  if (lost !== undefined) sums.lost.push(lost);
}

function addCheck(
  sums: Tally,
  unit: Unit,
  { jobName, group }: { jobName: string; group: readonly UnitRun[] },
) {
  const verdict = judgeUnit(unit, group);
  if (verdict.kind === "forged") sums.forged.push(verdict.why);
  if (verdict.kind === "forged" || verdict.kind === "missing") return;
  const id = `${jobName}::${unit.id}`;
  const isDeaf = verdict.kind === "deaf";
  const status = verdict.kind === "deaf" ? "passed" : verdict.status;
  if (isDeaf) sums.deaf.push(id);
  if (status === "passed" && (unit.twinPhase === undefined || isDeaf)) sums.alone.push(unit.id);
  sums.checks.push({ id, status, ...(unit.file === undefined ? {} : { file: unit.file }) });
}

function tally(jobName: string, runs: readonly UnitRun[]): Tally {
  const sums: Tally = { checks: [], forged: [], lost: [], deaf: [], alone: [] };
  for (const group of byUnit(runs).values()) {
    const unit = group[0]?.unit;
    if (unit === undefined) continue;
    if (unit.isCanary) addCanary(sums, group);
    else addCheck(sums, unit, { jobName, group });
  }
  return sums;
}

/** Canaries in the plan that no program lists: somebody left them out. */
function unlisted(planned: readonly string[], runs: readonly UnitRun[]): string | undefined {
  const seen = runs.map(({ unit }) => unit.argv.join(" "));
  return planned.find((name) => !seen.some((argv) => argv.includes(name)));
}

/** Judges a job from both its phases. `canaries` are the names of those in programs that ctest starts. */
export function reportCpp(
  jobName: string,
  phaseRuns: readonly PhaseRun[],
  canaries: readonly string[],
): Omit<JobReport, "seconds"> {
  const runs = phaseRuns.flatMap((phase) => phase.runs);
  const incidents = unique(phaseRuns.flatMap((phase) => phase.incidents));
  const { checks, forged, lost, deaf, alone } = tally(jobName, runs);
  if (checks.length === 0 && incidents.length === 0)
    incidents.push({ kind: "no-tests", detail: "ctest lists no test" });
  if (phaseRuns.some(({ replaced }) => replaced))
    forged.unshift("a test program was replaced while tests ran");
  const timely = !incidents.some(({ kind }) => kind === "timed-out");
  const absent = timely ? unlisted(canaries, runs) : undefined;
  if (absent !== undefined) forged.push(`no program lists canary ${absent}`);
  const [lostOne] = lost;
  if (lostOne !== undefined && timely && checks.some(({ status }) => status === "passed"))
    forged.push(lostOne);
  const notes =
    alone.length === 0 ? [] : [`nothing but their exit status vouches for: ${alone.slice(0, 20).join(", ")}`];
  return {
    job: jobName,
    checks,
    trust: alone.length === 0 && checks.length > 0 ? "canaried" : "weak",
    incidents,
    ...(notes.length === 0 ? {} : { notes }),
    ...(forged[0] === undefined ? {} : { forged: forged[0] }),
    ...(deaf.length === 0 ? {} : { deaf }),
  };
}
