// Repositories worth mining, as GitHub's search finds them: by language, stars, licence, activity, and whether they run checks.
import { UsageError } from "../../../domain/fault.ts";
import type { GitHubSource } from "../sources.ts";
import { foundRepositories, parsed, workflowsAnswer } from "./answers.ts";
import type { Asking, GitHubClient } from "./client.ts";
import { GitHubFault } from "./fault.ts";

export interface RepositorySearch {
  /** As GitHub names it: `go`, `c++`. */
  readonly language: string;
  readonly leastStars: number;
  /** SPDX ids in lower case, any of them; every licence where there is none. */
  readonly licences: readonly string[];
  /** Pushed to since this day: YYYY-MM-DD. */
  readonly activeSince?: string;
  /** With active workflows alone: asked of each repository. */
  readonly withWorkflows: boolean;
  /** Repositories, those with the most stars. */
  readonly most: number;
}

export interface SearchDeps {
  readonly client: GitHubClient;
  readonly asking: Asking;
  /** What was found and left out, and why. */
  readonly onLeftOut?: (repo: string, why: string) => void;
}

const pageSize = 100;

function mustBe(name: string, value: string, pattern: RegExp): void {
  if (pattern.test(value)) return;
  throw new UsageError(`${name}: expected ${pattern.source}, found "${value}"`);
}

/** One search a licence: GitHub knows no "or" among them. @throws UsageError for words that would say something else */
function queriesOf({ language, licences, activeSince }: RepositorySearch, stars: string): string[] {
  mustBe("language", language, /^[A-Za-z0-9+#.-]{1,40}$/);
  for (const licence of licences) mustBe("licence", licence, /^[A-Za-z0-9.-]{1,40}$/);
  if (activeSince !== undefined) mustBe("active since", activeSince, /^\d{4}-\d\d-\d\d$/);
  const active = activeSince === undefined ? [] : [`pushed:>=${activeSince}`];
  const common = [`language:${language}`, `stars:${stars}`, ...active, "archived:false"];
  const each = licences.length === 0 ? [[]] : licences.map((licence) => [`license:${licence}`]);
  return each.map((own) => [...common, ...own].join(" "));
}

interface Found {
  readonly repo: string;
  readonly stars: number;
}

/** What GitHub shows of one search: at most a thousand, those with the most stars first. */
async function shown({ client, asking }: SearchDeps, q: string): Promise<{ found: Found[]; isAll: boolean }> {
  const query = new URLSearchParams({ q, sort: "stars", order: "desc", per_page: String(pageSize) });
  const place = `/search/repositories?${query}`;
  const found: Found[] = [];
  let total = 0;
  for await (const answer of client.pages(place, asking)) {
    if (answer.kind === "missing")
      throw new UsageError(`expected a search that GitHub takes, found ${answer.message}`);
    const { total_count, incomplete_results, items } = parsed(foundRepositories, answer.data, place);
    if (incomplete_results)
      throw new GitHubFault(
        "github-answer",
        `${q}: expected a whole search, found one that GitHub broke off`,
        {
          retryable: true,
        },
      );
    total = total_count;
    found.push(...items.map((item) => ({ repo: item.full_name, stars: item.stargazers_count })));
  }
  return { found, isAll: found.length >= total };
}

/** Beyond what is shown the search goes on below the fewest stars that were. */
async function* byStars(search: RepositorySearch, deps: SearchDeps): AsyncGenerator<Found, void> {
  const seen = new Set<string>();
  let most = "*";
  for (;;) {
    const pages = [];
    for (const q of queriesOf(search, `${search.leastStars}..${most}`)) pages.push(await shown(deps, q));
    const cut = pages.filter(({ isAll }) => !isAll).map(({ found }) => found.at(-1)?.stars ?? 0);
    // Below it some search has not shown all.
    const floor = cut.length === 0 ? search.leastStars : Math.max(...cut);
    const all = pages.flatMap(({ found }) => found).filter(({ stars }) => stars >= floor);
    all.sort((one, other) => other.stars - one.stars || (one.repo < other.repo ? -1 : 1));
    for (const each of all) {
      if (!seen.has(each.repo)) yield each;
      seen.add(each.repo);
    }
    if (cut.length === 0) return;
    if (most === String(floor))
      throw new UsageError(
        `expected fewer repositories with ${floor} stars than GitHub shows: name a licence or a later day`,
      );
    most = String(floor);
  }
}

async function hasWorkflows({ client, asking }: SearchDeps, repo: string): Promise<boolean> {
  const place = `/repos/${repo}/actions/workflows?per_page=100`;
  const answer = await client.get(place, asking);
  if (answer.kind === "missing") return false;
  return parsed(workflowsAnswer, answer.data, place).workflows.some(({ state }) => state === "active");
}

/**
 * The repositories with the most stars that are as wanted, each as a source to be mined.
 * @throws UsageError for what GitHub cannot search for; GitHubFault; the signal's reason
 */
export async function searchSources(search: RepositorySearch, deps: SearchDeps): Promise<GitHubSource[]> {
  const { client, asking, onLeftOut } = deps;
  const sources: GitHubSource[] = [];
  if (search.most < 1) return sources;
  for await (const { repo } of byStars(search, deps)) {
    if (search.withWorkflows && !(await hasWorkflows(deps, repo))) {
      onLeftOut?.(repo, "no active workflow");
      continue;
    }
    sources.push(gitHubSourceOf(repo, { api: client.api, asOf: asking.asOf }));
    if (sources.length === search.most) break;
  }
  return sources;
}

export function gitHubSourceOf(
  repo: string,
  about: {
    readonly api: string;
    readonly asOf: string;
    readonly openedSince?: string;
    readonly pull?: number;
  },
): GitHubSource {
  const id = about.pull === undefined ? repo : `${repo}#${about.pull}`;
  return { kind: "github", id, repo, ...about };
}
