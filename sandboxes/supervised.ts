// What docker and bubblewrap sandboxes share: a supervisor inside, a workspace outside, and one way to end both.
import { posix } from "node:path";
import type { SupervisorClient } from "./client.ts";
import { type ExecRequest, type ExecResult, type Sandbox, SandboxFault } from "./types.ts";
import type { Workspace } from "./workspace.ts";

export interface SupervisedParts {
  readonly client: SupervisorClient;
  readonly workspace: Workspace;
  /** Stands before every command. */
  readonly prefix: readonly string[];
  /** Ends every process of the sandbox; returns when they are gone. Safe to call again. */
  kill(): Promise<void>;
  /** Whether the kernel ended the whole sandbox for memory, supervisor included. */
  diedOfMemory(): Promise<boolean>;
}

const nothing = Buffer.alloc(0);

/** Judged code managed to take the supervisor down with it by using up all memory: its outcome, not our fault. */
const memoryDeath: ExecResult = {
  outcome: { kind: "out-of-memory" },
  stdout: nothing,
  stderr: nothing,
  stdoutBytes: 0,
  stderrBytes: 0,
  truncated: true,
  wallMs: 0,
  cpuMs: 0,
};

const memoryDeathText = "the whole sandbox was killed for memory";

/** What is wrong with a path inside a sandbox, or undefined. */
export function pathProblem(path: string): string | undefined {
  if (!posix.isAbsolute(path)) return `${path}: not an absolute path`;
  if (path.includes("\0")) return "a zero byte in the path";
  if (path.split("/").includes("..")) return `${path}: goes up with ".."`;
  return undefined;
}

export class SupervisedSandbox implements Sandbox {
  readonly #parts: SupervisedParts;
  #closing: Promise<void> | undefined;

  constructor(parts: SupervisedParts) {
    this.#parts = parts;
  }

  async exec(request: ExecRequest, signal?: AbortSignal): Promise<ExecResult> {
    signal?.throwIfAborted();
    let ended: Promise<void> | undefined;
    const argv = [...this.#parts.prefix, ...request.argv];
    const abort = () => {
      ended = this.#parts.kill();
      this.#parts.client.lose("the run was aborted");
    };
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await this.#orMemoryDeath(this.#parts.client.exec({ ...request, argv }), memoryDeath);
    } catch (error) {
      // The work has ended when its processes have, not when we stopped waiting for it.
      await ended;
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async write(
    path: string,
    content: Buffer,
    options: { executable?: boolean } = {},
  ): Promise<{ ok: boolean; error?: string }> {
    const error = pathProblem(path);
    if (error !== undefined) return { ok: false, error };
    const mode = options.executable === true ? 0o755 : 0o644;
    const dead = { ok: false, error: memoryDeathText };
    return this.#orMemoryDeath(this.#parts.client.write(path, mode, content), dead);
  }

  async read(path: string, maxBytes: number): Promise<{ content?: Buffer; error?: string }> {
    const error = pathProblem(path);
    if (error !== undefined) return { error };
    return this.#orMemoryDeath(this.#parts.client.read(path, maxBytes), { error: memoryDeathText });
  }

  async remove(path: string): Promise<{ ok: boolean; error?: string }> {
    const error = pathProblem(path);
    if (error !== undefined) return { ok: false, error };
    return this.#orMemoryDeath(this.#parts.client.remove(path), { ok: false, error: memoryDeathText });
  }

  snapshot(layer: string): Promise<void> {
    return this.#parts.workspace.snapshot(layer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#parts.client.lose("the sandbox was closed");
    try {
      await this.#parts.kill();
    } finally {
      await this.#parts.workspace.dispose();
    }
  }

  async #orMemoryDeath<T>(work: Promise<T>, dead: T): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const lost = error instanceof SandboxFault && error.code === "supervisor-lost";
      if (!lost || this.#closing !== undefined) throw error;
      if (await this.#parts.diedOfMemory().catch(() => false)) return dead;
      throw error;
    }
  }
}
