// What a partial clone lacks of a tree, found out without fetching it, and the sizes of what is there.
import { RetrieverFault } from "../fault.ts";
import { askGit } from "./git.ts";
import type { RepositoryAt } from "./tree.ts";

/** Ids of what the repository lacks of the tree. @throws RetrieverFault object-missing when the commit is not there */
export async function missingObjects({ repository, commit, signal }: RepositoryAt): Promise<Set<string>> {
  const args = ["rev-list", "--objects", "--no-walk", "--missing=print", "--end-of-options", commit, "--"];
  const answer = await askGit({ repository, args, signal });
  if (answer.code !== 0) {
    const message = `expected all trees of ${commit} in ${repository}, found some missing: ${answer.stderr}`;
    throw new RetrieverFault("object-missing", message);
  }
  const lines = answer.stdout.toString("latin1").split("\n");
  return new Set(lines.filter((line) => line.startsWith("?")).map((line) => line.slice(1).trim()));
}

/** Bytes by id; every one of the objects must be there. */
export async function sizesOf(
  { repository, signal }: RepositoryAt,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  if (ids.length === 0) return sizes;
  const args = ["cat-file", "--batch-check=%(objectname) %(objectsize)"];
  const answer = await askGit({ repository, args, signal, input: `${ids.join("\n")}\n` });
  for (const line of answer.stdout.toString("latin1").split("\n")) {
    const [id = "", size = ""] = line.split(" ");
    if (/^\d+$/.test(size)) sizes.set(id, Number(size));
  }
  return sizes;
}
