// Guards how Rust tests are found and their twins made: a twin must fail wherever the test passes.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import { applyChanges } from "../../../../src/grading/runners/compiled/mask.ts";
import { rustCanary, withCanaries } from "../../../../src/grading/runners/rust/canaries.ts";
import { planRust } from "../../../../src/grading/runners/rust/plan.ts";
import { sabotage } from "../../../../src/grading/runners/rust/sabotage.ts";
import { certainAssertions, scanRust } from "../../../../src/grading/runners/rust/scan.ts";

const source = `
#[test]
fn plain() {
    let x = 1; // assert_eq!(x, 2);
    if x == 1 { assert!(x > 5); }
    debug_assert!(x == 1);
    assert_eq!(x, 1);
}

#[should_panic(expected = "a")]
#[test]
fn must_panic() { panic!("a") }

mod inner {
    #[tokio::test]
    async fn later() -> Result<(), String> { assert!(ok()); Ok(()) }
}

/// #[test] fn not_a_test() {}
#[cfg(test)]
fn helper() { assert!(false); }

#[test]
fn leaves_early() { if true { return; } assert!(true); }
`;

/** Every twin of a test over many draws. */
function twins(text: string, name: string, gentle = false): string[] {
  const file = scanRust(text);
  const test = file.tests.find((each) => each.name === name);
  if (test === undefined) throw new Error(`no test ${name}`);
  const drawn = Array.from({ length: 60 }, (_, seed) =>
    sabotage(file, test, { gentle, random: seededRandom(`${seed}`) }),
  );
  return [
    ...new Set(drawn.flatMap((change) => (change === undefined ? [] : [applyChanges(text, [change])]))),
  ];
}

describe("scanRust", () => {
  it("finds test functions and nothing else", () => {
    const names = scanRust(source).tests.map(({ name, shouldPanic, returns }) => [
      name,
      shouldPanic,
      returns,
    ]);
    expect(names).toEqual([
      ["plain", false, false],
      ["must_panic", true, false],
      ["later", false, true],
      ["leaves_early", false, false],
    ]);
  });

  it("counts on assertions of the body itself only", () => {
    const file = scanRust(source);
    const count = file.tests.map((test) => certainAssertions(file.masked, test).length);
    expect(count).toEqual([1, 0, 1, 0]);
  });
});

describe("sabotage", () => {
  it("never moves a line and never leaves the test as it was", () => {
    for (const { name } of scanRust(source).tests) {
      for (const twin of twins(source, name)) {
        expect(twin).not.toBe(source);
        expect(twin.split("\n").length).toBe(source.split("\n").length);
      }
    }
  });

  it("draws contrary, other value and addition for an assertion with a literal", () => {
    const all = twins("#[test]\nfn t() {\n    assert_eq!(f(), 41);\n}\n", "t").join("\n");
    expect(all).toContain("assert_ne!(f(), 41);");
    expect(all).toMatch(/assert_eq!\(f\(\), 4[234]\);/);
    expect(all).toMatch(/assert_eq!\(f\(\), 41\); assert/);
  });

  it("changes a value inside what is written out, and nothing that is worked out", () => {
    const body = (text: string) => twins(`#[test]\nfn t() {\n    ${text}\n}\n`, "t").join("\n");
    expect(body("assert_eq!(f(), Some(250u8));")).toMatch(/Some\(24[789]u8\)/);
    expect(body('assert_eq!(f(), vec!["a".to_string()]);')).toMatch(/vec!\["\w\w"\.to_string/);
    expect(body("assert_eq!(f(), Point { x: 1, y: -2 });")).toMatch(/x: [234], y: -2|x: 1, y: -[345]/);
    expect(body("assert_eq!(f(1), g(2));")).not.toMatch(/f\([^1]\)|g\([^2]\)/);
  });

  it("leaves a third argument, which is a message, alone", () => {
    for (const twin of twins('#[test]\nfn t() {\n    assert_eq!(f(), g(), "why");\n}\n', "t"))
      expect(twin).toContain('"why"');
  });

  it("adds the failing statement first where a test may return, and before the value it returns", () => {
    for (const twin of twins(source, "leaves_early")) expect(twin).toMatch(/leaves_early\(\) \{ assert/);
    for (const twin of twins(source, "later", true))
      expect(twin).toMatch(/assert!\(ok\(\)\); assert.*Ok\(\(\)\)/);
  });

  it("keeps a test that must panic from panicking", () => {
    for (const twin of twins(source, "must_panic"))
      expect(twin).toMatch(/must_panic\(\) \{ if .* return; \}/);
  });

  it("only adds when gentle", () => {
    for (const twin of twins("#[test]\nfn t() {\n    assert!(a == b);\n}\n", "t", true)) {
      expect(twin).toContain("assert!(a == b);");
    }
  });
});

const draws = (seed: string) => ({ random: seededRandom(seed), twins: seededRandom("twins") });

describe("planRust", () => {
  const texts = new Map([
    ["src/lib.rs", "pub fn f() {}\n#[cfg(test)]\nmod tests { #[test] fn unit() { assert!(true); } }"],
    ["tests/a.rs", "#[test]\nfn one() { assert!(true); }\n\n#[test]\nfn two() { assert_eq!(1, 1); }\n"],
  ]);
  const roots = [
    { path: "src/lib.rs", isTestFile: false },
    { path: "tests/a.rs", isTestFile: true },
  ];

  it("gives every target a canary that must fail, in either phase", () => {
    const plan = planRust({ texts, roots }, { ...draws("p"), gentle: false });
    for (const { path } of roots) {
      const own = plan.canaries.filter(({ root }) => root === path);
      expect(own.map(({ failsIn }) => failsIn).sort()).toEqual(["first", "second"]);
      for (const { name } of own) {
        expect(plan.texts.first.get(path)).toContain(`fn ${name}(`);
        expect(plan.texts.second.get(path)).toContain(`fn ${name}(`);
      }
    }
  });

  it("changes each test in exactly one phase, which is not always the same", () => {
    const drawn = new Set<string>();
    for (let seed = 0; seed < 40; seed += 1) {
      const plan = planRust({ texts, roots }, { ...draws(`${seed}`), gentle: true });
      const original = /fn one\(\) \{ assert!\(true\); \}/;
      const first = original.test(plan.texts.first.get("tests/a.rs") ?? "");
      const second = original.test(plan.texts.second.get("tests/a.rs") ?? "");
      expect(first).toBe(!second);
      expect(plan.twinPhase.get("one")).toBe(first ? "second" : "first");
      drawn.add(`${plan.twinPhase.get("one")} ${plan.twinPhase.get("two")}`);
    }
    expect(drawn.size).toBe(4);
  });

  it("is the same for the same seed", () => {
    const plan = () => planRust({ texts, roots }, { ...draws("again"), gentle: false });
    expect(plan()).toEqual(plan());
  });
});

describe("rustCanary", () => {
  it("has two forms that differ, and none that needs std in a no_std crate", () => {
    for (let seed = 0; seed < 60; seed += 1) {
      const canary = rustCanary("name", seededRandom(`${seed}`), true);
      expect(canary.passing).not.toBe(canary.failing);
      expect(canary.passing).not.toContain("std::");
    }
  });

  it("is appended after a last line without a line feed", () => {
    expect(withCanaries("// end", ["#[test]\nfn a() {}\n"], undefined)).toBe(
      "// end\n\n#[test]\nfn a() {}\n",
    );
    expect(withCanaries("x\n", ["y\n"], "m")).toBe("x\n\n#[cfg(test)]\nmod m {\ny\n}\n");
  });
});
