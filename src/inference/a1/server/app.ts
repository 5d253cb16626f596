// The routes: which address does what, in whose words.
import { type Context, Hono } from "hono";
import type { Backend } from "../backend.ts";
import { ApiError } from "./api-error.ts";
import { chatFormat, completionFormat, type Format, type Naming } from "./formats.ts";
import { generate } from "./generation.ts";
import { metricsFor } from "./metrics.ts";
import { type Env, Reception, type ServerDeps } from "./reception.ts";
import { askFor, unknownModel } from "./replies.ts";
import { chatReader, completionReader, readScore, taskBook, type Wanted } from "./requests.ts";
import { score } from "./score.ts";
import type { ServerSettings } from "./settings.ts";

type Body = Readonly<Record<string, unknown>>;
type Handler = (context: Context<Env>) => Response | Promise<Response>;

/** Names of routes in figures; whatever else was asked for is `other`, or figures would grow with every guess. */
const paths = [
  ...["/v1/chat/completions", "/v1/completions", "/v1/score", "/v1/models", "/v1/models/:model"],
  ...["/metrics", "/health"],
] as const;
type Path = (typeof paths)[number];
const namedPaths: ReadonlySet<string> = new Set(paths);

export interface House {
  readonly app: Hono<Env>;
  readonly reception: Reception;
}

export function houseFor(backend: Backend, settings: ServerSettings, deps: ServerDeps): House {
  const { names, limits, answers, openMetrics } = settings;
  const { clock } = deps;
  const metrics = metricsFor(backend, () => reception.admission.snapshot());
  const reception = new Reception(settings, deps, (path, status, durationMs) => {
    const route = path.startsWith("/v1/models/") ? "/v1/models/:model" : path;
    metrics.visited({ route: namedPaths.has(route) ? route : "other", status, durationMs });
  });
  const taskOf = taskBook(answers);
  const startedAt = Math.floor(clock.now() / 1000);

  const app = new Hono<Env>();
  app.use((context, next) => reception.receive(context, next));
  app.onError((error, context) => reception.refuse(context, error));
  const route = (method: "GET" | "POST", path: Path, handler: Handler): void => {
    app.on(method, path, handler);
    app.all(path, () => {
      throw new ApiError(405, "method_not_allowed", `Expected the method ${method} for ${path}.`);
    });
  };
  const post = <T>(
    path: Path,
    read: (body: Body) => T,
    answer: (context: Context<Env>, wanted: T) => Promise<unknown>,
  ): void =>
    route("POST", path, (context) => reception.work(context, read, (wanted) => answer(context, wanted)));

  const generating = (prefix: string, formatOf: (naming: Naming) => Format) => {
    return async ({ var: { id, visit }, env: { outgoing } }: Context<Env>, wanted: Wanted) => {
      const ask = askFor(wanted, { backend, names, answers, taskOf }, id);
      const what = { id: `${prefix}-${id}`, wanted, ask, formatOf };
      return await generate({ ...what, outgoing, visit, limits, clock, metrics });
    };
  };
  post("/v1/chat/completions", chatReader(answers), generating("chatcmpl", chatFormat));
  post("/v1/completions", completionReader(answers), generating("cmpl", completionFormat));
  post("/v1/score", readScore, async ({ var: { id, visit } }, wanted) => {
    const { draft, target } = backend.engines;
    const engine = { [names.draft]: draft, [names.target]: target }[wanted.model];
    if (wanted.model === names.pair) {
      const message = `${names.pair} cannot score a prompt: ask ${names.draft} or ${names.target}.`;
      throw new ApiError(400, "unsupported_model", message, { param: "model" });
    }
    if (engine === undefined) throw unknownModel(wanted.model, names);
    const about = { id: `score-${id}`, created: Math.floor(clock.now() / 1000) };
    return await score(engine, wanted, about, visit.signal);
  });

  const modelOf = (id: string) => ({ id, object: "model", created: startedAt, owned_by: "a1" });
  route("GET", "/v1/models", (context) => {
    reception.party(context);
    return context.json({ object: "list", data: Object.values(names).map(modelOf) });
  });
  route("GET", "/v1/models/:model", (context) => {
    reception.party(context);
    const { model } = context.req.param();
    const isKnown = Object.values(names).some((name) => name === model);
    if (model === undefined || !isKnown) throw unknownModel(model ?? "", names);
    return context.json(modelOf(model));
  });
  route("GET", "/metrics", async (context) => {
    if (!openMetrics) reception.party(context);
    return context.body(await metrics.text(), 200, { "content-type": metrics.contentType });
  });
  route("GET", "/health", (context) => {
    if (reception.isDraining) return context.json({ status: "draining" }, 503);
    const { draft, target } = backend.engines;
    // Who watches this server starts it anew; nothing within it would.
    const lost = draft.lost?.() ?? target.lost?.();
    if (lost !== undefined) return context.json({ status: "failed" }, 503);
    // Anyone may know that it works; how hard is a figure like others.
    const figures = openMetrics || reception.knows(context) ? reception.admission.snapshot() : {};
    return context.json({ status: "ok", ...figures });
  });
  app.notFound((context) => {
    const message = `Nothing is served at ${context.req.method} ${context.req.path}.`;
    return reception.refuse(context, new ApiError(404, "unknown_url", message));
  });
  return { app, reception };
}
