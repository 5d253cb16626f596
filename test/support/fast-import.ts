// Builds git repositories with anything in their trees, without a work tree: paths are bytes, modes are free.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";

export type TreeItem =
  | { readonly path: string | Buffer; readonly content: string | Buffer; readonly mode?: "100644" | "100755" }
  | { readonly path: string | Buffer; readonly symlink: string }
  /** A commit of another repository. */
  | { readonly path: string | Buffer; readonly submodule: string }
  | { readonly path: string | Buffer; readonly deleted: true };

export interface ImportedCommit {
  /** Short name; a branch begins where `from` stands, or anew. */
  readonly branch: string;
  readonly from?: string;
  readonly message: string;
  /** Seconds since 1970; commits without are a minute apart. */
  readonly time?: number;
  readonly items: Iterable<TreeItem>;
}

const firstTime = 1_700_000_000;

/** As fast-import reads it: every byte that could mean something else is an octal escape. */
function quoted(path: string | Buffer): string {
  const bytes = typeof path === "string" ? Buffer.from(path) : path;
  const written = Array.from(bytes, (byte) =>
    byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, "0")}`,
  );
  return `"${written.join("")}"`;
}

function data(content: string | Buffer): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")]);
}

function commandFor(item: TreeItem): Buffer {
  const path = quoted(item.path);
  if ("deleted" in item) return Buffer.from(`D ${path}\n`);
  if ("submodule" in item) return Buffer.from(`M 160000 ${item.submodule} ${path}\n`);
  const [mode, content] =
    "symlink" in item ? ["120000", item.symlink] : [item.mode ?? "100644", item.content];
  return Buffer.concat([Buffer.from(`M ${mode} inline ${path}\n`), data(content)]);
}

function* streamOf({ branch, from, message, items }: ImportedCommit, time: number): Generator<Buffer> {
  const who = `T <t@t> ${time} +0000`;
  yield Buffer.from(`commit refs/heads/${branch}\nauthor ${who}\ncommitter ${who}\n`);
  yield data(message);
  if (from !== undefined) yield Buffer.from(`from refs/heads/${from}^0\n`);
  for (const item of items) yield commandFor(item);
  yield Buffer.from("\ndone\n");
}

export async function git(folder: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  const child = spawn("git", ["-C", folder, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`git ${args.join(" ")} ended with ${code}: ${said}`);
  return out.trim();
}

/** A new bare repository at `folder`; the ids of its commits, in order. */
export async function imported(folder: string, commits: readonly ImportedCommit[]): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  await git(folder, "init", "-q", "--bare");
  const ids: string[] = [];
  // One process a commit: the next may start from where a branch stands by then.
  for (const [at, commit] of commits.entries()) {
    const args = ["-C", folder, "fast-import", "--quiet", "--done", "--force"];
    const child = spawn("git", args, { stdio: ["pipe", "ignore", "inherit"] });
    const ended = once(child, "close");
    for (const part of streamOf(commit, commit.time ?? firstTime + 60 * at))
      if (!child.stdin.write(part)) await once(child.stdin, "drain");
    child.stdin.end();
    const [code] = await ended;
    if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
    ids.push(await git(folder, "rev-parse", `refs/heads/${commit.branch}`));
  }
  return ids;
}
