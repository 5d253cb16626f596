// Who has a run open, and whether that process still lives: a pid alone would be mistaken for its successor's.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

export interface StoreOwner {
  readonly host: string;
  readonly pid: number;
  /** When the process began, in whatever form its system counts; compared for equality only. */
  readonly startedAt: string;
}

/** Fields after the command's closing parenthesis: state is the first, start time (in ticks since boot) the 20th. */
function startOnLinux(pid: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, ticks] = [fields[0], fields[19]];
    // A zombie has ended; only its parent has not noticed.
    return ticks === undefined || state === "Z" || state === "X" ? undefined : `${boot}/${ticks}`;
  } catch {
    return undefined;
  }
}

function startByPs(pid: number): string | undefined {
  try {
    const started = execFileSync("/bin/ps", ["-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      env: { LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    return started === "" ? undefined : started;
  } catch {
    return undefined;
  }
}

/** Undefined when no such process runs. */
export function startOf(pid: number): string | undefined {
  return process.platform === "linux" ? startOnLinux(pid) : startByPs(pid);
}

export function thisProcess(): StoreOwner {
  return { host: hostname(), pid: process.pid, startedAt: startOf(process.pid) ?? "unknown" };
}

/** `unknown` is a process of another host or container, which nobody can look up from here. */
export function lifeOf(owner: StoreOwner, seenFrom: string): "alive" | "dead" | "unknown" {
  if (owner.host !== seenFrom) return "unknown";
  return startOf(owner.pid) === owner.startedAt ? "alive" : "dead";
}
