// What lies in a checkout, listed inside its sandbox by the image's own find, and read as the text of a stranger.
import type { ExecResult, Sandbox } from "../../../sandboxes/index.ts";
import { lostSandbox } from "./fault.ts";

export const checkoutFolder = "/work";

export interface ListedFile {
  readonly path: string;
  readonly kind: "file" | "link" | "folder" | "other";
  readonly isExecutable: boolean;
  readonly bytes: number;
  /** Changes with every change of content or mode, and no user without privileges can turn it back. */
  readonly changedAt: string;
  /** Of a link. */
  readonly target: string;
}

export type Listing =
  | { readonly ok: true; readonly files: ReadonlyMap<string, ListedFile> }
  /** Of a tree that cannot be listed: what was said of it. */
  | { readonly ok: false; readonly problem: string };

/** A tree of a million files is not listed to its end. */
const maxListingBytes = 64 * 1024 * 1024;
const timeoutMs = 120_000;

const fields = ["%y", "%m", "%s", "%C@", "%l", "%P"];
const kinds: Readonly<Record<string, ListedFile["kind"]>> = { f: "file", l: "link", d: "folder" };

/** Git data is nobody's answer, wherever an agent made it. */
const argv = [
  ...["/usr/bin/find", checkoutFolder, "-mindepth", "1", "-name", ".git", "-prune", "-o"],
  ...["-printf", `${fields.join("\\0")}\\0`],
];

function fileOf([
  type = "",
  mode = "",
  size = "",
  changedAt = "",
  target = "",
  path = "",
]: string[]): ListedFile {
  const isExecutable = (Number.parseInt(mode, 8) & 0o100) !== 0;
  return { path, kind: kinds[type] ?? "other", isExecutable, bytes: Number(size), changedAt, target };
}

function filesOf(text: string): Map<string, ListedFile> {
  const words = text.split("\0");
  const files = new Map<string, ListedFile>();
  for (let at = 0; at + fields.length < words.length; at += fields.length) {
    const file = fileOf(words.slice(at, at + fields.length));
    files.set(file.path, file);
  }
  return files;
}

/** The supervisor's own word that the way out leads nowhere: nothing was run, and that is no agent's doing. */
export function isOutletLost({ outcome, stderr }: ExecResult): boolean {
  const said = stderr.toString("utf8").startsWith("arena: the way out of the sandbox");
  return outcome.kind === "exited" && outcome.code === 125 && said;
}

/** Whatever keeps it from being listed was done by whoever wrote there. @throws SandboxFault, AgentFault */
export async function listCheckout(
  sandbox: Sandbox,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Listing> {
  const request = { argv, cwd: "/", env, timeoutMs, maxOutputBytes: maxListingBytes };
  const result = await sandbox.exec(request, signal);
  if (isOutletLost(result)) throw lostSandbox(`its checkout: ${result.stderr.toString("utf8").trim()}`);
  const { outcome, stdout, stderr, truncated } = result;
  if (outcome.kind === "exited" && outcome.code === 0 && !truncated)
    return { ok: true, files: filesOf(stdout.toString("utf8")) };
  if (truncated) return { ok: false, problem: "the checkout holds too many files to be listed" };
  const said = stderr.toString("utf8").trim().slice(0, 500);
  const end = outcome.kind === "exited" ? `code ${outcome.code}` : outcome.kind;
  return { ok: false, problem: `the checkout could not be listed (${end}): ${said || "no words"}` };
}
