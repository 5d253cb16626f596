// Sets jobs as they came out here beside what their host says of them: pure, so that every judgement of it can be shown.
import type { RunReport } from "../../domain/report.ts";
import type { SplitRow, WorkflowJob } from "../pipeline/rows.ts";

/** What is known of a job at its host. */
export interface UpstreamJob {
  readonly name: string;
  readonly workflow?: string;
  /** The host's word, or `unrecorded`. */
  readonly conclusion: string;
}

interface NamedJob {
  readonly name?: unknown;
  readonly workflow?: unknown;
}

const isNamed = (entry: unknown): entry is NamedJob => typeof entry === "object" && entry !== null;

/** Rows of others name the jobs that ran, and nobody kept how those ended. */
function namedIn(provenance: Readonly<Record<string, unknown>>): UpstreamJob[] {
  const { ciNames } = provenance;
  if (!Array.isArray(ciNames)) return [];
  return ciNames.flatMap((entry: unknown) => {
    if (!isNamed(entry) || typeof entry.name !== "string") return [];
    const workflow = typeof entry.workflow === "string" ? { workflow: entry.workflow } : {};
    return [{ name: entry.name, ...workflow, conclusion: "unrecorded" }];
  });
}

type UpstreamCheck = NonNullable<SplitRow["mined"]>["checks"][number];

/** What ran on the change's head; of the merge, what ran there alone: its tree may hold other changes too. */
function ofTree(checks: readonly UpstreamCheck[]): UpstreamJob[] {
  const plain = ({ commit: _, ...job }: UpstreamCheck): UpstreamJob => job;
  const first = checks.filter(({ commit }) => commit !== "merge").map(plain);
  const later = checks.filter(({ commit }) => commit === "merge").map(plain);
  return [...first, ...later.filter((job) => !first.some((each) => isSame(each, job)))];
}

/** Nothing where nobody says what ran. */
export function upstreamJobs({ mined, origin }: Pick<SplitRow, "mined" | "origin">): readonly UpstreamJob[] {
  if (mined !== undefined && mined.checks.length > 0) return ofTree(mined.checks);
  return origin.kind === "row" ? namedIn(origin.provenance) : [];
}

/** The host's job succeeded where all its parts do, and something was run at all. */
export function endedHere(
  report: RunReport,
  said: ReadonlyMap<string, string> = new Map(),
): Pick<WorkflowJob, "here" | "detail"> {
  const troubles = report.jobs.flatMap(({ job, checks, incidents }) => {
    const bad = checks.filter(({ status }) => status === "failed" || status === "error");
    const few = bad.slice(0, 3).map(({ id }) => id);
    // Where an exit status is all there is, the reason stands in what was printed.
    const words = bad.some(({ id }) => id.endsWith("::(job)")) ? (said.get(job) ?? "") : "";
    return [
      ...incidents.map(({ kind, detail }) => `${job}: ${kind}: ${detail.trim().slice(-300)}`),
      ...(bad.length === 0
        ? []
        : [
            `${job}: ${bad.length} of ${checks.length} failed: ${few.join(", ")}${words === "" ? "" : `: ${words}`}`,
          ]),
    ];
  });
  const ran = report.jobs.some(({ checks }) => checks.some(({ status }) => status !== "skipped"));
  if (troubles.length === 0 && ran) return { here: "success", detail: "" };
  return { here: "failure", detail: troubles.join("; ") || "nothing was run" };
}

const fileOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** One job by two accounts: same name, and the same file where both name one. */
function isSame(
  one: Pick<UpstreamJob, "name" | "workflow">,
  other: Pick<UpstreamJob, "name" | "workflow">,
): boolean {
  const files = [one.workflow, other.workflow].map((path) => path && fileOf(path));
  return one.name === other.name && (!files[0] || !files[1] || files[0] === files[1]);
}

/** Without its leg: `test (3.12)` is one of `test`. */
const baseOf = (name: string): string => name.replace(/\s*\([^()]*\)\s*$/, "");

/** @param unsupported `<file>: <job>: <why>` each, as the compiler tells them */
function whyNot({ name, workflow }: UpstreamJob, unsupported: readonly string[]): string {
  const file = workflow === undefined ? "" : fileOf(workflow);
  const said = unsupported
    .map((line) => /^(?<path>[^:]+): (?<rest>.*)$/s.exec(line)?.groups)
    .filter((groups) => groups !== undefined && (file === "" || fileOf(groups.path ?? "") === file))
    .map((groups) => groups?.rest ?? "");
  const own =
    said.find((rest) => rest.startsWith(`${name}: `)) ??
    said.find((rest) => rest.startsWith(`${baseOf(name)}: `) || rest.startsWith(`${baseOf(name)} (`));
  return own ?? "no job of that name is in the workflows of the base commit that run on changes";
}

/** First the jobs of the workflows, in their order; then those that only the host knows. */
export function besideUpstream(
  ended: readonly Omit<WorkflowJob, "upstream">[],
  {
    upstream,
    unsupported,
  }: { readonly upstream: readonly UpstreamJob[]; readonly unsupported: readonly string[] },
): WorkflowJob[] {
  const here = ended.map((job) => {
    const known = upstream.find((each) => isSame(each, job));
    return known === undefined ? job : { ...job, upstream: known.conclusion };
  });
  const alone = upstream
    .filter((each) => !ended.some((job) => isSame(each, job)))
    .map(({ conclusion, ...job }) => ({
      ...job,
      here: "not-run" as const,
      upstream: conclusion,
      detail: whyNot({ ...job, conclusion }, unsupported),
    }));
  return [...here, ...alone];
}
