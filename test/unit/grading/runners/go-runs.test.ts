// The Go runner on small trees in a real sandbox: the ways in which honest runs end.
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { SandboxProvider } from "../../../../sandboxes/index.ts";
import type { JobReport } from "../../../../src/domain/report.ts";
import { goTest } from "../../../../src/grading/runners/go-test.ts";
import { driveFiles, warmLayer } from "../../../support/drive.ts";
import { engineProvider } from "../../../support/engine.ts";

const provider = await engineProvider(["go"]);
const folder = fileURLToPath(new URL("../../../security/repos/go-tally", import.meta.url));
// The standard library is compiled and vetted once, not once a test.
const below =
  provider === undefined
    ? []
    : [await warmLayer({ provider, runner: goTest, language: "go", run: "go test ./...", folder })];

function sandboxes(): SandboxProvider {
  if (provider === undefined) throw new Error("no engine: this test must be skipped");
  return provider;
}

const module = "module example.com/m\n\ngo 1.21\n";
const run = (files: Readonly<Record<string, string>>, command = "go test ./...", timeoutMs = 120_000) =>
  driveFiles({
    provider: sandboxes(),
    runner: goTest,
    language: "go",
    run: command,
    files: { "go.mod": module, ...files },
    below,
    timeoutMs,
  });
const statuses = (report: JobReport): Record<string, string> =>
  Object.fromEntries(report.checks.map(({ id, status }) => [id.slice("test::example.com/m".length), status]));
const kinds = (report: JobReport): string[] => report.incidents.map(({ kind }) => kind);

const passing = `package a

import "testing"

func TestGood(t *testing.T) {
	if got := 1 + 1; got != 2 {
		t.Errorf("got %d", got)
	}
}
`;

describe.skipIf(provider === undefined)("go test", () => {
  it("gives tests, subtests and examples their status, leaves no trace of twins and canaries", async () => {
    const text = `package a

import (
	"fmt"
	"testing"
)

func TestTable(t *testing.T) {
	for _, c := range []struct{ in, want int }{{1, 1}, {2, 3}} {
		t.Run(fmt.Sprint(c.in), func(t *testing.T) {
			if c.in != c.want {
				t.Errorf("%d", c.in)
			}
		})
	}
}

func TestSkips(t *testing.T) {
	t.Skip("later")
}

func Example_good() {
	fmt.Println("good")
	// Output: good
}

func Example_bad() {
	fmt.Println("bad")
	// Output: good
}

func Example_notRun() {
	fmt.Println("no output is expected")
}

func FuzzSeeds(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(t *testing.T, in int) {})
}
`;
    const { report, exchanges } = await run({ "a/a_test.go": passing, "a/b_test.go": text });
    expect(statuses(report)).toEqual({
      "/a::TestGood": "passed",
      "/a::TestTable": "failed",
      "/a::TestTable/1": "passed",
      "/a::TestTable/2": "failed",
      "/a::TestSkips": "skipped",
      "/a::Example_good": "passed",
      "/a::Example_bad": "failed",
      "/a::FuzzSeeds": "passed",
      "/a::FuzzSeeds/seed#0": "passed",
    });
    expect(report).toMatchObject({ trust: "canaried", incidents: [] });
    expect(report.forged).toBeUndefined();
    const written = exchanges.flatMap(({ step }) => (step.kind === "write" ? [step.content] : []));
    expect(written.slice(-2)).toEqual([passing, text]);
  });

  it("keeps the packages that build when another does not", async () => {
    const { report } = await run({
      "a/a_test.go": passing,
      "b/b.go": 'package b\n\nfunc broken() int { return "" }\n',
      "b/b_test.go": passing.replace("package a", "package b"),
    });
    expect(statuses(report)).toEqual({ "/a::TestGood": "passed" });
    expect(kinds(report)).toContain("build-failed");
    expect(report.forged).toBeUndefined();
  });

  it("counts what vet objects to as not built, as go test does", async () => {
    const loose = passing.replace('t.Errorf("got %d", got)', 't.Errorf("got %s", got)');
    const { report } = await run({ "a/a_test.go": loose });
    expect(report.checks).toEqual([]);
    expect(report.incidents).toMatchObject([
      { kind: "build-failed", detail: expect.stringContaining("go vet") },
    ]);
    const lenient = await run({ "a/a_test.go": loose }, "go test -vet=off ./...");
    expect(statuses(lenient.report)).toEqual({ "/a::TestGood": "passed" });
  });

  it("never takes a tree without tests for a success", async () => {
    const { report } = await run({ "a/a.go": "package a\n" });
    expect(report.checks).toEqual([]);
    expect(kinds(report)).toEqual(["no-tests"]);
  });

  it("says that time was up, and forges nobody's name", async () => {
    const text = `${passing}\nfunc TestAsleep(t *testing.T) {\n\ttime.Sleep(time.Hour)\n}\n`.replace(
      'import "testing"',
      'import (\n\t"testing"\n\t"time"\n)',
    );
    const { report } = await run({ "a/a_test.go": text }, "go test ./...", 25_000);
    expect(statuses(report)["/a::TestAsleep"]).not.toBe("passed");
    expect(kinds(report)).toContain("timed-out");
    expect(report.forged).toBeUndefined();
  });

  it("loses the tests after a panic, and forges nobody's name", async () => {
    const panics = `${passing}\nfunc TestPanics(t *testing.T) {\n\tpanic("no")\n}\n\nfunc TestLast(t *testing.T) {}\n`;
    const { report } = await run({ "a/a_test.go": panics });
    expect(statuses(report)["/a::TestPanics"]).toBe("failed");
    expect(statuses(report)).not.toHaveProperty("/a::TestLast");
    expect(kinds(report)).toContain("crashed");
    expect(report.forged).toBeUndefined();
  });

  it("takes a main function of tests that leaves at once for what it is", async () => {
    const main = `${passing}\nfunc TestMain(m *testing.M) {\n\tprintln("no database")\n}\n`;
    const { report } = await run({ "a/a_test.go": main });
    expect(report.checks).toEqual([]);
    expect(report.forged).toBeUndefined();
  });

  it("reads a selection of tests", async () => {
    const two = `${passing}\nfunc TestOther(t *testing.T) {}\n`;
    const { report } = await run({ "a/a_test.go": two }, "go test -run 'Other$' ./...");
    expect(statuses(report)).toEqual({ "/a::TestOther": "passed" });
    expect(report.forged).toBeUndefined();
  });
});
