// Counts what the steps of one run took, for who curates: nothing that is judged depends on it.
import type { Sandbox } from "../../sandboxes/index.ts";

export interface Resources {
  /** Of all steps together; what is waited for between them is not counted. */
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Most memory the sandbox held at once, page cache included; absent where its kernel does not tell. */
  readonly peakBytes?: number;
}

/** What is told of a run that was varied. */
export interface VariedRun {
  readonly resources: Resources;
  /** Parts of the variation that could not be had, and why. */
  readonly notVaried: readonly string[];
}

const nothing: Resources = { wallSeconds: 0, cpuSeconds: 0 };

/** Of several sandboxes, one after the other. */
export function together(one: Resources, other: Resources): Resources {
  const peaks = [one, other].flatMap(({ peakBytes }) => peakBytes ?? []);
  return {
    wallSeconds: one.wallSeconds + other.wallSeconds,
    cpuSeconds: one.cpuSeconds + other.cpuSeconds,
    ...(peaks.length === 0 ? {} : { peakBytes: Math.max(...peaks) }),
  };
}

/** Of the sandbox's own control group: the unified hierarchy, then that of version 1. */
const askPeak = "cat /sys/fs/cgroup/memory.peak || cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes";

async function peakOf(sandbox: Sandbox, signal: AbortSignal): Promise<Pick<Resources, "peakBytes">> {
  const argv = ["sh", "-c", askPeak];
  const limits = { timeoutMs: 10_000, maxOutputBytes: 1000 };
  const { stdout } = await sandbox.exec(
    { argv, cwd: "/", env: { PATH: "/usr/bin:/bin" }, ...limits },
    signal,
  );
  const text = stdout.toString("utf8").trim();
  return /^\d{1,15}$/.test(text) ? { peakBytes: Number(text) } : {};
}

/** The same sandbox; `resources` tells what was used until then. */
export class Meter {
  #used = nothing;

  over(sandbox: Sandbox): Sandbox {
    return {
      exec: async (request, signal) => {
        const result = await sandbox.exec(request, signal);
        const used = { wallSeconds: result.wallMs / 1000, cpuSeconds: result.cpuMs / 1000 };
        this.#used = together(this.#used, used);
        return result;
      },
      write: (path, content, options) => sandbox.write(path, content, options),
      read: (path, maxBytes) => sandbox.read(path, maxBytes),
      remove: (path) => sandbox.remove(path),
      snapshot: (layer) => sandbox.snapshot(layer),
      [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
    };
  }

  /** Asked before the sandbox is closed. @throws SandboxFault */
  async read(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
    this.#used = together(this.#used, { ...nothing, ...(await peakOf(sandbox, signal)) });
  }

  get resources(): Resources {
    return this.#used;
  }
}
