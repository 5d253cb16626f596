// What a change touches: what no patch of ours can carry is refused by name, the rest is parted into fix and hidden tests.
import { type Language, languages } from "../../domain/instance.ts";
import { isTestPath, protectionOf, unsafePath } from "../../domain/paths.ts";
import type { Repository, TreeChange } from "../../git/index.ts";
import { isWrittenIn, mainLanguage } from "../languages.ts";
import { patchFiles } from "../patches.ts";
import type { Rejection } from "../pipeline/stage.ts";
import { listed, splitOf } from "./files.ts";

const gitlink = "160000";
const link = "120000";
const none = "000000";

export interface ChangeLimits {
  readonly mostFiles: number;
  /** Added and removed lines of the fix alone. */
  readonly mostGoldLines: number;
  /** Of all changed files, before or after. */
  readonly mostBytes: number;
}

export interface Parted {
  readonly language: Language;
  readonly goldPatch: string;
  readonly testPatch: string;
  readonly notes: readonly string[];
}

export type PartedAnswer =
  | ({ readonly kind: "parted" } & Parted)
  | ({ readonly kind: "rejected" } & Rejection);

const rejected = (reason: string, detail: string): PartedAnswer => ({ kind: "rejected", reason, detail });

/** Kinds of entry that a text patch cannot stand for, wherever they lie. */
function unfit(changes: readonly TreeChange[]): Rejection | undefined {
  for (const { path, oldMode, newMode } of changes) {
    const why = unsafePath(path);
    if (why !== undefined) return { reason: "unsafe-path", detail: `expected plain paths, found ${why}` };
    const modes = [oldMode, newMode];
    if (modes.includes(gitlink))
      return { reason: "submodule", detail: `expected files, found a submodule at ${path}` };
    if (modes.includes(link))
      return { reason: "symbolic-link", detail: `expected files, found a link at ${path}` };
  }
  return undefined;
}

/** Moves and modes travel in the patch as they are; a person may want to know. */
function moves(changes: readonly TreeChange[]): string[] {
  const gone = new Map(
    changes.filter((each) => each.kind === "deleted").map((each) => [each.oldObject, each.path]),
  );
  return changes.flatMap((change) => {
    const from = change.kind === "added" ? gone.get(change.newObject) : undefined;
    if (from !== undefined)
      return [`${from} renamed to ${change.path}: carried as a removal and an addition`];
    const other = change.oldMode !== change.newMode && change.oldMode !== none && change.newMode !== none;
    return other ? [`${change.path}: mode ${change.oldMode} becomes ${change.newMode}`] : [];
  });
}

const isBinary = (text: string): boolean => /^(GIT binary patch|Binary files .* differ)$/m.test(text);

function changedLines(patch: string): number {
  let lines = 0;
  for (const { text } of patchFiles(patch)) {
    const start = text.search(/^@@ /m);
    if (start >= 0) lines += text.slice(start).match(/^[+-]/gm)?.length ?? 0;
  }
  return lines;
}

/** The language of what is no test in any language: tests may be written in another one than the product. */
function languageOf(paths: readonly string[]): Language | undefined {
  const isTest = (path: string) =>
    languages.some((language) => isWrittenIn(path, language) && isTestPath(path, language));
  return mainLanguage(paths.filter((path) => !isTest(path)));
}

function withoutLanguage(paths: readonly string[]): PartedAnswer {
  const code = paths.filter((path) => languages.some((language) => isWrittenIn(path, language)));
  if (code.length === 0)
    return rejected("no-code", `expected code of ${languages.join(", ")}, found ${listed(paths)}`);
  const tests = code.filter((path) =>
    languages.some((each) => isWrittenIn(path, each) && isTestPath(path, each)),
  );
  if (tests.length === code.length)
    return rejected("only-tests", `expected a fix beside the tests, found ${listed(paths)}`);
  return rejected(
    "mixed-languages",
    `expected one main language in the fix, found as much of another: ${listed(code)}`,
  );
}

/** By the language's path rules, and what these leave doubtful. */
function part(patch: string, language: Language, limits: ChangeLimits): PartedAnswer {
  const split = splitOf({ patch, testPatch: "", splitBy: "substring" }, language);
  const gold = patchFiles(split.goldPatch);
  const binary = gold.filter((file) => isBinary(file.text)).map((file) => file.path);
  if (binary.length > 0)
    return rejected("binary-in-gold", `expected text in the fix, found ${listed(binary)}`);
  const lines = changedLines(split.goldPatch);
  if (lines > limits.mostGoldLines)
    return rejected(
      "too-large",
      `expected at most ${limits.mostGoldLines} changed lines in the fix, found ${lines}`,
    );
  if (!gold.some((file) => isWrittenIn(file.path, language) && changedLines(file.text) > 0))
    return rejected(
      "no-code",
      `expected changed lines of ${language} in the fix, found ${listed(split.goldPaths)}`,
    );
  const runner = split.goldPaths.filter((path) => protectionOf(path, language) === "runner");
  const notes = runner.length === 0 ? [] : [`${listed(runner)} in the fix: no submission may change that`];
  return { kind: "parted", language, goldPatch: split.goldPatch, testPatch: split.testPatch, notes };
}

/**
 * The change between two trees as fix and hidden tests, or why it is none of ours. Applied one after the other to
 * `base` the two give `head` exactly: that is tried here. @throws GitFault
 */
export async function partedChange(
  repository: Repository,
  { base, head }: { readonly base: string; readonly head: string },
  limits: ChangeLimits,
): Promise<PartedAnswer> {
  const changes = await repository.changes(base, head);
  if (changes.length === 0)
    return rejected("no-change", "expected changed files between base and head, found none");
  if (changes.length > limits.mostFiles)
    return rejected(
      "too-large",
      `expected at most ${limits.mostFiles} changed files, found ${changes.length}`,
    );
  const why = unfit(changes);
  if (why !== undefined) return { kind: "rejected", ...why };
  const bytes = await repository.changedBytes(changes);
  if (bytes > limits.mostBytes)
    return rejected(
      "too-large",
      `expected changed files of at most ${limits.mostBytes} bytes, found ${bytes}`,
    );
  const paths = changes.map((change) => change.path);
  const language = languageOf(paths);
  if (language === undefined) return withoutLanguage(paths);
  const patch = await repository.diff(base, head);
  if (patch.includes("\uFFFD"))
    return rejected("not-utf8", "expected changed text in UTF-8, found other bytes");
  const parted = part(patch, language, limits);
  if (parted.kind === "rejected") return parted;
  if (!(await rebuilds(repository, { base, head }, parted)))
    return rejected("does-not-rebuild", "expected fix and tests to give the head's tree, found another");
  return { ...parted, notes: [...moves(changes), ...parted.notes] };
}

async function rebuilds(
  repository: Repository,
  { base, head }: { readonly base: string; readonly head: string },
  { goldPatch, testPatch }: Parted,
): Promise<boolean> {
  const fixed = await repository.apply(base, goldPatch);
  if (fixed.kind !== "applied") return false;
  const all = testPatch === "" ? fixed : await repository.apply(fixed.tree, testPatch);
  return all.kind === "applied" && all.tree === head;
}
