// What a Python test process said over its pipe, honest and hostile.
import { describe, expect, it } from "vitest";
import type { ExecOutcome, ExecStepResult } from "../../../../src/grading/program.ts";
import { readPhase } from "../../../../src/grading/runners/python/records.ts";

const mark = "4f1c";
const lines = (...records: readonly object[]): string =>
  records.map((record, at) => `${mark} ${at + 1} ${JSON.stringify(record)}\n`).join("");
const test = (id: string, status = "passed") => ({ kind: "test", id, file: "t.py", status });
const begin = { kind: "begin" };
const end = { kind: "end", code: 1, folder: "/work" };
const exited = (code: number): ExecOutcome => ({ kind: "exited", code });

function read(stdout: string, outcome: ExecOutcome = exited(1)) {
  const result: ExecStepResult = {
    kind: "exec",
    outcome,
    stdout,
    stderr: "the last words",
    stdoutBytes: 0,
    stderrBytes: 0,
    truncated: false,
    wallMs: 1,
  };
  return readPhase("first", result, mark);
}

describe("records of a Python phase", () => {
  it("give each test its status once the process has come to its end", () => {
    const found = read(lines(begin, test("a"), test("b", "failed"), end));
    expect(Object.fromEntries(found.tests)).toEqual({ a: "passed", b: "failed" });
    expect(found).toMatchObject({ complete: true, succeeded: false, incidents: [] });
    expect(found.forged).toBeUndefined();
  });

  it("leave alone what stands before the first record", () => {
    expect(read(`site speaks\n${lines(begin, test("a"), end)}`).tests.size).toBe(1);
  });

  it.each([
    ["exited", exited(0), "crashed"],
    ["signaled", { kind: "signaled", signal: 11 } as const, "crashed"],
    ["timed out", { kind: "timed-out" } as const, "timed-out"],
    ["out of memory", { kind: "out-of-memory" } as const, "out-of-memory"],
  ])("that stop half-way (%s) are incomplete", (_, outcome, kind) => {
    const found = read(`${lines(begin, test("a"))}${mark} 3 {"kind":"te`, outcome);
    expect(found).toMatchObject({ complete: false, incidents: [{ kind }] });
    expect(found.tests.get("a")).toBe("passed");
    expect(found.forged).toBeUndefined();
  });

  it("name the file that could not be loaded", () => {
    const found = read(
      lines(begin, { kind: "uncollected", id: "tests/test_a.py", text: "SyntaxError" }, end),
    );
    expect(found.incidents).toEqual([
      { kind: "build-failed", detail: "tests/test_a.py could not be loaded: SyntaxError" },
    ]);
  });

  it.each([
    [
      "a foreign line between records",
      `${lines(begin)}10 passed in 0.1s\n${lines(begin, test("a")).slice(0)}`,
      exited(1),
    ],
    [
      "a number that was used",
      `${lines(begin, test("a"))}${mark} 2 ${JSON.stringify(test("b"))}\n`,
      exited(1),
    ],
    ["a result given twice", lines(begin, test("a", "failed"), test("a"), end), exited(1)],
    ["a result after the end", lines(begin, end, test("a")), exited(1)],
    ["another status than announced", lines(begin, test("a"), end), exited(0)],
    ["a replaced function", lines(begin, { kind: "tampered", text: "TestCase.fail" }, end), exited(1)],
    ["a record of another shape", lines(begin, { ...test("a"), more: 1 }, end), exited(1)],
  ])("hold %s: forged", (_, stdout, outcome) => {
    expect(read(stdout, outcome).forged).toBeTypeOf("string");
  });
});
