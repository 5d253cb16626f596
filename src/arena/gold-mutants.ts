// Mutants of the lines gold changes, judged like any submission: which build, and which some check tells from gold.
import { seededRandom } from "../domain/random.ts";
import type { LeftOutMutants, MutantNotice } from "../domain/record.ts";
import { checksById } from "../domain/report.ts";
import { type Baseline, incidentKinds, type JudgedRun, judge } from "../grading/index.ts";
import { type Mutant, mutantName, mutantsOf, mutated } from "../mutants/index.ts";
import { type Case, CaseFault } from "./case.ts";
import { changedSources } from "./changed-sources.ts";
import type { Runs } from "./runs.ts";

/** Who tells it from gold, or why no review meets it. */
export type Fate = MutantNotice | keyof LeftOutMutants;

export interface JudgedMutant {
  readonly name: string;
  readonly tree: string;
  readonly fate: Fate;
}

interface Place {
  readonly path: string;
  readonly text: string;
  readonly mutant: Mutant;
}

/** The first of every file, then the second of every file. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, turn) => turn).flatMap((turn) =>
    lists.flatMap((list) => list.slice(turn, turn + 1)),
  );
}

async function placesIn(of: Case, seed: string, limit: number): Promise<Place[]> {
  const { syntax, sources } = await changedSources(of, of.goldTree);
  const random = seededRandom(`${seed} mutants ${of.instance.instanceId}`);
  const found = sources.map(({ path, text, lines }) =>
    mutantsOf(syntax, { text, lines, random: random.fork(path), limit }).map((mutant): Place => {
      return { path, text, mutant };
    }),
  );
  return inTurn(found).slice(0, limit);
}

async function treeOf({ repository, goldTree }: Case, { path, text, mutant }: Place): Promise<string> {
  return repository.withFiles(goldTree, new Map([[path, Buffer.from(mutated(text, mutant))]]));
}

const isBuilt = ({ report }: JudgedRun): boolean => !incidentKinds(report).includes("build-failed");

/** Whoever's tests are gone beside it has not noticed it, and could be gone by choice: no review meets such a mutant. */
function isEndingOthers({ report }: JudgedRun, { goldPassing }: Baseline): boolean {
  const checks = checksById(report);
  return [...goldPassing].some((id) => !checks.has(id));
}

/** Left out it would be missing from this session's mutants, and be among those of the next. */
function lost({ instance }: Case, name: string): CaseFault {
  const message = `${instance.instanceId}: a mutant of gold could not be judged on this host (${name}): free memory and disk, then go on`;
  return new CaseFault("baseline-lost", message, { retryable: true });
}

async function fateOf(of: Case, tree: string, runs: Runs): Promise<Fate> {
  const baseline = await runs.baseline(of);
  const single = { comparison: "single", repeat: 1 } as const;
  const visible = (await runs.run(of, { ...single, name: "mutant", tree, withLint: true })).judged;
  if (!isBuilt(visible)) return "notCompiling";
  const recordOf = (hidden?: JudgedRun) =>
    judge(of.instance, {
      baseline,
      submission: { kind: "applied", visible, ...(hidden === undefined ? {} : { hidden }) },
      review: { kind: "none" },
    });
  const seen = recordOf();
  if (seen.void !== undefined) throw lost(of, "its visible tests");
  if (seen.submission.status === "invalid")
    return isEndingOthers(visible, baseline) ? "endsOthers" : "visible";
  if (of.instance.oracle !== "tests") return "notShownToDiffer";
  const withHidden = await of.repository.withFiles(tree, of.hidden);
  const state = { ...single, name: "mutant+H", tree: withHidden, withLint: false };
  const hidden = (await runs.run(of, state)).judged;
  if (!isBuilt(hidden)) return "notCompiling";
  const told = recordOf(hidden);
  if (told.void !== undefined) throw lost(of, "its hidden tests");
  return told.label === "unresolved" ? "hidden" : "notShownToDiffer";
}

/** As patches against base, in the seed's order, before anybody knows what becomes of them. @throws a fault */
export async function mutantPatches(
  of: Case,
  { seed, limit }: { readonly seed: string; readonly limit: number },
): Promise<string[]> {
  const patches: string[] = [];
  for (const place of await placesIn(of, seed, limit))
    patches.push(await of.repository.diff(of.baseTree, await treeOf(of, place)));
  return patches;
}

/** One after the other, in the seed's order, each as it is asked for: every one costs sandbox runs. @throws a fault */
export async function* judgedMutants(
  of: Case,
  runs: Runs,
  { seed, limit }: { readonly seed: string; readonly limit: number },
): AsyncGenerator<JudgedMutant> {
  for (const place of await placesIn(of, seed, limit)) {
    const tree = await treeOf(of, place);
    yield { name: mutantName(place.path, place.mutant), tree, fate: await fateOf(of, tree, runs) };
  }
}

export interface GoldMutant extends JudgedMutant {
  readonly fate: MutantNotice;
}

export interface GoldMutants {
  /** Those that reviews meet: first those that H alone notices. */
  readonly shown: readonly GoldMutant[];
  readonly leftOut: LeftOutMutants;
}

/** Mutants tried for each that is wanted, and at least: H alone notices few of them. */
const triesForEach = 2;
const leastTries = 10;

async function collect(of: Case, runs: Runs, { seed, count }: MutantsWanted): Promise<GoldMutants> {
  const shown: Record<MutantNotice, GoldMutant[]> = { hidden: [], visible: [] };
  const leftOut = { notCompiling: 0, endsOthers: 0, notShownToDiffer: 0 };
  const limit = Math.max(leastTries, count * triesForEach);
  for await (const { fate, ...mutant } of judgedMutants(of, runs, { seed, limit })) {
    if (fate === "hidden" || fate === "visible") shown[fate].push({ ...mutant, fate });
    else leftOut[fate] += 1;
    if (shown.hidden.length === count) break;
  }
  return { shown: [...shown.hidden, ...shown.visible].slice(0, count), leftOut };
}

export interface MutantsWanted {
  readonly seed: string;
  /** At most so many are shown. */
  readonly count: number;
}

/** By opened instance: all reviews of a run meet the same mutants, which are judged once. */
const known = new WeakMap<Case, Map<string, Promise<GoldMutants>>>();

/** @throws a fault that may not repeat: nothing of it is kept */
export function goldMutants(of: Case, runs: Runs, wanted: MutantsWanted): Promise<GoldMutants> {
  const own = known.get(of) ?? new Map<string, Promise<GoldMutants>>();
  known.set(of, own);
  const key = JSON.stringify([wanted.seed, wanted.count]);
  const found = own.get(key);
  if (found !== undefined) return found;
  const fresh = collect(of, runs, wanted);
  own.set(key, fresh);
  fresh.catch(() => own.delete(key));
  return fresh;
}
