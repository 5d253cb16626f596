// The only way out of an agent's sandbox: a server at a Unix socket that carries requests to one endpoint and counts them.
import { chmod, type FileHandle, open, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { whenAborted } from "../abort.ts";
import { ModelFault, type Spend } from "../model.ts";
import { RelayAccount, type Relayed, type RelayTotals } from "./account.ts";
import { type Bounds, type Dialect, isObject, type JsonObject } from "./dialect.ts";
import { isWorldly, type Said, Upstream, type UpstreamDeps, type UpstreamSettings } from "./upstream.ts";

export interface RelaySettings extends UpstreamSettings, Omit<Bounds, "extra"> {
  readonly extra?: JsonObject | undefined;
  /** What a client must show as its key; worth nothing anywhere else. */
  readonly token: string;
  /** Requests that are carried; whatever comes after them is refused. */
  readonly maxRequests: number;
  /** A folder of its own, for the socket. */
  readonly folder: string;
}

export interface RelayDeps extends Omit<UpstreamDeps, "onAttempt" | "onQueued"> {
  /** What a try has cost, told before its answer is used. */
  readonly onCharged: (spend: Spend) => void;
  /** The endpoint, the budget or a record failed, and not because of what was asked: whatever follows is not fair. */
  readonly onFault: (fault: unknown) => void;
  /** Of the whole run. */
  readonly signal: AbortSignal;
}

export interface Relay {
  readonly socket: string;
  totals(): RelayTotals;
  log(): readonly Relayed[];
  /**
   * Refuses whatever comes from now on and cuts off what is under way, at its worst case. Only a request that has failed
   * is tried to its end, unheard: whose failure it was is told by what becomes of it, and `onFault` of the endpoint's.
   * Resolves when all of it is settled. May be called again.
   */
  settle(): Promise<void>;
  /** Settles, and takes the socket away: the sandbox that leads to it runs nothing any more. May be called again. */
  close(): Promise<void>;
}

const maxRequestBytes = 16 * 1024 * 1024;
const maxConnections = 64;
/** No honest request is nested so deep, and writing down one that is overflows the stack. */
const maxDepth = 200;
/** What our own request may be answered with, which tells a broken endpoint from a request that breaks it. */
const controlTokens = 16;

class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

class RelayServer implements Relay {
  readonly socket: string;
  readonly #settings: RelaySettings;
  readonly #deps: RelayDeps;
  readonly #upstream: Upstream;
  readonly #server: Server;
  readonly #ended = new AbortController();
  readonly #account: RelayAccount;
  readonly #open = new Set<Promise<void>>();
  #turn: Promise<unknown> = Promise.resolve();
  #folder: FileHandle | undefined;
  #settling: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: RelaySettings, deps: RelayDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.socket = join(settings.folder, "socket");
    const { budget, slots, clock, random } = deps;
    this.#account = new RelayAccount(() => clock.monotonicMs());
    this.#upstream = new Upstream(settings, {
      ...{ budget, slots, clock, random },
      onAttempt: (attempt) => {
        this.#account.attempted(attempt);
        deps.onCharged(attempt.charged);
      },
      onQueued: (sinceMs) => this.#account.queued(sinceMs),
    });
    const times = { headersTimeout: 30_000, requestTimeout: 120_000, keepAliveTimeout: 5_000 };
    this.#server = createServer(times, (request, response) => this.#visit(request, response));
    this.#server.maxConnections = maxConnections;
  }

  /**
   * A Unix socket's name may be 107 bytes long: by its folder's descriptor it may lie anywhere. The descriptor stays open
   * as long as the server, which removes the socket by that name when it ends.
   */
  async listen(): Promise<void> {
    const folder = await open(this.#settings.folder);
    this.#folder = folder;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(`/proc/self/fd/${folder.fd}/socket`, resolve);
    });
    await chmod(this.socket, 0o666);
  }

  totals(): RelayTotals {
    return this.#account.totals();
  }

  log(): readonly Relayed[] {
    return this.#account.log;
  }

  settle(): Promise<void> {
    this.#settling ??= this.#settle();
    return this.#settling;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.settle();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    await this.#folder?.close();
    await rm(this.socket, { force: true });
  }

  async #settle(): Promise<void> {
    this.#account.ended();
    const stay = whenAborted(this.#deps.signal, () => this.#ended.abort());
    if (!this.#account.isFailing || this.#deps.signal.aborted) this.#ended.abort();
    await Promise.all(this.#open);
    stay();
    this.#ended.abort();
  }

  #visit(request: IncomingMessage, response: ServerResponse): void {
    // A client that has gone away is no failure of ours; what it asked for is settled all the same.
    response.on("error", () => undefined);
    const visit = this.#answered(request, response);
    this.#open.add(visit);
    void visit.finally(() => this.#open.delete(visit));
  }

  async #answered(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock } = this.#deps;
    const started = clock.monotonicMs();
    const took = () => clock.monotonicMs() - started;
    let text: string | undefined;
    try {
      if (this.#isList(request)) return json(response, 200, this.#dialect.models(this.#settings.model));
      this.#mustBeCarried(request);
      text = await textOf(request);
      const asked = parsed(text);
      const said = await this.#inTurn(() => this.#carry(asked, response));
      const { status, contentType, body, usage } = said;
      const noted = { status, milliseconds: took(), request: text, answer: body };
      this.#account.note(usage === undefined ? noted : { ...noted, usage });
      const shown = contentType.includes("text/event-stream") ? this.#dialect.shownEvents(body, asked) : body;
      response.writeHead(status, { "content-type": contentType }).end(shown);
    } catch (error) {
      const { status, code, message } = refusalOf(error, this.#ended.signal);
      this.#account.refused();
      const noted = { status, problem: `${code}: ${message}`, milliseconds: took() };
      this.#account.note(text === undefined ? noted : { ...noted, request: text });
      json(response, status, this.#dialect.error(message, code));
    }
  }

  get #dialect(): Dialect {
    return this.#settings.dialect;
  }

  #isList({ method, url }: IncomingMessage): boolean {
    return method === "GET" && url === `${this.#dialect.prefix}${this.#dialect.modelsPath}`;
  }

  #mustBeCarried({ method, url = "", headers }: IncomingMessage): void {
    const { dialect, token } = this.#settings;
    const shown = headers["x-api-key"] ?? headers.authorization?.replace(/^Bearer\s+/i, "");
    if (shown !== token) throw new Refusal(401, "wrong_token", "expected the key of the environment");
    const only = `${dialect.prefix}${dialect.path}`;
    if (method === "POST" && url.split("?", 1)[0] === only) return;
    throw new Refusal(404, "not_carried", `expected POST ${only}, the only request that is carried`);
  }

  /** One after another: what may be under way when everything dies is one request's worst case. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #carry(asked: JsonObject, { destroyed }: ServerResponse): Promise<Said> {
    const { signal } = this.#ended;
    if (this.#settling !== undefined || destroyed)
      throw new Refusal(503, "unavailable", "nobody waits for it any more");
    const { maxRequests, model, maxOutputTokens, limitField, extra = {} } = this.#settings;
    if (this.#account.requests >= maxRequests)
      throw new Refusal(403, "requests_used_up", `all ${maxRequests} requests of this run were made`);
    const sent = this.#dialect.bounded(asked, { model, maxOutputTokens, limitField, extra });
    if (!sent.ok) throw new Refusal(400, "not_carried", `${sent.field}: ${sent.problem}`);
    this.#account.requests += 1;
    try {
      const said = await this.#upstream.ask(sent, signal);
      this.#account.used(said.usage);
      return said;
    } catch (error) {
      return await this.#afterFailure(error);
    }
  }

  /**
   * A request may be made to break an endpoint, and nobody may choose to be void: an endpoint's failure is one only where
   * a request of ours fails beside it. Otherwise the agent is told of it, and it is the agent's.
   */
  async #afterFailure(error: unknown): Promise<Said> {
    const { signal } = this.#ended;
    if (signal.aborted) throw error;
    this.#account.gaveUp();
    const fault = isWorldly(error) ? await this.#confirmed(error, signal) : error;
    if (fault === undefined && error instanceof ModelFault) {
      const body = JSON.stringify(this.#dialect.error(error.message, error.code));
      return { status: 502, contentType: "application/json", body };
    }
    if (!signal.aborted) this.#deps.onFault(fault);
    throw fault;
  }

  /** The fault, unless a small request of ours is answered. */
  async #confirmed(fault: ModelFault, signal: AbortSignal): Promise<ModelFault | undefined> {
    const { model, extra = {}, limitField } = this.#settings;
    const messages = [{ role: "user", content: "Say: ok" }];
    const bounds = { model, maxOutputTokens: controlTokens, limitField, extra };
    const control = this.#dialect.bounded({ model, messages }, bounds);
    if (!control.ok) throw new Error(`bug: our own request is refused: ${control.problem}`);
    this.#account.requests += 1;
    try {
      const said = await this.#upstream.ask(control, signal);
      this.#account.used(said.usage);
      return said.status < 300 ? undefined : fault;
    } catch (error) {
      return error instanceof ModelFault && error.code === "budget-exhausted" ? error : fault;
    }
  }
}

function refusalOf(error: unknown, { aborted }: AbortSignal): Refusal {
  if (error instanceof Refusal) return error;
  if (aborted) return new Refusal(503, "unavailable", "this run has ended");
  // What went wrong is told to the run, not to the agent.
  return new Refusal(503, "unavailable", "the endpoint cannot be asked any more");
}

function json(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request) {
      bytes += part.length;
      if (bytes > maxRequestBytes) break;
      parts.push(part);
    }
  } catch {
    throw new Refusal(400, "unreadable", "expected a whole request");
  }
  if (bytes <= maxRequestBytes) return Buffer.concat(parts).toString("utf8");
  throw new Refusal(413, "too_large", `expected a request of at most ${maxRequestBytes} bytes`);
}

function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && isWithin(value, maxDepth)) return value;
  } catch {
    // Said below, in the same words as for JSON that is no object.
  }
  throw new Refusal(400, "unreadable", `expected a JSON object, nested at most ${maxDepth} deep`);
}

function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isWithin(inner, depth - 1));
}

/** Opens the relay of one run of an agent. Whoever may enter the folder may write to the socket. */
export async function openRelay(settings: RelaySettings, deps: RelayDeps): Promise<Relay> {
  const relay = new RelayServer(settings, deps);
  try {
    await relay.listen();
    return relay;
  } catch (error) {
    await relay.close();
    throw error;
  }
}
