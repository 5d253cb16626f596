// One solvable issue, parsed once at the door: files keep SWE-bench's names, code is camelCase.
import { z } from "zod";

export const languages = ["cpp", "python", "rust", "go"] as const;
export type Language = (typeof languages)[number];

/** How a job's results are read. `exit-code` says only whether the command succeeded: trust `weak`. */
export const runnerNames = [
  "pytest",
  "unittest",
  "go-test",
  "libtest",
  "nextest",
  "ctest",
  "exit-code",
] as const;
export type RunnerName = (typeof runnerNames)[number];

/** Which oracle an instance has: hidden tests, CI jobs only, or none (DESIGN 4.2). */
export type Oracle = "tests" | "jobs" | "none";

export interface Job {
  readonly name: string;
  /** One command, or build steps and one test command joined by `&&`. Run inside the sandbox only. */
  readonly run: string;
  readonly runner: RunnerName;
  readonly timeoutSeconds: number;
  readonly env: Readonly<Record<string, string>>;
  /** `lint` marks a job whose success a review must keep and which counts as a check. */
  readonly tags: readonly string[];
}

export interface CiPlan {
  /** One of our image names (a language) or any image reference. */
  readonly image: string;
  /** Commands of the trusted base tree, run once with the registries reachable, then snapshotted. */
  readonly prepare: readonly string[];
  readonly jobs: readonly Job[];
  /** Where the plan comes from: written down, compiled from a workflow, or inferred from the language. */
  readonly source: "written" | "workflow" | "inferred";
}

/** A hidden candidate with a known label (DESIGN 4.8). */
export interface PanelMember {
  readonly id: string;
  readonly label: "resolved" | "unresolved";
  readonly patch: string;
}

export interface Instance {
  readonly instanceId: string;
  readonly repo: string;
  /** 40 hex digits; absent for a plain-folder repository whose commit is derived from its files. */
  readonly baseCommit?: string;
  readonly language: Language;
  readonly goldPatch: string;
  readonly testPatch: string;
  readonly problemStatement: string;
  readonly hintsText: string;
  readonly createdAt: string;
  readonly failToPass: readonly string[];
  readonly passToPass: readonly string[];
  readonly ci: CiPlan;
  readonly oracle: Oracle;
  readonly panel: readonly PanelMember[];
  readonly provenance: Readonly<Record<string, unknown>>;
}

const jobSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .refine((name) => !name.includes("::") && !/\p{Cc}/u.test(name), {
      error: "a name without :: (it parts a job from its tests) and control characters",
    }),
  run: z.string().min(1),
  runner: z.string().min(1),
  timeoutSeconds: z.number().positive().max(86_400).default(900),
  env: z.record(z.string(), z.string()).default({}),
  tags: z.array(z.string()).default([]),
});

export const planSchema = z.strictObject({
  image: z.string().min(1),
  prepare: z.array(z.string()).default([]),
  jobs: z.array(jobSchema).min(1),
  source: z.enum(["written", "workflow", "inferred"]).default("written"),
});

/** SWE-bench files hold these lists either as arrays or as JSON text of an array. */
const idList = z.preprocess((value) => {
  if (typeof value !== "string") return value;
  if (value.trim() === "") return [];
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}, z.array(z.string()).default([]));

const panelMemberSchema = z.strictObject({
  id: z.string().min(1),
  label: z.enum(["resolved", "unresolved"]),
  patch: z.string().min(1),
});

export const instanceSchema = z.strictObject({
  schemaVersion: z.number().optional(),
  // It names folders: neither `.` nor `..` nor an option, and room for what is added to it.
  instance_id: z
    .string()
    .max(200, "at most 200 characters")
    .regex(
      /^[A-Za-z0-9_][A-Za-z0-9._-]*$/,
      "letters, digits, dot, dash and underscore only, neither dot nor dash first",
    ),
  repo: z.string().min(1),
  base_commit: z
    .string()
    .regex(/^([0-9a-f]{40})?$/, "40 lower-case hex digits")
    .default(""),
  patch: z.string().min(1),
  test_patch: z.string().default(""),
  problem_statement: z.string().min(1),
  hints_text: z.string().nullish(),
  created_at: z.string().nullish(),
  FAIL_TO_PASS: idList,
  PASS_TO_PASS: idList,
  language: z.enum(languages),
  ci: planSchema.optional(),
  oracle: z.enum(["tests", "jobs", "none"]).optional(),
  panel: z.array(panelMemberSchema).default([]),
  provenance: z.record(z.string(), z.unknown()).default({}),
  version: z.string().nullish(),
  environment_setup_commit: z.string().nullish(),
});

const runnerAliases: Readonly<Record<string, RunnerName>> = {
  "go test": "go-test",
  gotest: "go-test",
  "go-test-json": "go-test",
  go: "go-test",
  cargo: "libtest",
  "cargo-test": "libtest",
  "cargo test": "libtest",
  "cargo-nextest": "nextest",
  gtest: "ctest",
  googletest: "ctest",
  catch2: "ctest",
  doctest: "ctest",
  exit: "exit-code",
  shell: "exit-code",
};

/** The runner a name stands for, or undefined when nobody of ours reads it. */
export function runnerNamed(name: string): RunnerName | undefined {
  const exact = runnerNames.find((runner) => runner === name);
  if (exact !== undefined) return exact;
  return Object.hasOwn(runnerAliases, name) ? runnerAliases[name] : undefined;
}

const inferredJobs: Readonly<Record<Language, { run: string; runner: RunnerName }>> = {
  python: { run: "python3 -m pytest -q", runner: "pytest" },
  go: { run: "go test ./...", runner: "go-test" },
  rust: { run: "cargo test --offline --workspace", runner: "libtest" },
  cpp: {
    run: "cmake -S . -B build -G Ninja && cmake --build build && ctest --test-dir build",
    runner: "ctest",
  },
};

/** The plan used when an instance names none: the language's usual test command in the language's image. */
export function inferredPlan(language: Language): CiPlan {
  const { run, runner } = inferredJobs[language];
  return {
    image: language,
    prepare: [],
    jobs: [{ name: "test", run, runner, timeoutSeconds: 900, env: {}, tags: [] }],
    source: "inferred",
  };
}

export interface FieldProblem {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** Text of a value for an error message: short, on one line, never a whole patch. */
export function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value = json;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Field, expectation and finding for every issue zod reports; a field that nobody knows is named itself. */
export function fieldProblems(error: z.ZodError, json: unknown): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    const at = (path: readonly PropertyKey[], expected: string): FieldProblem => ({
      field: path.join(".") || "(the whole line)",
      expected,
      found: shown(valueAt(json, path)),
    });
    if (issue.code !== "unrecognized_keys") return [at(issue.path, issue.message)];
    return issue.keys.map((key) => at([...issue.path, key], "no field of this name"));
  });
}

function planOf(written: z.infer<typeof planSchema>): Parsed<CiPlan> {
  const problems: FieldProblem[] = [];
  const jobs: Job[] = [];
  for (const [index, job] of written.jobs.entries()) {
    const runner = runnerNamed(job.runner);
    if (runner === undefined) {
      const expected = `one of ${runnerNames.join(", ")}`;
      problems.push({ field: `ci.jobs.${index}.runner`, expected, found: shown(job.runner) });
    } else if (jobs.some((other) => other.name === job.name)) {
      problems.push({
        field: `ci.jobs.${index}.name`,
        expected: "a name no other job has",
        found: shown(job.name),
      });
    } else jobs.push({ ...job, runner });
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { ...written, jobs } };
}

type Line = z.infer<typeof instanceSchema>;

/** What no single field shows: fields that contradict each other. */
function contradictions(line: Line, oracle: Oracle): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (oracle === "tests" && line.test_patch.trim() === "") {
    const expected = "hidden tests, or the oracle jobs or none";
    problems.push({ field: "test_patch", expected, found: shown(line.test_patch) });
  }
  for (const [index, { id }] of line.panel.entries()) {
    if (line.panel.findIndex((other) => other.id === id) === index) continue;
    problems.push({ field: `panel.${index}.id`, expected: "an id no other member has", found: shown(id) });
  }
  return problems;
}

/**
 * The only bridge from a JSONL line to an {@link Instance}.
 * Never throws: what is wrong comes back as a list of fields, each with what was expected and found.
 */
export function parseInstance(json: unknown): Parsed<Instance> {
  const parsed = instanceSchema.safeParse(json);
  if (!parsed.success) return { ok: false, problems: fieldProblems(parsed.error, json) };
  const line = parsed.data;
  const plan: Parsed<CiPlan> =
    line.ci === undefined ? { ok: true, value: inferredPlan(line.language) } : planOf(line.ci);
  if (!plan.ok) return plan;
  const oracle = line.oracle ?? (line.test_patch.trim() === "" ? "jobs" : "tests");
  const problems = contradictions(line, oracle);
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    value: {
      instanceId: line.instance_id,
      repo: line.repo,
      ...(line.base_commit === "" ? {} : { baseCommit: line.base_commit }),
      language: line.language,
      goldPatch: line.patch,
      testPatch: line.test_patch,
      problemStatement: line.problem_statement,
      hintsText: line.hints_text ?? "",
      createdAt: line.created_at ?? "",
      failToPass: line.FAIL_TO_PASS,
      passToPass: line.PASS_TO_PASS,
      ci: plan.value,
      oracle,
      panel: line.panel,
      provenance: line.provenance,
    },
  };
}
