// What repeats of a run differ in: drawn from a seed, laid on the steps that run tests and on no other, and told where it cannot be had.
import { describe, expect, it } from "vitest";
import type { Job } from "../../../src/domain/instance.ts";
import { seededRandom } from "../../../src/domain/random.ts";
import {
  type RunnerContext,
  runnerFor,
  type Step,
  type StepResult,
  Variety,
} from "../../../src/grading/index.ts";

const job: Job = {
  ...{ name: "test", run: "make check", runner: "exit-code", timeoutSeconds: 9, tags: [] },
  env: { GOMAXPROCS: "3" },
};

const context: RunnerContext = {
  ...{ job, files: [], trustedTestFiles: [], timeoutMs: 9000, env: { PYTHONHASHSEED: "0", ...job.env } },
  ...{ random: seededRandom("r"), twins: seededRandom("t") },
};

const ended = (stdout: string): StepResult => ({
  ...{ kind: "exec", outcome: { kind: "exited", code: 0 }, stdout, stderr: "", stdoutBytes: 0 },
  ...{ stderrBytes: 0, truncated: false, wallMs: 5 },
});

/** The steps of a job of one command, each answered with `stdout`. */
function stepsOf(variety: Variety | undefined, stdout = ""): Step[] {
  const program = runnerFor("exit-code").program(variety === undefined ? context : { ...context, variety });
  const steps: Step[] = [];
  for (let turn = program.next(); turn.done !== true; turn = program.next(ended(stdout)))
    steps.push(turn.value);
  return steps;
}

const library = "/usr/lib/x/faketime/libfaketimeMT.so.1";

describe("a variation", () => {
  it("changes nothing of a run that has none", () => {
    const plain = { argv: ["sh", "-e", "-c", "make check"], env: context.env };
    expect(stepsOf(undefined)).toMatchObject([plain]);
    expect(stepsOf(new Variety({}, "test"))).toEqual(stepsOf(undefined));
  });

  it("lays seeds, busy cores and a clock on the step that runs tests, but for what the job sets itself", () => {
    const variety = new Variety({ orderSeed: "5", load: 2, clockOffsetSeconds: -3600 }, "test");
    const [, step] = stepsOf(variety, `${library}\n`);
    expect(step).toMatchObject({
      argv: ["sh", "-c", expect.stringContaining("while :"), "busy", "2", "sh", "-e", "-c", "make check"],
      env: { LD_PRELOAD: library, FAKETIME: "-3600", FAKETIME_DONT_FAKE_MONOTONIC: "1", GOMAXPROCS: "3" },
    });
    const { PYTHONHASHSEED } = step?.kind === "exec" ? step.env : {};
    expect(PYTHONHASHSEED).toMatch(/^[1-9]\d*$/);
    expect(variety.notVaried).toEqual([
      "order: a job that is read by its exit status orders its tests itself",
    ]);
    expect(variety.timeFactor).toBe(2);
  });

  it("says that an image has no clock to be set, and asks once", () => {
    const variety = new Variety({ clockOffsetSeconds: 60 }, "test");
    const [look, step] = stepsOf(variety);
    expect(look).toMatchObject({ label: "clock library" });
    expect(step).toMatchObject({ env: context.env });
    expect(variety.notVaried).toEqual(["clock: the image holds no libfaketime"]);
    expect(stepsOf(variety)).toHaveLength(1);
  });

  it("draws an order that another seed does not, and that is the same when asked again", () => {
    const items = Array.from({ length: 20 }, (_, index) => index);
    const of = (orderSeed: string, name = "test") => new Variety({ orderSeed }, name).ordered(items);
    expect(of("1")).toEqual(of("1"));
    expect(of("1")).not.toEqual(of("2"));
    expect(of("1")).not.toEqual(of("1", "other"));
    expect([...of("1")].sort((a, b) => a - b)).toEqual(items);
    expect(new Variety({ load: 1 }, "test").ordered(items)).toBe(items);
  });
});
