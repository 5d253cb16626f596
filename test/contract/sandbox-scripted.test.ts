// The scripted sandbox keeps the contract as far as commands can be answered rather than run.
import { describe, expect, it } from "vitest";
import {
  type ExecRequest,
  SandboxFault,
  type ScriptedAnswer,
  scriptedSandboxes,
} from "../../sandboxes/index.ts";
import { testStateFolder } from "../support/engine.ts";
import { openSandbox, run, type SandboxUnderTest } from "../support/sandbox-case.ts";
import { sandboxContract } from "./sandbox.contract.ts";

/** The few commands the contract's shared cases use. */
function answer({ argv, env, stdin = "" }: ExecRequest): ScriptedAnswer {
  const [program = "", , count] = argv;
  const done = { kind: "exited", code: 0 } as const;
  if (program === "true") return { outcome: done };
  if (program === "cat") return { outcome: done, stdout: stdin };
  if (program === "head") return { outcome: done, stdout: Buffer.alloc(Number(count)) };
  if (program === "env") {
    const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
    return { outcome: done, stdout: lines.join("") };
  }
  return { outcome: { kind: "exited", code: 127 }, stderr: `cannot run ${program}` };
}

const under: SandboxUnderTest = {
  provider: scriptedSandboxes(answer),
  stateFolder: testStateFolder(),
  image: "python",
  runsCode: false,
};

describe("scripted sandbox", () => {
  sandboxContract(under);

  it("plays faults and lets commands change files", async () => {
    const provider = scriptedSandboxes(({ argv }, { files }) => {
      if (argv[0] === "break") throw new SandboxFault("engine-error", "played", { retryable: true });
      files.set("/work/report.xml", Buffer.from("<ok/>"));
      return { outcome: { kind: "exited", code: 0 } };
    });
    await using sandbox = await openSandbox({ ...under, provider });
    await run(sandbox, ["build"]);
    expect((await sandbox.read("/work/report.xml", 100)).content?.toString()).toBe("<ok/>");
    await expect(run(sandbox, ["break"])).rejects.toMatchObject({ isFault: true, code: "engine-error" });
    expect(provider.openNow).toBe(1);
  });
});
