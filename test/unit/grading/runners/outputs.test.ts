// Guards the reading of real tools' output: crashes, false reports, empty runs and compile errors among it.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { judgePair, type TestEnd } from "../../../../src/grading/runners/compiled/phases.ts";
import { readCtest, readTargets } from "../../../../src/grading/runners/cpp/cmake.ts";
import {
  caseCommands,
  readCaseList,
  readGtest,
  readProgram,
  sourceCase,
} from "../../../../src/grading/runners/cpp/frameworks.ts";
import { readBuild, readMetadata } from "../../../../src/grading/runners/rust/cargo-json.ts";
import { readSingleTest, readTestList } from "../../../../src/grading/runners/rust/libtest-output.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/${name}`, import.meta.url), "utf8");
const exited = (code: number) => ({ kind: "exited", code }) as const;

describe("libtest's output", () => {
  it.each([
    ["passes", exited(0), "passed"],
    ["fails", exited(101), "failed"],
    ["waits", exited(0), "skipped"],
    ["panics", exited(0), "passed"],
    ["prints_results", exited(101), "failed"],
    ["aborts", { kind: "signaled", signal: 6 } as const, "broken"],
    ["exits", exited(0), "broken"],
  ])("reads the end of a test that %s", (name, outcome, kind) => {
    expect(readSingleTest(name, outcome, fixture(`libtest/${name}.txt`)).kind).toBe(kind);
  });

  it("believes neither words nor status alone", () => {
    const passing = fixture("libtest/passes.txt");
    const failing = fixture("libtest/fails.txt");
    expect(readSingleTest("passes", exited(101), passing)).toMatchObject({ kind: "broken" });
    expect(readSingleTest("fails", exited(0), failing)).toMatchObject({ kind: "broken", contradicts: true });
    expect(readSingleTest("passes", { kind: "timed-out" }, passing)).toMatchObject({ kind: "broken" });
    expect(readSingleTest("passes", exited(0), "")).toMatchObject({ kind: "broken", contradicts: false });
    const both = `test a ... ok\ntest a ... FAILED\n${passing}`;
    expect(readSingleTest("a", exited(0), both)).toMatchObject({ kind: "broken", contradicts: true });
  });

  it("takes a run without a test for no pass", () => {
    expect(readSingleTest("nothing", exited(0), fixture("libtest/no-tests.txt")).kind).toBe("broken");
  });

  it("reads a list, and refuses one with anything else in it or a name twice", () => {
    const list = fixture("libtest/list.txt");
    expect(readTestList(list)).toEqual([
      "aborts",
      "exits",
      "fails",
      "panics",
      "passes",
      "prints_results",
      "waits",
    ]);
    expect(readTestList(`hello\n${list}`)).toBeUndefined();
    expect(readTestList(`${list}fails: test\n`)).toBeUndefined();
  });
});

describe("cargo's documents", () => {
  it("finds test binaries", () => {
    const { binaries, firstError } = readBuild(fixture("libtest/build.jsonl"));
    expect(firstError).toBeUndefined();
    expect(binaries.map(({ target, isTest }) => [target.name, target.kind[0], isTest])).toEqual([
      ["sample", "lib", true],
      ["ends", "test", true],
    ]);
  });

  it("gives the first compile error in the compiler's words", () => {
    const { binaries, firstError } = readBuild(fixture("libtest/compile-error.jsonl"));
    expect(binaries).toEqual([]);
    expect(firstError).toContain("cannot divide `u32` by `&str`");
  });

  it("reads packages, and refuses what is none", () => {
    const [sample] = readMetadata(fixture("libtest/metadata.json")) ?? [];
    expect(sample).toMatchObject({ name: "sample", version: "0.2.0", folder: "/work" });
    expect(readMetadata("error: no Cargo.toml")).toBeUndefined();
  });
});

describe("ctest's and gtest's words", () => {
  const [entry] = readCtest(fixture("ctest/show-only.json"), "/work/build") ?? [];

  it("reads the list of tests and the targets", () => {
    expect(entry).toMatchObject({ name: "num", command: ["/work/build/num_test"], cwd: "/work/build" });
    const folders = { sourceFolder: "/work", buildFolder: "/work/build" };
    const [target] = readTargets(`${fixture("ctest/target.json")}\u001e`, folders);
    expect(target).toMatchObject({
      name: "num_test",
      executable: "/work/build/num_test",
      ignoresAssert: true,
    });
    expect(target?.sources).toContain("/work/tests/num_test.cpp");
    expect(target?.linked).toEqual([]);
    expect(readCtest("No tests", "/work")).toBeUndefined();
  });

  it("knows the sources of the libraries a program is linked with, however indirectly", () => {
    const target = (name: string, type: string, uses: string[], paths: string[]) => ({
      id: `${name}::@1`,
      name,
      type,
      artifacts: [{ path: name }],
      sources: paths.map((path) => ({ path })),
      dependencies: uses.map((use) => ({ id: `${use}::@1` })),
    });
    const documents = [
      target("app", "EXECUTABLE", ["helpers", "gen"], ["test/app.cc"]),
      target("helpers", "STATIC_LIBRARY", ["core"], ["test/main.cc"]),
      target("core", "SHARED_LIBRARY", ["helpers"], ["src/core.cc"]),
      target("gen", "UTILITY", [], ["gen.py"]),
    ];
    const text = documents.map((document) => JSON.stringify(document)).join("\u001e");
    const found = readTargets(text, { sourceFolder: "/work", buildFolder: "/work/build" });
    expect(found.map(({ name, linked }) => [name, linked])).toEqual([
      ["app", ["/work/test/main.cc", "/work/src/core.cc"]],
    ]);
  });

  it("lists cases and knows which source they come from", () => {
    const names = readCaseList("gtest", fixture("ctest/gtest-list.txt"));
    expect(names).toContain("Twice.DoublesPositive");
    expect(names).toContain("Few/Par.IsEven/2");
    expect(sourceCase("gtest", "Few/Par.IsEven/2")).toBe("Par.IsEven");
    expect(sourceCase("gtest", "Typed/0.Case")).toBe("Typed.Case");
  });

  it("asks a program for one case by its name, in quotes that every Catch understands", () => {
    expect(caseCommands("gtest", ["t", "-x"], "A.b")).toEqual([["t", "-x", "--gtest_filter=A.b"]]);
    expect(caseCommands("doctest", ["t", "--test-case=x"], "a, b")).toEqual([["t", "--test-case=a\\, b"]]);
    expect(caseCommands("catch2", ["t", "old", "-x"], "two words")).toEqual([["t", "-x", '"two words"']]);
    expect(caseCommands("catch2", ["t"], "a, b")).toEqual([
      ["t", '"a\\, b"'],
      ["t", '"a, b"'],
    ]);
    expect(caseCommands("catch2", ["t"], "any*")).toEqual([]);
  });

  it.each([
    ["DoublesPositive", exited(0), true, "passed"],
    ["WrongOne", exited(1), true, "failed"],
    ["Skipped", exited(0), true, "skipped"],
    ["Skipped", exited(0), false, "broken"],
    ["none", exited(0), true, "broken"],
    ["WrongOne", exited(0), true, "broken"],
    ["DoublesPositive", exited(1), true, "broken"],
  ])("reads gtest's %s with %j", (name, outcome, maySkip, kind) => {
    expect(readGtest(outcome, fixture(`ctest/gtest-${name}.txt`), maySkip).kind).toBe(kind);
  });

  it("honours the properties of an entry", () => {
    if (entry === undefined) throw new Error("no entry in the fixture");
    expect(readProgram(entry, exited(0), "").kind).toBe("passed");
    expect(readProgram({ ...entry, willFail: true }, exited(1), "").kind).toBe("passed");
    expect(readProgram({ ...entry, skipCode: 77 }, exited(77), "").kind).toBe("skipped");
    expect(readProgram({ ...entry, passPatterns: ["all good"] }, exited(3), "all good").kind).toBe("passed");
    expect(readProgram({ ...entry, failPatterns: ["bad"] }, exited(0), "bad").kind).toBe("failed");
    expect(readProgram(entry, { kind: "signaled", signal: 11 }, "").kind).toBe("broken");
  });
});

describe("judgePair", () => {
  const passed: TestEnd = { kind: "passed" };
  const failed: TestEnd = { kind: "failed" };
  const skipped: TestEnd = { kind: "skipped" };
  const crashed: TestEnd = { kind: "broken", why: "crash", contradicts: false };
  const lied: TestEnd = { kind: "broken", why: "lie", contradicts: true };

  it.each([
    ["a pass whose twin fails", passed, failed, { kind: "status", status: "passed" }],
    ["a pass whose twin crashes", passed, crashed, { kind: "status", status: "passed" }],
    ["a pass whose twin passes", passed, passed, { kind: "deaf" }],
    ["a pass whose twin is skipped", passed, skipped, { kind: "deaf" }],
    ["a pass whose twin lies", passed, lied, { kind: "forged" }],
    ["a pass whose twin never ran", passed, undefined, { kind: "missing" }],
    ["a failure whose twin passes", failed, passed, { kind: "status", status: "failed" }],
    ["a skip", skipped, skipped, { kind: "status", status: "skipped" }],
    ["a crash", crashed, crashed, { kind: "status", status: "error" }],
    ["a lie", lied, failed, { kind: "forged" }],
    ["nothing", undefined, failed, { kind: "missing" }],
  ])("judges %s", (_, real, twin, verdict) => {
    const pair = { hasTwin: true, ...(real && { real }), ...(twin && { twin }) };
    expect(judgePair(pair)).toMatchObject(verdict);
  });

  it("takes a test without a twin as it is", () => {
    expect(judgePair({ hasTwin: false, real: passed })).toEqual({
      kind: "status",
      status: "passed",
    });
  });
});
