// Whom a set owes what: every repository with its licence files, holders, notices, and who wrote the changes.
import type { FrozenRow, Release } from "../pipeline/rows.ts";
import { isKnown } from "./licence-rule.ts";
import { code, words } from "./markdown.ts";

/** Each licence once, in one order; `unknown` where a file is nobody's that SPDX lists, or there is none. */
export function licenceNames(release: Pick<Release, "licences" | "notRead">): readonly string[] {
  const known = release.licences.flatMap(({ spdx }) => (spdx.length === 0 ? [] : [spdx.join(" or ")]));
  return [...new Set(known)].sort().concat(isKnown(release) ? [] : ["unknown"]);
}

/** How many rows there are under each licence, by name. */
export function licenceCounts(rows: readonly FrozenRow[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { release } of rows) {
    const name = licenceNames(release).join(", ");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Where the set keeps a text that it carries. */
export const textFile = (sha256: string): string => `licences/${sha256}.txt`;

function licenceWords({ spdx, nearest }: Release["licences"][number]): string {
  if (spdx.length > 0) return spdx.map(code).join(" or ");
  return nearest === undefined ? "unknown" : `unknown (resembles ${code(nearest.spdx)}, ${nearest.likeness})`;
}

const carried = ({ path, sha256 }: { readonly path: string; readonly sha256: string }): string =>
  `${code(path)} ([text](${textFile(sha256)}))`;

function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)].sort();
}

function instanceLine({ id, split, release, mined }: FrozenRow): string {
  const authors = release.authors.length === 0 ? "authors not known" : release.authors.map(words).join(", ");
  const stated = mined?.licence === undefined ? "" : `; its host says ${code(mined.licence)}`;
  return `  - ${code(id)} at ${code(split.baseCommit)}: ${authors}${stated}`;
}

function ofRepository(repo: string, rows: readonly FrozenRow[]): string {
  const releases = rows.map(({ release }) => release);
  const licences = unique(
    releases.flatMap((each) =>
      each.licences.map((licence) => `- licence: ${licenceWords(licence)}, ${carried(licence)}`),
    ),
  );
  const none = releases.some(({ licences: own, notRead }) => own.length + notRead.length === 0);
  const holders = releases.flatMap((each) =>
    [...each.licences, ...each.notices].flatMap(({ path, copyright }) =>
      copyright.map((line) => `- in ${code(path)}: ${words(line)}`),
    ),
  );
  return [
    `## ${words(repo)}`,
    "",
    ...licences,
    ...(none ? ["- licence: unknown, no licence file"] : []),
    ...unique(releases.flatMap((each) => each.notRead.map((why) => `- not read: ${words(why)}`))),
    ...unique(holders),
    ...unique(releases.flatMap((each) => each.notices.map((notice) => `- notice: ${carried(notice)}`))),
    "- instances, with the authors of their changes:",
    ...rows.map(instanceLine),
  ].join("\n");
}

/** `ATTRIBUTIONS.md`. Rows in the order of their ids. */
export function attributionsText(title: string, rows: readonly FrozenRow[]): string {
  const repos = unique(rows.map(({ repo }) => repo));
  const sections = repos.map((repo) =>
    ofRepository(
      repo,
      rows.filter((row) => row.repo === repo),
    ),
  );
  const opening = [
    `# Attributions of ${words(title)}`,
    "",
    "Patches, tests and what is quoted of files come from these repositories, under their licences. The texts of issues are",
    "their authors'. A licence was told by comparing the files at each base commit with the texts of SPDX's list; where there",
    "are several files, which of them holds for what they do not say. Authors are named as the commits name them.",
  ].join("\n");
  return `${[opening, ...sections].join("\n\n")}\n`;
}
