// The network of preparation: a user-space stack in the sandbox's own namespace that never reaches the host itself.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import type { Readable } from "node:stream";
import { lastWords, runTool, toolEnv, whichTool } from "./tool.ts";
import { SandboxFault } from "./types.ts";

/** The stack's own resolver, which asks the host's. */
export const resolverText = "nameserver 10.0.2.3\noptions timeout:5 attempts:3\n";

export interface OutwardNetwork {
  close(): void;
}

const unreachableAlways = ["169.254.0.0/16", "127.0.0.0/8"];

/** Addresses of this machine: a program of the stack would reach its services through them. */
function hostAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.filter((entry) => entry.family === "IPv4").map((entry) => `${entry.address}/32`);
}

export async function canReachOut(): Promise<boolean> {
  const found = await Promise.all(["slirp4netns", "nsenter", "ip"].map(whichTool));
  return process.getuid?.() === 0 && found.every((path) => path !== undefined);
}

function unsupported(message: string): SandboxFault {
  return new SandboxFault("unsupported", message, { retryable: false });
}

/** Blocks the host's own addresses from inside; judged code has no capability to change routes. */
async function blockHost(pid: number): Promise<void> {
  for (const address of [...new Set([...hostAddresses(), ...unreachableAlways])]) {
    const inside = ["nsenter", "--net", `--target=${pid}`, "ip", "route", "add", "unreachable", address];
    const result = await runTool(inside);
    if (result.code !== 0 && !/File exists/.test(result.stderr)) {
      throw unsupported(`could not shut ${address} off from preparation's network: ${lastWords(result)}`);
    }
  }
}

async function untilReady(child: ChildProcess, ready: Readable): Promise<void> {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  const deadline = AbortSignal.timeout(20_000);
  try {
    await Promise.race([
      once(ready, "data", { signal: deadline }),
      once(child, "exit", { signal: deadline }).then(() => Promise.reject(new Error("it ended"))),
    ]);
  } catch (error) {
    child.kill("SIGKILL");
    throw unsupported(
      `slirp4netns did not start: ${error instanceof Error ? error.message : error}\n${said}`,
    );
  }
}

/**
 * Connects the network namespace of process `pid` outward, without the host's loopback and own addresses.
 * The stack ends with `close` or with this process. @throws SandboxFault unsupported
 */
export async function connectOutward(pid: number): Promise<OutwardNetwork> {
  if (!(await canReachOut())) {
    throw unsupported(
      "preparation needs a network, for which slirp4netns, nsenter and ip must be installed and this process be root: `apt-get install slirp4netns util-linux iproute2`.",
    );
  }
  // Fd 3 tells when it is ready; fd 4 closes when we go, however we go, and ends it.
  const options = ["--configure", "--mtu=65520", "--disable-host-loopback", "--ready-fd=3", "--exit-fd=4"];
  const child = spawn("slirp4netns", [...options, String(pid), "tap0"], {
    env: toolEnv,
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    // Ctrl-C in a terminal reaches every process of the foreground: what is under way must not be ended by it.
    detached: true,
  });
  child.on("error", () => undefined);
  const ready = child.stdio[3];
  if (ready === null || ready === undefined || !("read" in ready)) throw new Error("bug: no ready pipe");
  await untilReady(child, ready);
  const close = () => {
    child.kill("SIGKILL");
  };
  try {
    await blockHost(pid);
  } catch (error) {
    close();
    throw error;
  }
  return { close };
}
