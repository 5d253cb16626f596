// Driving a runner's program: every step is answered and kept, and the answers give the same report again.
import { describe, expect, it } from "vitest";
import { defaultLimits, SandboxFault, scriptedSandboxes } from "../../../sandboxes/index.ts";
import { drive, exchangeSchema, redrive } from "../../../src/arena/drive.ts";
import { exec, type RunnerProgram, read, remove, write } from "../../../src/grading/program.ts";

const step = { cwd: "/work", env: { A: "1" }, timeoutMs: 1000, maxOutputBytes: 5 };
const spec = { run: "t", image: "toy", layers: [], network: "none", limits: defaultLimits } as const;

/** Takes every kind of step; its report says what came back. */
function* program(path = "/work/a.txt"): RunnerProgram {
  yield* write(path, "hello");
  const told = yield* exec({ ...step, label: "one", argv: ["cat"], stdin: "in" });
  const before = yield* read(path);
  yield* remove(path);
  const after = yield* read(path);
  const said = `${told.stdout} ${told.truncated} ${before} ${after}`;
  return { job: said, checks: [], trust: "canaried", incidents: [], seconds: 1 };
}

async function driven() {
  const provider = scriptedSandboxes((request) => ({
    outcome: { kind: "exited", code: 0 },
    stdout: `${request.stdin} and more`,
  }));
  await using sandbox = await provider.open(spec);
  return await drive(program(), sandbox, new AbortController().signal);
}

describe("drive", () => {
  it("answers every kind of step and keeps each with its answer", async () => {
    const { report, exchanges } = await driven();
    expect(report.job).toBe("in an true hello undefined");
    expect(exchanges.map(({ result }) => result.kind)).toEqual(["write", "exec", "read", "remove", "read"]);
    expect(exchanges[1]?.step).toMatchObject({ label: "one", stdin: "in", env: { A: "1" } });
  });

  it("lets an engine's fault through: it is no answer", async () => {
    const fault = new SandboxFault("engine-error", "gone", { retryable: true });
    const provider = scriptedSandboxes(() => {
      throw fault;
    });
    await using sandbox = await provider.open(spec);
    await expect(drive(program(), sandbox, new AbortController().signal)).rejects.toBe(fault);
  });
});

describe("redrive", () => {
  it("gives the same report from the answers as they are stored", async () => {
    const { report, exchanges } = await driven();
    const stored = exchangeSchema.array().parse(JSON.parse(JSON.stringify(exchanges)));
    expect(redrive(program(), stored)).toEqual(report);
  });

  it("gives none when other steps are asked for", async () => {
    const { exchanges } = await driven();
    expect(redrive(program("/work/b.txt"), exchanges)).toBeUndefined();
  });

  it("gives none when answers are missing", async () => {
    const { exchanges } = await driven();
    expect(redrive(program(), exchanges.slice(0, -1))).toBeUndefined();
    expect(redrive(program(), [])).toBeUndefined();
  });
});
