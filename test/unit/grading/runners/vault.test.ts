// The vault of compiled tests: what it asks of a sandbox, without one.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import type { ExecStepResult, RunnerContext } from "../../../../src/grading/program.ts";
import { Vault } from "../../../../src/grading/runners/compiled/vault.ts";

function contextWith(timeoutMs: number): RunnerContext {
  return {
    job: { name: "test", run: "cargo test", runner: "libtest", timeoutSeconds: 1, env: {}, tags: [] },
    files: [],
    trustedTestFiles: [],
    random: seededRandom("vault"),
    twins: seededRandom("twins"),
    timeoutMs,
    env: {},
  };
}

function said(stdout: string): ExecStepResult {
  return {
    kind: "exec",
    outcome: { kind: "exited", code: 0 },
    stdout,
    stderr: "",
    stdoutBytes: stdout.length,
    stderrBytes: 0,
    truncated: false,
    wallMs: 1,
  };
}

describe("the vault", () => {
  const digest = "a".repeat(64);

  it("looks at the binaries of a job whose time is up, and calls none replaced that is not", () => {
    for (const [found, unchanged] of [
      [digest, true],
      ["b".repeat(64), false],
    ] as const) {
      const asking = new Vault(contextWith(0)).unchanged(new Map([["/work/t", digest]]));
      expect(asking.next().value).toMatchObject({ kind: "exec", argv: ["sha256sum", "--", "/work/t"] });
      expect(asking.next(said(`${found}  /work/t\n`))).toEqual({ done: true, value: unchanged });
    }
  });
});
