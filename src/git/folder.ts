// Turns a plain folder into a repository with one deterministic commit: the same files give the same commit anywhere.
import { createHash } from "node:crypto";
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GitFault, git, runGit } from "./run.ts";

export interface FolderRepository {
  readonly gitDir: string;
  readonly commit: string;
}

/** One author and one moment for every materialised folder: nothing about the machine enters the commit id. */
const identity: Readonly<Record<string, string>> = {
  GIT_AUTHOR_NAME: "Swing Arena",
  GIT_AUTHOR_EMAIL: "arena@example.invalid",
  GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z",
  GIT_COMMITTER_NAME: "Swing Arena",
  GIT_COMMITTER_EMAIL: "arena@example.invalid",
  GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z",
};

interface FolderFile {
  readonly path: string;
  readonly mode: "100644" | "100755" | "120000";
  readonly content: Buffer;
}

async function filesBelow(folder: string, prefix = ""): Promise<FolderFile[]> {
  const names = (await readdir(join(folder, prefix))).filter((name) => name !== ".git").sort();
  const files: FolderFile[] = [];
  for (const name of names) {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    const status = await lstat(join(folder, path));
    if (status.isDirectory()) files.push(...(await filesBelow(folder, path)));
    else if (status.isSymbolicLink()) {
      files.push({ path, mode: "120000", content: Buffer.from(await readlink(join(folder, path))) });
    } else if (status.isFile()) {
      const mode = (status.mode & 0o100) === 0 ? "100644" : "100755";
      files.push({ path, mode, content: await readFile(join(folder, path)) });
    }
  }
  return files;
}

function contentHash(files: readonly FolderFile[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${file.mode} ${file.path}\0${file.content.length}\0`).update(file.content);
  }
  return hash.digest("hex");
}

async function commitFiles(gitDir: string, files: readonly FolderFile[]): Promise<string> {
  const env = { ...identity, GIT_DIR: gitDir, GIT_INDEX_FILE: join(gitDir, "arena-index") };
  const said = async (args: readonly string[], input?: string | Buffer): Promise<string> => {
    const output = await git(args, { env, writesTo: [gitDir], ...(input === undefined ? {} : { input }) });
    return output.toString("utf8").trim();
  };
  await git(["init", "--quiet", "--bare", gitDir], { writesTo: [gitDir] });
  const lines: string[] = [];
  for (const file of files) {
    const object = await said(["hash-object", "-w", "--stdin"], file.content);
    lines.push(`${file.mode} ${object}\t${file.path}`);
  }
  await said(["update-index", "-z", "--index-info"], `${lines.join("\0")}\0`);
  const commit = await said(["commit-tree", await said(["write-tree"]), "-m", "Base"]);
  await said(["update-ref", "refs/heads/main", commit]);
  await rm(join(gitDir, "arena-index"), { force: true });
  return commit;
}

/**
 * Makes (or finds, by content) a bare repository below `cache` that holds the folder's files as one commit.
 * Safe for two processes at once: the repository is made aside and renamed into place.
 * @throws GitFault folder-unreadable, host-disk-full
 */
export async function repositoryOfFolder(folder: string, cache: string): Promise<FolderRepository> {
  let files: FolderFile[];
  try {
    files = await filesBelow(folder);
  } catch (cause) {
    throw new GitFault("folder-unreadable", `cannot read the repository folder ${folder}`, {
      retryable: false,
      cause,
    });
  }
  if (files.length === 0) {
    throw new GitFault("folder-unreadable", `the repository folder ${folder} holds no file`, {
      retryable: false,
    });
  }
  const gitDir = join(cache, "folders", `${contentHash(files)}.git`);
  const known = await runGit(["--git-dir", gitDir, "rev-parse", "--verify", "--quiet", "refs/heads/main"]);
  if (known.code === 0) return { gitDir, commit: known.stdout.toString("utf8").trim() };
  await mkdir(dirname(gitDir), { recursive: true });
  const aside = await mkdtemp(join(dirname(gitDir), "making-"));
  const commit = await commitFiles(aside, files);
  await rename(aside, gitDir).catch(() => rm(aside, { recursive: true, force: true }));
  return { gitDir, commit };
}
