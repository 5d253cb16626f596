// The one way out of a sandbox that has one: where the host's socket is shown, and what carries bytes to it.
import { basename, dirname } from "node:path";
import type { SandboxSpec } from "./types.ts";

const shownAt = "/.arena/outlet";

/** The host's folder to be shown read-only, and where; undefined for a sandbox without an outlet. */
export function outletMount({ network }: SandboxSpec): { source: string; target: string } | undefined {
  if (typeof network === "string") return undefined;
  return { source: dirname(network.socket), target: shownAt };
}

/** What stands before every command of such a sandbox: the supervisor's own program, as the judged user. */
export function outletPrefix({ network }: SandboxSpec): readonly string[] {
  if (typeof network === "string") return [];
  const { socket, port } = network;
  return ["/.arena/supervisor", "forward", String(port), `${shownAt}/${basename(socket)}`];
}
