// From a reviewer's answer to test files that may be laid over any tree, or to the reasons why not (DESIGN 4.3).
import { isProtectedPath, isTestPath, unsafePath } from "../domain/paths.ts";
import type { Reason } from "../domain/record.ts";
import { type Case, changedFiles } from "./case.ts";

export type Review =
  | { readonly kind: "none" }
  | { readonly kind: "rejected"; readonly reasons: readonly Reason[] }
  | { readonly kind: "applied"; readonly files: ReadonlyMap<string, Buffer | undefined> };

/** A review is bounded: more than this is no aimed test but a suite (the published bound is not stated). */
export const maxReviewBytes = 64 * 1024;
export const maxReviewFiles = 10;

const rejected = (code: Reason["code"], detail: string): Review => ({
  kind: "rejected",
  reasons: [{ code, detail }],
});

function pathProblem(path: string, of: Case): Reason | undefined {
  const { language } = of.instance;
  const unsafe = unsafePath(path);
  if (unsafe !== undefined) return { code: "unsafe-path", detail: `${unsafe}: ${JSON.stringify(path)}` };
  if (isProtectedPath(path, language)) {
    return { code: "protected-path", detail: `${path} decides how tests are found or run` };
  }
  if (!isTestPath(path, language)) return { code: "not-a-test-path", detail: `${path} is no test file` };
  return undefined;
}

/** Checks the files a review adds or changes. `bounded` is false for the gold control, whose H may be large. */
export function reviewOfFiles(
  of: Case,
  files: ReadonlyMap<string, Buffer | undefined>,
  bounded = true,
): Review {
  if (files.size === 0) return { kind: "none" };
  for (const [path, content] of files) {
    const problem = bounded ? pathProblem(path, of) : undefined;
    if (problem !== undefined) return { kind: "rejected", reasons: [problem] };
    if (content === undefined && bounded)
      return rejected("not-a-test-path", `${path} may not be deleted by a review`);
  }
  const bytes = [...files.values()].reduce((sum, content) => sum + (content?.length ?? 0), 0);
  const known = new Map(of.baseEntries.map((entry) => [entry.path, entry]));
  if (bounded && [...files.keys()].some((path) => known.get(path)?.mode === "120000")) {
    return rejected("unsafe-path", "a review may not write through a symbolic link");
  }
  if (bounded && files.size > maxReviewFiles) {
    return rejected("too-large", `${files.size} files, at most ${maxReviewFiles} are taken`);
  }
  // Appended code is measured with the file it is appended to; existing test files are rarely near the bound.
  if (bounded && bytes > maxReviewBytes * files.size) {
    return rejected("too-large", `${bytes} bytes, at most ${maxReviewBytes} a file are taken`);
  }
  return { kind: "applied", files };
}

/** Applies a unified diff of tests to the base tree. An empty diff is an abstention. */
export async function reviewOfPatch(of: Case, patch: string, bounded = true): Promise<Review> {
  if (patch.trim() === "") return { kind: "none" };
  const applied = await of.repository.apply(of.baseTree, patch);
  if (applied.kind === "does-not-apply") return rejected("does-not-apply", applied.detail);
  return reviewOfFiles(of, await changedFiles(of.repository, of.baseTree, applied.tree), bounded);
}
