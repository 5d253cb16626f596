// Command lines that are taken apart, and those that are not: never silently.
import { describe, expect, it } from "vitest";
import { readGoTest } from "../../../../src/grading/runners/go/command.ts";
import { readPythonTests } from "../../../../src/grading/runners/python/command.ts";

describe("go test", () => {
  it("keeps build flags, packages and selection", () => {
    expect(
      readGoTest("go test -race -tags 'a b' -run=TestX -short -v -count=1 -timeout 10m ./... ./x"),
    ).toMatchObject({
      buildArguments: ["-race", "-tags=a b"],
      packages: ["./...", "./x"],
      pattern: "TestX",
      testArguments: ["-test.short"],
      vet: true,
    });
  });

  it("runs what comes before, where it was to run", () => {
    expect(readGoTest("cd sub && go build ./... && CGO_ENABLED=0 go test -vet=off")).toMatchObject({
      before: [{ argv: ["go", "build", "./..."], folder: "sub" }],
      env: { CGO_ENABLED: "0" },
      folder: "sub",
      packages: ["."],
      vet: false,
    });
  });

  it.each([
    "go test ./... | tee log",
    "make test",
    "go vet ./...",
    "go test -bench=. ./...",
    "go test -exec sudo ./...",
    "go test -run TestA/sub ./...",
    "go test ./... -args -x",
    "cd .. && go test ./...",
  ])("does not take apart: %s", (run) => {
    expect(readGoTest(run)).toBeTypeOf("string");
  });
});

describe("pytest and unittest", () => {
  it("keeps the person's arguments and drops those that hide results", () => {
    const run =
      "PYTHONPATH=src python3 -W error -m pytest -x -q --maxfail=1 -n 4 --cov=pkg --junitxml out.xml tests/a.py";
    expect(readPythonTests(run, "pytest")).toMatchObject({
      env: { PYTHONPATH: "src" },
      interpreter: "python3",
      interpreterArguments: ["-W", "error"],
      asModule: true,
      testArguments: ["-q", "tests/a.py"],
      selects: false,
    });
  });

  it("knows when single tests are chosen", () => {
    expect(readPythonTests("pytest -k name", "pytest")).toMatchObject({ asModule: false, selects: true });
    expect(readPythonTests("pytest tests/a.py::test_b", "pytest")).toMatchObject({ selects: true });
    expect(readPythonTests("python -m unittest tests.test_a.CaseB.test_c", "unittest")).toMatchObject({
      selects: true,
    });
    expect(readPythonTests("python -m unittest -f discover -s tests", "unittest")).toMatchObject({
      testArguments: ["discover", "-s", "tests"],
      selects: false,
    });
  });

  it.each([
    ["pytest", "tox -e py"],
    ["pytest", "pytest tests/*.py"],
    ["pytest", "pytest; true"],
    ["pytest", "python3 -c 'import pytest' -m pytest"],
    ["pytest", "./run pytest"],
    ["unittest", "python3 -m pytest"],
  ] as const)("as %s does not take apart: %s", (tool, run) => {
    expect(readPythonTests(run, tool)).toBeTypeOf("string");
  });
});
