// REST answers over the model: the route as GitHub publishes it, the status, and a body made of its own schemas.
import type { ModelChecks, ModelCommit, ModelIssue, ModelPull, ModelRepository } from "./model.ts";
import type { PublishedApi } from "./published.ts";

export interface RestAnswer {
  /** As published. */
  readonly route: string;
  readonly status: number;
  readonly body: unknown;
  /** Of a listing that goes on. */
  readonly hasNext?: boolean;
  readonly location?: string;
}

export interface RestWorld {
  readonly published: PublishedApi;
  readonly repositories: readonly ModelRepository[];
  /** Of the API, and of the pages people look at. */
  readonly api: string;
  readonly pages: string;
}

const repos = "/repos/{owner}/{repo}";

const missing = (route: string, status = 404, message = "Not Found"): RestAnswer => ({
  ...{
    route,
    status,
    body: { message, documentation_url: "https://docs.github.com/rest", status: String(status) },
  },
});

interface Page<T> {
  readonly items: readonly T[];
  readonly hasNext: boolean;
}

function paged<T>(all: readonly T[], query: URLSearchParams): Page<T> {
  const size = Math.min(Number(query.get("per_page") ?? 30), 100);
  const from = (Number(query.get("page") ?? 1) - 1) * size;
  return { items: all.slice(from, from + size), hasNext: all.length > from + size };
}

const licenceOf = ({ licence }: ModelRepository) =>
  licence === null
    ? null
    : { key: licence.toLowerCase(), name: licence, url: null, spdx_id: licence, node_id: "L" };

class Repository {
  readonly #world: RestWorld;
  readonly #own: ModelRepository;
  readonly #query: URLSearchParams;

  constructor(world: RestWorld, own: ModelRepository, query: URLSearchParams) {
    this.#world = world;
    this.#own = own;
    this.#query = query;
  }

  #sample(schema: string, parts: object): unknown {
    return this.#world.published.sample(schema, parts);
  }

  get #url(): string {
    return `${this.#world.api}/repos/${this.#own.name}`;
  }

  facts(): RestAnswer {
    const { name, id } = this.#own;
    const page = `${this.#world.pages}/${name}`;
    const parts = { id, full_name: name, html_url: page, url: this.#url, license: licenceOf(this.#own) };
    return { route: repos, status: 200, body: this.#sample("full-repository", parts) };
  }

  pulls(): RestAnswer {
    const route = `${repos}/pulls`;
    const query = this.#query;
    if (query.get("state") !== "all" || query.get("sort") !== "created" || query.get("direction") !== "desc")
      throw new Error(`this server lists all pull requests, newest first, and no ${query}`);
    const sorted = this.#own.pulls.toSorted((one, other) => other.number - one.number);
    const { items, hasNext } = paged(sorted, query);
    return { route, status: 200, body: items.map((each) => this.#pull(each)), hasNext };
  }

  pull(number: number): RestAnswer {
    const route = `${repos}/pulls/{pull_number}`;
    const pull = this.#own.pulls.find((each) => each.number === number);
    return pull === undefined
      ? missing(route)
      : { route, status: 200, body: this.#pull(pull, "pull-request") };
  }

  #pull(pull: ModelPull, schema: "pull-request" | "pull-request-simple" = "pull-request-simple"): unknown {
    const { number, title, body, createdAt, mergedAt, merge } = pull;
    return this.#sample(schema, {
      ...{ number, title, body, created_at: createdAt, merged_at: mergedAt, merge_commit_sha: merge },
      ...{
        html_url: `${this.#world.pages}/${this.#own.name}/pull/${number}`,
        state: mergedAt === null ? "open" : "closed",
      },
      ...{ head: { sha: pull.head }, base: { sha: pull.base } },
    });
  }

  commits(number: number): RestAnswer {
    const route = `${repos}/pulls/{pull_number}/commits`;
    const pull = this.#own.pulls.find((each) => each.number === number);
    if (pull === undefined) return missing(route);
    const { items, hasNext } = paged(pull.commits.slice(0, 250), this.#query);
    return { route, status: 200, body: items.map((each) => this.#commit(each)), hasNext };
  }

  #commit({ sha, message, authoredAt, parents }: ModelCommit): unknown {
    const author = { name: "a", email: "a@example.com", date: authoredAt };
    const named = parents.map((parent) => ({ sha: parent, url: `${this.#url}/commits/${parent}` }));
    return this.#sample("commit", { sha, commit: { message, author }, parents: named });
  }

  issue(number: number): RestAnswer {
    const route = `${repos}/issues/{issue_number}`;
    const pull = this.#own.pulls.find((each) => each.number === number);
    const issue = this.#own.issues.find((each) => each.number === number);
    if (issue?.isGone === true) return missing(route, 410, "This issue was deleted");
    if (issue?.movedTo !== undefined) return this.#moved(route, issue.movedTo);
    if (issue !== undefined) return { route, status: 200, body: this.#issue(issue) };
    if (pull === undefined) return missing(route);
    const { title, body, createdAt } = pull;
    const links = { diff_url: null, html_url: null, patch_url: null, url: null };
    const told = { number, title, body, created_at: createdAt, comments: 0, pull_request: links };
    return { route, status: 200, body: this.#sample("issue", { ...told, repository_url: this.#url }) };
  }

  #moved(route: string, to: string): RestAnswer {
    const [name, number] = to.split("#");
    const other = this.#world.repositories.find((each) => each.name === name);
    const location = `${this.#world.api}/repositories/${other?.id}/issues/${number}`;
    return { route, status: 301, body: { message: "Moved Permanently", url: location }, location };
  }

  #issue({ number, title, body, createdAt, comments }: ModelIssue): unknown {
    const told = { number, title, body, created_at: createdAt, comments: comments.length };
    return this.#sample("issue", { ...told, repository_url: this.#url, state: "closed" });
  }

  comments(number: number): RestAnswer {
    const route = `${repos}/issues/{issue_number}/comments`;
    const issue = this.#own.issues.find((each) => each.number === number);
    if (issue === undefined) return missing(route);
    const { items, hasNext } = paged(issue.comments, this.#query);
    const body = items.map(({ author, body, createdAt, updatedAt = createdAt }) =>
      this.#sample("issue-comment", {
        ...{ body, created_at: createdAt, updated_at: updatedAt },
        ...(author === null ? {} : { user: this.#sample("simple-user", { login: author }) }),
      }),
    );
    return { route, status: 200, body, hasNext };
  }

  checkRuns(sha: string): RestAnswer {
    const route = `${repos}/commits/{ref}/check-runs`;
    const { runs } = this.#checks(sha);
    const { items, hasNext } = paged(runs, this.#query);
    const check_runs = items.map(({ name, conclusion, suite, app }) =>
      this.#sample("check-run", {
        ...{ name, head_sha: sha, status: conclusion === null ? "in_progress" : "completed", conclusion },
        ...{ check_suite: { id: suite }, app: this.#sample("integration", { slug: app }) ?? null },
      }),
    );
    return { route, status: 200, body: { total_count: runs.length, check_runs }, hasNext };
  }

  #checks(sha: string): ModelChecks {
    return this.#own.checks[sha] ?? { runs: [], statuses: [], workflowRuns: [] };
  }

  statuses(sha: string): RestAnswer {
    const route = `${repos}/commits/{ref}/status`;
    const all = this.#checks(sha).statuses;
    const { items, hasNext } = paged(all, this.#query);
    const statuses = items.map((each) => this.#sample("simple-commit-status", each));
    const body = this.#sample("combined-commit-status", { sha, statuses, total_count: all.length });
    return { route, status: 200, body, hasNext };
  }

  workflowRuns(): RestAnswer {
    const route = `${repos}/actions/runs`;
    const sha = this.#query.get("head_sha") ?? "";
    const all = this.#checks(sha).workflowRuns;
    const { items, hasNext } = paged(all, this.#query);
    const workflow_runs = items.map(({ path, suite }) =>
      this.#sample("workflow-run", { path, check_suite_id: suite, head_sha: sha }),
    );
    return { route, status: 200, body: { total_count: all.length, workflow_runs }, hasNext };
  }

  workflows(): RestAnswer {
    const route = `${repos}/actions/workflows`;
    const all = this.#own.workflows;
    const workflows = all.map((each) => this.#sample("workflow", each));
    return { route, status: 200, body: { total_count: all.length, workflows } };
  }
}

/** Of `language:go stars:5..9 license:mit pushed:>=2025-01-01 archived:false`: whether each holds. */
function isFound(repository: ModelRepository, q: string): boolean {
  return q.split(" ").every((word) => {
    const [name = "", value = ""] = [word.slice(0, word.indexOf(":")), word.slice(word.indexOf(":") + 1)];
    const [, least = "0", most = "*"] = /^(\d+)\.\.(\d+|\*)$/.exec(value) ?? [];
    switch (name) {
      case "language":
        return repository.language.toLowerCase() === value.toLowerCase();
      case "license":
        return repository.licence?.toLowerCase() === value.toLowerCase();
      case "pushed":
        return repository.pushedAt.slice(0, 10) >= value.replace(">=", "");
      case "stars":
        return repository.stars >= Number(least) && (most === "*" || repository.stars <= Number(most));
      case "archived":
        return value === "false";
      default:
        throw new Error(`this server knows no ${word}`);
    }
  });
}

/** GitHub shows no more of one search. */
export const mostFound = 1000;

function search({ published, repositories }: RestWorld, query: URLSearchParams, most: number): RestAnswer {
  const route = "/search/repositories";
  const found = repositories
    .filter((each) => each.gone === undefined && isFound(each, query.get("q") ?? ""))
    .sort((one, other) => other.stars - one.stars || (one.name < other.name ? -1 : 1));
  const { items, hasNext } = paged(found.slice(0, most), query);
  const told = items.map((each) =>
    published.sample("repo-search-result-item", { full_name: each.name, stargazers_count: each.stars }),
  );
  return {
    route,
    status: 200,
    body: { total_count: found.length, incomplete_results: false, items: told },
    hasNext,
  };
}

function below(repository: Repository, rest: string): RestAnswer | undefined {
  if (rest === "") return repository.facts();
  if (rest === "/pulls") return repository.pulls();
  if (rest === "/actions/runs") return repository.workflowRuns();
  if (rest === "/actions/workflows") return repository.workflows();
  const [, kind, name = "", more = ""] = /^\/(pulls|issues|commits)\/([^/]+)(\/.*)?$/.exec(rest) ?? [];
  const parts = `${kind}${more}`;
  if (parts === "pulls") return repository.pull(Number(name));
  if (parts === "pulls/commits") return repository.commits(Number(name));
  if (parts === "issues") return repository.issue(Number(name));
  if (parts === "issues/comments") return repository.comments(Number(name));
  if (parts === "commits/check-runs") return repository.checkRuns(name);
  return parts === "commits/status" ? repository.statuses(name) : undefined;
}

/** The answer to a path below the API. @param most that one search shows */
export function restAnswer(world: RestWorld, url: URL, most = mostFound): RestAnswer {
  const path = url.pathname;
  if (path === "/search/repositories") return search(world, url.searchParams, most);
  const [, byId, name, rest = ""] =
    /^\/(?:repositories\/(\d+)|repos\/([^/]+\/[^/]+))(\/.*)?$/.exec(path) ?? [];
  const same = (one: string) => one.toLowerCase() === name?.toLowerCase();
  const own = world.repositories.find((each) =>
    byId === undefined ? same(each.name) : String(each.id) === byId,
  );
  const renamed = world.repositories.find((each) => each.formerNames.some(same));
  if (own === undefined && renamed !== undefined) {
    const location = `${world.api}/repositories/${renamed.id}${rest}${url.search}`;
    return { route: repos, status: 301, body: { message: "Moved Permanently", url: location }, location };
  }
  if (own === undefined) return missing(repos);
  if (own.gone === 403) return missing(repos, 403, "Repository access blocked");
  if (own.gone !== undefined)
    return missing(repos, own.gone, own.gone === 451 ? "Repository access blocked" : "Not Found");
  const answer = below(new Repository(world, own, url.searchParams), rest);
  if (answer === undefined) throw new Error(`this server knows no ${path}`);
  return answer;
}
