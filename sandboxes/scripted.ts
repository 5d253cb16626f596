// An in-memory sandbox whose commands are answered by a function: for tests of whoever owns sandboxes, nothing runs.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stepEnv } from "./images.ts";
import { pathProblem } from "./supervised.ts";
import type {
  ExecOutcome,
  ExecRequest,
  ExecResult,
  ReapReport,
  Sandbox,
  SandboxCapabilities,
  SandboxProvider,
  SandboxSpec,
} from "./types.ts";

/** What a scripted command does. Files it writes or deletes in `files` (absolute paths) are seen by later steps. */
export interface ScriptedAnswer {
  readonly outcome: ExecOutcome;
  readonly stdout?: string | Buffer;
  readonly stderr?: string | Buffer;
  readonly wallMs?: number;
}

/** Throw a SandboxFault to play an engine's failure. */
export type ScriptedHandler = (
  request: ExecRequest,
  context: { readonly files: Map<string, Buffer>; readonly spec: SandboxSpec },
) => ScriptedAnswer | Promise<ScriptedAnswer>;

export interface ScriptedProvider extends SandboxProvider {
  /** Sandboxes opened and not yet closed. */
  readonly openNow: number;
  readonly opened: readonly SandboxSpec[];
}

async function load(folder: string, at: string, files: Map<string, Buffer>): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const [from, to] = [join(folder, entry.name), `${at}/${entry.name}`];
    if (entry.isDirectory()) await load(from, to, files);
    else if (entry.isFile()) files.set(to, await readFile(from));
  }
}

function capped(content: string | Buffer, maxBytes: number): { kept: Buffer; bytes: number } {
  const all = typeof content === "string" ? Buffer.from(content) : content;
  return { kept: all.subarray(0, maxBytes), bytes: all.length };
}

class ScriptedSandbox implements Sandbox {
  readonly #files = new Map<string, Buffer>();
  readonly #handler: ScriptedHandler;
  readonly #spec: SandboxSpec;
  readonly #onClosed: () => void;
  #before = new Map<string, Buffer>();
  #closed = false;

  constructor(spec: SandboxSpec, handler: ScriptedHandler, onClosed: () => void) {
    this.#spec = spec;
    this.#handler = handler;
    this.#onClosed = onClosed;
  }

  async open(): Promise<void> {
    for (const layer of this.#spec.layers) {
      for (const part of ["work", "deps"]) await load(join(layer, part), `/${part}`, this.#files);
    }
    this.#before = new Map(this.#files);
  }

  async exec(request: ExecRequest, signal?: AbortSignal): Promise<ExecResult> {
    signal?.throwIfAborted();
    this.#check();
    const answer = await this.#handler(request, { files: this.#files, spec: this.#spec });
    signal?.throwIfAborted();
    const out = capped(answer.stdout ?? "", request.maxOutputBytes);
    const err = capped(answer.stderr ?? "", request.maxOutputBytes);
    const { outcome, wallMs = 1 } = answer;
    return {
      outcome,
      stdout: out.kept,
      stderr: err.kept,
      stdoutBytes: out.bytes,
      stderrBytes: err.bytes,
      truncated: out.kept.length < out.bytes || err.kept.length < err.bytes,
      wallMs,
      cpuMs: wallMs,
    };
  }

  async write(path: string, content: Buffer): Promise<{ ok: boolean; error?: string }> {
    const error = this.#problem(path);
    if (error !== undefined) return { ok: false, error };
    if (this.#isFolder(path)) return { ok: false, error: `${path}: exists and is not a plain file` };
    this.#files.set(path, Buffer.from(content));
    return { ok: true };
  }

  async read(path: string, maxBytes: number): Promise<{ content?: Buffer; error?: string }> {
    const error = this.#problem(path);
    if (error !== undefined) return { error };
    const content = this.#files.get(path);
    if (content === undefined) return { error: `${path}: No such file or directory` };
    return content.length > maxBytes ? { error: `${path}: larger than may be read` } : { content };
  }

  async remove(path: string): Promise<{ ok: boolean; error?: string }> {
    const error = this.#problem(path);
    if (error !== undefined) return { ok: false, error };
    for (const name of [...this.#files.keys()]) {
      if (name === path || name.startsWith(`${path}/`)) this.#files.delete(name);
    }
    return { ok: true };
  }

  async snapshot(layer: string): Promise<void> {
    for (const part of ["work", "deps"]) await mkdir(join(layer, part), { recursive: true });
    for (const [path, content] of this.#files) {
      if (this.#before.get(path) === content || !/^\/(work|deps)\//.test(path)) continue;
      await mkdir(dirname(join(layer, path)), { recursive: true });
      await writeFile(join(layer, path), content);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClosed();
  }

  #isFolder(path: string): boolean {
    return [...this.#files.keys()].some((name) => name.startsWith(`${path}/`));
  }

  #problem(path: string): string | undefined {
    this.#check();
    const writable = /^\/(work|deps|tmp)\//.test(path);
    return pathProblem(path) ?? (writable ? undefined : `${path}: Read-only file system`);
  }

  #check(): void {
    if (this.#closed) throw new Error("bug: a closed sandbox was used");
  }
}

const capabilities: SandboxCapabilities = {
  limitsMemory: false,
  limitsCpu: false,
  limitsProcesses: false,
  limitsDisk: false,
  separatesUsers: false,
  filtersSystemCalls: false,
  images: false,
  caveats: ["nothing runs: answers are scripted, so results say nothing about code"],
};

/** A provider whose sandboxes hold the layers' plain files in memory and answer every command with `handler`. */
export function scriptedSandboxes(handler: ScriptedHandler): ScriptedProvider {
  const opened: SandboxSpec[] = [];
  let open = 0;
  return {
    name: "scripted",
    capabilities,
    opened,
    get openNow() {
      return open;
    },
    async open(spec, signal) {
      signal?.throwIfAborted();
      const sandbox = new ScriptedSandbox(spec, handler, () => {
        open -= 1;
      });
      await sandbox.open();
      open += 1;
      opened.push(spec);
      return sandbox;
    },
    imageDigest: async (image) => `scripted:${image}`,
    imageEnv: async () => stepEnv(),
    ping: async () => {},
    reap: async (): Promise<ReapReport> => ({ containers: 0, mounts: 0, folders: 0 }),
  };
}
