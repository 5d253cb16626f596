// A small instance on a real git repository in a temporary folder, for tests of what becomes of answers.
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Case, openCase } from "../../src/arena/case.ts";
import { type CiPlan, inferredPlan, type Language } from "../../src/domain/instance.ts";
import { Repository, repositoryOfFolder } from "../../src/git/index.ts";
import { instance } from "./evidence.ts";

export type Files = Readonly<Record<string, string | undefined>>;

export interface CaseRequest {
  readonly language?: Language;
  readonly base: Readonly<Record<string, string>>;
  /** Symbolic links of the base tree by path. */
  readonly links?: Readonly<Record<string, string>>;
  /** Files as gold leaves them; undefined removes one. */
  readonly gold: Files;
  readonly hidden?: Files;
  /** The command of the plan's only job. */
  readonly run?: string;
}

export interface TestCase extends AsyncDisposable {
  readonly of: Case;
  /** The diff that makes these changes to the base tree. */
  patch(files: Files): Promise<string>;
  tree(files: Files): Promise<string>;
  /** Text of a file in a tree. */
  text(tree: string, path: string): Promise<string | undefined>;
}

export function buffers(files: Files): Map<string, Buffer | undefined> {
  return new Map(
    Object.entries(files).map(([path, text]) => [path, text === undefined ? undefined : Buffer.from(text)]),
  );
}

async function layOut(home: string, { base, links = {} }: CaseRequest): Promise<void> {
  for (const [path, text] of Object.entries(base)) {
    await mkdir(dirname(join(home, "plain", path)), { recursive: true });
    await writeFile(join(home, "plain", path), text, { mode: path.endsWith(".sh") ? 0o755 : 0o644 });
  }
  for (const [path, target] of Object.entries(links)) await symlink(target, join(home, "plain", path));
}

function planOf(language: Language, run: string | undefined): CiPlan {
  const plan = inferredPlan(language);
  return run === undefined ? plan : { ...plan, jobs: plan.jobs.map((job) => ({ ...job, run })) };
}

export async function testCase(request: CaseRequest): Promise<TestCase> {
  const home = await mkdtemp(join(tmpdir(), "arena-case-test-"));
  await layOut(home, request);
  const made = await repositoryOfFolder(join(home, "plain"), join(home, "cache"));
  const repository = await Repository.open(made.gitDir, join(home, "scratch"));
  const base = await repository.treeOf(made.commit);
  const treeOf = (files: Files) => repository.withFiles(base, buffers(files));
  const patchOf = async (files: Files) => repository.diff(base, await treeOf(files));
  const { language = "python", gold, hidden = {}, run } = request;
  const toy = instance({
    language,
    ci: planOf(language, run),
    goldPatch: await patchOf(gold),
    testPatch: await patchOf(hidden),
  });
  const source = { path: made.gitDir, baseCommit: made.commit };
  const of = await openCase(toy, source, join(home, "cache"));
  return {
    of,
    patch: (files) => patchOf(files),
    tree: (files) => of.repository.withFiles(of.baseTree, buffers(files)),
    text: async (tree, path) => (await of.repository.readFile(tree, path))?.toString("utf8"),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}
