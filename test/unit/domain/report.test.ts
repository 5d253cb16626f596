// The functions behind checks, and whom a twin that does not fail accuses.
import { describe, expect, it } from "vitest";
import { forgery, functionOf } from "../../../src/domain/report.ts";
import { readBaseline } from "../../../src/grading/index.ts";
import { instance, report } from "../../support/evidence.ts";

describe("functionOf", () => {
  it.each([
    ["test::tests/test_a.py::test_x[a/b::c]", "test::tests/test_a.py::test_x"],
    ["test::tests/test_a.py::Case::test_x[1]", "test::tests/test_a.py::Case::test_x"],
    ["test::example.com/m/p::TestX/sub/deeper", "test::example.com/m/p::TestX"],
    ["test::sample/test/ends::mod::passes", "test::sample/test/ends::mod::passes"],
    ["test::Suite/Case.Name/0", "test::Suite/Case.Name/0"],
    ["test::(job)", "test::(job)"],
  ])("of %s is %s", (id, name) => {
    expect(functionOf(id)).toBe(name);
  });
});

describe("a row that only one tree has", () => {
  const rows = (deaf: readonly string[], ...names: readonly string[]) =>
    report(Object.fromEntries(names.map((name) => [`t.py::${name}`, "passed" as const])), {
      deaf: deaf.map((name) => `t.py::${name}`),
    });
  const quiet = { base: [], baseHidden: [], goldHidden: [] };

  it("accuses nobody when every row of its function is deaf on trusted trees", () => {
    const { deaf } = readBaseline(instance(), {
      ...quiet,
      gold: [rows(["f[a]", "f[b]"], "f[a]", "f[b]", "g")],
    });
    expect(forgery(rows(["f[new]"], "f[new]"), deaf)).toBeUndefined();
    expect(forgery(rows(["g"], "g"), deaf)).toContain("g passes");
  });

  it("accuses when the function's twin is known to fail for another row", () => {
    const { deaf } = readBaseline(instance(), { ...quiet, gold: [rows(["f[a]"], "f[a]", "f[b]")] });
    expect(forgery(rows(["f[a]"], "f[a]"), deaf)).toBeUndefined();
    expect(forgery(rows(["f[new]"], "f[new]"), deaf)).toContain("f[new] passes");
  });
});
