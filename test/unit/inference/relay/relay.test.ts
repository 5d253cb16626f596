// The relay of an agent on a real socket before a scripted endpoint: what it carries, counts, refuses, and calls a fault.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  Budget,
  type BudgetLimits,
  defaultRetryPolicy,
  EndpointSlots,
  type Spend,
} from "../../../../src/inference/index.ts";
import { anthropicDialect } from "../../../../src/inference/relay/anthropic.ts";
import { openaiDialect } from "../../../../src/inference/relay/openai.ts";
import { openRelay, type Relay, type RelaySettings } from "../../../../src/inference/relay/relay.ts";
import { chatEndpoint } from "../../../support/chat-endpoint.ts";
import { type EndpointStep, type Script, scriptedEndpoint } from "../../../support/scripted-endpoint.ts";
import { type VirtualClock, virtualClock } from "../../../support/virtual-clock.ts";

const key = "sk-real-key-123456";
const answer: EndpointStep = { kind: "answer", text: "hello", usage: { input: 100, output: 20, cached: 40 } };
const body = { model: "m-1", messages: [{ role: "user", content: "hi" }] };

interface Setting {
  readonly relay: Relay;
  readonly charged: Spend[];
  readonly faults: unknown[];
  readonly budget: Budget;
  readonly slots: EndpointSlots;
  readonly clock: VirtualClock;
  mostAtOnce(): number;
  readonly requests: readonly {
    readonly body: Record<string, unknown>;
    readonly headers: Record<string, unknown>;
  }[];
  ask(
    given?: object | string,
    more?: { readonly path?: string; readonly token?: string; readonly method?: string },
  ): Promise<{
    readonly status: number;
    readonly text: string;
  }>;
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function setting(
  script: Script,
  over: Partial<RelaySettings> = {},
  {
    limits = {},
    onCharged = () => {},
    signal = new AbortController().signal,
  }: {
    readonly limits?: BudgetLimits;
    readonly onCharged?: () => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Setting> {
  const endpoint = await scriptedEndpoint(script);
  closing.push(() => endpoint[Symbol.asyncDispose]());
  const folder = mkdtempSync(join(tmpdir(), "arena-relay-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const clock = virtualClock();
  const budget = new Budget(limits);
  const [charged, faults]: [Spend[], unknown[]] = [[], []];
  const dialect = over.dialect ?? openaiDialect;
  const settings: RelaySettings = {
    ...{ id: "ann", dialect, apiKey: key, token: "only-here", folder, model: "m-1", maxRequests: 5 },
    baseUrl: dialect === openaiDialect ? endpoint.baseUrl : endpoint.origin,
    prices: { inputPerMillion: 1_000_000, outputPerMillion: 2_000_000, cachedInputPerMillion: 100_000 },
    ...{ contextTokens: 1000, maxOutputTokens: 50, limitField: "max_tokens", maxAnswerBytes: 100_000 },
    policy: { ...defaultRetryPolicy, maxLostAnswers: 2 },
    ...over,
  };
  const slots = new EndpointSlots({ endpoint: "here", limits: { initial: 4, max: 4 } }, clock);
  const relay = await openRelay(settings, {
    ...{ budget, clock, random: { next: () => 0.5 }, slots },
    onCharged: (spend) => {
      onCharged();
      charged.push(spend);
    },
    onFault: (fault) => faults.push(fault),
    signal,
  });
  closing.push(() => relay.close());
  return {
    ...{ relay, charged, faults, budget, slots, clock },
    requests: endpoint.requests,
    mostAtOnce: () => endpoint.mostAtOnce,
    ask: (
      given = body,
      { path = `${dialect.prefix}${dialect.path}`, token = "only-here", method = "POST" } = {},
    ) =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
        // By the folder's own name: what the sandbox is shown.
        const outgoing = httpRequest(
          { socketPath: relay.socket, path, method, headers },
          async (response) => {
            const parts: Buffer[] = [];
            for await (const part of response) parts.push(part);
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") });
          },
        );
        outgoing.on("error", reject);
        outgoing.end(typeof given === "string" ? given : JSON.stringify(given));
      }),
  };
}

describe("what is carried", () => {
  it("goes on with the real key and a bound, and comes back as it was said", async () => {
    const { ask, requests, relay, charged } = await setting([answer]);
    const said = await ask({ ...body, temperature: 0.3 });
    expect(JSON.parse(said.text)).toMatchObject({ choices: [{ message: { content: "hello" } }] });
    expect(requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
    expect(requests[0]?.body).toEqual({ ...body, temperature: 0.3, max_tokens: 50 });
    // 60 inputs at 1, 40 cached at 0.1, 20 outputs at 2.
    expect(charged).toEqual([{ usd: 104, tokens: 120 }]);
    expect(relay.totals()).toMatchObject({ requests: 1, inputTokens: 100, outputTokens: 20, usd: 104 });
    expect(relay.totals().estimated).toBe(false);
  });

  it("may be bounded by less, never by more, and takes the entry's further fields along", async () => {
    const { ask, requests } = await setting([answer, answer], { extra: { top_k: 5, temperature: 1 } });
    await ask({ ...body, max_completion_tokens: 7, temperature: 0 });
    await ask({ ...body, max_tokens: 9999, max_completion_tokens: null });
    expect(requests.map((request) => request.body)).toEqual([
      { ...body, max_completion_tokens: 7, temperature: 0, top_k: 5 },
      { ...body, max_tokens: 50, temperature: 1, top_k: 5 },
    ]);
  });

  it("comes without the key, and with all that only looks like one", async () => {
    const code = `headers = {"authorization": f"Bearer {token}"}; sk-x = 2**3`;
    const { ask } = await setting([{ ...answer, text: `${code} ${key}` }]);
    expect(JSON.parse((await ask()).text)).toMatchObject({
      choices: [{ message: { content: `${code} [redacted]` } }],
    });
    const local = await setting([{ ...answer, text: "run pytest" }], { apiKey: "test" });
    expect((await local.ask()).text).toContain("run pytest");
  });

  it("is a model's name for whoever asks which there are, without a request", async () => {
    const { ask, requests } = await setting([]);
    const said = await ask("", { path: "/v1/models", method: "GET" });
    expect(JSON.parse(said.text)).toMatchObject({ data: [{ id: "m-1" }] });
    expect(requests).toHaveLength(0);
  });

  it("speaks Anthropic's protocol too", async () => {
    const { ask, requests, relay } = await setting([answer], { dialect: anthropicDialect });
    const said = await ask({ ...body, max_tokens: 4000, system: "be brief" });
    expect(JSON.parse(said.text)).toMatchObject({ content: [{ text: "hello" }] });
    expect(requests[0]?.headers).toMatchObject({ "x-api-key": key, "anthropic-version": "2023-06-01" });
    expect(requests[0]?.body).toMatchObject({ max_tokens: 50 });
    expect(relay.totals()).toMatchObject({ inputTokens: 100, outputTokens: 20, usd: 104 });
  });

  it("goes one by one, so that one request's worst case is all that a crash can cost", async () => {
    const { ask, relay, mostAtOnce } = await setting(() => ({ ...answer, delayMs: 20 }));
    await Promise.all([ask(), ask(), ask()]);
    expect(relay.log().map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(mostAtOnce()).toBe(1);
  });
});

describe("what is refused", () => {
  const refusals: [string, object | string, object, number, string][] = [
    ["another token", body, { token: "guess" }, 401, "wrong_token"],
    ["another path", body, { path: "/v1/files" }, 404, "not_carried"],
    ["a way round", body, { path: "/v1/chat/completions/../../admin" }, 404, "not_carried"],
    ["an absolute address", body, { path: "http://example.org/v1/chat/completions" }, 404, "not_carried"],
    ["another method", body, { method: "PUT" }, 404, "not_carried"],
    ["no JSON", "{", {}, 400, "unreadable"],
    ["another model", { ...body, model: "m-2" }, {}, 400, "not_carried"],
    ["several answers", { ...body, n: 2 }, {}, 400, "not_carried"],
    // Servers take a number in quotes, and -1 for as much as there is.
    ["a limit in quotes", { ...body, max_tokens: 5, max_completion_tokens: "90000" }, {}, 400, "not_carried"],
    ["a limit that is none", { ...body, max_completion_tokens: -1 }, {}, 400, "not_carried"],
    ["a prediction, billed as output", { ...body, prediction: { type: "content" } }, {}, 400, "not_carried"],
    ["a search of the provider's", { ...body, tools: [{ type: "web_search" }] }, {}, 400, "not_carried"],
    ["a field nobody knows", { ...body, web_search_options: {} }, {}, 400, "not_carried"],
    [
      "an image that is fetched",
      {
        ...body,
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: "https://example.org/a" } }] },
        ],
      },
      {},
      400,
      "not_carried",
    ],
  ];
  it.each(refusals)("%s", async (_, given, more, status, code) => {
    const { ask, requests, relay, charged } = await setting([]);
    const said = await ask(given, more);
    expect(said.status).toBe(status);
    expect(said.text).toContain(code);
    expect([requests.length, charged.length, relay.totals().requests]).toEqual([0, 0, 0]);
    expect(relay.log()[0]?.problem).toContain(code);
  });

  it.each([500, 50_000])("what is nested %i deep, which no stack could write down", async (depth) => {
    const { ask, faults, requests } = await setting([]);
    const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const said = await ask(`{"model":"m-1","messages":[],"metadata":${deep}}`);
    expect([said.status, faults, requests.length]).toEqual([400, [], 0]);
  });

  it("images that stand in the request are taken", async () => {
    const { ask } = await setting([answer]);
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } };
    expect((await ask({ ...body, messages: [{ role: "user", content: [image] }] })).status).toBe(200);
  });

  it("requests beyond the run's", async () => {
    const { ask, requests } = await setting(() => answer, { maxRequests: 2 });
    const statuses = [await ask(), await ask(), await ask()].map(({ status }) => status);
    expect([statuses, requests.length]).toEqual([[200, 200, 403], 2]);
  });
});

describe("whose failure it is", () => {
  it("a request the endpoint calls bad is the agent's to hear, without the key", async () => {
    const { ask, faults, charged } = await setting([
      { kind: "status", status: 400, message: `no such parameter for ${key}` },
      { kind: "context-overflow" },
    ]);
    const said = await ask();
    expect([said.status, said.text.includes("no such parameter"), said.text.includes(key)]).toEqual([
      400,
      true,
      false,
    ]);
    expect((await ask()).status).toBe(400);
    expect([faults, charged.map(({ tokens }) => tokens)]).toEqual([[], [0, 0]]);
  });

  it("what passes is tried again, and the agent never knows", async () => {
    const { ask, faults, relay } = await setting([
      { kind: "status", status: 503 },
      { kind: "status", status: 429, headers: { "retry-after": "7" } },
      answer,
    ]);
    expect((await ask()).status).toBe(200);
    expect(faults).toEqual([]);
    expect(relay.totals().lostMs).toBeGreaterThan(7000);
  });

  it("an error that comes as a success is no answer, and is asked for again", async () => {
    const { ask, requests, relay } = await setting([
      { kind: "status", status: 200, message: "overloaded", code: 503 },
      { kind: "status", status: 200, message: "the upstream is gone" },
      answer,
    ]);
    expect(JSON.parse((await ask()).text)).toMatchObject({ choices: [{ message: { content: "hello" } }] });
    expect([requests.length, relay.log().length]).toEqual([3, 1]);
  });

  it("an error that comes as a success is a fault where our own request meets it too", async () => {
    const { ask, faults } = await setting(() => ({ kind: "status", status: 200, message: "no", code: 404 }));
    expect((await ask()).status).toBe(503);
    expect(faults).toMatchObject([{ isFault: true, code: "bad-request" }]);
  });

  it("an endpoint that fails our own request as well is a fault, of all that its contestant would ask", async () => {
    const { ask, faults, slots } = await setting(() => ({ kind: "status", status: 500 }));
    expect((await ask()).status).toBe(503);
    expect(faults).toMatchObject([{ isFault: true, code: "server-error", reach: "contestant" }]);
    expect(slots.load().silentSinceMs).toBeDefined();
  });

  it("an overload is met by fewer requests at once, everybody's, until one is answered", async () => {
    const { ask, slots } = await setting([{ kind: "status", status: 503 }, answer]);
    expect((await ask()).status).toBe(200);
    expect(slots.load()).toMatchObject({ cuts: [{ from: 4, to: 3, because: "HTTP 503" }] });
    expect(slots.load().silentSinceMs).toBeUndefined();
  });

  it("a request that breaks the endpoint is the agent's", async () => {
    const { ask, faults, relay } = await setting((seen) =>
      seen.prompt.includes("break") ? { kind: "status", status: 500 } : answer,
    );
    const said = await ask({ ...body, messages: [{ role: "user", content: "break" }] });
    expect([said.status, faults]).toEqual([502, []]);
    expect(relay.totals().lostMs).toBe(0);
    expect((await ask()).status).toBe(200);
  });

  it("a key that is not taken is a fault", async () => {
    const { ask, faults } = await setting(() => ({ kind: "status", status: 401 }));
    await ask();
    expect(faults).toMatchObject([{ code: "unauthorized" }]);
  });

  it("a budget that has no room is a fault, before anything is sent", async () => {
    const { ask, faults, requests } = await setting([], {}, { limits: { total: { tokens: 60 } } });
    await ask();
    expect([faults, requests.length]).toMatchObject([[{ code: "budget-exhausted" }], 0]);
  });

  it("a record that cannot be kept is a fault, and the agent gets no answer", async () => {
    const lost = new Error("disk full");
    const { ask, faults } = await setting(
      [answer],
      {},
      {
        onCharged: () => {
          throw lost;
        },
      },
    );
    const said = await ask();
    expect([said.status, said.text.includes("disk full")]).toEqual([503, false]);
    expect(faults).toEqual([lost]);
  });

  it("a lost answer costs its worst case", async () => {
    const { ask, relay, budget } = await setting([{ kind: "cut" }, answer]);
    expect((await ask()).status).toBe(200);
    const { tokens } = budget.spent("ann");
    expect(tokens).toBeGreaterThan(120 + 50);
    const { inputTokens, outputTokens, estimated } = relay.totals();
    expect([inputTokens + outputTokens, estimated]).toEqual([tokens, true]);
  });
});

describe("the end", () => {
  it("cuts off what is under way at its worst case, asks once itself, and leaves no socket", async () => {
    const { ask, relay, budget } = await setting((seen) =>
      seen.prompt.includes("Say: ok") ? answer : { kind: "silence" },
    );
    expect(statSync(relay.socket).isSocket()).toBe(true);
    const waiting = ask();
    await expect.poll(() => budget.held().tokens).toBeGreaterThan(0);
    await relay.settle();
    expect((await waiting).status).toBe(503);
    expect((await ask()).status).toBe(503);
    await relay.close();
    expect(budget.spent("ann").tokens).toBeGreaterThan(50);
    expect(budget.held().tokens).toBe(0);
    expect(() => statSync(relay.socket)).toThrow();
  });

  const patient = { policy: { ...defaultRetryPolicy, maxLostAnswers: 2, attemptTimeoutMs: 200 } };

  /** A request that has failed once when everything ends. */
  async function ending(later: EndpointStep, control: EndpointStep) {
    let asked = 0;
    const made = await setting((seen) => {
      if (seen.prompt.includes("Say: ok")) return control;
      asked += 1;
      return asked === 1 ? { kind: "status", status: 500, headers: { "retry-after": "20" } } : later;
    }, patient);
    void made.ask().catch(() => undefined);
    await expect.poll(() => asked).toBe(2);
    await made.relay.settle();
    return { ...made, lostMs: made.relay.totals().lostMs };
  }

  it("is a fault where a request still waited for an endpoint that fails", async () => {
    const { faults } = await ending({ kind: "silence" }, { kind: "status", status: 401 });
    expect(faults).toMatchObject([{ isFault: true, code: "timed-out", retryable: true }]);
  });

  it("says how long the endpoint failed a request that it answers then", async () => {
    const { faults, lostMs } = await ending({ ...answer, delayMs: 100 }, answer);
    expect([faults, lostMs]).toEqual([[], expect.closeTo(20_000, -3)]);
  });

  it("says nothing of the kind where a request breaks the endpoint", async () => {
    const { faults, lostMs } = await ending({ kind: "silence" }, answer);
    expect([faults, lostMs]).toEqual([[], 0]);
  });

  it("does not wait for anything once nobody goes on with the run", async () => {
    const stop = new AbortController();
    const { ask, relay, budget } = await setting(() => ({ kind: "silence" }), {}, { signal: stop.signal });
    void ask().catch(() => undefined);
    await expect.poll(() => budget.held().tokens).toBeGreaterThan(0);
    stop.abort();
    await relay.settle();
    expect(budget.held().tokens).toBe(0);
  });

  it("says how long a request has waited for a place", async () => {
    const { ask, relay, slots, clock } = await setting([answer]);
    const places = await Promise.all([1, 2, 3, 4].map(() => slots.acquire(new AbortController().signal)));
    const waiting = ask();
    await expect.poll(() => slots.snapshot().queued).toBe(1);
    await clock.sleep(5_000, new AbortController().signal);
    for (const release of places) release();
    expect((await waiting).status).toBe(200);
    expect(relay.totals().lostMs).toBe(5_000);
  });
});

describe("a stream", () => {
  it("comes whole through the socket, counted, without what only we had asked for", async () => {
    const streaming = await chatEndpoint(() => ({ text: "some words of an answer" }));
    closing.push(() => streaming[Symbol.asyncDispose]());
    const { ask, relay } = await setting([], { baseUrl: streaming.baseUrl });
    const said = await ask({ ...body, stream: true });
    expect(said.text).toContain('"content":"some"');
    expect(said.text).toContain("data: [DONE]");
    expect(said.text).not.toContain('"usage"');
    expect(streaming.seen[0]).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(relay.totals()).toMatchObject({ inputTokens: 1, outputTokens: 5, estimated: false });
  });

  const chunk = (choices: object[], more: object = {}) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices, ...more })}\n\n`;
  const told = chunk([], { usage: { prompt_tokens: 30, completion_tokens: 4 } });
  const text = `${chunk([{ index: 0, delta: { content: "hel" } }])}${chunk([{ index: 0, delta: { content: "lo" } }])}${told}data: [DONE]\n\n`;

  it("is counted by its last part, which a client that did not ask for it is not shown", () => {
    const { usageOf, shownEvents, bounded } = openaiDialect;
    const parts = text
      .split("\n\n")
      .filter((line) => line.startsWith("data: {"))
      .map((line): unknown => JSON.parse(line.slice(6)));
    expect(usageOf(parts)).toEqual({ inputTokens: 30, outputTokens: 4 });
    expect(shownEvents(text, { stream: true })).toBe(text.replace(told, ""));
    expect(shownEvents(text, { stream: true, stream_options: { include_usage: true } })).toBe(text);
    const bounds = { model: "m-1", maxOutputTokens: 5, limitField: "max_tokens", extra: {} } as const;
    const sent = bounded({ ...body, stream: true }, bounds);
    expect(sent).toMatchObject({ ok: true, body: { stream: true, stream_options: { include_usage: true } } });
  });

  it("of Anthropic's tells its input first and its output last", () => {
    const parts = [
      {
        type: "message_start",
        message: { usage: { input_tokens: 9, output_tokens: 1, cache_read_input_tokens: 3 } },
      },
      { type: "content_block_delta", delta: { text: "x" } },
      { type: "message_delta", delta: {}, usage: { output_tokens: 8 } },
    ];
    expect(anthropicDialect.usageOf(parts)).toEqual({ inputTokens: 12, outputTokens: 8, cachedTokens: 3 });
  });
});
