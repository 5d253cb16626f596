// One test function alone in a command: what the go runner makes of it, and names that would be more than a word.
import { expect, it } from "vitest";
import { inferredPlan } from "../../../src/domain/instance.ts";
import { aloneIn, sharesProcess } from "../../../src/grading/index.ts";
import { readGoTest } from "../../../src/grading/runners/go/command.ts";

const [go] = inferredPlan("go").jobs;
const [python] = inferredPlan("python").jobs;

it("is one pattern more for go test, and whatever else was asked for stays", () => {
  if (go === undefined) throw new Error("go has a job");
  const job = { ...go, run: "cd sub && go test -race ./... -run Test" };
  const alone = aloneIn(job, "test::toy/pkg::TestA");
  expect(readGoTest(alone?.run ?? "")).toMatchObject({
    ...{ folder: "sub", buildArguments: ["-race"], packages: ["./..."], pattern: "^TestA$" },
  });
});

it.each(["other::pkg::TestA", "test::pkg::Test'A", "test::pkg::Test A", "test::pkg::", "test::pkg::T;rm"])(
  "is nothing for %j",
  (test) => {
    expect(go && aloneIn(go, test)).toBeUndefined();
  },
);

it("is needed where tests share a process", () => {
  expect([go && sharesProcess(go), python && sharesProcess(python)]).toEqual([true, false]);
});
