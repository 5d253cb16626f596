// A real HTTP server that answers as GitHub does, limits and troubles included; it notes every answer that is not as published.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { graphAnswer } from "./graph.ts";
import type { ModelRepository } from "./model.ts";
import { type Flavour, PublishedApi } from "./published.ts";
import { type RestAnswer, restAnswer } from "./rest.ts";

export type Trouble =
  /** Without `retryAfter` GitHub names no time. */
  | { readonly kind: "secondary"; readonly status: 403 | 429; readonly retryAfter?: number }
  | { readonly kind: "primary"; readonly status: 403 | 429; readonly resetsInSeconds: number }
  | { readonly kind: "graphql-limited"; readonly resetsInSeconds: number }
  | { readonly kind: "status"; readonly status: number; readonly message?: string }
  /** GraphQL's way of giving up: data that is not whole. */
  | { readonly kind: "graphql-error"; readonly message: string }
  /** The connection breaks. */
  | { readonly kind: "drop" }
  /** Something else in the place of the answer. */
  | { readonly kind: "body"; readonly body: unknown };

export interface SeenRequest {
  /** Method, path with query below the API, and the body of a POST. */
  readonly question: string;
  readonly path: string;
  readonly isConditional: boolean;
  readonly authorization?: string;
  /** 0 where the connection broke. */
  readonly status: number;
  /** Whether something else was answered on purpose. */
  readonly isTroubled: boolean;
}

export interface GitHubServerOptions {
  readonly repositories: readonly ModelRepository[];
  /** For resets, and the `date` of answers. */
  readonly now?: () => number;
  readonly flavour?: Flavour;
  readonly token?: string;
  /** So many answers an hour, those that say that nothing changed apart. */
  readonly perHour?: number;
  /** GitHub shows 1000. */
  readonly mostFound?: number;
  /** Asked before every answer. @param n requests before it @param sent the body of a POST */
  trouble?: (path: string, n: number, sent: string) => Trouble | undefined;
}

const bodySchema = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()) });

const publishedApis = new Map<Flavour, PublishedApi>();
function publishedOf(flavour: Flavour): PublishedApi {
  const known = publishedApis.get(flavour) ?? new PublishedApi(flavour);
  publishedApis.set(flavour, known);
  return known;
}

interface Told {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** As published; absent for what GitHub's front answers. */
  readonly route?: string;
}

export class GitHubServer implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  /** What was asked or answered in another way than GitHub publishes. */
  readonly problems: string[] = [];
  readonly options: GitHubServerOptions;
  readonly #published: PublishedApi;
  readonly #server = createServer((request, response) => {
    this.#handle(request, response).catch((error: unknown) => {
      const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.problems.push(said);
      response.writeHead(500, { "content-type": "application/json" }).end(JSON.stringify({ message: said }));
    });
  });
  /** By resource. */
  readonly #spent = new Map<string, number>();
  #windowEnds = 0;
  /** Questions that came although nothing was left of the budget. */
  overdrawn = 0;

  private constructor(options: GitHubServerOptions) {
    this.options = options;
    this.#published = publishedOf(options.flavour ?? "api.github.com");
  }

  static async open(options: GitHubServerOptions): Promise<GitHubServer> {
    const server = new GitHubServer(options);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get #origin(): string {
    const address = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${address.port}`;
  }

  get #prefix(): string {
    return this.options.flavour === "ghes-3.19" ? "/api/v3" : "";
  }

  /** Of the REST API. */
  get api(): string {
    return `${this.#origin}${this.#prefix}`;
  }

  /** Questions that were answered, and not only with "nothing changed". */
  get answered(): string[] {
    const whole = this.seen.filter(
      ({ status, isTroubled }) => !isTroubled && (status === 200 || status === 301),
    );
    return whole.map(({ question }) => question);
  }

  #now(): number {
    return (this.options.now ?? Date.now)();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const sent = Buffer.concat(parts).toString("utf8");
    const whole = request.url ?? "/";
    const graphql = this.#prefix === "" ? "/graphql" : "/api/graphql";
    const path = whole === graphql ? "/graphql" : whole.slice(this.#prefix.length);
    const trouble = this.options.trouble?.(path, this.seen.length, sent);
    const { authorization } = request.headers;
    const seen = {
      ...{ question: `${request.method} ${path} ${sent}`, path },
      ...{ isTroubled: trouble !== undefined, isConditional: request.headers["if-none-match"] !== undefined },
      ...(authorization === undefined ? {} : { authorization }),
    };
    if (trouble?.kind === "drop") {
      this.seen.push({ ...seen, status: 0 });
      response.destroy();
      return;
    }
    const told = await this.#told({ path, sent, authorization }, trouble);
    const etag = `"${createHash("sha1")
      .update(JSON.stringify([told.body, told.headers]))
      .digest("hex")}"`;
    const isSame = told.status === 200 && path !== "/graphql" && request.headers["if-none-match"] === etag;
    const status = isSame ? 304 : told.status;
    this.seen.push({ ...seen, status });
    const limits = this.#limits(path, isSame);
    response.writeHead(status, {
      ...{ "content-type": "application/json; charset=utf-8", date: new Date(this.#now()).toUTCString() },
      ...(told.status === 200 && path !== "/graphql" ? { etag } : {}),
      ...limits,
      ...told.headers,
    });
    response.end(isSame ? undefined : JSON.stringify(told.body));
  }

  /** Counts this answer, too. */
  #limits(path: string, isFree: boolean): Record<string, string> {
    const { perHour = 5000 } = this.options;
    const resource = resourceOf(path);
    const spent = this.#spentOf(resource) + (isFree ? 0 : 1);
    this.#spent.set(resource, spent);
    const left = Math.max(perHour - spent, 0);
    return limitHeaders({ limit: perHour, left, resetsAt: this.#windowEnds, resource });
  }

  #spentOf(resource: string): number {
    if (this.#now() >= this.#windowEnds) {
      this.#spent.clear();
      this.#windowEnds = this.#now() + 3_600_000;
    }
    return this.#spent.get(resource) ?? 0;
  }

  async #told(
    asked: { readonly path: string; readonly sent: string; readonly authorization: string | undefined },
    trouble: Exclude<Trouble, { kind: "drop" }> | undefined,
  ): Promise<Told> {
    const { token, perHour = 5000 } = this.options;
    if (trouble !== undefined) return this.#troubled(trouble);
    if (
      token !== undefined &&
      asked.authorization !== undefined &&
      !asked.authorization.endsWith(` ${token}`)
    )
      return { status: 401, body: error("Bad credentials") };
    if (this.#spentOf(resourceOf(asked.path)) >= perHour) {
      this.overdrawn += 1;
      return { status: 403, body: error("API rate limit exceeded for user ID 1.") };
    }
    if (asked.path === "/graphql") return this.#graph(asked.sent, asked.authorization);
    const url = new URL(asked.path, this.#origin);
    const world = {
      published: this.#published,
      repositories: this.options.repositories,
      api: this.api,
      pages: this.#origin,
    };
    const answer = restAnswer(world, url, this.options.mostFound);
    this.#check(answer, url);
    const links = {
      ...this.#link(answer, url),
      ...(answer.location === undefined ? {} : { location: answer.location }),
    };
    return { status: answer.status, body: answer.body, headers: links, route: answer.route };
  }

  #check({ route, status, body }: RestAnswer, url: URL): void {
    this.problems.push(...this.#published.answerProblems(route, status, body));
    if (status === 200) this.problems.push(...this.#published.questionProblems(route, url.searchParams));
  }

  /** As GitHub does, by the repository's number: names change. */
  #link({ hasNext }: RestAnswer, url: URL): Record<string, string> {
    if (hasNext !== true) return {};
    const [, name = ""] = /^\/repos\/([^/]+\/[^/]+)/.exec(url.pathname) ?? [];
    const own = this.options.repositories.find((each) => each.name.toLowerCase() === name.toLowerCase());
    const path =
      own === undefined
        ? url.pathname
        : url.pathname.replace(/^\/repos\/[^/]+\/[^/]+/, `/repositories/${own.id}`);
    const query = new URLSearchParams(url.searchParams);
    const page = Number(query.get("page") ?? 1);
    const at = (n: number) => {
      query.set("page", String(n));
      return `<${this.api}${path}?${query}>`;
    };
    return { link: `${at(page + 1)}; rel="next", ${at(99)}; rel="last"` };
  }

  async #graph(sent: string, authorization: string | undefined): Promise<Told> {
    if (authorization === undefined)
      return { status: 401, body: error("This endpoint requires you to be authenticated.") };
    const find = (name: string) => {
      const repository = this.options.repositories.find((each) =>
        [each.name, ...each.formerNames].some((one) => one.toLowerCase() === name.toLowerCase()),
      );
      if (repository === undefined || repository.gone !== undefined) return undefined;
      return { repository, url: `${this.#origin}/${repository.name}` };
    };
    const { answer, problems } = await graphAnswer(bodySchema.parse(JSON.parse(sent)), find);
    this.problems.push(...problems);
    return { status: 200, body: answer };
  }

  #troubled(trouble: Exclude<Trouble, { kind: "drop" }>): Told {
    const resets = (seconds: number) => ({
      ...limitHeaders({ limit: 5000, left: 0, resetsAt: this.#now() + seconds * 1000, resource: "core" }),
    });
    switch (trouble.kind) {
      case "secondary": {
        const body = error(
          "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        );
        const { status, retryAfter } = trouble;
        return {
          status,
          body,
          ...(retryAfter === undefined ? {} : { headers: { "retry-after": String(retryAfter) } }),
        };
      }
      case "primary":
        return {
          ...{ status: trouble.status, body: error("API rate limit exceeded for user ID 1.") },
          headers: resets(trouble.resetsInSeconds),
        };
      case "graphql-limited": {
        const errors = [{ type: "RATE_LIMITED", message: "API rate limit exceeded for user ID 1." }];
        return { status: 200, body: { errors }, headers: resets(trouble.resetsInSeconds) };
      }
      case "graphql-error":
        return { status: 200, body: { data: { repository: null }, errors: [{ message: trouble.message }] } };
      case "status":
        return { status: trouble.status, body: error(trouble.message ?? "Server Error") };
      case "body":
        return { status: 200, body: trouble.body };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function resourceOf(path: string): string {
  if (path.startsWith("/search/")) return "search";
  return path === "/graphql" ? "graphql" : "core";
}

const error = (message: string) => ({ message, documentation_url: "https://docs.github.com/rest" });

function limitHeaders(budget: {
  readonly limit: number;
  readonly left: number;
  readonly resetsAt: number;
  readonly resource: string;
}): Record<string, string> {
  return {
    ...{ "x-ratelimit-limit": String(budget.limit), "x-ratelimit-remaining": String(budget.left) },
    ...{
      "x-ratelimit-reset": String(Math.ceil(budget.resetsAt / 1000)),
      "x-ratelimit-resource": budget.resource,
    },
  };
}
