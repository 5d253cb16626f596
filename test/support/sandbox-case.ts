// What the sandbox contract's cases share: a provider to try, layers to lay, and short ways to run something.
import { chownSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  defaultLimits,
  type ExecResult,
  type Sandbox,
  type SandboxLimits,
  type SandboxProvider,
  type SandboxSpec,
} from "../../sandboxes/index.ts";

export interface SandboxUnderTest {
  readonly provider: SandboxProvider;
  readonly stateFolder: string;
  /** An image with sh, coreutils and python3. */
  readonly image: string;
  /** Whether commands really run; the scripted sandbox only answers. */
  readonly runsCode: boolean;
}

/** Small, so that an attack on them is quick. */
export const smallLimits: SandboxLimits = { memoryMb: 256, cpus: 2, processes: 64, diskMb: 64 };

const judgedUser = 65534;

function give(path: string): void {
  if (process.getuid?.() === 0) chownSync(path, judgedUser, judgedUser);
}

/** A layer folder with these files, keys like `work/src/a.py`. */
export function makeLayer(files: Readonly<Record<string, string>>): string {
  const layer = mkdtempSync(join(tmpdir(), "swing-arena-test-layer-"));
  for (const [path, text] of Object.entries(files)) {
    const parts = dirname(path).split("/");
    for (const [index] of parts.entries()) {
      const folder = join(layer, ...parts.slice(0, index + 1));
      mkdirSync(folder, { recursive: true });
      give(folder);
    }
    writeFileSync(join(layer, path), text);
    give(join(layer, path));
  }
  return layer;
}

export function openSandbox(
  under: SandboxUnderTest,
  spec: Partial<SandboxSpec> = {},
  signal?: AbortSignal,
): Promise<Sandbox> {
  const { provider, image } = under;
  const whole = {
    run: "contract",
    image,
    layers: [],
    network: "none",
    limits: defaultLimits,
    ...spec,
  } as const;
  return provider.open(whole, signal);
}

const path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly maxOutputBytes?: number;
  readonly stdin?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Runs one command in /work. */
export function run(
  sandbox: Sandbox,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<ExecResult> {
  const { timeoutMs = 60_000, maxOutputBytes = 1_000_000, cwd = "/work", env = {}, stdin, signal } = options;
  const input = stdin === undefined ? {} : { stdin };
  return sandbox.exec(
    { argv, cwd, env: { PATH: path, ...env }, timeoutMs, maxOutputBytes, ...input },
    signal,
  );
}

export function shell(sandbox: Sandbox, script: string, options: RunOptions = {}): Promise<ExecResult> {
  return run(sandbox, ["sh", "-c", script], options);
}

export function python(sandbox: Sandbox, program: string, options: RunOptions = {}): Promise<ExecResult> {
  return run(sandbox, ["python3", "-c", program], options);
}

export function text(result: ExecResult): string {
  return result.stdout.toString("utf8");
}

/** Command lines of every process of the sandbox but its first and the asking one. */
export async function processesLeft(sandbox: Sandbox): Promise<string[]> {
  const program = `
import os
for pid in filter(str.isdigit, os.listdir("/proc")):
    if pid not in ("1", str(os.getpid())): print(pid, open(f"/proc/{pid}/cmdline").read())`;
  return text(await python(sandbox, program))
    .split("\n")
    .filter((line) => line !== "");
}
