// Lets requests in, gives them places, tells what went wrong with them, and knows which are still there.
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, Next } from "hono";
import type { Clock } from "../../clock.ts";
import { redact } from "../../redact.ts";
import { Admission } from "./admission.ts";
import { type ApiError, Ended, toApiError } from "./api-error.ts";
import { type BodyLimits, BodyRoom, readBody } from "./body.ts";
import { doorFor } from "./keys.ts";
import type { ServerSettings } from "./settings.ts";
import { Visit } from "./visit.ts";

export interface ServerDeps {
  readonly clock: Clock;
  /** One line for the operator. */
  readonly note: (line: string) => void;
  /** Letters and digits, never the same twice. */
  readonly newId: () => string;
}

export interface Env {
  Bindings: HttpBindings;
  Variables: { visit: Visit; id: string; isWorking: boolean };
}

export type Visited = (path: string, status: number, durationMs: number) => void;

export class Reception {
  readonly admission: Admission;
  readonly #settings: ServerSettings;
  readonly #deps: ServerDeps;
  readonly #visited: Visited;
  readonly #partyOf: ReturnType<typeof doorFor>;
  readonly #visits = new Set<Visit>();
  readonly #bodies: BodyLimits;
  #isDraining = false;

  constructor(settings: ServerSettings, deps: ServerDeps, visited: Visited) {
    this.admission = new Admission(settings.limits, deps.clock);
    this.#settings = settings;
    this.#deps = deps;
    this.#visited = visited;
    const { bodyBytes, bodiesBytes } = settings.limits;
    this.#bodies = { maxBytes: bodyBytes, room: new BodyRoom(bodiesBytes) };
    this.#partyOf = doorFor(settings.keys, settings.allowKeyless);
  }

  get visits(): ReadonlySet<Visit> {
    return this.#visits;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  drain(): void {
    this.#isDraining = true;
  }

  /** Around everything else. */
  async receive(context: Context<Env>, next: Next): Promise<void> {
    const { incoming, outgoing } = context.env;
    const { clock, newId } = this.#deps;
    const visit = new Visit(incoming, outgoing, this.#settings.limits, clock);
    const id = newId();
    context.set("visit", visit);
    context.set("id", id);
    context.set("isWorking", false);
    outgoing.setHeader("x-request-id", id);
    if (this.#isDraining) outgoing.setHeader("connection", "close");
    this.#visits.add(visit);
    void visit.over.then(() => {
      this.#visits.delete(visit);
      this.#visited(context.req.path, visit.status, clock.now() - visit.startedMs);
    });
    await next();
    if (!context.var.isWorking) visit.worked();
  }

  /** Whose request it is. @throws ApiError 401, 403 */
  party(context: Context<Env>): string {
    const { authorization, host } = context.env.incoming.headers;
    return this.#partyOf({ authorization, host });
  }

  knows(context: Context<Env>): boolean {
    try {
      this.party(context);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Reads a body, waits for a place and works in it. The asker is told at once when the request is ended; the place is
   * free only when the work has ended too.
   */
  async work<T>(
    context: Context<Env>,
    read: (body: Readonly<Record<string, unknown>>) => T,
    answer: (wanted: T) => Promise<unknown>,
  ): Promise<Response> {
    const party = this.party(context);
    if (this.#isDraining) throw new Ended("draining");
    // Who will not be let in need not send a body.
    this.admission.check();
    const { visit } = context.var;
    const { signal } = visit;
    const wanted = read(await readBody(context.env.incoming, this.#bodies, visit));
    const release = await this.admission.enter(signal, party);
    context.set("isWorking", true);
    const working = Promise.resolve()
      .then(() => answer(wanted))
      .finally(() => {
        release();
        visit.worked();
      });
    const result = await Promise.race([working, rejectedBy(signal)]);
    return result === undefined ? RESPONSE_ALREADY_SENT : context.json(result);
  }

  refuse(context: Context<Env>, thrown: unknown): Response {
    const error = toApiError(thrown);
    this.#note(context, error);
    const { outgoing } = context.env;
    if (outgoing.headersSent || outgoing.destroyed) return RESPONSE_ALREADY_SENT;
    const headers = new Headers({ "content-type": "application/json" });
    if (error.status === 401) headers.set("www-authenticate", "Bearer");
    if (error.retryAfterSeconds !== undefined) headers.set("retry-after", String(error.retryAfterSeconds));
    return new Response(JSON.stringify(error.body()), { status: error.status, headers });
  }

  #note({ var: { id }, req: { path } }: Context<Env>, error: ApiError): void {
    if (error.status < 500 || error instanceof Ended) return;
    const { cause, code, status, message } = error;
    const told = code === "internal_error" && cause instanceof Error ? cause.stack : undefined;
    const why = told ?? (cause instanceof Error ? cause.message : message);
    const line = `request ${id} ${path}: ${status} ${code}: ${why.replace(/\s*\n\s*/g, " | ")}`;
    this.#deps.note(redact(line, this.#settings.keys));
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
