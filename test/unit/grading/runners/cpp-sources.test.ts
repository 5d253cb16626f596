// Guards what is known of a C++ test file before its twin is made: its framework, and whose main it holds.
import { expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import type { RunnerContext } from "../../../../src/grading/program.ts";
import type { CmakeTarget } from "../../../../src/grading/runners/cpp/cmake.ts";
import type { CppSource } from "../../../../src/grading/runners/cpp/plan.ts";
import { readSources } from "../../../../src/grading/runners/cpp/sources.ts";

const program = (name: string, sources: string[], linked: string[] = []): CmakeTarget => ({
  name,
  executable: `/work/build/${name}`,
  sources: sources.map((path) => `/work/${path}`),
  linked: linked.map((path) => `/work/${path}`),
  ignoresAssert: false,
});

function sourcesOf(
  tree: Readonly<Record<string, string>>,
  targets: readonly CmakeTarget[],
): ReadonlyMap<string, CppSource> {
  const files = Object.keys(tree);
  const context: RunnerContext = {
    job: { name: "test", run: "", runner: "ctest", timeoutSeconds: 1, env: {}, tags: [] },
    files,
    trustedTestFiles: files.filter((path) => path.startsWith("test/")),
    timeoutMs: 1000,
    env: {},
    random: seededRandom("r"),
    twins: seededRandom("t"),
  };
  const steps = readSources(context, targets);
  let turn = steps.next();
  while (turn.done !== true) {
    const { value: step } = turn;
    if (step.kind !== "read") throw new Error(`unexpected ${step.kind}`);
    const content = tree[step.path.slice("/work/".length)];
    turn = steps.next(content === undefined ? { kind: "read", error: "none" } : { kind: "read", content });
  }
  return turn.value;
}

const cases = "TEST(Suite, One) { EXPECT_EQ(f(), 1); }\n";
const main = "int main(int argc, char** argv) { return run(argc, argv); }\n";

it("finds the framework by way of the tests' own headers, and of no others", () => {
  const tree = {
    "test/print-test.cc": `#include "util.h"\n#include <extra.h>\n${cases}`,
    "test/util.h": '#include "extra.h"\n#include "util.h"\n',
    "test/deep/extra.h": "#include <gmock/gmock.h>\n",
    "test/fooled-test.cc": `#include "lib/api.h"\n${cases}`,
    "lib/api.h": "#include <gtest/gtest.h>\n",
    "test/plain-test.cc": "#include <vector>\nint main() { return 0; }\n",
  };
  const found = sourcesOf(tree, [
    program("print", ["test/print-test.cc"]),
    program("fooled", ["test/fooled-test.cc"]),
    program("plain", ["test/plain-test.cc"]),
  ]);
  expect([...found].map(([path, { framework }]) => [path, framework])).toEqual([
    ["test/print-test.cc", "gtest"],
    ["test/fooled-test.cc", undefined],
    ["test/plain-test.cc", undefined],
  ]);
});

it("knows a main that cases of a framework share, be it their own source or a library's", () => {
  const tree = {
    "test/print-test.cc": `#include <gtest/gtest.h>\n${cases}`,
    "test/light-test.cc": `#include <gtest/gtest.h>\n${cases}`,
    "test/main.cc": main,
    "test/other-main.cc": main,
    "test/alone.cc": main,
  };
  const found = sourcesOf(tree, [
    program("print", ["test/print-test.cc"], ["test/main.cc"]),
    program("light", ["test/light-test.cc", "test/other-main.cc"]),
    program("tool", ["test/main.cc"]),
    program("alone", ["test/alone.cc"]),
  ]);
  expect([...found].map(([path, { sharesMain }]) => [path, sharesMain])).toEqual([
    ["test/print-test.cc", false],
    ["test/light-test.cc", false],
    ["test/main.cc", true],
    ["test/other-main.cc", true],
    ["test/alone.cc", false],
  ]);
});
