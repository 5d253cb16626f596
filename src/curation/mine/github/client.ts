// Asks GitHub, or an Enterprise server: limits are waited out, and every answer is on the disk before it counts.
import { Octokit } from "@octokit/core";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import { z } from "zod";
import { UsageError } from "../../../domain/fault.ts";
import type { Clock } from "../../../inference/index.ts";
import { AnswerStore, type StoredAnswer } from "./answer-store.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { GitHubFault } from "./fault.ts";
import { type LimitedAnswer, LimitGate, type LimitListeners, messageOf } from "./limits.ts";

export const publicApi = "https://api.github.com";

export interface GitHubOptions extends LimitListeners {
  /** {@link publicApi}, or `https://<host>/api/v3` of an Enterprise server. */
  readonly api: string;
  /** Without one only REST answers, sixty times an hour. */
  readonly token?: string;
  /** Where answers are kept. */
  readonly folder: string;
  readonly clock: Pick<Clock, "now" | "sleep">;
  /** The plugin waits so long after a first 5xx, four times as long after a second, nine times after a third. */
  readonly retryUnitMs?: number;
}

/** For which mining run, and until when. */
export interface Asking {
  /** ISO; an answer that was known to hold then or later is not asked for again. */
  readonly asOf: string;
  readonly signal: AbortSignal;
}

export type Answer =
  | { readonly kind: "found"; readonly data: unknown; readonly next?: string }
  /** 404, 410, 451, 422: it is not there, or not for us. 403 where GitHub has blocked a repository. */
  | { readonly kind: "missing"; readonly status: number; readonly message: string };

/** Of one question in a row: more would mean that waiting does not help. */
const mostRefusals = 10;
/** Of one listing: whoever asks bounds it by what it holds. */
const mostPages = 10_000;

const missing: ReadonlySet<number> = new Set([404, 410, 422, 451]);
/** What trying again does not change; limits are waited out here, on a clock that can be given and stopped. */
const notRetried = [400, 401, 403, 404, 409, 410, 422, 429, 451];

const headersSchema = z.record(z.string(), z.union([z.string(), z.number()]).optional());
const rawSchema = z.object({ status: z.int(), headers: headersSchema, data: z.unknown() });
/** What the client throws: with an answer, or with the status it makes up where none came. */
const thrownSchema = z.object({ status: z.int().optional(), response: rawSchema.optional() });

type Raw = LimitedAnswer;

const rawOf = ({ status, headers, data }: z.infer<typeof rawSchema>): Raw => ({
  status,
  headers: Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ),
  data,
});

/** GitHub's own words for one that it has taken off. */
const isBlocked = ({ status, data }: Raw): boolean =>
  status === 403 && /repository access blocked/i.test(messageOf(data));

/** Page hosts are not API hosts: `api.github.com` is `github.com`, and an Enterprise server's is its own. */
export function hostOf(api: string): string {
  const { host, pathname } = new URL(api);
  return host.startsWith("api.") && pathname === "/" ? host.slice("api.".length) : host;
}

function octokitOf({ api, token, retryUnitMs = 1000 }: GitHubOptions) {
  const Client = Octokit.plugin(throttling, retry);
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return new Client({
    baseUrl: api,
    ...(token === undefined ? {} : { auth: token }),
    userAgent: "swing-arena",
    log: silent,
    request: { fetch: boundedFetch },
    // It spaces requests and searches; how long a limit is waited for is ours, so that it can be interrupted.
    throttle: { onRateLimit: () => false, onSecondaryRateLimit: () => false },
    retry: { retryAfterBaseValue: retryUnitMs, doNotRetry: notRetried },
  });
}

export class GitHubClient {
  readonly api: string;
  readonly host: string;
  readonly hasToken: boolean;
  readonly #octokit: Pick<ReturnType<typeof octokitOf>, "request">;
  readonly #store: AnswerStore;
  readonly #gate: LimitGate;
  /** Questions under way: whoever asks the same meanwhile gets the same answer. */
  readonly #asked = new Map<string, Promise<StoredAnswer>>();

  constructor(options: GitHubOptions) {
    this.api = options.api.replace(/\/+$/, "");
    this.host = hostOf(this.api);
    this.hasToken = options.token !== undefined;
    this.#octokit = octokitOf({ ...options, api: this.api });
    this.#store = new AnswerStore(options.folder);
    this.#gate = new LimitGate(options.clock, options);
  }

  /**
   * One page. @param place a path below the API with its query, or a whole URL that GitHub named
   * @throws GitHubFault; UsageError for a token that is refused; the signal's reason
   */
  async get(place: string, asking: Asking): Promise<Answer> {
    const url = this.#urlOf(place);
    const { status, body, next } = await this.#answered(`GET ${url}`, asking, (known) => {
      const headers = known?.etag === undefined ? {} : { "if-none-match": known.etag };
      return { method: "GET" as const, url, headers };
    });
    if (status !== 200) return { kind: "missing", status, message: messageOf(body) };
    return { kind: "found", data: body, ...(next === undefined ? {} : { next }) };
  }

  /** Page after page, each asked for when it is wanted; ends with the first that is missing. */
  async *pages(place: string, asking: Asking): AsyncGenerator<Answer, void> {
    let next: string | undefined = place;
    for (let page = 0; next !== undefined; page += 1) {
      if (page === mostPages)
        throw new GitHubFault("github-answer", `${place}: expected at most ${mostPages} pages, found more`, {
          retryable: false,
        });
      const answer: Answer = await this.get(next, asking);
      yield answer;
      next = answer.kind === "found" ? answer.next : undefined;
    }
  }

  /** The whole answer with its data and its errors. @param isSound whether it may be kept */
  async graphql(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    asking: Asking & { readonly isSound: (body: unknown) => boolean },
  ): Promise<unknown> {
    const url = `${this.api.replace(/\/v3$/, "")}/graphql`;
    const question = `POST ${url} ${JSON.stringify([query, variables])}`;
    const { status, body } = await this.#answered(question, asking, () => ({
      ...{ method: "POST" as const, url, headers: {} },
      ...{ query, variables },
    }));
    if (status === 200) return body;
    const found = `${status} ${messageOf(body)}`;
    throw new GitHubFault("github-answer", `${url}: expected an answer to a query, found ${found}`, {
      retryable: false,
    });
  }

  #urlOf(place: string): string {
    const url = place.startsWith("/") ? `${this.api}${place}` : place;
    if (new URL(url).origin === new URL(this.api).origin) return url;
    const message = `expected the next page at ${this.api}, found it at ${url.slice(0, 200)}`;
    throw new GitHubFault("github-answer", message, { retryable: false });
  }

  #answered(
    asked: string,
    asking: Asking & { readonly isSound?: (body: unknown) => boolean },
    request: (known: StoredAnswer | undefined) => Request,
  ): Promise<StoredAnswer> {
    // What is not there for nobody may be there for somebody.
    const question = `${this.hasToken ? "token" : "nobody"} ${asked}`;
    const running = this.#asked.get(question);
    if (running !== undefined) return running;
    const answer = this.#asAsked(question, asking, request).finally(() => this.#asked.delete(question));
    this.#asked.set(question, answer);
    return answer;
  }

  async #asAsked(
    question: string,
    { asOf, signal, isSound = () => true }: Asking & { readonly isSound?: (body: unknown) => boolean },
    request: (known: StoredAnswer | undefined) => Request,
  ): Promise<StoredAnswer> {
    const known = await this.#store.get(question);
    if (known !== undefined && known.asOf >= asOf) return known;
    const raw = await this.#sent(request(known), signal);
    const { link, etag } = raw.headers;
    const next = nextIn(link);
    const own = { question, asOf, ...(next === undefined ? {} : { next }) };
    const answer: StoredAnswer =
      raw.status === 304 && known !== undefined
        ? { ...known, ...own }
        : { ...own, status: raw.status, ...(etag === undefined ? {} : { etag }), body: raw.data };
    if (answer.status === 200 && !isSound(answer.body)) {
      const message = `${question.slice(0, 200)}: expected a whole answer, found ${JSON.stringify(answer.body).slice(0, 300)}`;
      throw new GitHubFault("github-answer", message, { retryable: true });
    }
    await this.#store.put(answer);
    return answer;
  }

  async #sent(request: Request, signal: AbortSignal): Promise<Raw> {
    const resource = resourceOf(request);
    for (let refusals = 0; refusals < mostRefusals; refusals += 1) {
      await this.#gate.pass(resource, signal);
      const raw = await this.#tried(request, signal);
      this.#gate.learn(raw, resource);
      if (!this.#gate.refuses(raw, resource, refusals)) return sound(raw, request, this.host);
    }
    const message = `${request.url}: expected an answer once its limit was waited out, found ${mostRefusals} refusals in a row`;
    throw new GitHubFault("github-limited", message, { retryable: true });
  }

  /** Whatever was answered, after the plugin's own tries. */
  async #tried(request: Request, signal: AbortSignal): Promise<Raw> {
    try {
      return rawOf(rawSchema.parse(await this.#octokit.request({ ...request, request: { signal } })));
    } catch (cause) {
      signal.throwIfAborted();
      const thrown = thrownSchema.safeParse(cause);
      if (!thrown.success || (thrown.data.status === undefined && thrown.data.response === undefined))
        throw cause;
      if (thrown.data.response !== undefined) return rawOf(thrown.data.response);
      const said = cause instanceof Error ? cause.message : "nothing";
      throw new GitHubFault("github-unreachable", `${request.url}: expected an answer, found none: ${said}`, {
        retryable: true,
        cause,
      });
    }
  }
}

interface Request {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

function resourceOf({ method, url }: Request): string {
  if (method === "POST") return "graphql";
  return /\/search\/[a-z]+(?:\?|$)/.test(url) ? "search" : "core";
}

function nextIn(link: string | undefined): string | undefined {
  return link?.match(/<([^<>]+)>;\s*rel="next"/)?.[1];
}

/** An answer that can be kept. @throws GitHubFault, UsageError */
function sound(raw: Raw, { url }: Request, host: string): Raw {
  const { status, data } = raw;
  if (status === 200 || status === 304 || missing.has(status) || isBlocked(raw)) return raw;
  const said = `${status} ${messageOf(data)}`.trim();
  if (status === 401)
    throw new UsageError(`expected a token that ${host} accepts, found one that it refuses: ${said}`);
  if (status >= 500)
    throw new GitHubFault("github-unreachable", `${url}: expected an answer, found ${said}`, {
      retryable: true,
    });
  const code = status === 403 ? "github-forbidden" : "github-answer";
  throw new GitHubFault(code, `${url}: expected an answer, found ${said}`, { retryable: false });
}
