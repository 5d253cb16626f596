// A first CI plan for a repository nobody wrote one for, from its file list and its manifests alone.
import type { CiPlan, Job, Language } from "../domain/instance.ts";
import { cppPlan } from "./plans/cpp.ts";
import { goPlan } from "./plans/go.ts";
import { pythonPlan, pythonTests } from "./plans/python.ts";
import { rustPlan } from "./plans/rust.ts";

export interface PlanInput {
  /** Every path of the base tree. */
  readonly files: readonly string[];
  /** Texts of the files {@link planFilesOf} names, by path; those that could not be read are missing. */
  readonly texts: ReadonlyMap<string, string>;
  /** Paths the hidden test patch touches: what the plan must at least run. */
  readonly testPaths: readonly string[];
  /** Paths the gold patch touches. */
  readonly goldPaths: readonly string[];
  /** owner/name: where a Go package is imported from that has no module of its own. */
  readonly repo?: string;
}

export interface InferredPlan {
  readonly plan: CiPlan;
  /** What was assumed, left out or could not be seen: for the person who checks the plan. */
  readonly notes: readonly string[];
}

/** What a language's rules decide; the rest of the plan is the same for all. */
export interface PlanParts {
  readonly prepare: readonly string[];
  readonly job: Pick<Job, "run" | "runner"> & Partial<Pick<Job, "env">>;
  readonly notes: readonly string[];
}

const manifests: Readonly<Record<Language, RegExp>> = {
  python:
    /^(pyproject\.toml|setup\.(cfg|py)|tox\.ini|pytest\.ini|\.pytest\.ini|([\w.-]*\/)?[\w.-]*requirements[\w.-]*\.(txt|in)|requirements\/[\w.-]+\.(txt|in))$/,
  go: /(^|\/)go\.(mod|work)$/,
  rust: /(^|\/)(Cargo\.toml|rust-toolchain(\.toml)?)$/,
  cpp: /(^|\/)CMakeLists\.txt$/,
};

/** Read after the manifests: what tests ask for, and where dependencies come from. */
const besides: Partial<Readonly<Record<Language, RegExp>>> = {
  rust: /^Cargo\.lock$|(^|\/)tests\/[^/]+(\/main)?\.rs$/,
  python: pythonTests,
};

/** At most this many manifests are read; a repository with more has them deep in examples and vendored code. */
const mostManifests = 300;

/** The files whose texts {@link inferPlan} wants: manifests nearest the root first, then what stands beside them. */
export function planFilesOf(language: Language, files: readonly string[]): string[] {
  const depth = (path: string): number => path.split("/").length;
  const nearest = (pattern: RegExp | undefined): string[] =>
    files.filter((path) => pattern?.test(path)).sort((one, other) => depth(one) - depth(other));
  return [...nearest(manifests[language]), ...nearest(besides[language])].slice(0, mostManifests);
}

const rules: Readonly<Record<Language, (input: PlanInput) => PlanParts>> = {
  python: pythonPlan,
  go: goPlan,
  rust: rustPlan,
  cpp: cppPlan,
};

/** A plan with one job, `test`, in the language's image. Pure: the same repository always gives the same plan. */
export function inferPlan(language: Language, input: PlanInput): InferredPlan {
  const { prepare, job, notes } = rules[language](input);
  const { run, runner, env = {} } = job;
  const jobs: readonly Job[] = [{ name: "test", run, runner, timeoutSeconds: 1800, env, tags: [] }];
  return { plan: { image: language, prepare, jobs, source: "inferred" }, notes };
}
