// From a reviewer's answer to test files that may be laid over any tree, or to the reasons why not (DESIGN 4.3).
import { isManifest } from "../domain/manifests.ts";
import { isProtectedPath, isTestPath } from "../domain/paths.ts";
import { startedByPlan } from "../domain/plan-scripts.ts";
import type { Reason } from "../domain/record.ts";
import { shadowed } from "../domain/shadowing.ts";
import { blobId, type TreeEntry } from "../git/index.ts";
import { maxPatchBytes } from "./candidate.ts";
import { type Case, changedFiles } from "./case.ts";
import { changeProblem, isThroughLink, layoutProblem, tooManyBytes, unsafeProblem } from "./layout.ts";
import type { ReviewAnswer } from "./player.ts";

export type Review =
  | { readonly kind: "none" }
  | { readonly kind: "rejected"; readonly reasons: readonly Reason[] }
  | { readonly kind: "applied"; readonly files: ReadonlyMap<string, Buffer | undefined> };

/** A review is bounded: more than this is no aimed test but a suite (the published bound is not stated). Per file. */
export const maxReviewBytes = 64 * 1024;
export const maxReviewFiles = 10;

type Files = ReadonlyMap<string, Buffer | undefined>;

const rejected = (code: Reason["code"], detail: string): Review => ({
  kind: "rejected",
  reasons: [{ code, detail }],
});

interface Ground {
  readonly of: Case;
  readonly base: ReadonlyMap<string, TreeEntry>;
  readonly basePaths: ReadonlySet<string>;
  readonly started: ReadonlySet<string>;
  /** Folders of base or gold: no submission that keeps them has a file in their place. */
  readonly folders: ReadonlySet<string>;
}

/** The folders above a path, the highest first. */
function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

async function groundOf(of: Case): Promise<Ground> {
  const base = new Map(of.baseEntries.map((entry) => [entry.path, entry]));
  const basePaths = new Set(base.keys());
  const entries = [...of.baseEntries, ...(await of.repository.entries(of.goldTree))];
  const folders = new Set(entries.flatMap((entry) => foldersAbove(entry.path)));
  return { of, base, basePaths, started: startedByPlan(of.instance.ci, basePaths), folders };
}

/** A new folder takes the place of the file a submission may have there: gone for the submission, not for gold. */
function freshFolder(path: string, { of, folders }: Ground): string | undefined {
  const isForTests = (folder: string) => isTestPath(`${folder}/-`, of.instance.language);
  return foldersAbove(path).find((folder) => !folders.has(folder) && !isForTests(folder));
}

function pathProblem(path: string, ground: Ground): Reason | undefined {
  const { language } = ground.of.instance;
  const unsafe = unsafeProblem(path);
  if (unsafe !== undefined) return unsafe;
  if (isThroughLink(path, ground.base)) {
    return { code: "unsafe-path", detail: `a review may not write through a link: ${path}` };
  }
  if (isProtectedPath(path, language) || isManifest(path, language) || ground.started.has(path)) {
    return { code: "protected-path", detail: `${path} decides how tests are found or run` };
  }
  if (!isTestPath(path, language)) return { code: "not-a-test-path", detail: `${path} is no test file` };
  const fresh = freshFolder(path, ground);
  if (fresh !== undefined) {
    return { code: "not-a-test-path", detail: `${fresh} would be a new folder, and none for tests` };
  }
  const hidden = shadowed(path, language, ground.basePaths);
  if (hidden === undefined) return undefined;
  return { code: "protected-path", detail: `${path} would be taken for ${hidden}` };
}

/** Files the review leaves as they are make it no larger, and no check of theirs becomes its own. */
function withoutUnchanged(files: Files, ground: Ground): Map<string, Buffer | undefined> {
  const isChanged = ([path, content]: [string, Buffer | undefined]): boolean => {
    const known = ground.base.get(path);
    if (content === undefined || known === undefined) return content !== undefined || known !== undefined;
    return blobId(content, known.object) !== known.object;
  };
  return new Map([...files].filter(isChanged));
}

function byLine(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

/** Bytes of the lines only one of two texts has. */
function changedBytes(before: string, after: string): number {
  const [old, now] = [byLine(before), byLine(after)];
  let bytes = 0;
  for (const line of new Set([...old.keys(), ...now.keys()])) {
    const difference = Math.abs((old.get(line) ?? 0) - (now.get(line) ?? 0));
    bytes += difference * (Buffer.byteLength(line) + 1);
  }
  return bytes;
}

/** Code appended to a file is measured without the file: test files of real repositories are often large. */
async function sizeProblem(files: Files, of: Case): Promise<Review | undefined> {
  if (files.size > maxReviewFiles) {
    return rejected("too-large", `${files.size} files, at most ${maxReviewFiles} are taken`);
  }
  for (const [path, content] of files) {
    const before = (await of.repository.readFile(of.baseTree, path))?.toString("utf8") ?? "";
    const bytes = changedBytes(before, content?.toString("utf8") ?? "");
    if (bytes > maxReviewBytes) {
      const detail = `${path}: ${bytes} bytes of changed lines, at most ${maxReviewBytes} a file are taken`;
      return rejected("too-large", detail);
    }
  }
  return undefined;
}

function bytesIn(files: Files): number {
  return [...files.values()].reduce((bytes, content) => bytes + (content?.length ?? 0), 0);
}

/** Checks the files a review adds or changes. `bounded` is false for the gold control, whose H may be large. */
export async function reviewOfFiles(of: Case, answered: Files, bounded = true): Promise<Review> {
  const tooMuch = tooManyBytes(bytesIn(answered));
  if (tooMuch !== undefined) return { kind: "rejected", reasons: [tooMuch] };
  if (!bounded) return answered.size === 0 ? { kind: "none" } : { kind: "applied", files: answered };
  const ground = await groundOf(of);
  for (const path of answered.keys()) {
    const problem = pathProblem(path, ground);
    if (problem !== undefined) return { kind: "rejected", reasons: [problem] };
  }
  const files = withoutUnchanged(answered, ground);
  if (files.size === 0) return { kind: "none" };
  const deleted = [...files].find(([, content]) => content === undefined)?.[0];
  if (deleted !== undefined) return rejected("not-a-test-path", `${deleted} may not be deleted by a review`);
  const tooLarge = await sizeProblem(files, of);
  if (tooLarge !== undefined) return tooLarge;
  const unwritable = await layoutProblem(of, await of.repository.withFiles(of.baseTree, files));
  if (unwritable !== undefined) return { kind: "rejected", reasons: [unwritable] };
  return { kind: "applied", files };
}

/** Applies a unified diff of tests to the base tree. An empty diff is an abstention. */
export async function reviewOfPatch(of: Case, patch: string, bounded = true): Promise<Review> {
  if (patch.trim() === "") return { kind: "none" };
  if (bounded && Buffer.byteLength(patch) > maxPatchBytes) {
    return rejected("too-large", `a diff of more than ${maxPatchBytes} bytes is not taken`);
  }
  if (bounded && /^GIT binary patch\r?$/m.test(patch)) {
    return rejected("too-large", "a review adds text, not binary files");
  }
  const applied = await of.repository.apply(of.baseTree, patch);
  if (applied.kind === "does-not-apply") return rejected(applied.code, applied.detail);
  const changes = await of.repository.changes(of.baseTree, applied.tree);
  const link = changes.find(({ newMode }) => newMode === "120000" || newMode === "160000");
  if (bounded && link !== undefined) {
    return rejected("unsafe-path", `a review may not make a link or a submodule: ${link.path}`);
  }
  if (bounded && changes.length > maxReviewFiles) {
    return rejected("too-large", `${changes.length} files, at most ${maxReviewFiles} are taken`);
  }
  const problem = await changeProblem(of, changes);
  if (problem !== undefined) return { kind: "rejected", reasons: [problem] };
  return reviewOfFiles(of, await changedFiles(of.repository, of.baseTree, applied.tree), bounded);
}

export async function reviewOf(of: Case, answer: ReviewAnswer): Promise<Review> {
  if (answer.kind === "patch") return await reviewOfPatch(of, answer.patch, answer.bounded);
  if (answer.kind === "files") return await reviewOfFiles(of, answer.files, answer.bounded);
  return answer;
}
