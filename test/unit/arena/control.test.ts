// The void rule per job: what one job of several lost on this host is ours, what the tree under judgement broke is not.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultLimits, type ScriptedHandler, scriptedSandboxes } from "../../../sandboxes/index.ts";
import type { Case } from "../../../src/arena/case.ts";
import { Evidence } from "../../../src/arena/evidence.ts";
import { Judging, type State } from "../../../src/arena/judging.ts";
import { Runs } from "../../../src/arena/runs.ts";
import { slots } from "../../../src/arena/slots.ts";
import type { Job } from "../../../src/domain/instance.ts";
import { exec, type Runner } from "../../../src/grading/program.ts";
import { openStore } from "../../../src/storage/index.ts";
import type { TestCase } from "../../support/arena-case.ts";
import { toyCase, toyTests } from "../../support/toy-arena.ts";

/** A job whose one check passes when its command does, and which shows nothing when it is killed. */
const runner: Runner = {
  name: "pytest",
  *program({ job, env, timeoutMs }) {
    const step = { label: job.name, argv: [job.run], cwd: "/work", env, timeoutMs, maxOutputBytes: 1000 };
    const { outcome } = yield* exec(step);
    const base = { job: job.name, trust: "canaried", seconds: 1 } as const;
    if (outcome.kind !== "exited")
      return { ...base, checks: [], incidents: [{ kind: "crashed", detail: "killed" }] };
    const status = outcome.code === 0 ? "passed" : "failed";
    return { ...base, checks: [{ id: `${job.name}::a`, status }], incidents: [] };
  },
};

const job = (name: string): Job => ({
  name,
  run: name,
  runner: "pytest",
  timeoutSeconds: 10,
  env: {},
  tags: [],
});
/** Commands that this host kills, and those it runs until it has run them so often. */
const host = { loses: new Set<string>(), runsUntil: Number.POSITIVE_INFINITY, ran: 0 };
/** The job `second` is killed where the host loses it, or the tree asks for it. */
const handler: ScriptedHandler = (request, files) => {
  const [command = ""] = request.argv;
  const app = files.files.get("/work/app.py")?.toString("utf8") ?? "";
  host.ran += 1;
  const isLost = host.loses.has(command) || host.ran > host.runsUntil;
  const isKilled = isLost || (command === "second" && app.includes("greedy"));
  return isKilled
    ? { outcome: { kind: "out-of-memory" } }
    : { ...toyTests(request, files), outcome: { kind: "exited", code: 0 } };
};

let files: TestCase;
let of: Case;
let cache: string;
beforeEach(async () => {
  Object.assign(host, { loses: new Set(), runsUntil: Number.POSITIVE_INFINITY, ran: 0 });
  files = await toyCase();
  const { instance } = files.of;
  const ci = { ...instance.ci, jobs: [job("first"), job("second")] };
  of = { ...files.of, instance: { ...instance, ci } };
  cache = await mkdtemp(join(tmpdir(), "arena-control-"));
});
afterEach(async () => {
  await files[Symbol.asyncDispose]();
  await rm(cache, { recursive: true, force: true });
});

function judging(): Judging {
  return new Judging({
    sandboxes: scriptedSandboxes(handler),
    runnerFor: () => runner,
    cache,
    limits: defaultLimits,
    run: "toy",
    seed: "canaries",
    now: () => 0,
    signal: new AbortController().signal,
    slots: slots(1),
  });
}

async function judged(tree: string) {
  const by = judging();
  const state: State = { name: "P", tree, comparison: "single", repeat: 1, withLint: false };
  return by.judged(of, await by.run(of, state));
}

describe("a job that shows nothing beside one that does", () => {
  it("is lost when its control on this host shows nothing either", async () => {
    host.loses.add("second");
    expect(await judged(of.baseTree)).toMatchObject({ kind: "ran", lostJobs: ["second"] });
  });

  it("is the outcome of the tree when its control does show something", async () => {
    const greedy = await of.repository.withFiles(
      of.baseTree,
      new Map([["app.py", Buffer.from("greedy = 1\n")]]),
    );
    const run = await judged(greedy);
    expect(run.kind).toBe("ran");
    expect(run).not.toHaveProperty("lostJobs");
    expect(run.report.jobs.map(({ checks }) => checks.length)).toEqual([1, 0]);
  });

  it("needs no control where every job shows something", async () => {
    expect(await judged(of.baseTree)).not.toHaveProperty("lostJobs");
  });
});

describe("the runs of an instance", () => {
  const runsOver = () => {
    const store = openStore(":memory:");
    return { store, runs: new Runs(judging(), store, new Evidence(join(cache, "run"))) };
  };

  it("are no ground to judge on when gold shows nothing, and the reason is given", async () => {
    host.loses = new Set(["first", "second"]);
    const { runs } = runsOver();
    await expect(runs.baselineRuns(of, 1)).rejects.toMatchObject({
      code: "unsound-instance",
      message: expect.stringContaining("no check was executed in G+H (crashed: killed"),
    });
  });

  it("are taken again when this host lost one of base", async () => {
    const { runs, store } = runsOver();
    await runs.run(of, { name: "warm", tree: of.baseTree, comparison: "control", repeat: 9, withLint: true });
    // Gold with and without the hidden tests, two jobs each; then nothing runs any more.
    host.runsUntil = host.ran + 4;
    const lost = { code: "baseline-lost", retryable: true, message: expect.stringContaining("in B (") };
    await expect(runs.baselineRuns(of, 1)).rejects.toMatchObject(lost);
    host.runsUntil = Number.POSITIVE_INFINITY;
    const found = await new Runs(judging(), store, new Evidence(join(cache, "run"))).baselineRuns(of, 1);
    expect(found.base[0]?.jobs.map(({ checks }) => checks.length)).toEqual([1, 1]);
  });
});
