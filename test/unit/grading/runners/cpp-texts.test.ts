// Guards how C++ tests are found and their twins made: a twin must fail wherever the test passes.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import { applyChanges } from "../../../../src/grading/runners/compiled/mask.ts";
import { planCpp } from "../../../../src/grading/runners/cpp/plan.ts";
import { sabotageProgram } from "../../../../src/grading/runners/cpp/sabotage.ts";
import { caseName, scanCpp } from "../../../../src/grading/runners/cpp/scan.ts";

const program = `#include "check.hpp"
static void used() {
    if (ready()) { CHECK(never()); }
    CHECK(value() == 41);
}
void unused() { CHECK(dead() == 1); }
#ifdef _WIN32
static void elsewhere() { CHECK(windows() == 1); }
#endif
int main() {
    used();
    elsewhere();
    return check::failures;
}
`;

function twins(text: string, manner: { gentle?: boolean; ignoresAssert?: boolean } = {}): string[] {
  const file = scanCpp(text);
  const drawn = Array.from({ length: 80 }, (_, seed) => {
    const random = seededRandom(`${seed}`);
    return sabotageProgram(file, { gentle: false, ignoresAssert: false, ...manner, random }, "helper");
  });
  return [
    ...new Set(drawn.flatMap((change) => (change === undefined ? [] : [applyChanges(text, [change])]))),
  ];
}

describe("sabotageProgram", () => {
  it("changes functions that run, and no line", () => {
    const all = twins(program);
    expect(all.length).toBeGreaterThan(3);
    for (const twin of all) {
      expect(twin).toContain("CHECK(never());");
      expect(twin).toContain("CHECK(dead() == 1);");
      expect(twin).toContain("CHECK(windows() == 1);");
      expect(twin.split("\n").length).toBe(program.split("\n").length);
    }
    expect(all.join("\n")).toMatch(/CHECK\(value\(\) == 4[234]\);/);
  });

  it("leaves the test's own assertions alone when gentle", () => {
    for (const twin of twins(program, { gentle: true })) expect(twin).toContain("CHECK(value() == 41);");
  });

  it.each([
    ["CHECK_EQ(f(), 7);", /CHECK_EQ\(f\(\), (?:8|9|10)\);/],
    ['CHECK_EQ(f(), "ab");', /CHECK_EQ\(f\(\), "(?!ab")\w{3}"\);/],
    ["CHECK(f() == Price{5});", /CHECK\(f\(\) == Price\{[678]\}\);/],
    [
      "EXPECT_TRUE(f());",
      /EXPECT_TRUE\((?:!\(f\(\)\)|\(f\(\)\) == false|false == \(f\(\)\)|!static_cast<bool>\(f\(\)\))\);/,
    ],
  ])("expects something else of %s", (assertion, expected) => {
    expect(twins(`int main() { ${assertion} return 0; }`).some((twin) => expected.test(twin))).toBe(true);
  });

  it.each(["CHECK(f() == g(3));", "CHECK(a == 1 || b == 2);", "CHECK(f(), 3);"])(
    "does not touch what %s expects",
    (assertion) => {
      const numbers = [...assertion.matchAll(/\d/g)].map(String).join();
      for (const twin of twins(`int main() { ${assertion} return 0; }`)) {
        const same = twin.slice(0, twin.indexOf(";") + 1);
        expect([...same.matchAll(/\d/g)].map(String).join()).toBe(numbers);
      }
    },
  );

  it("leaves main badly where assertions mean nothing or are not known", () => {
    for (const twin of twins("int main() { assert(f()); }", { ignoresAssert: true }))
      expect(twin).toContain("__builtin_exit(1)");
    for (const twin of twins("int main() { return f() != 3; }")) expect(twin).toContain("__builtin_exit(1)");
    expect(twins("void f() { CHECK(1); }")).toEqual([]);
  });
});

const gtest = `#include <gtest/gtest.h>
TEST(Suite, One) { EXPECT_EQ(f(), 3); }
TEST_P(Param, Two) { if (x) return; EXPECT_TRUE(y); }
static void helper(int a) { EXPECT_TRUE(a); }
`;

describe("planCpp", () => {
  const plan = (seed: string) =>
    planCpp(new Map([["tests/a_test.cpp", { text: gtest, ignoresAssert: false, sharesMain: false }]]), {
      gentle: false,
      random: seededRandom(seed),
      twins: seededRandom("twins"),
    });

  it("finds the cases of a framework by the names it gives them", () => {
    const file = scanCpp(gtest);
    expect(file.framework).toBe("gtest");
    expect(file.bodies.flatMap((body) => caseName(file, body) ?? [])).toEqual(["Suite.One", "Param.Two"]);
    const doctest = scanCpp('#include "doctest/doctest.h"\nTEST_CASE("a \\"b\\", c" * x) { CHECK(1); }');
    expect(doctest.bodies.flatMap((body) => caseName(doctest, body) ?? [])).toEqual(['a "b", c']);
    const parted = scanCpp('TEST_CASE("a long "\n          "name", "[tag]") { CHECK(1); }', "catch2");
    expect(parted.bodies.flatMap((body) => caseName(parted, body) ?? [])).toEqual(["a long name"]);
  });

  it("gives every file two canaries, one failing in each phase", () => {
    const cases = [...(plan("x").files.get("tests/a_test.cpp")?.cases ?? [])];
    const canaries = cases.filter(([, { isCanary }]) => isCanary).map(([, { twinPhase }]) => twinPhase);
    expect(canaries.sort()).toEqual(["first", "second"]);
    expect(cases.filter(([, { isCanary, twinPhase }]) => !isCanary && twinPhase !== undefined)).toHaveLength(
      2,
    );
  });

  it("makes twins of cases under a condition, but of none that has another text without it", () => {
    const text = `#include <gtest/gtest.h>
#if HAS_FILES
TEST(Files, Opened) { EXPECT_EQ(f(), 1); }
#endif
#ifdef WIDE
TEST(Text, Kept) { EXPECT_EQ(g(), 1); }
#else
TEST(Text, Kept) { EXPECT_EQ(h(), 1); }
#endif
`;
    const source = { text, ignoresAssert: false, sharesMain: false };
    const draws = { gentle: false, random: seededRandom("c"), twins: seededRandom("twins") };
    const cases = planCpp(new Map([["a_test.cpp", source]]), draws).files.get("a_test.cpp")?.cases;
    expect(cases?.get("Files.Opened")?.twinPhase).toBeDefined();
    expect(cases?.get("Text.Kept")).toEqual({ file: "a_test.cpp", isCanary: false });
  });

  it("leaves the main that cases of a framework share as it is", () => {
    const text = "int main(int argc, char** argv) { return run(argc, argv); }";
    const draws = { gentle: false, random: seededRandom("m"), twins: seededRandom("twins") };
    const planned = (sharesMain: boolean) =>
      planCpp(new Map([["test/main.cc", { text, ignoresAssert: false, sharesMain }]]), draws);
    expect(planned(true).originals.size).toBe(0);
    expect(planned(true).files.get("test/main.cc")).toEqual({
      framework: "plain",
      hasMain: true,
      mentionsSkip: false,
      cases: new Map(),
    });
    expect(planned(false).originals.size).toBe(1);
  });

  it("adds the failure first where a case may be left early", () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const { texts } = plan(`${seed}`);
      const both = `${texts.first.get("tests/a_test.cpp")}${texts.second.get("tests/a_test.cpp")}`;
      expect(both).toMatch(/TEST_P\(Param, Two\) \{ \w+\(.*\); if \(x\) return;/);
    }
  });
});
