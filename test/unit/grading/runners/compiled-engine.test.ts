// The Rust and C++ runners on real trees in real sandboxes: every way a test or a build can end, honest ones above all.
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { SandboxProvider } from "../../../../sandboxes/index.ts";
import type { JobReport } from "../../../../src/domain/report.ts";
import { ctest } from "../../../../src/grading/runners/ctest.ts";
import { libtest } from "../../../../src/grading/runners/libtest.ts";
import { driveFiles } from "../../../support/drive.ts";
import { engineProvider } from "../../../support/engine.ts";

const provider = await engineProvider(["rust", "cpp"]);
const held: { provider?: SandboxProvider } = {};
beforeAll(() => {
  if (provider !== undefined) held.provider = provider;
});

const smoke = (name: string): string =>
  fileURLToPath(new URL(`../../../../issues/smoke/1/repos/${name}`, import.meta.url));

interface Tree {
  readonly folder?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly timeoutMs?: number;
}

async function judged(
  language: "rust" | "cpp",
  { folder, files = {}, run, timeoutMs = 120_000 }: Tree,
): Promise<JobReport> {
  if (held.provider === undefined) throw new Error("no sandbox provider");
  const usual =
    language === "rust"
      ? "cargo test --offline"
      : "cmake -S . -B build -G Ninja && cmake --build build && ctest --test-dir build";
  const { report } = await driveFiles({
    provider: held.provider,
    runner: language === "rust" ? libtest : ctest,
    language,
    run: run ?? usual,
    files,
    timeoutMs,
    ...(folder === undefined ? {} : { folder }),
  });
  return report;
}

const statuses = (report: JobReport): Record<string, string> =>
  Object.fromEntries(report.checks.map(({ id, status }) => [id.split("::").at(-1) ?? id, status]));

const crate = {
  "Cargo.toml": '[package]\nname = "sample"\nversion = "0.1.0"\nedition = "2021"\n',
  "src/lib.rs": "pub fn half(x: u32) -> u32 { x / 2 }\n",
};

const endings = `use sample::half;
#[test]
fn passes() { assert_eq!(half(4), 2); }
#[test]
fn fails() { assert_eq!(half(5), 3); }
#[test]
#[ignore]
fn waits() {}
#[test]
#[should_panic]
fn panics() { assert_eq!(half(1), 1); }
#[test]
fn aborts() { std::process::abort(); }
#[test]
fn exits() { if half(2) == 1 { std::process::exit(0); } }
#[test]
fn finds_no_note() {
    for note in ["/work/.note", "/work/src/note", "/tmp/note"] {
        assert!(!std::path::Path::new(note).exists());
        std::fs::write(note, "seen").unwrap();
    }
}
#[test]
fn returns() -> Result<(), String> { assert_eq!(half(6), 3); Ok(()) }
`;

describe.skipIf(provider === undefined)("the libtest runner", () => {
  it("tells every end of a test apart, and says where it lives", async () => {
    const report = await judged("rust", { files: { ...crate, "tests/ends.rs": endings } });
    expect(statuses(report)).toEqual({
      passes: "passed",
      fails: "failed",
      waits: "skipped",
      panics: "passed",
      aborts: "error",
      exits: "error",
      finds_no_note: "passed",
      returns: "passed",
    });
    expect(report).not.toHaveProperty("forged");
    expect(report.trust).toBe("canaried");
    expect(report.incidents.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["crashed"]));
    expect(report.checks[0]).toMatchObject({ file: "tests/ends.rs" });
    expect(report.checks.every(({ id }) => id.startsWith("test::sample/test/ends::"))).toBe(true);
  });

  it("passes an honest workspace whole", async () => {
    const report = await judged("rust", {
      folder: smoke("gridcalc"),
      run: "cargo test --offline --workspace",
    });
    expect(report.forged).toBeUndefined();
    expect(report.checks.length).toBeGreaterThan(10);
    expect(report.checks.filter(({ status }) => status !== "passed")).toEqual([]);
  });

  it("calls a tree without tests no success, and a compile error by the compiler's words", async () => {
    expect(await judged("rust", { files: crate })).toMatchObject({
      checks: [],
      incidents: [{ kind: "no-tests" }],
    });
    const report = await judged("rust", {
      files: { ...crate, "src/lib.rs": 'pub fn half(x: u32) -> u32 { x / "2" }\n' },
    });
    expect(report.checks).toEqual([]);
    expect(report.incidents[0]).toMatchObject({
      kind: "build-failed",
      detail: expect.stringContaining("cannot divide"),
    });
  });

  it("keeps what finished before time ran out", async () => {
    const tests = `#[test]\nfn a_first() { assert!(sample::half(2) == 1); }\n#[test]\nfn b_hangs() { loop { std::thread::sleep(std::time::Duration::from_secs(1)); } }\n`;
    const report = await judged("rust", { files: { ...crate, "tests/slow.rs": tests }, timeoutMs: 60_000 });
    expect(report.forged).toBeUndefined();
    expect(report.incidents.map(({ kind }) => kind)).toContain("timed-out");
    expect(statuses(report).b_hangs).not.toBe("passed");
  });

  it("falls back to the exit status, and says so, for a command it cannot take apart", async () => {
    const report = await judged("rust", { files: crate, run: "cargo test --offline | cat" });
    expect(report.trust).toBe("weak");
    expect(report.notes?.[0]).toContain("needs a shell");
  });
});

const lists = (tests: readonly string[]): string => `cmake_minimum_required(VERSION 3.18)
project(sample LANGUAGES CXX)
enable_testing()
${tests.map((test) => `add_executable(${test} tests/${test}.cpp)\nadd_test(NAME ${test} COMMAND ${test})`).join("\n")}
`;

const programs: Readonly<Record<string, string>> = {
  good: "#include <cassert>\nint main() { int x = 2; assert(x == 2); }\n",
  bad: "#include <cassert>\nint main() { int x = 2; assert(x == 3); }\n",
  silent: "int twice(int x) { return 2 * x; }\nint main() { return twice(2) == 4 ? 0 : 1; }\n",
  crash: "#include <csignal>\nint main() { std::raise(SIGSEGV); }\n",
  skips: "int main() { return 77; }\n",
  inverted: "int main() { return 3; }\n",
};

describe.skipIf(provider === undefined)("the ctest runner", () => {
  it("tells every end of a program apart", async () => {
    const names = Object.keys(programs);
    const files = Object.fromEntries(names.map((name) => [`tests/${name}.cpp`, programs[name] ?? ""]));
    const properties =
      "set_tests_properties(skips PROPERTIES SKIP_RETURN_CODE 77)\nset_tests_properties(inverted PROPERTIES WILL_FAIL ON)\n";
    const report = await judged("cpp", { files: { ...files, "CMakeLists.txt": lists(names) + properties } });
    expect(statuses(report)).toEqual({
      good: "passed",
      bad: "failed",
      silent: "passed",
      crash: "error",
      skips: "skipped",
      inverted: "passed",
    });
    expect(report).not.toHaveProperty("forged");
    // A program that must fail has no twin: nothing but its status vouches for it.
    expect(report.trust).toBe("weak");
    expect(report.notes?.[0]).toContain("inverted");
  });

  it("passes an honest library whole", async () => {
    const report = await judged("cpp", { folder: smoke("matchbook") });
    expect(report).toMatchObject({ trust: "canaried", incidents: [] });
    expect(report.forged).toBeUndefined();
    expect(report.checks.length).toBeGreaterThan(5);
    expect(report.checks.filter(({ status }) => status !== "passed")).toEqual([]);
  });

  it("calls a tree without tests no success, and a compile error by the compiler's words", async () => {
    const empty = await judged("cpp", { files: { "CMakeLists.txt": lists([]) } });
    expect(empty).toMatchObject({ checks: [], incidents: [{ kind: "no-tests" }] });
    const files = { "CMakeLists.txt": lists(["good"]), "tests/good.cpp": "int main() { return missing; }\n" };
    const broken = await judged("cpp", { files });
    expect(broken.incidents[0]).toMatchObject({
      kind: "build-failed",
      detail: expect.stringContaining("missing"),
    });
  });
});
