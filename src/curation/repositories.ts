// Finds the repository an instance is about: a plain folder the set carries, or a clone the user names.
import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Fault } from "../domain/fault.ts";
import type { Instance } from "../domain/instance.ts";
import { repositoryOfFolder } from "../git/index.ts";

export type RepositoryFaultCode = "repository-missing" | "unsound-instance";
/** An instance has no repository here, or not the one it was made from: its own defect, and no other instance's. */
export class RepositoryFault extends Fault<RepositoryFaultCode> {
  constructor(code: RepositoryFaultCode, message: string) {
    super(code, message, { retryable: false });
  }
}

export interface RepositoryPlaces {
  /** The set folder, in whose `repos/` repositories are looked for first. */
  readonly set: { readonly folder: string };
  /** The user's folder of clones, or one clone. */
  readonly repos?: string;
  /** Where repositories made of plain folders are kept. */
  readonly cache: string;
}

export interface LocatedRepository {
  /** A git repository, bare or not. */
  readonly path: string;
  readonly baseCommit: string;
}

/** What of an instance says where its repository is. */
type Located = Pick<Instance, "instanceId" | "repo" | "baseCommit">;

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A clone itself, never a folder inside one: git would climb to the parent and find another repository. */
async function isClone(path: string): Promise<boolean> {
  if (await exists(join(path, ".git"))) return true;
  const head = await readFile(join(path, "HEAD"), "utf8").catch(() => "");
  return (
    head.trim() !== "" && (await isFolder(join(path, "objects"))) && (await isFolder(join(path, "refs")))
  );
}

/** Names a folder of this repository may have, the most telling first. */
function namesOf(repo: string): string[] {
  const parts = repo.split("/");
  const name = parts.at(-1) ?? repo;
  return parts.length === 1 ? [name] : [parts.join("+"), parts.join("__"), repo, name];
}

function mustBeConfined(instance: Located): void {
  const parts = instance.repo.split("/");
  if (!parts.includes("..") && !instance.repo.includes("\0")) return;
  const expected = "owner/name, or a path without `..`";
  throw new RepositoryFault(
    "unsound-instance",
    `${instance.instanceId}: repo: expected ${expected}, found ${JSON.stringify(instance.repo)}`,
  );
}

interface Search {
  readonly roots: readonly string[];
  readonly names: readonly string[];
}

function searchOf(instance: Located, places: RepositoryPlaces): Search {
  const { repo } = instance;
  const { folder } = places.set;
  if (repo.startsWith("/") || repo.startsWith("./")) return { roots: [folder], names: [repo] };
  const roots = [join(folder, "repos"), ...(places.repos === undefined ? [] : [resolve(places.repos)])];
  return { roots, names: namesOf(repo) };
}

async function find(instance: Located, places: RepositoryPlaces): Promise<string> {
  const { roots, names } = searchOf(instance, places);
  for (const root of roots) {
    for (const name of names.flatMap((each) => [each, `${each}.git`])) {
      if (await isFolder(resolve(root, name))) return resolve(root, name);
    }
  }
  // `--repos` may be the clone itself; a set of one repository needs no folder of clones.
  if (places.repos !== undefined && (await isClone(places.repos))) return resolve(places.repos);
  const expected = `the repository ${instance.repo} as ${names.join(", ")} (or with .git)`;
  const next =
    places.repos === undefined
      ? "name the folder of your clones with --repos"
      : "clone it there, with its history";
  throw new RepositoryFault(
    "repository-missing",
    `${instance.instanceId}: expected ${expected} in ${roots.join(" or ")}, found none: ${next}`,
  );
}

async function ofPlainFolder(instance: Located, folder: string, cache: string): Promise<LocatedRepository> {
  const { gitDir, commit } = await repositoryOfFolder(folder, cache);
  if (instance.baseCommit === undefined || instance.baseCommit === commit) {
    return { path: gitDir, baseCommit: commit };
  }
  throw new RepositoryFault(
    "unsound-instance",
    `${instance.instanceId}: wrong base commit: expected ${commit}, which is the commit of the files in ${folder}, found ${instance.baseCommit}: ` +
      "the folder has changed since the set was frozen (build outputs count), or base_commit is mistaken",
  );
}

/**
 * The repository of an instance and its base commit. Plain folders become a repository with a deterministic commit;
 * whether a clone holds the commit is seen when its tree is read.
 * @throws RepositoryFault repository-missing (the message lists where it was looked for), or unsound-instance when a
 *   plain folder's commit is not the instance's, or a line is mistaken; GitFault folder-unreadable
 */
export async function locateRepository(
  instance: Located,
  places: RepositoryPlaces,
): Promise<LocatedRepository> {
  mustBeConfined(instance);
  const path = await find(instance, places);
  if (!(await isClone(path))) return ofPlainFolder(instance, path, places.cache);
  if (instance.baseCommit !== undefined) return { path, baseCommit: instance.baseCommit };
  throw new RepositoryFault(
    "unsound-instance",
    `${instance.instanceId}: base_commit: expected 40 hex digits, because ${path} is a clone, found nothing`,
  );
}
