// `arena` as a process of its own that a test interrupts, kills and speaks to while it plays, plain or on a terminal.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./source.ts";

export interface RunProcess {
  readonly child: ChildProcess;
  /** All that it said so far on stderr; on a terminal stdout too. */
  said(): string;
  /** Until it has said something, or ended. */
  until(pattern: RegExp): Promise<void>;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

const running = new Set<ChildProcess>();

/** What a failed test has left: one that waits would wait for ever. */
export function killWhatIsLeft(): void {
  for (const child of running) child.kill("SIGKILL");
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** With `terminal`, under a pseudo-terminal of its own: what is written to its stdin is typed there. */
export function startArena(
  argv: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly terminal?: boolean;
  },
): RunProcess {
  const own = [process.execPath, join(root, "bin", "arena.mjs"), ...argv];
  const [program = "", ...rest] =
    options.terminal === true ? ["script", "-qefc", own.map(quoted).join(" "), "/dev/null"] : own;
  const { NO_COLOR: _, ...env } = process.env;
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...env, TERM: "xterm", ...options.env },
    stdio: ["pipe", options.terminal === true ? "pipe" : "ignore", "pipe"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  let said = "";
  let isOver = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const ended = new Promise<number | string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      isOver = true;
      resolve(code ?? signal ?? "?");
    });
  });
  return {
    child,
    said: () => said,
    until: async (pattern) => {
      while (!pattern.test(said) && !isOver) await sleep(20);
    },
    ended,
  };
}
