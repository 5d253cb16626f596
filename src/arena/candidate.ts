// From a contestant's patch to a tree that may be judged, or to the reasons why not (DESIGN 4.1).
import { forbiddenManifestLines, isManifest } from "../domain/manifests.ts";
import { isTestName, isTestPath, protectionOf } from "../domain/paths.ts";
import { startedByPlan } from "../domain/plan-scripts.ts";
import type { Reason } from "../domain/record.ts";
import { shadowed } from "../domain/shadowing.ts";
import type { TreeChange, TreeEntry } from "../git/index.ts";
import { sameButComments } from "../grading/index.ts";
import type { Case } from "./case.ts";
import { changeProblem, isThroughLink, layoutProblem } from "./layout.ts";
import type { SubmitAnswer } from "./player.ts";

export type Candidate =
  | {
      readonly kind: "rejected";
      readonly reasons: readonly Reason[];
      /** What may be run of it all the same, for its label only: protected paths and tests as they are in base. */
      readonly labelled?: string;
    }
  | {
      readonly kind: "applied";
      readonly tree: string;
      /** Test paths the submission changed: put back as they were in base, and said so. */
      readonly restored: readonly string[];
    };

/** A patch of more than this is read by nobody; git would hold it in memory several times over. */
export const maxPatchBytes = 8 * 1024 * 1024;
/** What the binary parts of a patch may unpack to: they are packed, and unpacked before we can look. */
export const maxBinaryBytes = 16 * 1024 * 1024;
/** Changed files, beyond those the gold patch changes. */
export const maxChangedFiles = 1000;

const rejected = (code: Reason["code"], detail: string): Candidate => ({
  kind: "rejected",
  reasons: [{ code, detail }],
});

/** Everything the path policy is asked about, read once for a candidate. */
interface Policy {
  readonly of: Case;
  readonly tree: string;
  readonly base: ReadonlyMap<string, TreeEntry>;
  readonly basePaths: ReadonlySet<string>;
  readonly started: ReadonlySet<string>;
  readonly own: ReadonlyMap<string, TreeEntry>;
  readonly gold: ReadonlyMap<string, TreeEntry>;
}

async function entriesOf(of: Case, tree: string): Promise<ReadonlyMap<string, TreeEntry>> {
  return new Map((await of.repository.entries(tree)).map((entry) => [entry.path, entry]));
}

async function policyOf(of: Case, tree: string): Promise<Policy> {
  const base = new Map(of.baseEntries.map((entry) => [entry.path, entry]));
  const basePaths = new Set(base.keys());
  const started = startedByPlan(of.instance.ci, basePaths);
  const [own, gold] = [await entriesOf(of, tree), await entriesOf(of, of.goldTree)];
  return { of, tree, base, basePaths, started, own, gold };
}

function isAsInGold({ own, gold }: Policy, path: string): boolean {
  const [mine, theirs] = [own.get(path), gold.get(path)];
  return mine?.object === theirs?.object && mine?.mode === theirs?.mode;
}

/** What the path alone says, before any content is read. */
function pathProblem(policy: Policy, change: TreeChange): string | undefined {
  const { path, newMode, oldMode } = change;
  const { language } = policy.of.instance;
  if (newMode === "120000") return `${path} is a symbolic link`;
  if (newMode === "160000" || oldMode === "160000") return `${path} is a submodule`;
  if (change.kind !== "deleted" && !policy.of.goldPaths.has(path) && isThroughLink(path, policy.base)) {
    return `${path} is a link or below one`;
  }
  const protection = protectionOf(path, language);
  if (protection === "runner") return `${path} decides how tests are found or run`;
  if (policy.started.has(path)) return `${path} is started by the plan`;
  // The rest of a test folder is put back as it was.
  if (isForeignTest(policy.of, path)) return undefined;
  if (protection === "build" && !policy.of.goldPaths.has(path)) return `${path} decides how tests are built`;
  const hidden = change.kind === "deleted" ? undefined : shadowed(path, language, policy.basePaths);
  return hidden === undefined ? undefined : `${path} would be taken for ${hidden}`;
}

async function manifestProblem(policy: Policy, path: string): Promise<string | undefined> {
  const { of, tree, basePaths } = policy;
  const { language } = of.instance;
  if (!isManifest(path, language) || isForeignTest(of, path)) return undefined;
  const text = async (from: string) => (await of.repository.readFile(from, path))?.toString("utf8");
  const [before, after, gold] = [await text(of.baseTree), await text(tree), await text(of.goldTree)];
  const [first] = forbiddenManifestLines({ path, language, before, after, gold, basePaths });
  return first === undefined ? undefined : `${path} may not change the line "${first}"`;
}

interface PolicyProblem {
  readonly path: string;
  readonly problem: string;
}

const listedProblems = (problems: readonly PolicyProblem[]): string =>
  problems
    .map(({ problem }) => problem)
    .join("; ")
    .slice(0, 2000);

async function policyProblems(policy: Policy, changes: readonly TreeChange[]): Promise<PolicyProblem[]> {
  const problems: PolicyProblem[] = [];
  for (const change of changes) {
    if (isAsInGold(policy, change.path)) continue;
    const problem = pathProblem(policy, change) ?? (await manifestProblem(policy, change.path));
    if (problem !== undefined) problems.push({ path: change.path, problem });
  }
  return problems;
}

/** An empty `__init__.py` makes a folder a package, a changed mode makes a script a program. */
function changesMoreThanText(change: TreeChange): boolean {
  if (change.kind === "modified") return change.oldMode !== change.newMode;
  return change.path.endsWith("__init__.py");
}

async function onlyComments(of: Case, tree: string, changes: readonly TreeChange[]): Promise<boolean> {
  for (const change of changes) {
    if (changesMoreThanText(change)) return false;
    const before = (await of.repository.readFile(of.baseTree, change.path)) ?? Buffer.alloc(0);
    const after = (await of.repository.readFile(tree, change.path)) ?? Buffer.alloc(0);
    if (before.includes(0) || after.includes(0)) return false;
    if (!sameButComments(change.path, before.toString("utf8"), after.toString("utf8"))) return false;
  }
  return true;
}

/** Tests gold changes are laid over every candidate as gold has them: what passes in B and G must be the same test. */
function goldTests(of: Case): string[] {
  return [...of.goldPaths].filter((path) => isTestName(path, of.instance.language));
}

/** A path in a test folder that gold has to change is the product's; a file named as a test never is. */
function isForeignTest(of: Case, path: string): boolean {
  const { language } = of.instance;
  return isTestPath(path, language) && (isTestName(path, language) || !of.goldPaths.has(path));
}

function countProblem(of: Case, changes: readonly TreeChange[]): Candidate | undefined {
  if (changes.length === 0) return rejected("no-change", "the patch changes nothing");
  const foreign = changes.filter(({ path }) => !of.goldPaths.has(path)).length;
  if (foreign <= maxChangedFiles) return undefined;
  return rejected("too-large", `${foreign} files changed, at most ${maxChangedFiles} are taken`);
}

/** The rest of a patch that touches what it may not: invalid all the same, but labelled like any other (DESIGN 4.2). */
async function labelledTree(
  of: Case,
  tree: string,
  problems: readonly PolicyProblem[],
): Promise<{ readonly labelled?: string }> {
  const putBack = problems.map(({ path }) => path);
  const rest = await candidateOfTree(of, await of.repository.withPathsFrom(tree, of.baseTree, putBack));
  return rest.kind === "applied" ? { labelled: rest.tree } : {};
}

/** Checks a tree a contestant's change led to: paths, policy, emptiness; puts test files back. */
export async function candidateOfTree(of: Case, tree: string): Promise<Candidate> {
  const changes = await of.repository.changes(of.baseTree, tree);
  const miscounted = countProblem(of, changes);
  if (miscounted !== undefined) return miscounted;
  const problem = await changeProblem(of, changes);
  if (problem !== undefined) return { kind: "rejected", reasons: [problem] };
  const problems = await policyProblems(await policyOf(of, tree), changes);
  if (problems.length > 0) {
    const reason = { code: "protected-path", detail: listedProblems(problems) } as const;
    return { kind: "rejected", reasons: [reason], ...(await labelledTree(of, tree, problems)) };
  }
  const restored = changes.map((change) => change.path).filter((path) => isForeignTest(of, path));
  const kept = changes.filter((change) => !isForeignTest(of, change.path));
  if (kept.length === 0) return rejected("no-change", "the patch changes test files only");
  const ownTests = await of.repository.withPathsFrom(tree, of.baseTree, restored);
  const judged = await of.repository.withPathsFrom(ownTests, of.goldTree, goldTests(of));
  if (await onlyComments(of, judged, kept)) {
    return rejected("only-comments", "the patch changes comments or blank lines only");
  }
  const unwritable = await layoutProblem(of, judged);
  if (unwritable !== undefined) return { kind: "rejected", reasons: [unwritable] };
  return { kind: "applied", tree: judged, restored };
}

/** Bytes the binary parts unpack to; Infinity for a binary delta, whose size only git could tell. */
function binaryBytes(patch: string): number {
  let bytes = 0;
  for (const [, kind, size] of patch.matchAll(/^(literal|delta) (\d+)\r?$/gm)) {
    bytes += kind === "delta" ? Number.POSITIVE_INFINITY : Number(size);
  }
  return bytes;
}

/** Applies a unified diff to the base tree and checks where it leads. Never throws for anything the patch says. */
export async function candidateOfPatch(of: Case, patch: string): Promise<Candidate> {
  if (patch.trim() === "") return rejected("no-change", "the patch is empty");
  if (Buffer.byteLength(patch) > maxPatchBytes) {
    return rejected("answer-too-large", `a patch of more than ${maxPatchBytes} bytes is not taken`);
  }
  if (binaryBytes(patch) > maxBinaryBytes) {
    const detail = `binary changes must be whole files of at most ${maxBinaryBytes} bytes in all`;
    return rejected("answer-too-large", detail);
  }
  const applied = await of.repository.apply(of.baseTree, patch);
  if (applied.kind === "does-not-apply") return rejected(applied.code, applied.detail);
  return candidateOfTree(of, applied.tree);
}

export async function candidateOf(of: Case, answer: SubmitAnswer): Promise<Candidate> {
  if (answer.kind === "tree") return await candidateOfTree(of, answer.tree);
  if (answer.kind === "patch") return await candidateOfPatch(of, answer.patch);
  return answer;
}
