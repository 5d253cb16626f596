// Starts retrieval in processes of its own and listens to them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { RetrievalLine } from "./retrieval-child.ts";
import type { RetrievalDigest, RetrievalTask } from "./retrieval-digest.ts";
import { root } from "./source.ts";

export interface RetrievalProcess {
  /** Settles once it has read so many blobs and put them into its cache; rejects when it ends before. */
  hasRead(blobs: number): Promise<void>;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
  /** Rejects, with what it said, when it ends otherwise. */
  readonly done: Promise<RetrievalDigest>;
}

export function startRetrieval(task: RetrievalTask): RetrievalProcess {
  const script = join(root, "test", "support", "retrieval-child.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, JSON.stringify(task)], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  let most = 0;
  let digest: RetrievalDigest | undefined;
  const watchers = new Set<() => void>();
  createInterface(child.stdout).on("line", (line) => {
    const told: RetrievalLine = JSON.parse(line);
    if ("done" in told) digest = told.done;
    else most = Math.max(most, told.read);
    for (const watch of watchers) watch();
  });
  const done = ended.then(([code, signal]) => {
    if (digest !== undefined && code === 0) return digest;
    throw new Error(`retrieval ended with ${code ?? signal}: ${said}`);
  });
  // Whoever kills it does not wait for what it found.
  done.catch(() => {});
  return {
    done,
    hasRead: (blobs) =>
      new Promise((resolve, reject) => {
        const watch = (): void => void (most >= blobs && resolve());
        watchers.add(watch);
        watch();
        void ended.then(() => reject(new Error(`retrieval ended after ${most} blobs: ${said}`)));
      }),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
