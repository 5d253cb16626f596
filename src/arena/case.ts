// An instance opened for judging: its repository, its trees (base, gold, hidden tests) and where its files are cached.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../domain/fault.ts";
import type { Instance } from "../domain/instance.ts";
import { isTestPath } from "../domain/paths.ts";
import { Repository, type TreeChange, type TreeEntry } from "../git/index.ts";

export type CaseFaultCode = "unsound-instance" | "repository-missing" | "baseline-lost";
/** The instance cannot be judged: its gold or test patch does not apply, its repository is not there, its runs fail. */
export class CaseFault extends Fault<CaseFaultCode> {}

/** An instance with its trees. All trees are built from the base commit, never from an upstream merge. */
export interface Case {
  readonly instance: Instance;
  readonly repository: Repository;
  readonly baseCommit: string;
  readonly baseTree: string;
  readonly goldTree: string;
  /** Files of the hidden test patch as they are after it: laid over any tree in the runs that need H. */
  readonly hidden: ReadonlyMap<string, Buffer | undefined>;
  /** Paths the gold patch changes: a submission may change them where path policy leaves it to gold. */
  readonly goldPaths: ReadonlySet<string>;
  readonly baseEntries: readonly TreeEntry[];
}

export interface RepositorySource {
  readonly path: string;
  readonly baseCommit: string;
}

async function mustApply(repository: Repository, tree: string, patch: string, what: string): Promise<string> {
  const result = await repository.apply(tree, patch);
  if (result.kind === "applied") return result.tree;
  const message = `${what} does not apply to the base commit: ${result.detail}`;
  throw new CaseFault("unsound-instance", message, { retryable: false });
}

/** Bytes that are no UTF-8 are read as U+FFFD: no file has that name, and the change would be taken for a deletion. */
function mustBeReadable(paths: readonly string[], what: string): void {
  const unreadable = paths.find((path) => path.includes("\ufffd"));
  if (unreadable === undefined) return;
  const message = `${what} changes ${JSON.stringify(unreadable)}: expected paths in UTF-8; leave the instance out`;
  throw new CaseFault("unsound-instance", message, { retryable: false });
}

/** Hidden tests are laid over a tree as whole files: one that gold changes too would take the fix away again. */
function mustBeApart(
  goldChanges: readonly TreeChange[],
  hidden: ReadonlyMap<string, Buffer | undefined>,
): void {
  const both = goldChanges.map((change) => change.path).filter((path) => hidden.has(path));
  if (both.length === 0) return;
  const message = `the gold patch and the test patch both change ${both.join(", ")}: a file belongs to one of them`;
  throw new CaseFault("unsound-instance", message, { retryable: false });
}

/** Files that differ between two trees, as they are in the second (undefined: removed). */
export async function changedFiles(
  repository: Repository,
  from: string,
  to: string,
): Promise<Map<string, Buffer | undefined>> {
  const files = new Map<string, Buffer | undefined>();
  for (const change of await repository.changes(from, to)) {
    files.set(
      change.path,
      change.kind === "deleted" ? undefined : await repository.readFile(to, change.path),
    );
  }
  return files;
}

/** Opens an instance. @throws CaseFault unsound-instance when its own patches do not apply or overlap; GitFault */
export async function openCase(instance: Instance, source: RepositorySource, cache: string): Promise<Case> {
  const scratch = join(cache, "objects", instance.instanceId);
  await mkdir(scratch, { recursive: true });
  const repository = await Repository.open(source.path, scratch);
  const baseTree = await repository.treeOf(source.baseCommit);
  const goldTree = await mustApply(repository, baseTree, instance.goldPatch, "the gold patch");
  const hiddenTree =
    instance.testPatch.trim() === ""
      ? baseTree
      : await mustApply(repository, baseTree, instance.testPatch, "the test patch");
  const goldChanges = await repository.changes(baseTree, goldTree);
  const hidden = await changedFiles(repository, baseTree, hiddenTree);
  const goldPaths = new Set(goldChanges.map((change) => change.path));
  mustBeReadable([...goldPaths], "the gold patch");
  mustBeReadable([...hidden.keys()], "the test patch");
  mustBeApart(goldChanges, hidden);
  return {
    instance,
    repository,
    baseCommit: source.baseCommit,
    baseTree,
    goldTree,
    hidden,
    goldPaths,
    baseEntries: await repository.entries(baseTree),
  };
}

/** Test files among paths; in the tree of a candidate none of them comes from the submission (see candidate.ts). */
export function testFilesOf(paths: readonly string[], instance: Instance): string[] {
  return paths.filter((path) => isTestPath(path, instance.language));
}
