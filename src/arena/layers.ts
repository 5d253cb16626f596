// Host folders that sandboxes merge copy-on-write: a tree checked out once, and what another tree changes in it.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Repository, TreeChange } from "../git/index.ts";

/** The unprivileged user of every sandbox (`nobody`). */
const judgedUser = 65534;

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Gives a folder to the judged user, links themselves and not their targets. Without root everyone is one user. */
function giveToJudgedUser(folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const child = spawn("chown", ["-hR", `${judgedUser}:${judgedUser}`, "--", folder], { stdio: "ignore" });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`chown of ${folder} ended with ${code}`)),
    );
  });
}

/**
 * Makes a folder once: built aside by `build`, renamed into place, so that two processes may try at once and a kill in
 * the middle leaves nothing that looks finished.
 */
export async function madeOnce(folder: string, build: (aside: string) => Promise<void>): Promise<string> {
  if (await exists(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const aside = await mkdtemp(`${folder}.making-`);
  try {
    await build(aside);
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (!(await exists(folder))) throw error;
  }
  return folder;
}

/** The layer that holds a whole tree at `work/`, without any git data beside it. */
export function treeLayer(repository: Repository, tree: string, cache: string): Promise<string> {
  return madeOnce(join(cache, "trees", tree), async (aside) => {
    await repository.checkout(tree, join(aside, "work"));
    await giveToJudgedUser(aside);
  });
}

/** The layer that holds an agent's own files at `deps/agent/`. */
export function agentLayer(repository: Repository, tree: string, cache: string): Promise<string> {
  return madeOnce(join(cache, "agents", tree), async (aside) => {
    await repository.checkout(tree, join(aside, "deps", "agent"));
    await giveToJudgedUser(aside);
  });
}

export interface Delta {
  /** A layer with the files `to` adds or changes. */
  readonly layer: string;
  /** Repository paths `to` no longer has: removed inside the sandbox before anything runs. */
  readonly removed: readonly string[];
  dispose(): Promise<void>;
}

/** What must be laid over `from` to get `to`. */
export async function deltaLayer(repository: Repository, from: string, to: string): Promise<Delta> {
  const changes = await repository.changes(from, to);
  const layer = await mkdtemp(join(tmpdir(), "arena-delta-"));
  const dispose = () => rm(layer, { recursive: true, force: true });
  const written = changes
    .filter((change) => change.kind !== "deleted" && change.newMode !== "160000")
    .map((change) => change.path);
  try {
    await repository.checkoutPaths(to, written, join(layer, "work"));
    await giveToJudgedUser(layer);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { layer, removed: removedBeside(changes, written), dispose };
}

/**
 * A file that becomes a folder is replaced by it; removing it would take the folder's new files along. What lay below a
 * folder that becomes a file went with it, and below one that becomes a link another file of that name is found.
 */
function removedBeside(changes: readonly TreeChange[], written: readonly string[]): string[] {
  const takesThePlaceOf = (path: string) => (other: string) =>
    other.startsWith(`${path}/`) || path.startsWith(`${other}/`);
  return changes
    .filter((change) => change.kind === "deleted" && !written.some(takesThePlaceOf(change.path)))
    .map((change) => change.path);
}
