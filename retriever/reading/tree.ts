// Lists a repository's files at a commit straight from its trees: no checkout, paths as bytes.
import { isUtf8 } from "node:buffer";
import { RetrieverFault } from "../fault.ts";
import { askGit } from "./git.ts";
import { missingObjects, sizesOf } from "./partial.ts";

export interface TreeEntry {
  /** Unique in its tree; see {@link pathOf}. */
  readonly path: string;
  readonly kind: "file" | "symlink" | "submodule";
  /** Object id, hexadecimal; of a submodule the commit it points to. */
  readonly id: string;
  /** Zero for submodules and for blobs the repository lacks. */
  readonly bytes: number;
  /** The repository lacks the blob (a partial clone). */
  readonly isMissing?: true;
}

/** What a byte that is no UTF-8 is written as. */
const spelledByte = /\\x[89a-f][0-9a-f]/;

/**
 * A path as text. Bytes that are no UTF-8 are written `\xNN`; in such a path, and in one that looks like it, a backslash
 * is written `\\`, so that two paths never become one.
 */
export function pathOf(bytes: Buffer): string {
  if (isUtf8(bytes)) {
    const path = bytes.toString("utf8");
    return spelledByte.test(path) ? path.replaceAll("\\", "\\\\") : path;
  }
  let path = "";
  for (const byte of bytes) {
    if (byte === 0x5c) path += "\\\\";
    else path += byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`;
  }
  return path;
}

const kinds: Readonly<Record<string, TreeEntry["kind"]>> = {
  "100644": "file",
  "100755": "file",
  "100664": "file",
  "120000": "symlink",
  "160000": "submodule",
};

function entryOf(record: Buffer): TreeEntry | undefined {
  const tab = record.indexOf(9);
  const [mode = "", , id = "", size = ""] = record.toString("latin1", 0, tab).split(/ +/);
  const kind = kinds[mode];
  if (tab < 0 || kind === undefined) return undefined;
  return { path: pathOf(record.subarray(tab + 1)), kind, id, bytes: /^\d+$/.test(size) ? Number(size) : 0 };
}

export interface RepositoryAt {
  readonly repository: string;
  readonly commit: string;
  readonly signal?: AbortSignal | undefined;
}

/** The full id of a commit. @throws RetrieverFault object-missing, repository-unreadable, aborted */
export async function resolveCommit({ repository, commit, signal }: RepositoryAt): Promise<string> {
  const git = (args: readonly string[]) => askGit({ repository, args, signal });
  const found = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^{commit}`]);
  const id = found.stdout.toString("latin1").trim();
  if (found.code === 0 && /^[0-9a-f]{40,64}$/.test(id)) return id;
  const inside = await git(["rev-parse", "--git-dir"]);
  if (inside.code === 0) {
    const message = `expected commit ${commit} in ${repository}, found none: fetch it first`;
    throw new RetrieverFault("object-missing", message);
  }
  throw new RetrieverFault(
    "repository-unreadable",
    `expected a git repository at ${repository}, found none that git can read: ${inside.stderr}`,
  );
}

function entriesOf(listed: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < listed.length; ) {
    const end = listed.indexOf(0, at);
    if (end < 0) break;
    const entry = entryOf(listed.subarray(at, end));
    if (entry !== undefined) entries.push(entry);
    at = end + 1;
  }
  return entries.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Sorted by path (code units). @throws RetrieverFault object-missing, repository-unreadable, aborted */
export async function listTree(at: RepositoryAt): Promise<TreeEntry[]> {
  const { repository, commit, signal } = at;
  const args = ["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit];
  const answer = await askGit({ repository, args, signal });
  if (answer.code === 0) return entriesOf(answer.stdout);
  if (/missing|unable to get size|bad object|not a valid|could not fetch|promisor/i.test(answer.stderr))
    return listPartial(at);
  const message = `git ls-tree ended with ${answer.code} in ${repository}: ${answer.stderr}`;
  throw new RetrieverFault("repository-unreadable", message);
}

/** Asked for sizes, git ends at the first blob that a partial clone lacks. */
async function listPartial(at: RepositoryAt): Promise<TreeEntry[]> {
  const { repository, commit, signal } = at;
  const missing = await missingObjects(at);
  const args = ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit];
  const answer = await askGit({ repository, args, signal });
  if (answer.code !== 0) {
    const message = `expected all trees of ${commit} in ${repository}, found some missing: ${answer.stderr}`;
    throw new RetrieverFault("object-missing", message);
  }
  const entries = entriesOf(answer.stdout);
  const there = entries.filter(({ id, kind }) => kind !== "submodule" && !missing.has(id));
  const sizes = await sizesOf(at, [...new Set(there.map(({ id }) => id))]);
  return entries.map((entry) =>
    missing.has(entry.id)
      ? { ...entry, isMissing: true }
      : { ...entry, bytes: sizes.get(entry.id) ?? entry.bytes },
  );
}
