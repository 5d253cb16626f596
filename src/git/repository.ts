// A repository whose trees we read, patch and check out without ever writing to the user's clone.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoggedCommit, loggedCommits, logWords } from "./log.ts";
import { heldBytes, maxChangedBytes, numstatPaths, patchSources } from "./patch.ts";
import { GitFault, git, runGit, runGitWithRoom } from "./run.ts";

export interface TreeEntry {
  readonly path: string;
  /** Git's mode: 100644, 100755, 120000 (symbolic link), 160000 (submodule). */
  readonly mode: string;
  readonly object: string;
}

export interface TreeChange {
  readonly path: string;
  readonly kind: "added" | "modified" | "deleted";
  readonly oldMode: string;
  readonly newMode: string;
  /** Objects before and after; all zeroes where there is none. */
  readonly oldObject: string;
  readonly newObject: string;
}

/** A file as it may be put into a tree; a link's content is its target. */
export interface TreeFile {
  readonly mode: "100644" | "100755" | "120000";
  readonly content: Buffer;
}

export type ApplyResult =
  | { readonly kind: "applied"; readonly tree: string }
  | {
      readonly kind: "does-not-apply";
      /** `too-large`: it was not tried, for git would have to hold more than {@link maxChangedBytes}. */
      readonly code: "does-not-apply" | "too-large";
      readonly detail: string;
    };

const emptyMode = "000000";
/** Patches take milliseconds; one that takes this long was made to. */
const applyTimeoutMs = 120_000;

const doesNotApply = (
  detail: string,
  code: "does-not-apply" | "too-large" = "does-not-apply",
): ApplyResult => ({ kind: "does-not-apply", code, detail: detail.trim().slice(0, 2000) });

/** A line of `update-index --index-info` that removes a path. */
function removal(path: string): string {
  return `0 ${"0".repeat(40)}\t${path}`;
}

/**
 * Trees of one repository. New objects go to `scratch`, with the repository's own objects as alternates, so that a
 * user's clone is only ever read.
 */
export class Repository {
  readonly gitDir: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #scratch: string;

  private constructor(gitDir: string, objects: string, scratch: string) {
    this.gitDir = gitDir;
    this.#scratch = scratch;
    this.#env = {
      GIT_DIR: gitDir,
      GIT_OBJECT_DIRECTORY: scratch,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: objects,
    };
  }

  /**
   * Opens a clone, bare or not. `scratch` is a folder of ours for new objects; it is made.
   * @throws GitFault repository-missing when there is no repository at `path`
   */
  static async open(path: string, scratch: string): Promise<Repository> {
    const found = await runGit(["-C", path, "rev-parse", "--absolute-git-dir", "--git-common-dir"]);
    const [gitDir, common] = found.stdout.toString("utf8").split("\n");
    if (found.code !== 0 || gitDir === undefined || common === undefined) {
      const message = `expected a git repository (bare or not) at ${path}, found none: ${found.stderr.trim()}`;
      throw new GitFault("repository-missing", message, { retryable: false });
    }
    await mkdir(scratch, { recursive: true });
    const objects = (await git(["-C", path, "rev-parse", "--git-path", "objects"])).toString("utf8").trim();
    return new Repository(gitDir, objects.startsWith("/") ? objects : join(path, objects), scratch);
  }

  /** Where objects and indexes are written. */
  get #written(): readonly string[] {
    return [this.#scratch, tmpdir()];
  }

  #git(args: readonly string[], input?: string | Buffer, index?: string): Promise<Buffer> {
    return git(args, { ...this.#options(input, index), writesTo: this.#written });
  }

  #options(input?: string | Buffer, index?: string) {
    const env = index === undefined ? this.#env : { ...this.#env, GIT_INDEX_FILE: index };
    return input === undefined ? { env } : { env, input };
  }

  /** The tree of a commit. @throws GitFault commit-missing */
  async treeOf(commit: string): Promise<string> {
    const found = await runGit(["rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^{tree}`], {
      env: this.#env,
    });
    if (found.code !== 0) {
      const message = `commit ${commit} is not in ${this.gitDir}: fetch it there, or correct base_commit`;
      throw new GitFault("commit-missing", message, { retryable: false });
    }
    return found.stdout.toString("utf8").trim();
  }

  /** Seconds since the epoch of a commit's committer date. */
  async commitTime(commit: string): Promise<number> {
    const text = await this.#git(["show", "-s", "--format=%ct", commit]);
    return Number(text.toString("utf8").trim());
  }

  /** Every best common ancestor of two commits: none for histories without one, several where they cross. */
  async mergeBases(one: string, other: string): Promise<string[]> {
    const args = ["merge-base", "--all", "--end-of-options", one, other];
    const found = await runGit(args, { env: this.#env });
    // 1 says that there is none; anything else is git's own failure.
    if (found.code === 0) return found.stdout.toString("utf8").trim().split("\n");
    if (found.code === 1) return [];
    const detail = `git merge-base ended with ${found.code}: ${found.stderr.trim().slice(0, 500)}`;
    throw new GitFault("git-failed", detail, { retryable: false });
  }

  /** Commits of `head` with their messages, newest first: all of its past, those `without` lacks, or the main line alone. */
  async log(
    head: string,
    { atMost, ...of }: { readonly atMost: number; readonly without?: string; readonly mainLine?: boolean },
  ): Promise<LoggedCommit[]> {
    const line = of.mainLine === true ? ["--first-parent"] : [];
    const without = of.without === undefined ? [] : [`^${of.without}`];
    const args = [...logWords, ...line, `--max-count=${atMost}`, "--end-of-options", head, ...without, "--"];
    return loggedCommits((await this.#git(args)).toString("utf8"));
  }

  /** Where the clone came from, as git was told; undefined where it knows of no such place. */
  async origin(): Promise<string | undefined> {
    const found = await runGit(["config", "--get", "remote.origin.url"], { env: this.#env });
    return found.code === 0 ? found.stdout.toString("utf8").trim() : undefined;
  }

  /** Every entry of a tree, submodules included, in path order. */
  async entries(tree: string): Promise<TreeEntry[]> {
    const listing = await this.#git(["ls-tree", "-r", "-z", "--full-tree", tree]);
    return listing
      .toString("utf8")
      .split("\0")
      .filter((line) => line !== "")
      .map((line) => {
        const tab = line.indexOf("\t");
        const [mode = "", , object = ""] = line.slice(0, tab).split(" ");
        return { path: line.slice(tab + 1), mode, object };
      });
  }

  /** A file's bytes, or undefined when the tree has no such file. */
  async readFile(tree: string, path: string): Promise<Buffer | undefined> {
    const result = await runGit(["cat-file", "blob", `${tree}:${path}`], this.#options());
    return result.code === 0 ? result.stdout : undefined;
  }

  async changes(from: string, to: string): Promise<TreeChange[]> {
    const raw = await this.#git(["diff-tree", "-r", "-z", "--no-renames", from, to]);
    const fields = raw.toString("utf8").split("\0");
    const changes: TreeChange[] = [];
    for (let at = 0; at + 1 < fields.length; at += 2) {
      const [oldMode = "", newMode = "", oldObject = "", newObject = ""] = (fields[at] ?? "")
        .slice(1)
        .split(" ");
      const kind = oldMode === emptyMode ? "added" : newMode === emptyMode ? "deleted" : "modified";
      changes.push({ path: fields[at + 1] ?? "", kind, oldMode, newMode, oldObject, newObject });
    }
    return changes;
  }

  /** Sizes of objects in bytes, in their order; 0 for one that is not here, such as a submodule's. */
  async sizes(objects: readonly string[]): Promise<number[]> {
    if (objects.length === 0) return [];
    const input = `${objects.join("\n")}\n`;
    const output = await this.#git(["cat-file", "--batch-check=%(objectsize)"], input);
    const lines = output.toString("utf8").trimEnd().split("\n");
    return lines.map((line) => (/^\d+$/.test(line) ? Number(line) : 0));
  }

  /** Bytes a change's files hold, before it or after it, whichever is more. */
  async changedBytes(changes: readonly TreeChange[]): Promise<number> {
    const [before, after] = [
      await this.sizes(changes.map((change) => change.oldObject)),
      await this.sizes(changes.map((change) => change.newObject)),
    ];
    const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size, 0);
    return Math.max(sum(before), sum(after));
  }

  /** Unified diff between two trees, renames off, full index lines: applies where it came from. */
  async diff(from: string, to: string): Promise<string> {
    const args = [
      "diff-tree",
      "-r",
      "-p",
      "--no-renames",
      "--full-index",
      "--binary",
      "--no-ext-diff",
      "--no-textconv",
    ];
    return (await this.#git([...args, from, to])).toString("utf8");
  }

  /**
   * Applies a unified diff, all or nothing. git itself refuses absolute paths, `..` and `.git`. A diff whose every line
   * ends with CRLF is tried as it is, for files that have them, then with LF: something on its way rewrote it. Whatever
   * the patch says is an answer; a full disk is not. @throws GitFault host-disk-full
   */
  async apply(tree: string, patch: string): Promise<ApplyResult> {
    const text = patch.endsWith("\n") ? patch : `${patch}\n`;
    const applied = await this.#applyExactly(tree, text);
    if (applied.kind === "applied" || /(^|[^\r])\n/.test(text.slice(0, -1))) return applied;
    const rewritten = await this.#applyExactly(tree, text.replaceAll("\r\n", "\n"));
    return rewritten.kind === "applied" ? rewritten : applied;
  }

  async #applyExactly(tree: string, text: string): Promise<ApplyResult> {
    const held = await this.#heldBy(tree, text);
    if (typeof held !== "number") return held;
    if (held > maxChangedBytes) {
      return doesNotApply(`it works on more than ${maxChangedBytes} bytes of files`, "too-large");
    }
    return this.#withIndex(tree, async (index) => {
      const applied = await this.#answering(["apply", "--cached", "--whitespace=nowarn", "-"], text, index);
      if (typeof applied !== "string") return applied;
      const written = await this.#answering(["write-tree"], "", index);
      return typeof written === "string" ? { kind: "applied", tree: written.trim() } : written;
    });
  }

  /** What git would have to hold of the files a patch changes, by git's own reading of the patch. */
  async #heldBy(tree: string, patch: string): Promise<number | ApplyResult> {
    const listed = await this.#answering(["apply", "--numstat", "-z", "--whitespace=nowarn", "-"], patch);
    if (typeof listed !== "string") return listed;
    const [parts, sources] = [numstatPaths(listed), patchSources(patch)];
    const named = new Set([...parts, ...sources]);
    const entries = (await this.entries(tree)).filter((entry) => named.has(entry.path));
    const bytes = await this.sizes(entries.map((entry) => entry.object));
    const sizes = new Map(entries.map((entry, index) => [entry.path, bytes[index] ?? 0]));
    return heldBytes(parts, sources, { sizes, patchBytes: Buffer.byteLength(patch) });
  }

  /** The output of a command whose failure is the patch's, unless the disk is full. */
  async #answering(args: readonly string[], input: string, index?: string): Promise<string | ApplyResult> {
    const options = { ...this.#options(input, index), timeoutMs: applyTimeoutMs, writesTo: this.#written };
    const result = await runGitWithRoom(args, options);
    if (result.code === 0) return result.stdout.toString("utf8");
    return doesNotApply(result.stderr.trim() || `git ${args[0]} did not survive it, or took too long`);
  }

  /** A tree with some files replaced (`content`) or removed (`undefined`); modes are kept where the file existed. */
  async withFiles(tree: string, files: ReadonlyMap<string, Buffer | undefined>): Promise<string> {
    const modes = new Map((await this.entries(tree)).map((entry) => [entry.path, entry.mode]));
    const entries = [...files].map(([path, content]) => {
      const mode: TreeFile["mode"] = modes.get(path) === "100755" ? "100755" : "100644";
      return [path, content === undefined ? undefined : { mode, content }] as const;
    });
    return this.withEntries(tree, new Map(entries));
  }

  /** The same with modes of their own. Removals come first: a file may take the place of a folder, and the other way. */
  async withEntries(tree: string, entries: ReadonlyMap<string, TreeFile | undefined>): Promise<string> {
    const lines: string[] = [];
    for (const [path, file] of entries) {
      if (file === undefined) {
        lines.unshift(removal(path));
        continue;
      }
      const object = (await this.#git(["hash-object", "-w", "--stdin"], file.content))
        .toString("utf8")
        .trim();
      lines.push(`${file.mode} ${object}\t${path}`);
    }
    return this.#withIndexLines(tree, lines);
  }

  /** Those of the paths that the tree's own .gitignore files tell git to leave alone; nobody else's are asked. */
  async ignored(tree: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
    const names = (await this.entries(tree)).map((entry) => entry.path);
    const rules = names.filter((path) => path === ".gitignore" || path.endsWith("/.gitignore"));
    if (rules.length === 0 || paths.length === 0) return new Set();
    const folder = await mkdtemp(join(tmpdir(), "arena-ignored-"));
    try {
      await this.checkoutPaths(tree, rules, folder);
      await git(["init", "--quiet", "--template=", folder], { writesTo: [folder] });
      const args = ["check-ignore", "--no-index", "-z", "--stdin"];
      const found = await runGit(args, { cwd: folder, input: `${paths.join("\0")}\0` });
      return new Set(
        found.stdout
          .toString("utf8")
          .split("\0")
          .filter((path) => path !== ""),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** `tree` with exactly these paths as they are in `source` (absent there: removed). */
  async withPathsFrom(tree: string, source: string, paths: readonly string[]): Promise<string> {
    if (paths.length === 0) return tree;
    const wanted = new Map((await this.entries(source)).map((entry) => [entry.path, entry]));
    const lines = paths.map((path) => {
      const entry = wanted.get(path);
      return entry === undefined ? removal(path) : `${entry.mode} ${entry.object}\t${path}`;
    });
    return this.#withIndexLines(tree, lines);
  }

  /** Writes a tree's files below `folder` (made, must be empty). Submodules are left out: their objects are elsewhere. */
  async checkout(tree: string, folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    await this.#withIndex(tree, async (index) => {
      const env = { ...this.#env, GIT_INDEX_FILE: index, GIT_WORK_TREE: folder };
      await git(["checkout-index", "--all", "--force", `--prefix=${folder}/`], {
        env,
        writesTo: [folder, tmpdir()],
      });
      return undefined;
    });
  }

  /** Writes only some paths of a tree below `folder`. */
  async checkoutPaths(tree: string, paths: readonly string[], folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    if (paths.length === 0) return;
    await this.#withIndex(tree, async (index) => {
      const env = { ...this.#env, GIT_INDEX_FILE: index, GIT_WORK_TREE: folder };
      const args = ["checkout-index", "--force", "-z", "--stdin", `--prefix=${folder}/`];
      await git(args, { env, input: `${paths.join("\0")}\0`, writesTo: [folder, tmpdir()] });
      return undefined;
    });
  }

  /** @throws GitFault git-failed when git refuses a path (`..`, `.git`): callers confine paths before. */
  #withIndexLines(tree: string, lines: readonly string[]): Promise<string> {
    // git takes an empty list for a malformed one; an answer that changes nothing is no fault.
    if (lines.length === 0) return Promise.resolve(tree);
    return this.#withIndex(tree, async (index) => {
      await this.#git(["update-index", "-z", "--index-info"], `${lines.join("\0")}\0`, index);
      return this.#writeTree(index);
    });
  }

  async #writeTree(index: string): Promise<string> {
    return (await this.#git(["write-tree"], undefined, index)).toString("utf8").trim();
  }

  async #withIndex<T>(tree: string, use: (index: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), "arena-index-"));
    const index = join(folder, "index");
    try {
      await this.#git(["read-tree", tree], undefined, index);
      return await use(index);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
