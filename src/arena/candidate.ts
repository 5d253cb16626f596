// From a contestant's patch to a tree that may be judged, or to the reasons why not (DESIGN 4.1).
import { forbiddenManifestLines, isProtectedPath, isTestPath, unsafePath } from "../domain/paths.ts";
import type { Reason } from "../domain/record.ts";
import type { TreeChange } from "../git/index.ts";
import { sameButComments } from "../grading/comments.ts";
import type { Case } from "./case.ts";

export type Candidate =
  | { readonly kind: "rejected"; readonly reasons: readonly Reason[] }
  | {
      readonly kind: "applied";
      readonly tree: string;
      /** Test paths the submission changed: put back as they were in base, and said so. */
      readonly restored: readonly string[];
    };

const rejected = (code: Reason["code"], detail: string): Candidate => ({
  kind: "rejected",
  reasons: [{ code, detail }],
});

function lines(content: Buffer | undefined): string[] {
  return content === undefined ? [] : content.toString("utf8").split("\n");
}

/** Lines only one of the two texts has: enough to judge a manifest change without a diff algorithm. */
function changedLines(before: readonly string[], after: readonly string[]): string[] {
  const removed = before.filter((line) => !after.includes(line));
  const added = after.filter((line) => !before.includes(line));
  return [...removed, ...added].filter((line) => line.trim() !== "" && !/^\s*(#|\/\/)/.test(line));
}

async function policyProblem(of: Case, tree: string, change: TreeChange): Promise<string | undefined> {
  const { language } = of.instance;
  if (of.goldPaths.has(change.path)) return undefined;
  if (change.newMode === "120000") return `${change.path} is a symbolic link`;
  if (change.newMode === "160000" || change.oldMode === "160000") return `${change.path} is a submodule`;
  if (isProtectedPath(change.path, language)) return `${change.path} decides how tests are found or run`;
  const before = lines(await of.repository.readFile(of.baseTree, change.path));
  const after = lines(await of.repository.readFile(tree, change.path));
  const forbidden = forbiddenManifestLines(change.path, language, changedLines(before, after));
  if (forbidden.length === 0) return undefined;
  return `${change.path} may not change the line "${forbidden[0]?.trim()}"`;
}

async function onlyComments(of: Case, tree: string, changes: readonly TreeChange[]): Promise<boolean> {
  for (const change of changes) {
    if (change.oldMode !== change.newMode && change.kind === "modified") return false;
    const before = (await of.repository.readFile(of.baseTree, change.path)) ?? Buffer.alloc(0);
    const after = (await of.repository.readFile(tree, change.path)) ?? Buffer.alloc(0);
    if (before.includes(0) || after.includes(0)) return false;
    if (!sameButComments(change.path, before.toString("utf8"), after.toString("utf8"))) return false;
  }
  return true;
}

/** Checks a tree a contestant's change led to: paths, policy, emptiness; puts test files back. */
export async function candidateOfTree(of: Case, tree: string): Promise<Candidate> {
  const changes = await of.repository.changes(of.baseTree, tree);
  if (changes.length === 0) return rejected("no-change", "the patch changes nothing");
  for (const { path } of changes) {
    const unsafe = unsafePath(path);
    if (unsafe !== undefined) return rejected("unsafe-path", `${unsafe}: ${JSON.stringify(path)}`);
  }
  const { language } = of.instance;
  const problems: string[] = [];
  for (const change of changes) {
    const problem = await policyProblem(of, tree, change);
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length > 0) return rejected("protected-path", problems.join("; "));
  const isForeignTest = (path: string): boolean => isTestPath(path, language) && !of.goldPaths.has(path);
  const restored = changes.map((change) => change.path).filter(isForeignTest);
  const judged = await of.repository.withPathsFrom(tree, of.baseTree, restored);
  const kept = changes.filter((change) => !isForeignTest(change.path));
  if (kept.length === 0) return rejected("no-change", "the patch changes test files only");
  if (await onlyComments(of, judged, kept)) {
    return rejected("only-comments", "the patch changes comments or blank lines only");
  }
  return { kind: "applied", tree: judged, restored };
}

/** Applies a unified diff to the base tree and checks where it leads. Never throws for anything the patch says. */
export async function candidateOfPatch(of: Case, patch: string): Promise<Candidate> {
  if (patch.trim() === "") return rejected("no-change", "the patch is empty");
  const applied = await of.repository.apply(of.baseTree, patch);
  if (applied.kind === "does-not-apply") return rejected("does-not-apply", applied.detail);
  return candidateOfTree(of, applied.tree);
}
