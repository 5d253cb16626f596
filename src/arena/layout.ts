// Whether a host can lay out what a contestant wrote: asked before any run, so that it is an outcome and never a fault.
import { unsafePath } from "../domain/paths.ts";
import type { Reason } from "../domain/record.ts";
import { GitFault, maxChangedBytes, type TreeChange, type TreeEntry } from "../git/index.ts";
import type { Case } from "./case.ts";
import { deltaLayer } from "./layers.ts";

const mebibytes = maxChangedBytes / 1024 / 1024;

export function tooManyBytes(bytes: number): Reason | undefined {
  if (bytes <= maxChangedBytes) return undefined;
  return { code: "too-large", detail: `the changed files hold more than ${mebibytes} MiB in all` };
}

export function unsafeProblem(path: string): Reason | undefined {
  const unsafe = unsafePath(path);
  if (unsafe === undefined) return undefined;
  return { code: "unsafe-path", detail: `${unsafe}: ${JSON.stringify(path).slice(0, 600)}` };
}

/** What paths and sizes alone tell of a change, before a byte of it is read. */
export async function changeProblem(of: Case, changes: readonly TreeChange[]): Promise<Reason | undefined> {
  for (const { path } of changes) {
    const unsafe = unsafeProblem(path);
    if (unsafe !== undefined) return unsafe;
  }
  return tooManyBytes(await of.repository.changedBytes(changes));
}

/** The path itself or a folder above it is a symbolic link or a submodule in the base tree. */
export function isThroughLink(path: string, base: ReadonlyMap<string, TreeEntry>): boolean {
  const parts = path.split("/");
  return parts.some((_, index) => {
    const mode = base.get(parts.slice(0, index + 1).join("/"))?.mode;
    return mode === "120000" || mode === "160000";
  });
}

/**
 * Lays a tree out as its runs will. What fails although there is room, and although gold can be laid out here and now,
 * is the tree's own doing. @throws GitFault when gold cannot be laid out either
 */
export async function layoutProblem(of: Case, tree: string): Promise<Reason | undefined> {
  const layOut = async (to: string) => (await deltaLayer(of.repository, of.baseTree, to)).dispose();
  try {
    await layOut(tree);
    return undefined;
  } catch (error) {
    if (!(error instanceof GitFault) || error.code !== "git-failed") throw error;
    await layOut(of.goldTree);
    return { code: "unsafe-path", detail: `its files cannot be laid out: ${error.message}` };
  }
}
