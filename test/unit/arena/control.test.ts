// The void rule per job: what one job of several lost on this host is ours, what the tree under judgement broke is not.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultLimits, type ScriptedHandler, scriptedSandboxes } from "../../../sandboxes/index.ts";
import type { Case } from "../../../src/arena/case.ts";
import { Judging, type State, slots } from "../../../src/arena/judging.ts";
import type { Job } from "../../../src/domain/instance.ts";
import { exec, type Runner } from "../../../src/grading/program.ts";
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
const host = { isBroken: false };
/** The job `second` is killed where the host is broken, or the tree asks for it. */
const handler: ScriptedHandler = (request, files) => {
  const app = files.files.get("/work/app.py")?.toString("utf8") ?? "";
  const isKilled = request.argv[0] === "second" && (host.isBroken || app.includes("greedy"));
  return isKilled
    ? { outcome: { kind: "out-of-memory" } }
    : { ...toyTests(request, files), outcome: { kind: "exited", code: 0 } };
};

let files: TestCase;
let of: Case;
let cache: string;
beforeEach(async () => {
  host.isBroken = false;
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

async function judged(tree: string) {
  const judging = new Judging({
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
  const state: State = { name: "P", tree, comparison: "single", repeat: 1, withLint: false };
  return judging.judged(of, await judging.run(of, state));
}

describe("a job that shows nothing beside one that does", () => {
  it("is lost when its control on this host shows nothing either", async () => {
    host.isBroken = true;
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
