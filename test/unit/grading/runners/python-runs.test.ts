// The Python and exit-code runners on small trees in a real sandbox: the ways in which honest runs end.
import { describe, expect, it } from "vitest";
import type { SandboxProvider } from "../../../../sandboxes/index.ts";
import type { JobReport } from "../../../../src/domain/report.ts";
import { exitCode } from "../../../../src/grading/runners/exit-code.ts";
import { pytest } from "../../../../src/grading/runners/pytest.ts";
import { unittest } from "../../../../src/grading/runners/unittest.ts";
import { driveFiles } from "../../../support/drive.ts";
import { engineProvider } from "../../../support/engine.ts";

const provider = await engineProvider(["python"]);
type Files = Readonly<Record<string, string>>;

function sandboxes(): SandboxProvider {
  if (provider === undefined) throw new Error("no engine: this test must be skipped");
  return provider;
}

const statuses = (report: JobReport): Record<string, string> =>
  Object.fromEntries(report.checks.map(({ id, status }) => [id.slice("test::".length), status]));
const kinds = (report: JobReport): string[] => report.incidents.map(({ kind }) => kind);

async function runPytest(files: Files, run = "python3 -m pytest -q", timeoutMs = 120_000) {
  return driveFiles({ provider: sandboxes(), runner: pytest, language: "python", run, files, timeoutMs });
}

async function runUnittest(files: Files, run = "python3 -m unittest discover -s tests -t .") {
  return driveFiles({ provider: sandboxes(), runner: unittest, language: "python", run, files });
}

const mixed = `import pytest


@pytest.fixture
def broken():
    raise RuntimeError("no fixture")


def test_passes():
    assert 1 + 1 == 2


def test_fails():
    assert 1 + 1 == 3


def test_needs_fixture(broken):
    assert True


@pytest.mark.skip(reason="later")
def test_skips():
    assert False


@pytest.mark.xfail
def test_expected_failure():
    assert False


@pytest.mark.xfail(strict=True)
def test_unexpected_pass():
    assert True


@pytest.mark.parametrize("text, size", [("a", 1), ("bb", 2), ("c", 2)])
def test_sizes(text, size):
    assert len(text) == size


class TestGroup:
    def test_in_class(self):
        assert "a" in "abc"
`;

describe.skipIf(provider === undefined)("pytest", () => {
  it("takes away the folders of a cache together with its files, and none that was there before", async () => {
    const { report } = await runPytest(
      {
        "tests/test_cache.py": `import os

cache = os.path.expanduser("~/.cache/wheels/unpacked")


def unpacked():
    if not os.path.isdir(cache):
        os.makedirs(cache)
        open(os.path.join(cache, "wheel"), "w").close()
    return os.listdir(cache)


${["one", "two", "three", "four", "five", "six"]
  .map(
    (name) => `
def test_cache_${name}():
    assert unpacked() == ["wheel"]


def test_scratch_${name}():
    open("scratch/note", "w").close()
    assert os.path.exists("scratch/note")
`,
  )
  .join("\n")}`,
      },
      "mkdir -p scratch && python3 -m pytest -q",
    );
    expect(new Set(Object.values(statuses(report)))).toEqual(new Set(["passed"]));
  });

  it("gives every test its status, leaves no trace of twins and canaries", async () => {
    const { report, exchanges } = await runPytest({ "tests/test_mixed.py": mixed });
    expect(statuses(report)).toEqual({
      "tests/test_mixed.py::test_passes": "passed",
      "tests/test_mixed.py::test_fails": "failed",
      "tests/test_mixed.py::test_needs_fixture": "error",
      "tests/test_mixed.py::test_skips": "skipped",
      "tests/test_mixed.py::test_expected_failure": "skipped",
      "tests/test_mixed.py::test_unexpected_pass": "failed",
      "tests/test_mixed.py::test_sizes[a-1]": "passed",
      "tests/test_mixed.py::test_sizes[bb-2]": "passed",
      "tests/test_mixed.py::test_sizes[c-2]": "failed",
      "tests/test_mixed.py::TestGroup::test_in_class": "passed",
    });
    expect(report).toMatchObject({ trust: "canaried", incidents: [] });
    expect(report.forged).toBeUndefined();
    const written = exchanges.flatMap(({ step }) => (step.kind === "write" ? [step.content] : []));
    expect(written.at(-1)).toBe(mixed);
  });

  it("leaves files below a test folder alone that pytest does not collect", async () => {
    const resource = "def test(session):\n    assert session == 1\n";
    const reader = [
      "from pathlib import Path",
      "",
      "",
      "def test_resource_is_untouched():",
      "    text = (Path(__file__).parent / 'resources' / 'sample.py').read_text()",
      `    assert text == ${JSON.stringify(resource)}`,
      "",
    ].join("\n");
    const { report } = await runPytest({
      "tests/resources/sample.py": resource,
      "tests/test_reader.py": reader,
    });
    expect(report.forged).toBeUndefined();
    expect(statuses(report)).toEqual({ "tests/test_reader.py::test_resource_is_untouched": "passed" });
  });

  it("keeps the tests of other files when one cannot be loaded", async () => {
    const { report } = await runPytest({
      "tests/test_good.py": "def test_good():\n    assert [1] == [1]\n",
      "tests/test_bad.py": "import nowhere\n\n\ndef test_bad():\n    pass\n",
    });
    expect(statuses(report)).toEqual({ "tests/test_good.py::test_good": "passed" });
    expect(kinds(report)).toContain("build-failed");
    expect(report.forged).toBeUndefined();
  });

  it("never takes a tree without tests for a success", async () => {
    const { report } = await runPytest({ "app.py": "x = 1\n" });
    expect(report.checks).toEqual([]);
    expect(kinds(report)).toEqual(["no-tests"]);
  });

  it("believes nothing of a process that crashes half-way, and forges nobody's name", async () => {
    const crash = "import os\n\n\ndef test_a():\n    assert 1 == 1\n\n\ndef test_b():\n    os.abort()\n";
    const { report } = await runPytest({ "tests/test_crash.py": crash });
    expect(Object.values(statuses(report))).not.toContain("failed");
    expect(statuses(report)["tests/test_crash.py::test_b"]).not.toBe("passed");
    expect(kinds(report)).toContain("crashed");
    expect(report.forged).toBeUndefined();
  });

  it("says what a step before the tests said when it failed", async () => {
    const { report } = await runPytest(
      { "tests/test_a.py": "def test_a():\n    assert True\n" },
      "python3 -c 'import nowhere' && python3 -m pytest -q",
    );
    expect(report).toMatchObject({ checks: [], incidents: [{ kind: "build-failed" }] });
    expect(report.incidents[0]?.detail).toContain("No module named 'nowhere'");
  });

  it("says that time was up", async () => {
    const slow = "import time\n\n\ndef test_slow():\n    time.sleep(600)\n";
    const { report } = await runPytest({ "tests/test_slow.py": slow }, "pytest", 15_000);
    expect(report.checks.filter(({ status }) => status === "passed")).toEqual([]);
    expect(kinds(report)).toContain("timed-out");
  });

  it("does not stop at the first failure, whatever the configuration says", async () => {
    const { report } = await runPytest({
      "pytest.ini": "[pytest]\naddopts = -x\n",
      "tests/test_two.py": "def test_a():\n    assert 1 == 2\n\n\ndef test_b():\n    assert 2 == 2\n",
    });
    expect(statuses(report)).toMatchObject({
      "tests/test_two.py::test_a": "failed",
      "tests/test_two.py::test_b": "passed",
    });
  });

  it("reads a selection of tests", async () => {
    const { report } = await runPytest(
      { "tests/test_mixed.py": mixed },
      "pytest tests/test_mixed.py::test_passes",
    );
    expect(statuses(report)).toEqual({ "tests/test_mixed.py::test_passes": "passed" });
    expect(report.forged).toBeUndefined();
  });

  it("is not misled by modules of the tree that are named like the standard library's", async () => {
    const { report } = await runPytest({
      "json.py": "raise RuntimeError('shadow')\n",
      "tests/test_one.py": "def test_one():\n    assert 'a'.upper() == 'A'\n",
    });
    expect(statuses(report)).toEqual({ "tests/test_one.py::test_one": "passed" });
  });
});

const cases = `import unittest
from unittest import TestCase


class Base:
    def test_inherited(self):
        self.assertEqual(self.value, 1)


class CaseTest(Base, TestCase):
    value = 1

    def test_passes(self):
        self.assertEqual("a".upper(), "A")

    def test_fails_in_subtest(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertLess(number, 2)

    @unittest.skip("later")
    def test_skips(self):
        self.fail("never")

    @unittest.expectedFailure
    def test_expected(self):
        self.fail("as expected")

    def test_error(self):
        raise KeyError("gone")


class BrokenSetUp(TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("no class")

    def test_never_runs(self):
        self.assertTrue(True)
`;

describe.skipIf(provider === undefined)("unittest", () => {
  it("gives every test its status", async () => {
    const { report } = await runUnittest({
      "tests/__init__.py": "",
      "tests/test_case.py": cases,
      "tests/test_bad.py": "this is no Python\n",
    });
    expect(statuses(report)).toEqual({
      "tests.test_case.CaseTest.test_inherited": "passed",
      "tests.test_case.CaseTest.test_passes": "passed",
      "tests.test_case.CaseTest.test_fails_in_subtest": "failed",
      "tests.test_case.CaseTest.test_skips": "skipped",
      "tests.test_case.CaseTest.test_expected": "skipped",
      "tests.test_case.CaseTest.test_error": "error",
    });
    expect(report.checks.find(({ id }) => id.endsWith("test_passes"))?.file).toBe("tests/test_case.py");
    expect(kinds(report)).toContain("build-failed");
    expect(report.forged).toBeUndefined();
  });

  it("never takes a tree without tests for a success", async () => {
    const { report } = await runUnittest({ "tests/__init__.py": "" });
    expect(report.checks).toEqual([]);
    expect(kinds(report)).toEqual(["no-tests"]);
  });
});

describe.skipIf(provider === undefined)("exit status only", () => {
  const run = (command: string, tags: readonly string[] = []) =>
    driveFiles({ provider: sandboxes(), runner: exitCode, language: "python", run: command, tags });

  it.each([
    ["true", "passed"],
    ["false; true", "failed"],
    ["kill -9 $$", "error"],
  ])("of %s is %s", async (command, status) => {
    const { report } = await run(command);
    expect(report).toMatchObject({ trust: "weak", checks: [{ id: "test::(job)", status }] });
    expect(report.incidents).toHaveLength(status === "error" ? 1 : 0);
  });

  it("marks a lint job's check", async () => {
    const { report } = await run("true", ["lint"]);
    expect(report.checks).toEqual([{ id: "test::(job)", status: "passed", lint: true }]);
  });

  it("is what a command that cannot be taken apart falls back to, and says so", async () => {
    const { report } = await runPytest({ "a.py": "" }, "python3 a.py; true");
    expect(report).toMatchObject({ trust: "weak", checks: [{ id: "test::(job)", status: "passed" }] });
    expect(report.notes?.[0]).toContain("exit status");
  });
});
