// Infers a plan from the files a repository has at an instance's base commit.
import { join } from "node:path";
import type { Instance } from "../domain/instance.ts";
import { Repository } from "../git/index.ts";
import { patchFiles } from "./patches.ts";
import { type InferredPlan, inferPlan, planFilesOf } from "./plan-inference.ts";
import type { LocatedRepository } from "./repositories.ts";

/** @throws GitFault repository-missing, commit-missing */
export async function planFromRepository(
  instance: Pick<Instance, "instanceId" | "language" | "goldPatch" | "testPatch">,
  source: LocatedRepository,
  cache: string,
): Promise<InferredPlan> {
  const repository = await Repository.open(source.path, join(cache, "objects", instance.instanceId));
  const tree = await repository.treeOf(source.baseCommit);
  const files = (await repository.entries(tree)).map((entry) => entry.path);
  const texts = new Map<string, string>();
  for (const path of planFilesOf(instance.language, files)) {
    const content = await repository.readFile(tree, path);
    if (content !== undefined) texts.set(path, content.toString("utf8"));
  }
  const paths = (patch: string): string[] => patchFiles(patch).map((file) => file.path);
  const input = { files, texts, testPaths: paths(instance.testPatch), goldPaths: paths(instance.goldPatch) };
  return inferPlan(instance.language, input);
}
