// Guards the taking apart of job commands: what is not understood must be named, never guessed.
import { describe, expect, it } from "vitest";
import { readCommands } from "../../../../src/grading/runners/compiled/shell-words.ts";
import { readCppCommand, resolvePath } from "../../../../src/grading/runners/cpp/command.ts";
import { readCargoTest, selects } from "../../../../src/grading/runners/rust/command.ts";

describe("readCommands", () => {
  it("splits steps, words, quotes and assignments", () => {
    expect(readCommands("A=1 B='x y' make -j2 && ctest -R \"a b\"")).toEqual([
      { env: { A: "1", B: "x y" }, argv: ["make", "-j2"] },
      { env: {}, argv: ["ctest", "-R", "a b"] },
    ]);
  });

  it.each([
    "a | b",
    "a; b",
    "a > b",
    "echo $HOME",
    "ls *.c",
    "a & b",
    "$(a)",
    "a &&",
    "&& a",
    "A=1",
    "(a)",
    "a || b",
    "'open",
  ])("leaves %s to a shell", (run) => {
    expect(readCommands(run)).toBeUndefined();
  });
});

function cargo(run: string) {
  const command = readCargoTest(run);
  if (typeof command === "string") throw new Error(command);
  return command;
}

describe("readCargoTest", () => {
  it("keeps what selects and builds, drops what only reports", () => {
    const command = cargo(
      "cargo test --offline --workspace -p a --features=x,y --no-fail-fast -q -- --test-threads 1",
    );
    expect(command.buildArguments).toEqual(["--offline", "--workspace", "-p", "a", "--features", "x,y"]);
    expect(command.manifestArguments).toEqual(["--offline"]);
    expect(command.filters).toEqual([]);
  });

  it("takes a nextest line for the same tests", () => {
    const command = cargo(
      "RUST_LOG=off cargo nextest run --cargo-profile ci --profile slow --retries 2 parse",
    );
    expect(command.buildArguments).toEqual(["--profile", "ci"]);
    expect(command.env).toEqual({ RUST_LOG: "off" });
    expect(command.filters).toEqual(["parse"]);
  });

  it("filters as libtest does", () => {
    expect(selects(cargo("cargo test parse -- --skip slow"), "a::parse_slow")).toBe(false);
    expect(selects(cargo("cargo test parse"), "a::parse_fast")).toBe(true);
    expect(selects(cargo("cargo test -- parse --exact"), "a::parse")).toBe(false);
    expect(cargo("cargo test -- --include-ignored").ignored).toEqual(["--include-ignored"]);
  });

  it.each([
    ["cargo test --doc", "--doc"],
    ["cargo test -- --bench", "--bench"],
    ["cargo build", "build"],
    ["make test", "make test"],
    ["cargo test | tee log", "shell"],
    ["cargo nextest run -E all()", "shell"],
  ])("says why it does not take %s apart", (run, word) => {
    const command = readCargoTest(run);
    expect(command).toBeTypeOf("string");
    expect(command).toContain(word);
  });
});

describe("readCppCommand", () => {
  it("finds folders, steps and selection", () => {
    const run =
      "cmake -S src -B out -G Ninja && cmake --build out -j2 && ctest --test-dir out --output-on-failure -R math -j 4";
    expect(readCppCommand(run)).toMatchObject({
      sourceFolder: "/work/src",
      buildFolder: "/work/out",
      testFolder: "/work/out",
      selection: ["-R", "math"],
      steps: [{ kind: "configure" }, { kind: "build" }],
    });
  });

  it("follows cd", () => {
    const run = "mkdir -p build && cd build && cmake .. -DX=ON && make && ctest";
    expect(readCppCommand(run)).toMatchObject({
      sourceFolder: "/work",
      buildFolder: "/work/build",
      testFolder: "/work/build",
      steps: [{ kind: "other", cwd: "/work" }, { kind: "configure", cwd: "/work/build" }, { kind: "build" }],
    });
  });

  it.each([
    ["make test", "not ctest"],
    ["cmake -B b && ctest", "build anything"],
    ["cmake --preset x && cmake --build b && ctest", "presets"],
    ["cmake -B b && cmake --build b && ctest --frobnicate", "--frobnicate"],
    ["make && ctest", "configure"],
  ])("says why it does not take %s apart", (run, word) => {
    expect(readCppCommand(run)).toContain(word);
  });

  it("resolves paths without leaving the root", () => {
    expect(resolvePath("/work/a", "../b/./c")).toBe("/work/b/c");
    expect(resolvePath("/work", "/x")).toBe("/x");
  });
});
