// A repository that holds some files of another's commit, its objects borrowed: for measuring the same files alone.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

async function git(args: readonly string[], input = "", env: Record<string, string> = {}): Promise<string> {
  const child = spawn("git", args, { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...env } });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stdin.on("error", () => {}).end(input);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`git ${args.join(" ")} ended with ${code}`);
  return out.trim();
}

interface Borrowed {
  readonly like: { readonly repository: string; readonly commit: string };
  /** A folder that is not there yet. */
  readonly at: string;
}

/** The commit has the files and the past of the one it is like. */
export async function repositoryOf(
  files: readonly { readonly path: string; readonly blob: string }[],
  { like, at }: Borrowed,
): Promise<{ repository: string; commit: string }> {
  await git(["init", "-q", "--bare", at]);
  const objects = await git([
    "-C",
    like.repository,
    "rev-parse",
    "--path-format=absolute",
    "--git-path",
    "objects",
  ]);
  mkdirSync(join(at, "objects", "info"), { recursive: true });
  writeFileSync(join(at, "objects", "info", "alternates"), `${objects}\n`);
  const lines = files.map(({ path, blob }) => `100644 ${blob}\t${path}\0`).join("");
  // git keeps an index for work trees only; nothing is ever written into this one.
  const env = { GIT_INDEX_FILE: join(at, "index.filtered"), GIT_WORK_TREE: at };
  await git(["-C", at, "update-index", "-z", "--index-info"], lines, env);
  const tree = await git(["-C", at, "write-tree"], "", env);
  const parent = await git(["-C", like.repository, "rev-parse", `${like.commit}^1`]);
  const who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
  const commit = await git([
    "-C",
    at,
    ...who,
    "commit-tree",
    tree,
    "-p",
    parent,
    "-m",
    "the parsed files alone",
  ]);
  return { repository: at, commit };
}
