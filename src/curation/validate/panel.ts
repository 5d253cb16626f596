// The hidden panel of an instance: patches that others made, each labelled by its own runs or left out.
import { createHash } from "node:crypto";
import { Fault } from "../../domain/fault.ts";
import type { Instance, PanelMember } from "../../domain/instance.ts";
import { checksById } from "../../domain/report.ts";
import { type Baseline, incidentKinds, judge, type SubmissionEvidence } from "../../grading/index.ts";
import type { NoRun, TreeRuns } from "../pipeline/tree-runs.ts";

/** A patch against base that may become a member. */
export interface PanelCandidate {
  /** `mutant`: gold with one seeded defect, which may be none; `answer`: what a contestant handed in. */
  readonly from: "mutant" | "answer";
  /** Who made an answer, as its run names them. */
  readonly by?: string;
  readonly patch: string;
}

export interface PanelDeps {
  /** In the order in which they are tried: mutants of gold and models' answers. @throws a fault */
  readonly candidates: (instance: Instance) => Promise<readonly PanelCandidate[]>;
  /** Members of each origin, at most. */
  readonly most: number;
  /** Of where candidates come from: another value labels anew. */
  readonly settings: unknown;
}

/** Why a candidate is no member. `equivalent-unknown`: a mutant that no test tells from gold. */
export const panelLeftOut = [
  "not-taken",
  "not-compiling",
  "ends-other-tests",
  "equivalent-unknown",
  "breaks-other-tests",
  "unsteady",
] as const;
export type LeftOut = (typeof panelLeftOut)[number];

export interface Panel {
  readonly panel: readonly PanelMember[];
  /** Candidates that are no members, by reason. */
  readonly panelLeftOut: Readonly<Partial<Record<LeftOut, number>>>;
}

type Runs = Pick<TreeRuns, "submission">;
type Fate = PanelMember["label"] | LeftOut;

/** Both runs must say the same. */
const labelRuns = 2;

/** The instance's own runs went well before: what goes wrong now is the host's doing or the world's. */
function lost({ instanceId }: Instance, detail: string): Fault<"baseline-lost"> {
  const message = `${instanceId}: a patch for its panel could not be run on this host: ${detail.slice(0, 1000)}: free memory and disk, then run the stage again`;
  return new Fault("baseline-lost", message, { retryable: true });
}

/** What one run of it says. A resolved patch that breaks what gold keeps is neither right nor shown to be wrong. */
function fateIn(instance: Instance, baseline: Baseline, submission: SubmissionEvidence | NoRun): Fate {
  if (submission.kind === "rejected") return "not-taken";
  if (submission.kind !== "applied") throw lost(instance, submission.detail);
  const { visible, hidden } = submission;
  const reports = [visible, hidden].flatMap((run) => run?.report ?? []);
  if (reports.some((report) => incidentKinds(report).includes("build-failed"))) return "not-compiling";
  const shown = checksById(visible.report);
  if ([...baseline.goldPassing].some((id) => !shown.has(id))) return "ends-other-tests";
  const record = judge(instance, { baseline, submission, review: { kind: "none" } });
  if (record.void !== undefined) throw lost(instance, record.void.detail);
  if (record.label !== "resolved") return "unresolved";
  return record.submission.status === "valid" ? "resolved" : "breaks-other-tests";
}

async function fateOf(
  { from, patch }: PanelCandidate,
  { instance, baseline }: { readonly instance: Instance; readonly baseline: Baseline },
  runs: Runs,
): Promise<Fate> {
  let fate: Fate | undefined;
  for (let run = 1; run <= labelRuns; run += 1) {
    const seen = fateIn(instance, baseline, await runs.submission(instance, patch, baseline));
    if (fate !== undefined && seen !== fate) return "unsteady";
    fate = seen;
    if (seen === "not-taken" || seen === "not-compiling") break;
  }
  // Equal to gold, or a defect that no hidden test reaches: nobody knows, so no reviewer is graded by it.
  if (from === "mutant" && fate === "resolved") return "equivalent-unknown";
  return fate ?? "unsteady";
}

const isLeftOut = (fate: Fate): fate is LeftOut => fate !== "resolved" && fate !== "unresolved";

/** Unique by what the patch is; the name says where it comes from. */
function idOf({ from, by = "", patch }: PanelCandidate): string {
  const who = by.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 60);
  const digest = createHash("sha256").update(patch).digest("hex").slice(0, 12);
  return [from, ...(who === "" ? [] : [who]), digest].join("-");
}

/** Where hidden tests label nothing there is no panel. @throws a fault of the engine or the host */
export async function panelOf(
  of: { readonly instance: Instance; readonly baseline: Baseline },
  { candidates, most, runs }: PanelDeps & { readonly runs: Runs },
  signal: AbortSignal,
): Promise<Panel> {
  const panel: PanelMember[] = [];
  const counts: Partial<Record<LeftOut, number>> = {};
  if (of.instance.oracle !== "tests") return { panel, panelLeftOut: counts };
  const known = new Set<string>([of.instance.goldPatch.trim()]);
  const members = { mutant: 0, answer: 0 };
  for (const candidate of await candidates(of.instance)) {
    signal.throwIfAborted();
    const { from, patch } = candidate;
    if (members[from] >= most || known.has(patch.trim())) continue;
    known.add(patch.trim());
    const label = await fateOf(candidate, of, runs);
    if (isLeftOut(label)) counts[label] = (counts[label] ?? 0) + 1;
    else {
      panel.push({ id: idOf(candidate), label, patch });
      members[from] += 1;
    }
  }
  return { panel, panelLeftOut: counts };
}
