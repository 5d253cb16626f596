// The files of a repository at a commit that say under which licence it is and whom to name, and who wrote a change.
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Repository, TreeEntry } from "../../git/index.ts";
import { patchFiles } from "../patches.ts";
import type { Release, Row } from "../pipeline/rows.ts";
import type { LicenceTexts } from "./licence-texts.ts";
import { oneLine } from "./markdown.ts";

/** Longer than any licence that SPDX lists. */
const mostBytes = 256 * 1024;
const mostFiles = 40;
const mostCopyrightLines = 50;
const mostNameChars = 200;

const isCode = /\.(?:license|go|py|pyi|rs|c|cc|cpp|cxx|h|hpp|js|mjs|ts|sh|toml|json|ya?ml|in|cmake|xml)$/i;
const licenceName =
  /^(?:[a-z0-9.+]+[-_.])?(?:licen[cs]es?|unlicen[cs]e|copying)(?:[-_.][a-z0-9._+-]*)?(?:\.(?:txt|md|markdown|rst|adoc|html))?$/i;
const noticeName = /^notice(?:\.(?:txt|md))?$/i;

/** The root, and every folder above a file that the change touches: the nearest may have terms of its own. */
function foldersOf(patch: string): ReadonlySet<string> {
  const folders = new Set(["."]);
  for (const { path } of patchFiles(patch)) {
    for (let at = posix.dirname(path); at !== "."; at = posix.dirname(at)) folders.add(at);
  }
  return folders;
}

/** `LICENSES/` holds one file a licence (REUSE). */
function isLicence(path: string, folders: ReadonlySet<string>): boolean {
  if (/^LICENSES\/[^/]+\.txt$/.test(path)) return true;
  const name = posix.basename(path);
  return folders.has(posix.dirname(path)) && licenceName.test(name) && !isCode.test(name);
}

const isNotice = (path: string, folders: ReadonlySet<string>): boolean =>
  folders.has(posix.dirname(path)) && noticeName.test(posix.basename(path));

const nameLine = (text: string): string => oneLine(text).slice(0, mostNameChars);

/** Lines that name a holder; the placeholders of a template name nobody. */
function copyrightLines(text: string): string[] {
  const lines = text.split("\n").filter((line) => {
    const names = /\bcopyright\W*(?:\(c\)|©|\d{4})|^\W*(?:©|\(c\))\W*\d{4}/i.test(line);
    return names && !/[<[{](?:yyyy|year|name of|copyright|owner)/i.test(line);
  });
  return [...new Set(lines.map(nameLine))].slice(0, mostCopyrightLines);
}

const textOf = (bytes: Buffer): string => bytes.toString(isUtf8(bytes) ? "utf8" : "latin1");
const hashOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

export interface ReleaseDeps {
  readonly texts: LicenceTexts;
  /** Keeps what the set will carry, by its hash. */
  readonly keepText: (sha256: string, bytes: Buffer) => Promise<void>;
}

type Files = Pick<Release, "licences" | "notices" | "notRead">;

/** What keeps a file from being read, in words; its bytes where nothing does. */
async function readEntry(
  repository: Repository,
  tree: string,
  { path, mode, object }: TreeEntry,
): Promise<Buffer | string> {
  if (!mode.startsWith("100")) return `${path} is no plain file`;
  const [bytes = 0] = await repository.sizes([object]);
  if (bytes > mostBytes) return `${path} has more than ${mostBytes} bytes`;
  return (await repository.readFile(tree, path)) ?? `${path} is not in the clone`;
}

/** Licence and notice files at a commit, where they bear on the files of a patch. @throws GitFault commit-missing */
export async function releaseFiles(
  { baseCommit, goldPatch }: { readonly baseCommit: string; readonly goldPatch: string },
  repository: Repository,
  { texts, keepText }: ReleaseDeps,
): Promise<Files> {
  const folders = foldersOf(goldPatch);
  const tree = await repository.treeOf(baseCommit);
  const named = (await repository.entries(tree)).filter(
    ({ path }) => isLicence(path, folders) || isNotice(path, folders),
  );
  const files: { [K in keyof Files]: Files[K][number][] } = { licences: [], notices: [], notRead: [] };
  if (named.length > mostFiles) files.notRead.push(`${named.length - mostFiles} more licence files`);
  for (const entry of named.slice(0, mostFiles)) {
    const bytes = await readEntry(repository, tree, entry);
    if (typeof bytes === "string") {
      files.notRead.push(bytes);
      continue;
    }
    const sha256 = hashOf(bytes);
    await keepText(sha256, bytes);
    const { path } = entry;
    const text = textOf(bytes);
    if (isNotice(path, folders)) files.notices.push({ path, sha256, copyright: copyrightLines(text) });
    else files.licences.push({ path, sha256, copyright: copyrightLines(text), ...matchOf(texts, text) });
  }
  return files;
}

function matchOf(texts: LicenceTexts, text: string): Pick<Files["licences"][number], "spdx" | "nearest"> {
  const { spdx, nearest } = texts.match(text);
  return { spdx: [...spdx], ...(nearest === undefined ? {} : { nearest }) };
}

/** Co-authors as the hosts write them. */
function authorsIn({ author, message }: { readonly author: string; readonly message: string }): string[] {
  const trailers = [...message.matchAll(/^co-authored-by:[ \t]*([^<\n]+?)[ \t]*<[^>\n]*>[ \t]*$/gim)];
  return [author, ...trailers.map(([, name = ""]) => name)];
}

/**
 * Names, no addresses, as the commits say them: of what the main line holds, so that any clone has it. Empty where the
 * row tells of no commit.
 */
export async function authorsOf({ mined }: Pick<Row, "mined">, repository: Repository): Promise<string[]> {
  if (mined === undefined) return [];
  const commitNamed = async (commit: string) => repository.log(commit, { atMost: 1 });
  const merge = mined.merge === undefined ? [] : await commitNamed(mined.merge);
  const isSquashed = merge.some(({ parents }) => parents.length < 2);
  const commits = isSquashed ? merge : (await Promise.all(mined.commits.map(commitNamed))).flat();
  const names = commits.flatMap(authorsIn).map(nameLine);
  return [...new Set(names.filter((name) => name !== ""))].sort();
}
