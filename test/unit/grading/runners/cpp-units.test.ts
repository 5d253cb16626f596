// Every case of a framework program is run by the command that lists it and no other, whatever its Catch understands.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import type { RunnerContext, StepResult } from "../../../../src/grading/program.ts";
import { Bench } from "../../../../src/grading/runners/compiled/bench.ts";
import type { CtestEntry } from "../../../../src/grading/runners/cpp/cmake.ts";
import { planCpp } from "../../../../src/grading/runners/cpp/plan.ts";
import { type Unit, unitsOf } from "../../../../src/grading/runners/cpp/units.ts";

const cases = ["plain", "two words", "with, a comma", "with, a comma and more"];

/** What a program of that Catch lists for a filter, as Catch 1.5.0 and 2.13.10 were seen to. */
function lists(catchMajor: 1 | 2, filter: string | undefined): readonly string[] {
  if (filter === undefined) return cases;
  const quoted = /^"(.*)"$/.exec(filter)?.[1];
  if (catchMajor === 1)
    return cases.filter((name) => name === (quoted ?? (filter.includes(" ") ? "" : filter)));
  const bare = quoted ?? filter;
  // An unescaped comma in quotes is no filter at all: everything is listed.
  if (/[^\\],/.test(bare)) return cases;
  return cases.filter((name) => name === bare.replaceAll("\\,", ","));
}

function unitsBy(catchMajor: 1 | 2): readonly Unit[] {
  const text = `#include "catch.hpp"\n${cases.map((name) => `TEST_CASE("${name}") { CHECK(1 == 1); }`).join("\n")}\n`;
  const random = seededRandom("units");
  const source = { text, ignoresAssert: false, framework: "catch2", sharesMain: false } as const;
  const plan = planCpp(new Map([["t.cpp", source]]), { gentle: false, random, twins: random });
  const target = {
    name: "t",
    executable: "/work/t",
    sources: ["/work/t.cpp"],
    linked: [],
    ignoresAssert: false,
  };
  const entry: CtestEntry = {
    ...{ name: "all", command: ["/work/t"], cwd: "/work", env: {}, willFail: false, disabled: false },
    ...{ passPatterns: [], failPatterns: [], order: 0, follows: false },
  };
  const job = { name: "j", run: "ctest", runner: "ctest", timeoutSeconds: 60, env: {}, tags: [] } as const;
  const none = { files: [], trustedTestFiles: [], env: {} };
  const context: RunnerContext = {
    job: { ...job, tags: [] },
    random,
    twins: random,
    timeoutMs: 60_000,
    ...none,
  };
  const bench = new Bench(context);
  const steps = unitsOf({ bench, plan, targets: [target], env: {} }, entry);
  let answer: StepResult | undefined;
  for (;;) {
    const { done, value } = answer === undefined ? steps.next() : steps.next(answer);
    if (done === true) return value;
    if (value.kind !== "exec") throw new Error(`expected commands alone, found ${value.kind}`);
    const stdout = lists(
      catchMajor,
      value.argv.slice(1).find((word) => !word.startsWith("-")),
    ).join("\n");
    answer = {
      ...{ kind: "exec", outcome: { kind: "exited", code: 4 }, stdout, stderr: "", truncated: false },
      ...{ stdoutBytes: stdout.length, stderrBytes: 0, wallMs: 1 },
    };
  }
}

describe("the cases of a Catch program", () => {
  it.each([1, 2] as const)("of version %i are each run alone", (major) => {
    const units = unitsBy(major);
    expect(units.map(({ id }) => id)).toEqual(cases.map((name) => `all::${name}`));
    for (const { id, argv } of units) expect(lists(major, argv[1]), id).toEqual([id.slice("all::".length)]);
  });
});
