// `--github` and the searches of `arena curate mine`: repositories at their host, and what is told of them while they are mined.
import {
  endedIn,
  type GitHubSource,
  gitHubSourceOf,
  type LimitListeners,
  publicApi,
  pullRowId,
  type RateBudget,
  readSources,
  searchSources,
} from "../curation/index.ts";
import { UsageError } from "../domain/fault.ts";
import { gitHubMark, now, openGitHub } from "../wire.ts";
import type { CommandContext } from "./command.ts";

export interface GitHubOptions {
  readonly folder: string;
  /** owner/name each. */
  readonly github?: readonly string[];
  readonly githubApi?: string;
  /** YYYY-MM-DD. */
  readonly openedSince?: string;
  readonly searchLanguages?: string;
  readonly searchStars?: number;
  readonly searchLicences?: string;
  readonly searchActiveSince?: string;
  readonly searchWorkflows?: boolean;
  readonly searchMost?: number;
  /** Everything as it is now, not as it was when it was listed. */
  readonly refresh?: boolean;
}

/** Between two lines in a log. */
const quietMs = 30_000;

export const namesGitHub = ({ github = [], searchLanguages, refresh }: GitHubOptions): boolean =>
  github.length > 0 || searchLanguages !== undefined || refresh === true;

const budgetText = ({ resource, limit, remaining, resetsAt }: RateBudget): string =>
  `GitHub ${resource}: ${remaining} of ${limit} requests left until ${new Date(resetsAt).toISOString().slice(11, 16)} UTC`;

/** What the host says of its limits, and how far a repository is. */
export function gitHubTold({ out }: Pick<CommandContext, "out">): LimitListeners & {
  readonly onPull: (repo: string, done: number, of: number) => void;
  readonly ended: () => void;
} {
  const budgets = new Map<string, RateBudget>();
  let toldMs = now();
  return {
    onBudget: (budget) => {
      budgets.set(budget.resource, budget);
    },
    onWait: ({ kind, resource, ms }) => {
      const why = kind === "primary" ? `the ${resource} limit is spent` : "asked too much at once";
      out.note(`GitHub: ${why}: going on in ${Math.ceil(ms / 1000)} s`);
    },
    onPull: (repo, done, of) => {
      const core = budgets.get("core");
      const left = core === undefined ? "" : ` (${budgetText(core)})`;
      const line = `mine: ${repo}: ${done} of ${of} merged pull requests${left}`;
      out.progress(line);
      if (out.isTerminal || now() - toldMs < quietMs) return;
      toldMs = now();
      out.note(line);
    },
    ended: () => {
      for (const budget of budgets.values()) out.note(budgetText(budget));
    },
  };
}

const wordsIn = (text: string | undefined): string[] =>
  (text ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

/** The start of a day. @throws UsageError */
function dayIn(option: string, text: string): string {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
  if (isDay) return new Date(text).toISOString();
  throw new UsageError(`${option}: expected a day as 2025-01-31, found "${text}"`);
}

/** A token must not be read on its way: without encryption only this machine is spoken to. */
function apiIn(text: string): string {
  const { protocol, hostname, username } = URL.canParse(text) ? new URL(text) : {};
  const isNear = protocol === "http:" && (hostname === "127.0.0.1" || hostname === "localhost");
  if ((protocol === "https:" || isNear) && username === "") return text.replace(/\/+$/, "");
  throw new UsageError(`--github-api: expected a URL as https://host/api/v3, found "${text}"`);
}

/**
 * One pull request, by the name people write: `owner/name#12`, and the id of its row. Asked as it is now, unless the folder
 * has it already: what is interrupted goes on with the answers it had. What was put aside may be merged, or linked, by now.
 * @throws UsageError
 */
export async function pullSource(
  { folder, githubApi = publicApi }: Pick<GitHubOptions, "folder" | "githubApi">,
  written: string,
): Promise<{ readonly source: GitHubSource; readonly id: string }> {
  const [, repo, number] =
    /^([A-Za-z0-9_][A-Za-z0-9._-]*\/[A-Za-z0-9._-]+)#([1-9]\d{0,8})$/.exec(written) ?? [];
  if (repo === undefined) throw new UsageError(`--pull: expected owner/name#number, found "${written}"`);
  const about = { api: apiIn(githubApi), pull: Number(number), asOf: new Date(now()).toISOString() };
  const source = gitHubSourceOf(repo, about);
  const id = pullRowId(repo, about.pull);
  const known = (await readSources(folder)).find((each) => each.id === source.id);
  const ends = await Promise.all([source.id, id].map((each) => endedIn(folder, "mine", each)));
  const wasPutAside = ends.some((end) => end?.kind === "rejected");
  const goesOn = known?.kind === "github" && known.api === source.api && !wasPutAside;
  return { source: goesOn ? known : source, id };
}

async function found(options: GitHubOptions, asOf: string, context: CommandContext): Promise<GitHubSource[]> {
  const languages = wordsIn(options.searchLanguages);
  if (languages.length === 0) return [];
  const told = gitHubTold(context);
  const client = openGitHub(options.folder, told)(apiIn(options.githubApi ?? publicApi));
  const { searchActiveSince: activeSince, searchStars = 100, searchMost = 10 } = options;
  const all: GitHubSource[] = [];
  for (const language of languages) {
    const search = {
      ...{ language, leastStars: searchStars, licences: wordsIn(options.searchLicences), most: searchMost },
      ...{ withWorkflows: options.searchWorkflows === true },
      ...(activeSince === undefined ? {} : { activeSince }),
    };
    const onLeftOut = (repo: string, why: string) => context.out.note(`${repo}: left out: ${why}`);
    const sources = await searchSources(search, {
      client,
      asking: { asOf, signal: context.signal },
      onLeftOut,
    });
    context.out.note(
      `${language}: ${sources.length} repositories: ${sources.map(({ repo }) => repo).join(", ")}`,
    );
    all.push(...sources);
  }
  return all;
}

/** What is named here, or found; with `refresh` all that the folder lists, too, as it is now. */
export async function gitHubSources(
  options: GitHubOptions,
  context: CommandContext,
): Promise<GitHubSource[]> {
  if (!namesGitHub(options)) return [];
  const { folder, github = [], openedSince } = options;
  const api = apiIn(options.githubApi ?? publicApi);
  const known = (await readSources(folder)).filter((source) => source.kind === "github");
  const asOf = await gitHubMark(folder, options.refresh === true);
  for (const repo of github)
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*\/[A-Za-z0-9._-]+$/.test(repo))
      throw new UsageError(`--github: expected owner/name, found "${repo}"`);
  const named = github.map((repo) => gitHubSourceOf(repo, { api, asOf }));
  const since = openedSince === undefined ? {} : { openedSince: dayIn("--opened-since", openedSince) };
  const own = [...named, ...(await found(options, asOf, context))].map((source) => ({ ...source, ...since }));
  const renewed = options.refresh === true ? known.map((source) => ({ ...source, asOf })) : [];
  return [...renewed, ...own];
}
