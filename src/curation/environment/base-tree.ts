// What of a row's base tree a plan is made from: its paths, and texts read on demand.
import { join } from "node:path";
import { Repository } from "../../git/index.ts";
import type { LocatedRepository } from "../repositories.ts";

export interface BaseTree {
  readonly files: readonly string[];
  /** Undefined where there is no such file. */
  read(path: string): Promise<string | undefined>;
}

/** @throws GitFault repository-missing, commit-missing */
export async function baseTreeOf(source: LocatedRepository, scratch: string): Promise<BaseTree> {
  const repository = await Repository.open(source.path, join(scratch, source.baseCommit));
  const tree = await repository.treeOf(source.baseCommit);
  const files = (await repository.entries(tree)).map(({ path }) => path);
  return { files, read: async (path) => (await repository.readFile(tree, path))?.toString("utf8") };
}

export async function textsOf(
  tree: BaseTree,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const text = await tree.read(path);
    if (text !== undefined) texts.set(path, text);
  }
  return texts;
}
