// Drives a runner's program against a sandbox, keeping every step and answer as evidence; and again from evidence.

import { z } from "zod";
import type { Sandbox } from "../../sandboxes/index.ts";
import type { JobReport } from "../domain/report.ts";
import type { ExecStep, RunnerProgram, Step, StepResult } from "../grading/index.ts";

const outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("exited"), code: z.number() }),
  z.object({ kind: z.literal("signaled"), signal: z.number() }),
  z.object({ kind: z.literal("timed-out") }),
  z.object({ kind: z.literal("out-of-memory") }),
]);

const done = { ok: z.boolean(), error: z.string().exactOptional() };

const result = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("exec"),
    outcome,
    stdout: z.string(),
    stderr: z.string(),
    stdoutBytes: z.number(),
    stderrBytes: z.number(),
    truncated: z.boolean(),
    wallMs: z.number(),
  }),
  z.object({ kind: z.literal("write"), ...done }),
  z.object({
    kind: z.literal("read"),
    content: z.string().exactOptional(),
    error: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal("remove"), ...done }),
]);

/** Steps are only compared with the steps asked today, never run from evidence: any JSON will do. */
export const exchangeSchema = z.object({ step: z.unknown(), result });

export interface Exchange {
  readonly step: unknown;
  readonly result: StepResult;
}

export interface Driven {
  readonly report: JobReport;
  readonly exchanges: readonly (Exchange & { readonly step: Step })[];
}

async function runExec(sandbox: Sandbox, step: ExecStep, signal: AbortSignal): Promise<StepResult> {
  const { argv, cwd, env, timeoutMs, maxOutputBytes } = step;
  const input = step.stdin === undefined ? {} : { stdin: step.stdin };
  const result = await sandbox.exec({ argv, cwd, env, timeoutMs, maxOutputBytes, ...input }, signal);
  return {
    kind: "exec",
    outcome: result.outcome,
    stdout: result.stdout.toString("utf8"),
    stderr: result.stderr.toString("utf8"),
    stdoutBytes: result.stdoutBytes,
    stderrBytes: result.stderrBytes,
    truncated: result.truncated,
    wallMs: result.wallMs,
  };
}

async function answer(sandbox: Sandbox, step: Step, signal: AbortSignal): Promise<StepResult> {
  switch (step.kind) {
    case "exec":
      return runExec(sandbox, step, signal);
    case "write": {
      const options = { executable: step.executable ?? false };
      return { kind: "write", ...(await sandbox.write(step.path, Buffer.from(step.content), options)) };
    }
    case "read": {
      const { content, error } = await sandbox.read(step.path, step.maxBytes);
      if (content !== undefined) return { kind: "read", content: content.toString("utf8") };
      return { kind: "read", error: error ?? "not readable" };
    }
    case "remove":
      return { kind: "remove", ...(await sandbox.remove(step.path)) };
  }
}

/** Runs a program to its report. @throws SandboxFault when the engine fails, never for what the code does */
export async function drive(program: RunnerProgram, sandbox: Sandbox, signal: AbortSignal): Promise<Driven> {
  const exchanges: Driven["exchanges"][number][] = [];
  let turn = program.next();
  while (turn.done !== true) {
    const result = await answer(sandbox, turn.value, signal);
    exchanges.push({ step: turn.value, result });
    turn = program.next(result);
  }
  return { report: turn.value, exchanges };
}

/** Feeds stored answers to a program again: the same rules give the same report, new rules may give another. */
export function redrive(program: RunnerProgram, exchanges: readonly Exchange[]): JobReport | undefined {
  let turn = program.next();
  for (const { step, result } of exchanges) {
    if (turn.done === true) break;
    // New rules that ask for other steps cannot be judged from old evidence.
    if (JSON.stringify(turn.value) !== JSON.stringify(step)) return undefined;
    turn = program.next(result);
  }
  return turn.done === true ? turn.value : undefined;
}
