// What a curation is mined from, as its folder lists it: whole clones, single changes that somebody named, repositories at their host.
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../../domain/fault.ts";
import { writeWhole } from "../pipeline/folder.ts";
import { jsonIn, standingText } from "../pipeline/standing.ts";

const commit = z.string().regex(/^[0-9a-f]{40}$/, "40 lower-case hex digits");
/** owner/name: ids and `#12` are told by it. */
const repo = z
  .string()
  .max(150)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*\/[A-Za-z0-9._-]+$/, "owner/name");

export const messageUses = ["never", "linked", "any"] as const;

const cloneSource = z.strictObject({
  kind: z.literal("clone"),
  id: z.string().min(1),
  repo,
  path: z.string().min(1),
  /** Where the main line ends: named, so that a clone that is fetched meanwhile changes nothing. */
  head: commit,
  /**
   * When a change's own message stands for its issue: never; where it closes an issue whose text is not at hand; or
   * always then, whether it names an issue or not.
   */
  messages: z.enum(messageUses),
  /** Exported issues; another content mines again. */
  issues: z.strictObject({ path: z.string(), sha256: z.string() }).exactOptional(),
  /** Whose URLs name issues; github.com where absent. */
  host: z.string().exactOptional(),
});
export type CloneSource = z.infer<typeof cloneSource>;

const changeSource = z.strictObject({
  kind: z.literal("change"),
  /** The row's, too. */
  id: z.string().min(1),
  repo,
  path: z.string().min(1),
  base: commit,
  fix: commit,
  /** The problem in somebody's words; the messages of the change where it is absent. */
  issue: z.strictObject({ title: z.string(), body: z.string() }).exactOptional(),
});
export type ChangeSource = z.infer<typeof changeSource>;

/** A repository whose pull requests are asked for at its host. */
export const gitHubSource = z.strictObject({
  kind: z.literal("github"),
  id: z.string().min(1),
  /** As it was named; rows have the name that it has by now. */
  repo,
  /** Of the host's REST API. */
  api: z.url({ protocol: /^https?$/ }),
  /** Pull requests merged later are none of this run's. ISO, UTC. */
  asOf: z.iso.datetime(),
  /** Those opened before are not read. */
  openedSince: z.iso.datetime().exactOptional(),
  /** This one alone. */
  pull: z.int().positive().exactOptional(),
});
export type GitHubSource = z.infer<typeof gitHubSource>;

/** What lies on this machine. */
export const localSource = z.discriminatedUnion("kind", [cloneSource, changeSource]);
export type LocalSource = z.infer<typeof localSource>;

export const mineSource = z.discriminatedUnion("kind", [cloneSource, changeSource, gitHubSource]);
export type MineSource = z.infer<typeof mineSource>;

const sourcesFile = (folder: string): string => join(folder, "sources.jsonl");

/** What the folder lists so far; nothing where it is new. @throws UsageError naming file and line */
export async function readSources(folder: string): Promise<MineSource[]> {
  const path = sourcesFile(folder);
  const text = (await standingText(path, "a list of what is mined")) ?? "";
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const source = mineSource.safeParse(jsonIn(line));
    if (source.success) return [source.data];
    const said = source.error.issues.map((each) => `${each.path.join(".")}: ${each.message}`).join("; ");
    throw new UsageError(`${path}:${index + 1}: expected a clone, a change or a repository, found ${said}`);
  });
}

/** Lists these besides what is listed; one with the id of another takes its place. */
export async function addSources(folder: string, sources: readonly MineSource[]): Promise<MineSource[]> {
  const byId = new Map([...(await readSources(folder)), ...sources].map((source) => [source.id, source]));
  const all = [...byId.values()];
  await writeWhole(sourcesFile(folder), all.map((source) => `${JSON.stringify(source)}\n`).join(""));
  return all;
}

/** owner/name in the address that a clone came from; undefined where it ends with no such thing. */
export function repoOfAddress(address: string): string | undefined {
  const found = /[:/]([A-Za-z0-9_][A-Za-z0-9._-]*)[/+]([A-Za-z0-9._-]+?)(?:\.git)?\/*$/.exec(address);
  return found === null ? undefined : `${found[1]}/${found[2]}`;
}
