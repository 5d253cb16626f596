// The door for instances: every field that can be wrong is named, with what was expected and what was found.
import { describe, expect, it } from "vitest";
import {
  languages,
  type Parsed,
  parseInstance,
  runnerNamed,
  runnerNames,
  shown,
} from "../../../src/domain/instance.ts";

const job = { name: "test", run: "pytest", runner: "pytest" };
const line = {
  instance_id: "toy__toy-1",
  repo: "toy/toy",
  base_commit: "0123456789abcdef0123456789abcdef01234567",
  patch: "diff --git a/a b/a\n",
  test_patch: "diff --git a/t b/t\n",
  problem_statement: "It fails.",
  language: "python",
  ci: { image: "python", jobs: [job] },
};

function parsedOf<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const parse = (over: object) => parseInstance({ ...line, ...over });
const member = (id: string) => ({ id, label: "resolved", patch: "p" });
const withJob = (over: object) => ({ ci: { image: "python", jobs: [{ ...job, ...over }] } });

describe("parseInstance", () => {
  it("gives every optional field its value when it is left out", () => {
    expect(parsedOf(parseInstance(line))).toEqual({
      instanceId: "toy__toy-1",
      repo: "toy/toy",
      baseCommit: line.base_commit,
      language: "python",
      goldPatch: line.patch,
      testPatch: line.test_patch,
      problemStatement: "It fails.",
      hintsText: "",
      createdAt: "",
      failToPass: [],
      passToPass: [],
      ci: {
        image: "python",
        prepare: [],
        source: "written",
        jobs: [{ ...job, timeoutSeconds: 900, env: {}, tags: [] }],
      },
      oracle: "tests",
      panel: [],
      provenance: {},
    });
  });

  it("leaves the commit out for a plain folder, absent or empty", () => {
    expect(parsedOf(parse({ base_commit: "" }))).not.toHaveProperty("baseCommit");
    expect(parsedOf(parse({ base_commit: undefined }))).not.toHaveProperty("baseCommit");
  });

  it("takes null for what SWE-bench leaves null", () => {
    const row = { hints_text: null, created_at: null, version: null, environment_setup_commit: null };
    expect(parsedOf(parse(row))).toMatchObject({ hintsText: "", createdAt: "" });
  });

  it.each([
    [
      ["a", "b"],
      ["a", "b"],
    ],
    ['["a", "b::c[\\"x\\"]"]', ["a", 'b::c["x"]']],
    ["[]", []],
    ["", []],
    ["  ", []],
  ])("reads a list of test ids written as %j", (written, expected) => {
    const instance = parsedOf(parse({ FAIL_TO_PASS: written, PASS_TO_PASS: written }));
    expect([instance.failToPass, instance.passToPass]).toEqual([expected, expected]);
  });

  it("infers the oracle from the hidden tests, unless it is written down", () => {
    expect(parsedOf(parse({ test_patch: "" })).oracle).toBe("jobs");
    expect(parsedOf(parse({ test_patch: " \n" })).oracle).toBe("jobs");
    expect(parsedOf(parse({ test_patch: "", oracle: "none" })).oracle).toBe("none");
    expect(parsedOf(parse({ oracle: "jobs" })).oracle).toBe("jobs");
  });

  it.each(languages)("infers a plan that it can read itself for %s", (language) => {
    const { ci } = parsedOf(parse({ ci: undefined, language }));
    expect(ci.source).toBe("inferred");
    expect(ci.image).toBe(language);
    expect(runnerNamed(ci.jobs[0]?.runner ?? "")).toBe(ci.jobs[0]?.runner);
  });

  it("knows a runner by its other names", () => {
    expect(parsedOf(parse(withJob({ runner: "go test" }))).ci.jobs[0]?.runner).toBe("go-test");
    expect(parsedOf(parse(withJob({ runner: "cargo" }))).ci.jobs[0]?.runner).toBe("libtest");
  });

  it("takes JUnit for no runner of ours: it is a report's format, not a tool, and names those there are", () => {
    const answer = parse(withJob({ runner: "junit" }));
    expect(answer).toMatchObject({
      ok: false,
      problems: [
        { field: "ci.jobs.0.runner", expected: `one of ${runnerNames.join(", ")}`, found: '"junit"' },
      ],
    });
  });

  const bad: readonly (readonly [field: string, over: object, found: string])[] = [
    ["instance_id", { instance_id: undefined }, "nothing"],
    ["instance_id", { instance_id: "a/b" }, '"a/b"'],
    ["instance_id", { instance_id: "" }, '""'],
    ["instance_id", { instance_id: ".." }, '".."'],
    ["instance_id", { instance_id: "-rf" }, '"-rf"'],
    ["instance_id", { instance_id: "a b" }, '"a b"'],
    ["instance_id", { instance_id: 7 }, "7"],
    ["repo", { repo: "" }, '""'],
    ["base_commit", { base_commit: "main" }, '"main"'],
    ["base_commit", { base_commit: "0123ABC" }, '"0123ABC"'],
    ["patch", { patch: "" }, '""'],
    ["test_patch", { test_patch: 1 }, "1"],
    ["test_patch", { test_patch: "", oracle: "tests" }, '""'],
    ["problem_statement", { problem_statement: "" }, '""'],
    ["hints_text", { hints_text: 1 }, "1"],
    ["FAIL_TO_PASS", { FAIL_TO_PASS: "not a list" }, '"not a list"'],
    ["FAIL_TO_PASS", { FAIL_TO_PASS: '{"a": 1}' }, '"{\\"a\\": 1}"'],
    ["PASS_TO_PASS.1", { PASS_TO_PASS: ["a", 1] }, "1"],
    ["language", { language: "java" }, '"java"'],
    ["oracle", { oracle: "maybe" }, '"maybe"'],
    ["panel.0.label", { panel: [{ ...member("a"), label: "wrong" }] }, '"wrong"'],
    ["panel.0.patch", { panel: [{ ...member("a"), patch: "" }] }, '""'],
    ["panel.1.id", { panel: [member("a"), member("a")] }, '"a"'],
    ["provenance", { provenance: [] }, "[]"],
    ["ci.image", { ci: { image: "", jobs: [job] } }, '""'],
    ["ci.jobs", { ci: { image: "x", jobs: [] } }, "[]"],
    ["ci.source", { ci: { image: "x", jobs: [job], source: "guessed" } }, '"guessed"'],
    ["ci.jobs.0.name", withJob({ name: "" }), '""'],
    ["ci.jobs.0.name", withJob({ name: "a::b" }), '"a::b"'],
    ["ci.jobs.0.run", withJob({ run: "" }), '""'],
    ["ci.jobs.0.runner", withJob({ runner: "toString" }), '"toString"'],
    ["ci.jobs.0.timeoutSeconds", withJob({ timeoutSeconds: 0 }), "0"],
    ["ci.jobs.0.timeoutSeconds", withJob({ timeoutSeconds: "900" }), '"900"'],
    ["ci.jobs.0.env.A", withJob({ env: { A: 1 } }), "1"],
    ["ci.jobs.1.name", { ci: { image: "x", jobs: [job, job] } }, '"test"'],
  ];
  it.each(bad)("names %s of %j", (field, over, found) => {
    const parsed = parse(over);
    if (parsed.ok) throw new Error("expected a problem");
    const problem = parsed.problems.find((each) => each.field === field);
    expect(problem?.found).toBe(found);
    expect(problem?.expected).not.toBe("");
  });

  it("refuses fields it does not know, and says all that is wrong at once", () => {
    const parsed = parse({ surprise: 1, repo: "", language: "java" });
    if (parsed.ok) throw new Error("expected problems");
    const fields = parsed.problems.map(({ field }) => field);
    expect(fields).toEqual(expect.arrayContaining(["repo", "language", "surprise"]));
    const job = parse({
      ci: { image: "x", jobs: [{ name: "a", run: "b", runner: "exit-code", retries: 2 }] },
    });
    expect(job).toMatchObject({ problems: [{ field: "ci.jobs.0.retries", found: "2" }] });
  });

  it.each([undefined, null, 1, "x", []])("answers %j with a problem, never with an exception", (json) => {
    expect(parseInstance(json)).toMatchObject({ ok: false, problems: [{ field: "(the whole line)" }] });
  });
});

describe("runnerNamed", () => {
  it.each(["constructor", "__proto__", "hasOwnProperty", "", "Pytest"])("does not know %j", (name) => {
    expect(runnerNamed(name)).toBeUndefined();
  });
});

describe("shown", () => {
  it("keeps what is found short and on one line", () => {
    expect(shown("a\nb")).toBe('"a\\nb"');
    expect(shown("x".repeat(500))).toHaveLength(80);
    expect(shown(undefined)).toBe("nothing");
  });
});
