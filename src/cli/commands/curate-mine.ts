// `arena curate mine`: changes that closed an issue, from the histories of local clones and from GitHub.
import { basename, resolve } from "node:path";
import {
  addSources,
  type CloneSource,
  type IssueExport,
  type LocalSource,
  messageUses,
  mineStage,
  readIssueExport,
  readSources,
  repoOfAddress,
  runStage,
  type StageReport,
} from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { linkClone, openClone, openGitHub } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type GitHubOptions, gitHubSources, gitHubTold, namesGitHub } from "../github-sources.ts";
import { progressTold, stageCommand } from "../stage-report.ts";

export interface CurateMineOptions extends GitHubOptions {
  /** `folder`, or `owner/name=folder`. */
  readonly fromClone?: readonly string[];
  readonly issuesJson?: string;
  readonly messages: string;
  readonly host?: string;
}

const named = /^([A-Za-z0-9_][A-Za-z0-9._-]*\/[A-Za-z0-9._-]+)=(.+)$/;

/** @throws UsageError where nobody says which repository it is */
export async function cloneAt(place: string): Promise<{ readonly repo: string; readonly path: string }> {
  const [, given, folder = place] = named.exec(place) ?? [];
  const path = resolve(folder);
  if (given !== undefined) return { repo: given, path };
  const origin = await (await openClone(path)).origin();
  const repo = origin === undefined ? undefined : repoOfAddress(origin);
  const byName = /^([^+]+)\+([^+]+)$/.exec(basename(path));
  if (repo !== undefined) return { repo, path };
  if (byName !== null) return { repo: `${byName[1]}/${byName[2]}`, path };
  throw new UsageError(
    `expected a clone that says which repository it is, found ${path} without an origin: write owner/name=${place}`,
  );
}

/** The commit that a name stands for today. @throws GitFault commit-missing */
export async function commitNamed(path: string, name: string): Promise<string> {
  const repository = await openClone(path);
  await repository.treeOf(name);
  const [own] = await repository.log(name, { atMost: 1 });
  if (own === undefined) throw new UsageError(`expected a commit called ${name} in ${path}, found none`);
  return own.commit;
}

function messagesOf(text: string): CloneSource["messages"] {
  const use = messageUses.find((each) => each === text);
  if (use !== undefined) return use;
  throw new UsageError(`--messages: expected ${messageUses.join(", ")}, found "${text}"`);
}

async function cloneSources(options: CurateMineOptions): Promise<CloneSource[]> {
  const { folder, fromClone = [], issuesJson, host } = options;
  const places = await Promise.all(fromClone.map(cloneAt));
  const only = places.length === 1 ? places[0]?.repo : undefined;
  const issues = issuesJson === undefined ? undefined : resolve(issuesJson);
  const exported = issues === undefined ? undefined : await readIssueExport(issues, only);
  const sources: CloneSource[] = [];
  for (const { repo, path } of places) {
    await linkClone(folder, repo, path);
    sources.push({
      ...{ kind: "clone", id: repo, repo, path, head: await commitNamed(path, "HEAD") },
      messages: messagesOf(options.messages),
      ...(issues === undefined || exported === undefined
        ? {}
        : { issues: { path: issues, sha256: exported.sha256 } }),
      ...(host === undefined ? {} : { host }),
    });
  }
  return sources;
}

/** The export as it was when the source was listed. @throws UsageError where it has changed since */
async function issuesOf({ repo, issues }: CloneSource): Promise<IssueExport | undefined> {
  if (issues === undefined) return undefined;
  const read = await readIssueExport(issues.path, repo);
  if (read.sha256 === issues.sha256) return read;
  const next = "name the clone again with --from-clone and --issues-json";
  throw new UsageError(
    `${issues.path}: expected the issues that ${repo} was listed with, found others: ${next}`,
  );
}

/** Whether a command line says what to mine. */
export const namesSources = (options: CurateMineOptions): boolean =>
  (options.fromClone ?? []).length > 0 || namesGitHub(options);

/** Over all that the folder lists. */
export async function mineSources(
  { folder }: Pick<CurateMineOptions, "folder">,
  { out, signal }: CommandContext,
): Promise<StageReport> {
  const sources = await readSources(folder);
  if (sources.length === 0)
    throw new UsageError("expected something to mine, found nothing: name it with --from-clone or --github");
  const opened = ({ path }: LocalSource) => openClone(path);
  const told = gitHubTold({ out });
  const clientOf = openGitHub(folder, told);
  const stage = mineStage({
    local: { repositoryOf: opened, issuesOf },
    gitHub: { clientOf: ({ api }) => clientOf(api), onPull: told.onPull },
  });
  const run = { folder, workers: 2, signal, onProgress: progressTold(out) };
  const { report } = await runStage(stage, sources, run);
  told.ended();
  return report;
}

/** Lists what is named, then mines all that is listed. */
export async function mineStep(options: CurateMineOptions, context: CommandContext): Promise<StageReport> {
  const sources = [...(await cloneSources(options)), ...(await gitHubSources(options, context))];
  if (sources.length > 0) await addSources(options.folder, sources);
  return mineSources(options, context);
}

export const curateMine = stageCommand(mineStep);
