// Varied runs in real sandboxes, language by language: what depends on order, hash seed, clock or load shows it, and nothing else does.
import { availableParallelism } from "node:os";
import { afterAll, describe, expect, it } from "vitest";
import { defaultLimits } from "../../sandboxes/index.ts";
import { Judging } from "../../src/arena/judging.ts";
import { slots } from "../../src/arena/slots.ts";
import type { Language } from "../../src/domain/instance.ts";
import { checksById } from "../../src/domain/report.ts";
import { type RunVariation, runnerFor } from "../../src/grading/index.ts";
import { type TestCase, testCase } from "../support/arena-case.ts";
import { type EngineForTests, engineForTests, testCacheFolder } from "../support/engine.ts";

const engine = await engineForTests(["python", "go", "rust", "cpp"]);
const opened: TestCase[] = [];
afterAll(async () => {
  for (const each of opened) await each[Symbol.asyncDispose]();
});

interface Sample {
  readonly language: Language;
  readonly files: Readonly<Record<string, string>>;
  /** Checks that depend on order and on the clock: the first fails after another test, the second before 2001 alone passes. */
  readonly order: string;
  readonly clock?: string;
  readonly notVaried: readonly string[];
}

const python = `import datetime
import os

ran = []


def test_alone():
    assert len(ran) == 0


def test_other():
    ran.append(1)
    assert len(ran) == 1


def test_date():
    assert datetime.date.today().year == 2000


def test_zero_seed():
    assert os.environ["PYTHONHASHSEED"] == "0"
`;

const go = `package a

import (
	"runtime"
	"testing"
)

var ran int

func TestAlone(t *testing.T) {
	if ran != 0 {
		t.Fatal("another ran before")
	}
}

func TestOther(t *testing.T) {
	ran = Add(ran, 1)
	if ran != 1 || runtime.NumGoroutine() < 1 {
		t.Fatal("odd")
	}
}
`;

const rust = `use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

#[test]
fn alone() {
    assert!(!Path::new("/tmp/ran").exists());
}

#[test]
fn other() {
    std::fs::write("/tmp/ran", "1").unwrap();
    assert_eq!(a::add(1, 1), 2);
}

#[test]
fn date() {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert!(seconds < 1_000_000_000);
}
`;

const cppMain = (body: string): string =>
  `#include <cassert>\n#include <cstdlib>\n#include <ctime>\n#include <fstream>\n#include <unistd.h>\nint main() {\n${body}\n  return 0;\n}\n`;

const cppFiles = {
  "CMakeLists.txt": `cmake_minimum_required(VERSION 3.13)
project(a CXX)
enable_testing()
foreach(name alone other date)
  add_executable(\${name} tests/test_\${name}.cpp)
  add_test(NAME \${name} COMMAND \${name})
endforeach()
`,
  "tests/test_alone.cpp": cppMain('  assert(access("/tmp/ran", F_OK) != 0);'),
  "tests/test_other.cpp": cppMain(
    '  std::ofstream("/tmp/ran") << 1;\n  assert(access("/tmp/ran", F_OK) == 0);',
  ),
  "tests/test_date.cpp": cppMain("  assert(time(nullptr) < 1000000000);"),
};

const samples: readonly Sample[] = [
  {
    language: "python",
    files: { "a.py": "", "tests/test_a.py": python },
    order: "test::tests/test_a.py::test_alone",
    clock: "test::tests/test_a.py::test_date",
    notVaried: [],
  },
  {
    language: "go",
    files: {
      "go.mod": "module example.org/a\n\ngo 1.19\n",
      "a.go": "package a\n\nfunc Add(x, y int) int {\n\treturn x + y\n}\n",
      "a_test.go": go,
    },
    order: "test::example.org/a::TestAlone",
    notVaried: ["clock: Go programs ask the kernel for the time"],
  },
  {
    language: "rust",
    files: {
      "Cargo.toml": '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n',
      "src/lib.rs": "pub fn add(x: i32, y: i32) -> i32 {\n    x + y\n}\n",
      "tests/all.rs": rust,
    },
    order: "test::a/test/all::alone",
    clock: "test::a/test/all::date",
    notVaried: [],
  },
  { language: "cpp", files: cppFiles, order: "test::alone", clock: "test::date", notVaried: [] },
];

function judgingOn({ provider }: EngineForTests): Judging {
  return new Judging({
    ...{ sandboxes: provider, cache: testCacheFolder, limits: defaultLimits, run: "varied-runs", seed: "s" },
    ...{ now: Date.now, signal: new AbortController().signal, slots: slots(availableParallelism()) },
    runnerFor: (job) => runnerFor(job.runner),
  });
}

const year2000 = () => Math.round(Date.UTC(2000, 5, 1) / 1000 - Date.now() / 1000);

describe("varied runs [engine]", () => {
  it.for(samples)("of $language", async ({ language, files, order, clock, notVaried }, { skip }) => {
    if (engine === undefined) return skip("no container engine can be had here");
    const made = await testCase({ language, base: files, gold: { "README.md": "x\n" } });
    opened.push(made);
    const judging = judgingOn(engine);
    let repeat = 0;
    const run = async (variation: RunVariation) => {
      repeat += 1;
      const state = { name: "B", tree: made.of.baseTree, comparison: "single", withLint: true } as const;
      const done = await judging.run(made.of, { ...state, repeat, variation });
      return { ...done.varied, report: done.report, statuses: checksById(done.report) };
    };
    const statusOf = async (variation: RunVariation, id: string) => {
      const { statuses, report } = await run(variation);
      return statuses.get(id)?.status ?? JSON.stringify(report);
    };
    const plain = await run({});
    expect(plain.notVaried).toEqual([]);
    expect(plain.resources?.cpuSeconds).toBeGreaterThan(0);
    expect(plain.resources?.peakBytes).toBeGreaterThan(1_000_000);
    // Tests run in their own order where none is drawn: there the same comes out each time.
    const seeds = ["1", "2", "3", "4", "5"];
    const drawn = new Set<string>();
    for (const orderSeed of seeds) {
      drawn.add(await statusOf({ orderSeed }, order));
      if (drawn.size > 1) break;
    }
    expect(drawn).toEqual(new Set(["passed", "failed"]));
    const all = await run({ orderSeed: "1", load: 2, clockOffsetSeconds: year2000() });
    expect(all.notVaried).toEqual(notVaried);
    if (clock !== undefined) {
      expect(plain.statuses.get(clock)?.status).toBe("failed");
      expect(all.statuses.get(clock)?.status, JSON.stringify(all.report)).toBe("passed");
    }
    if (language !== "python") return;
    const seeded = "test::tests/test_a.py::test_zero_seed";
    expect(plain.statuses.get(seeded)?.status).toBe("passed");
    expect(all.statuses.get(seeded)?.status).toBe("failed");
  });
});
