// Controls of one instance, run anew on this host: gold must resolve, base must not, a patch known to be wrong must not.
import { isDeepStrictEqual } from "node:util";
import type { Canary, CanaryControl, ControlResult } from "../domain/canary.ts";
import { type RoundRecord, reasonText } from "../domain/record.ts";
import { type Baseline, judge, type SubmissionEvidence } from "../grading/index.ts";
import { candidateOfPatch, candidateOfTree } from "./candidate.ts";
import { type Case, CaseFault } from "./case.ts";
import { findMutant } from "./controls/find-mutant.ts";
import { type Evidence, EvidenceFault } from "./evidence.ts";
import type { State } from "./judging.ts";
import type { DoneRun, Runs } from "./runs.ts";
import { submissionRuns } from "./submission-runs.ts";

export interface CanaryDeps {
  readonly runs: Runs;
  readonly evidence: Evidence;
  readonly now: () => number;
  /** The mutant is drawn from it where an instance brings no wrong patch. */
  readonly seed: string;
}

/** A patch that must not resolve the issue. */
interface WrongPatch {
  readonly name: string;
  readonly tree: string;
}

const withoutReview = { review: { kind: "none" } } as const;

/** Runs of this canary: each state once, so that gold as a submission is not run twice. */
class FreshRuns {
  readonly #of: Case;
  readonly #runs: Runs;
  readonly #done: { readonly state: State; readonly run: DoneRun }[] = [];

  constructor(of: Case, runs: Runs) {
    this.#of = of;
    this.#runs = runs;
  }

  readonly do = async (state: State): Promise<DoneRun> => {
    const { name: _, ...wanted } = state;
    const known = this.#done.find(({ state: { name: __, ...done } }) => isDeepStrictEqual(done, wanted));
    if (known !== undefined) return known.run;
    const run = await this.#runs.anew(this.#of, state);
    this.#done.push({ state, run });
    return run;
  };

  /** Evidence files by what was run. */
  get files(): readonly { readonly state: string; readonly file: string }[] {
    return this.#done.map(({ state, run }) => ({ state: state.name, file: run.evidence }));
  }
}

const labelOf = (of: Case, baseline: Baseline, submission: SubmissionEvidence): RoundRecord =>
  judge(of.instance, { baseline, submission, ...withoutReview });

/** Its label alone: what it breaks of the visible tests makes it no less wrong. */
async function labelOfTree(
  of: Case,
  tree: string,
  { baseline, run }: { readonly baseline: Baseline; readonly run: (state: State) => Promise<DoneRun> },
): Promise<RoundRecord["label"]> {
  const withHidden = await of.repository.withFiles(tree, of.hidden);
  const single = { comparison: "single", repeat: 1, withLint: false } as const;
  const { judged: hidden } = await run({ ...single, name: "wrong+H", tree: withHidden });
  return labelOf(of, baseline, { kind: "rejected", reasons: [], hidden }).label;
}

/** Members of the panel in turn, else a mutant that did not resolve the issue when it was found. */
async function wrongPatch(
  of: Case,
  { runs, seed }: CanaryDeps,
  { baseline, turn }: { readonly baseline: Baseline; readonly turn: number },
): Promise<WrongPatch | undefined> {
  const wrong = of.instance.panel.filter(({ label }) => label === "unresolved");
  for (const index of wrong.keys()) {
    const member = wrong[(turn + index) % wrong.length];
    const candidate = member === undefined ? undefined : await candidateOfPatch(of, member.patch);
    if (member !== undefined && candidate?.kind === "applied")
      return { name: member.id, tree: candidate.tree };
  }
  const tree = await findMutant(of, runs, seed);
  if (tree === undefined) return undefined;
  const label = await labelOfTree(of, tree, { baseline, run: (state) => runs.run(of, state) });
  return label === "unresolved" ? { name: "mutant", tree } : undefined;
}

function result(control: CanaryControl, name: string, outcome: { passed: boolean; found: string }) {
  return { control, name, ...outcome };
}

async function goldControl(of: Case, baseline: Baseline, fresh: FreshRuns): Promise<ControlResult> {
  const submission = await submissionRuns(of, await candidateOfTree(of, of.goldTree), {
    baseline,
    run: async (state) => (await fresh.do({ ...state, comparison: "single" })).judged,
  });
  const record = labelOf(of, baseline, submission);
  if (record.void !== undefined) {
    const message = `${of.instance.instanceId}: gold could not be judged on this host: ${record.void.detail}`;
    throw new CaseFault("baseline-lost", message, { retryable: true });
  }
  const reasons = record.submission.reasons.map(reasonText).join("; ");
  const isResolved = of.instance.oracle !== "tests" || record.label === "resolved";
  const passed = record.submission.status === "valid" && isResolved;
  const found = `${record.submission.status}, ${record.label}${reasons === "" ? "" : ` (${reasons})`}`;
  return result("gold", "gold", { passed, found });
}

async function controlsOf(
  of: Case,
  deps: CanaryDeps,
  { fresh, turn }: { readonly fresh: FreshRuns; readonly turn: number },
): Promise<ControlResult[]> {
  const now = await deps.runs.baselineBy(of, 1, fresh.do);
  // Of the run's first time on the instance: a host that has drifted since is what is looked for.
  const baseline = await deps.runs.baseline(of);
  const gold = await goldControl(of, baseline, fresh);
  const [visible] = now.base;
  const [hidden] = now.baseHidden;
  if (visible === undefined || hidden === undefined) return [gold];
  const ran = (report: typeof visible) => ({ kind: "ran", report }) as const;
  const base = labelOf(of, baseline, { kind: "applied", visible: ran(visible), hidden: ran(hidden) }).label;
  const empty = result("empty", "empty", { passed: base === "unresolved", found: base });
  const wrong = await wrongPatch(of, deps, { baseline, turn });
  if (wrong === undefined) return [gold, empty];
  const found = await labelOfTree(of, wrong.tree, { baseline, run: fresh.do });
  return [gold, empty, result("wrong", wrong.name, { passed: found === "unresolved", found })];
}

const expectations: Readonly<Record<CanaryControl, string>> = {
  gold: "the gold patch must be valid and resolve the issue",
  empty: "the base tree must not resolve the issue",
  wrong: "a patch known to be wrong must not resolve the issue",
};

function reasonOf(controls: readonly ControlResult[]): string | undefined {
  const failed = controls.filter(({ passed }) => !passed);
  if (failed.length === 0) return undefined;
  return failed
    .map(({ control, name, found }) => `${expectations[control]}: ${name} came out ${found}`)
    .join("; ");
}

/** An instance whose own runs establish nothing on this host: gold fails there. */
async function controlsOrUnsound(
  of: Case,
  deps: CanaryDeps,
  how: { readonly fresh: FreshRuns; readonly turn: number },
): Promise<ControlResult[]> {
  try {
    return await controlsOf(of, deps, how);
  } catch (error) {
    if (!(error instanceof CaseFault) || error.code !== "unsound-instance") throw error;
    return [result("gold", "gold", { passed: false, found: error.message })];
  }
}

/**
 * Runs the controls now and writes their evidence. At the beginning of a run its results are kept as the instance's own,
 * so that a first canary costs little beside them. An outcome that is not as it must be is in the answer.
 * @param turn how many canaries the instance has had: members of its panel take turns
 * @throws a fault when this host could not run them at all: that says nothing of the instance
 */
export async function runCanary(of: Case, turn: number, deps: CanaryDeps): Promise<Canary> {
  const { instanceId } = of.instance;
  const fresh = new FreshRuns(of, deps.runs);
  const controls = await controlsOrUnsound(of, deps, { fresh, turn });
  const reason = reasonOf(controls);
  const atMs = deps.now();
  const told = { instanceId, atMs, controls, ...(reason === undefined ? {} : { reason }) };
  const runs = await Promise.all(
    fresh.files.map(async (each) => ({ ...each, sha256: await deps.evidence.fileHash(each.file) })),
  );
  const evidence = `canaries/${instanceId}/${turn + 1}.json`;
  await deps.evidence.writeJson(evidence, { schemaVersion: 1, ...told, runs });
  const evidenceHash = await deps.evidence.fileHash(evidence);
  if (evidenceHash === undefined)
    throw new EvidenceFault("evidence-missing", `the evidence ${evidence} is missing`, { retryable: false });
  return { ...told, evidence, evidenceHash };
}
