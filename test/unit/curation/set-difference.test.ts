// Two versions of a set: what is new, gone and otherwise, said in words, and nothing where nothing is.
import { describe, expect, it } from "vitest";
import { setDifference } from "../../../src/curation/index.ts";
import { type Instance, parseInstance } from "../../../src/domain/instance.ts";
import { line } from "./lines.ts";

function instance(id: string, more: object = {}): Instance {
  const parsed = parseInstance({ ...line(id), ...more });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const changes = (was: object, is: object): Record<string, string> => {
  const { changed } = setDifference([instance("a-1", was)], [instance("a-1", is)]);
  return Object.fromEntries((changed[0]?.fields ?? []).map(({ field, change }) => [field, change]));
};

describe("the difference of two sets", () => {
  it("is nothing between a set and itself, in any order", () => {
    const [one, two] = [instance("a-1"), instance("b-2")];
    expect(setDifference([one, two], [two, one])).toEqual({ added: [], removed: [], changed: [], same: 2 });
  });

  it("names what came and what went, by id", () => {
    const [one, two, three] = [instance("a-1"), instance("b-2"), instance("c-3")];
    expect(setDifference([two, one], [three, two])).toEqual({
      ...{ added: ["c-3"], removed: ["a-1"], changed: [], same: 1 },
    });
  });

  it("tells short texts whole and long ones by where they part", () => {
    expect(changes({ hints_text: "one" }, { hints_text: "two" })).toEqual({
      hints_text: '"one" is now "two"',
    });
    const text = (third: string) => `first\nsecond\n${third}\n`;
    expect(changes({ problem_statement: text("x") }, { problem_statement: text("yy") })).toEqual({
      problem_statement: "15 characters are now 16, other from line 3 on",
    });
  });

  it("tells lists by what is gone and new, and says so where only their order is another", () => {
    const ids = (...FAIL_TO_PASS: string[]) => ({ FAIL_TO_PASS });
    expect(changes(ids("a", "b"), ids("b", "c", "d"))).toEqual({ FAIL_TO_PASS: "1 gone: a; 2 new: c, d" });
    expect(changes(ids("a", "b"), ids("b", "a"))).toEqual({ FAIL_TO_PASS: "the same in another order" });
    const many = Array.from({ length: 8 }, (_, index) => `t${index}`);
    expect(changes(ids(), ids(...many))).toEqual({ FAIL_TO_PASS: "8 new: t0, t1, t2, t3 and 4 more" });
  });

  it("tells a plan's jobs, a panel's members and provenance by name", () => {
    const ci = (run: string, name = "test") => ({
      ci: { image: "go", jobs: [{ name, run, runner: "go-test" }] },
    });
    expect(changes(ci("go test ./..."), ci("go test ."))).toEqual({ "ci.jobs": "changed: test" });
    expect(changes(ci("go test ."), ci("go test .", "unit"))["ci.jobs"]).toBe("1 gone: test; 1 new: unit");
    const panel = (label: string) => ({ panel: [{ id: "w1", label, patch: "x" }] });
    expect(changes(panel("resolved"), panel("unresolved"))).toEqual({ panel: "changed: w1" });
    expect(changes({ provenance: { a: 1 } }, { provenance: { a: 1, b: 2 } })).toEqual({
      provenance: "1 new: b",
    });
  });
});
