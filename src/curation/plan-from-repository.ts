// Infers a plan from the files a repository has at an instance's base commit.
import { join } from "node:path";
import type { Instance } from "../domain/instance.ts";
import { baseTreeOf, textsOf } from "./environment/base-tree.ts";
import { patchFiles } from "./patches.ts";
import { type InferredPlan, inferPlan, planFilesOf } from "./plan-inference.ts";
import type { LocatedRepository } from "./repositories.ts";

/** @throws GitFault repository-missing, commit-missing */
export async function planFromRepository(
  { language, repo, goldPatch, testPatch }: Pick<Instance, "language" | "repo" | "goldPatch" | "testPatch">,
  source: LocatedRepository,
  cache: string,
): Promise<InferredPlan> {
  const tree = await baseTreeOf(source, join(cache, "objects"));
  const texts = await textsOf(tree, planFilesOf(language, tree.files));
  const paths = (patch: string): string[] => patchFiles(patch).map((file) => file.path);
  const touched = { testPaths: paths(testPatch), goldPaths: paths(goldPatch) };
  return inferPlan(language, { files: tree.files, texts, repo, ...touched });
}
