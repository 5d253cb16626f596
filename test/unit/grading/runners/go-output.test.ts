// What test binaries really printed, honest and hostile, and what is believed of it.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ExecOutcome, ExecStepResult } from "../../../../src/grading/program.ts";
import { readPackage } from "../../../../src/grading/runners/go/output.ts";
import { readPackages, readVet } from "../../../../src/grading/runners/go/packages.ts";

const printed = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/go/${name}.txt`, import.meta.url), "utf8");
const ended = (stdout: string, outcome: ExecOutcome, stderr = ""): ExecStepResult => ({
  kind: "exec",
  outcome,
  stdout,
  stderr,
  stdoutBytes: stdout.length,
  stderrBytes: stderr.length,
  truncated: false,
  wallMs: 1,
});
const exited = (stdout: string, code: number) =>
  readPackage("first", "example.com/p", ended(stdout, { kind: "exited", code }));

describe("output of a Go test binary", () => {
  it("gives every test and subtest its status", () => {
    const found = exited(printed("mixed"), 1);
    expect(Object.fromEntries(found.tests)).toEqual({
      TestPasses: "passed",
      TestFailsInSub: "failed",
      "TestFailsInSub/good": "passed",
      "TestFailsInSub/bad_one": "failed",
      TestSkips: "skipped",
      TestPrintsWithoutNewline: "passed",
      Example: "passed",
    });
    expect(found).toMatchObject({ complete: true, succeeded: false, incidents: [] });
    expect(found.forged).toBeUndefined();
  });

  it("keeps what ran before a panic, and says that it crashed", () => {
    const found = exited(printed("panic"), 2);
    expect(Object.fromEntries(found.tests)).toEqual({ TestBefore: "passed", TestPanics: "failed" });
    expect(found).toMatchObject({ complete: false, incidents: [{ kind: "crashed" }] });
  });

  it("counts a test that was cut off as an error, and says that time was up", () => {
    const outcome: ExecOutcome = { kind: "timed-out" };
    const found = readPackage("first", "example.com/p", ended(printed("slow"), outcome));
    expect(Object.fromEntries(found.tests)).toEqual({ TestQuick: "passed", TestEndless: "error" });
    expect(found).toMatchObject({ complete: false, incidents: [{ kind: "timed-out" }] });
  });

  it("does not take os.Exit(0) in a test for an end", () => {
    expect(exited(printed("exit0"), 2)).toMatchObject({ complete: false, incidents: [{ kind: "crashed" }] });
    expect(exited("", 0)).toMatchObject({ complete: false, incidents: [{ kind: "crashed" }] });
  });

  it("has no tests where there are none", () => {
    const found = exited(printed("empty"), 0);
    expect(found.tests.size).toBe(0);
    expect(found).toMatchObject({ complete: true, succeeded: true });
  });

  it.each([
    ["a test that printed a result of its own", printed("hostile"), 1],
    ["success beside a failed test", printed("mixed"), 0],
    ["a verdict PASS beside a failed test", printed("mixed").replace("\u0016FAIL", "\u0016PASS"), 1],
    ["two verdicts", `${printed("mixed")}\u0016FAIL\n`, 1],
    ["a result of a test that was not started", `\u0016--- PASS: TestA (0.00s)\n\u0016PASS\n`, 0],
    ["a result after the verdict", "\u0016=== RUN   TestA\n\u0016PASS\n\u0016--- PASS: TestA (0.00s)\n", 0],
    [
      "the verdict FAIL with status 0",
      "\u0016=== RUN   TestA\n\u0016--- PASS: TestA (0.00s)\n\u0016FAIL\n",
      0,
    ],
  ])("calls %s forged", (_, stdout, code) => {
    expect(exited(stdout, code).forged).toBeTypeOf("string");
  });
});

describe("go list and go vet", () => {
  it("takes packages of the repository that have test files", () => {
    const text = `{\n"Dir": "/work/a", "ImportPath": "m/a", "TestGoFiles": ["a_test.go"], "XTestGoFiles": ["b_test.go"]\n}\n{\n"Dir": "/work", "ImportPath": "m"\n}\n{\n"Dir": "/deps/go/x", "ImportPath": "x", "TestGoFiles": ["x_test.go"]\n}\n`;
    expect(readPackages(text)).toEqual([
      { importPath: "m/a", folder: "/work/a", testFiles: ["a/a_test.go", "a/b_test.go"] },
    ]);
  });

  it("names the packages vet objects to, and leaves compile errors to the compiler", () => {
    const text = `# m/a\n# [m/a]\na/a.go:3:5: fmt.Printf format %d has arg "x" of wrong type string\n# m/b\nvet: b/b.go:1:1: undefined: x\n`;
    expect([...readVet(text).keys()]).toEqual(["m/a"]);
  });
});
