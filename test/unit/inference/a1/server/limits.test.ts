// Who may ask, how much at once, and for how long: keys, places, bodies, time, slow readers.
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { EngineFault } from "../../../../../src/inference/a1/engine.ts";
import { ServeFault } from "../../../../../src/inference/a1/server/settings.ts";
import { systemClock } from "../../../../../src/inference/index.ts";
import {
  hello,
  rawClient,
  rawPost,
  type ServerOverrides,
  serveForTest,
  until,
} from "../../../../support/a1-server.ts";
import { steps } from "../../../../support/scripted-engine.ts";

const chat = "/v1/chat/completions";
const question = { model: "a1-draft", ...hello };
const [first, second] = ["first-key-of-two", "second-key-of-two"];

const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

describe("keys", () => {
  it("let in whoever has one of them, and tell the others nothing", async () => {
    await using server = await serveForTest({}, { keys: [first, second] });
    for (const key of [first, second])
      expect((await server.post(chat, question, bearer(key))).status).toBe(200);
    for (const [headers, code] of [
      [{}, "missing_api_key"],
      [{ authorization: "Basic eDp5" }, "missing_api_key"],
      [{ authorization: `Bearer ${first}x` }, "invalid_api_key"],
      [{ authorization: "Bearer x" }, "invalid_api_key"],
    ] as const) {
      const response = await server.post(chat, question, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ error: { code, type: "authentication_error" } });
      expect(text).not.toContain(first);
    }
  });

  it("guard everything but the health, and figures unless they are open", async () => {
    await using server = await serveForTest({}, { keys: [first] });
    for (const path of ["/v1/models", "/v1/models/a1", "/metrics"]) {
      expect((await server.get(path)).status).toBe(401);
      expect((await server.get(path, bearer(first))).status).toBe(200);
    }
    expect(await (await server.get("/health")).json()).toEqual({ status: "ok" });
    expect(await (await server.get("/health", bearer(first))).json()).toHaveProperty("running", 0);
    await using open = await serveForTest({}, { keys: [first], openMetrics: true });
    expect((await open.get("/metrics")).status).toBe(200);
    expect((await open.get("/v1/models")).status).toBe(401);
  });

  it("are not asked for where the health is: it says so when an engine will answer nobody any more", async () => {
    await using server = await serveForTest({}, { keys: [first] });
    const fault = new EngineFault("unreachable", "the model's thread ended", { retryable: false });
    Object.assign(server.pair.engines.target, { lost: () => fault });
    const health = await server.get("/health");
    expect([health.status, await health.json()]).toEqual([503, { status: "failed" }]);
  });

  it("are read before a body is", async () => {
    await using server = await serveForTest({}, { keys: [first] });
    expect((await server.post(chat, "{")).status).toBe(401);
  });

  it("may be absent on loopback only, and there only under its names", async () => {
    await using server = await serveForTest();
    const client = await rawClient(server.port);
    client.send(rawPost(chat, question).replace("host: 127.0.0.1", "host: rebound.example:80"));
    await until(() => client.received().includes("forbidden_host"));
    expect(client.received()).toContain("HTTP/1.1 403");
    client.socket.destroy();
    await expect(serveForTest({}, { host: "0.0.0.0" })).rejects.toThrow(
      /expected a loopback address .* found "0.0.0.0"/,
    );
    await using allowed = await serveForTest({}, { host: "0.0.0.0", allowKeyless: true });
    expect((await fetch(`http://127.0.0.1:${allowed.port}/v1/models`)).status).toBe(200);
  });
});

describe("settings", () => {
  it.each<[string, ServerOverrides, RegExp]>([
    ["short keys", { keys: ["long-enough-key", "short"] }, /keys: expected at least 8 .* number 2/],
    ["keys with spaces", { keys: ["with space in it"] }, /keys: expected/],
    ["two models of one name", { names: { pair: "x", draft: "x", target: "y" } }, /names: expected three/],
    ["no room", { limits: { running: 0 } }, /limits.running: expected a whole number from 1, found 0/],
    ["no temperature", { answers: { temperature: 3 } }, /answers.temperature: expected 0 to 2, found 3/],
  ])("with %s are refused before anything listens", async (_, overrides, message) => {
    const starting = serveForTest({}, overrides);
    await expect(starting).rejects.toThrow(ServeFault);
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.not.toThrow(/with space/);
  });

  it("with an address that is taken are told so", async () => {
    await using server = await serveForTest();
    const starting = serveForTest({}, { port: server.port });
    await expect(starting).rejects.toThrow(/expected to listen .* EADDRINUSE/);
  });
});

describe("places", () => {
  it("run so many, let so many wait, and send the rest away for a while", async () => {
    const { pace, let: go } = steps();
    await using server = await serveForTest({ draft: { pace } }, { limits: { running: 2, queued: 1 } });
    const three = [1, 2, 3].map(() => server.post(chat, question));
    const { engines } = server.pair;
    const health = async (): Promise<unknown> => (await server.get("/health")).json();
    await until(async () => JSON.stringify(await health()).includes('"running":2,"queued":1'));
    const refused = await server.post(chat, question);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({ error: { code: "overloaded", type: "rate_limit_error" } });
    expect(engines.draft.requests).toHaveLength(2);
    go(1000);
    for (const answer of await Promise.all(three)) expect(answer.status).toBe(200);
    expect(engines.draft.mostAtOnce).toBe(2);
    expect((await server.post(chat, question)).status).toBe(200);
  });

  it("go to keys in turn: who asks a hundred times does not keep another waiting", async () => {
    const paced = steps();
    const overrides = { keys: [first, second], limits: { running: 1 } };
    await using server = await serveForTest({ draft: { pace: paced.pace, write: () => " x" } }, overrides);
    const ask = (key: string, n: number) =>
      server.post(chat, { ...question, seed: n }, { headers: { authorization: `Bearer ${key}` } });
    const queued = async (): Promise<number> =>
      z.object({ queued: z.number() }).parse(await (await server.get("/health", bearer(first))).json())
        .queued;
    const asked: Promise<Response>[] = [];
    for (const [key, seed] of [
      [first, 1],
      [first, 2],
      [first, 3],
      [second, 9],
    ] as const) {
      asked.push(ask(key, seed));
      await until(async () => paced.waiting === 1 && (await queued()) === asked.length - 1);
    }
    paced.let(10);
    await Promise.all(asked);
    const seeds = server.pair.engines.draft.requests.map((request) => ("seed" in request ? request.seed : 0));
    expect(seeds).toEqual([1, 2, 9, 3]);
  });

  it("are free only when the work has ended, though its asker is told before", async () => {
    let end = (): void => undefined;
    const pace = () => new Promise<void>((resolve) => (end = resolve));
    const limits = { running: 1, queued: 0, requestMs: 50 };
    await using server = await serveForTest({ draft: { pace } }, { limits });
    const late = await server.post(chat, question);
    expect(late.status).toBe(504);
    expect(await late.json()).toMatchObject({ error: { code: "timeout", type: "timeout_error" } });
    expect((await server.post(chat, question)).status).toBe(429);
    end();
    await until(() => server.pair.busy() === 0);
    expect((await server.post(chat, question)).status).toBe(504);
    end();
  });
});

describe("time", () => {
  it("that is over ends a stream with an event that says so", async () => {
    const { pace, let: go } = steps();
    await using server = await serveForTest({ draft: { pace } }, { limits: { requestMs: 100 } });
    go(3);
    const text = await (await server.post(chat, { ...question, stream: true })).text();
    expect(text).toContain('"code":"timeout"');
    expect(text).not.toContain("[DONE]");
    await until(() => server.pair.busy() === 0);
  });

  it("of waiting for a place counts too", async () => {
    const { pace } = steps();
    await using server = await serveForTest({ draft: { pace } }, { limits: { running: 1, requestMs: 100 } });
    const both = await Promise.all([server.post(chat, question), server.post(chat, question)]);
    expect(both.map(({ status }) => status)).toEqual([504, 504]);
    await until(() => server.pair.busy() === 0);
  });

  it.each([
    ["headers", "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: "],
    [
      "a body",
      "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
    ],
  ])("for %s that never come whole is short", async (_, start) => {
    await using server = await serveForTest({}, { limits: { headersMs: 50, bodyMs: 50 } });
    const client = await rawClient(server.port);
    client.send(start);
    const drip = setInterval(() => client.send("a"), 20);
    await client.closed();
    clearInterval(drip);
    expect(server.pair.busy()).toBe(0);
  });

  it("in which nothing happens is filled with comments, so that nobody in between hangs up", async () => {
    const { pace, let: go } = steps();
    await using server = await serveForTest({ draft: { pace } }, { limits: { quietMs: 10 } });
    const response = await server.post(chat, { ...question, max_tokens: 20, stream: true });
    go(1000);
    const text = await response.text();
    expect(text.match(/^: working$/gm)?.length).toBeGreaterThan(0);
    expect(text.indexOf('"role"')).toBeLessThan(text.indexOf(": working"));
    expect(text.match(/"role"/g)).toHaveLength(1);
    expect(text).toContain("[DONE]");
  });
});

describe("a body", () => {
  const limits = { bodyBytes: 1000 };
  it.each([
    ["announced", (body: Uint8Array) => body],
    ["in chunks", (body: Uint8Array) => new Blob([body]).stream()],
  ])("that is too long, %s, is a 413, and the server goes on", async (_, shape) => {
    await using server = await serveForTest({}, { limits });
    const body = shape(new Uint8Array(3_000_000).fill(32));
    const headers = { "content-type": "application/json" };
    const init: RequestInit & { duplex: "half" } = { method: "POST", headers, body, duplex: "half" };
    const response = await fetch(`${server.origin}${chat}`, init);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: "body_too_large" } });
    expect((await server.post(chat, question)).status).toBe(200);
  });

  it("counts until its request has left, while it waits its turn too", async () => {
    const { pace, let: go } = steps();
    const limits = { running: 1, queued: 4, bodiesBytes: 450 };
    await using server = await serveForTest({ draft: { pace } }, { limits });
    const held = { ...question, user: "u".repeat(100) };
    const asked = [server.post(chat, held), server.post(chat, held)];
    await until(() => server.pair.engines.draft.requests.length === 1);
    await until(async () => {
      const response = await server.post(chat, held);
      await response.text();
      return response.status === 429;
    });
    go(1_000);
    for (const each of asked) expect((await each).status).toBe(200);
    expect((await server.post(chat, held)).status).toBe(200);
  });

  it("waits for room among all that are being read, and gets it when theirs are over", async () => {
    await using server = await serveForTest({}, { limits: { bodiesBytes: 400 } });
    const half = await rawClient(server.port);
    const head = ["POST /v1/chat/completions HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"];
    half.send(`${[...head, "content-length: 500"].join("\r\n")}\r\n\r\n${" ".repeat(390)}`);
    const refusedAt = async () => {
      const response = await server.post(chat, question);
      await response.text();
      return { status: response.status, after: response.headers.get("retry-after") };
    };
    await until(async () => (await refusedAt()).status === 429);
    expect(await refusedAt()).toEqual({ status: 429, after: "1" });
    half.socket.destroy();
    await until(async () => (await refusedAt()).status === 200);
  });

  it("that never ends is cut off", async () => {
    await using server = await serveForTest({}, { limits });
    const client = await rawClient(server.port);
    const head = ["POST /v1/chat/completions HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"];
    client.send(`${[...head, "transfer-encoding: chunked"].join("\r\n")}\r\n\r\n`);
    const piece = `${(65_536).toString(16)}\r\n${" ".repeat(65_536)}\r\n`;
    const flood = setInterval(() => client.socket.writableLength < 2 ** 20 && client.send(piece), 1);
    await client.closed();
    clearInterval(flood);
    expect(client.received()).toContain("413");
  });
});

describe("a reader that takes nothing", () => {
  const flood = " word".repeat(400_000);
  const asked = { ...question, max_tokens: 60_000, n: 40, stream: true };
  const write = (): string => flood;

  it.each([
    ["more is waiting than may", { bufferedBytes: 50_000 }],
    ["it takes nothing for too long", { stalledMs: 100, bufferedBytes: 2 ** 28 }],
  ])("is given up when %s, though its engine would go on, and everything is free", async (_, limits) => {
    const { pace, let: go } = steps();
    // Six bytes of JSON for each of its own: more than the sockets between can hold, even joined.
    const wide = (): string => ` ${"\u0001".repeat(99)}`.repeat(600);
    await using server = await serveForTest({ draft: { write: wide, pace } }, { limits });
    const client = await rawClient(server.port);
    client.socket.pause();
    client.send(rawPost(chat, { ...asked, n: 64 }));
    go(64 * 550);
    await until(() => server.pair.engines.draft.requests.length > 0);
    await until(() => server.pair.busy() === 0);
    client.socket.resume();
    await client.closed();
    expect(client.received()).not.toContain("[DONE]");
    await using again = await serveForTest();
    expect((await again.post(chat, question)).status).toBe(200);
  });

  it("for a while gets what was kept as soon as it reads again", async () => {
    const { pace, let: go } = steps();
    await using server = await serveForTest({ draft: { write, pace } });
    const client = await rawClient(server.port);
    client.socket.pause();
    client.send(rawPost(chat, { ...asked, n: 10 }));
    const words = 10 * 11_000;
    go(words);
    await until(() => server.pair.engines.draft.requests.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.socket.resume();
    await until(() => client.received().match(/word/g)?.length === words);
    expect(server.pair.busy()).toBe(10);
    client.socket.destroy();
    await until(() => server.pair.busy() === 0);
  });

  it("for a while gets all of it later, in fewer pieces", async () => {
    const { pace, let: go } = steps();
    await using server = await serveForTest({ draft: { write, pace } });
    const client = await rawClient(server.port);
    client.socket.pause();
    client.send(
      rawPost(chat, { ...question, max_tokens: 65_000, n: 10, stream: true }, ["connection: close"]),
    );
    go(10 * 13_000);
    await until(() => server.pair.engines.draft.requests.length > 0 && server.pair.busy() === 0);
    client.socket.resume();
    await client.closed();
    const text = client.received();
    expect(text).toContain("[DONE]");
    expect(text.match(/word/g)).toHaveLength(10 * 13_000);
    expect(text.match(/^data: /gm)?.length).toBeLessThan(10 * 13_000);
  });

  it("for a moment only, again and again, gets all of a whole answer, however long that takes", async () => {
    const long = (): string => "\u0001".repeat(65_000);
    await using server = await serveForTest({ draft: { write: long } }, { limits: { stalledMs: 400 } });
    const client = await rawClient(server.port);
    client.socket.on("data", () => {
      client.socket.pause();
      setTimeout(() => client.socket.resume(), 5);
    });
    client.send(rawPost(chat, { ...question, max_tokens: 65_000, n: 40 }, ["connection: close"]));
    await client.closed();
    const [head = "", body = ""] = client.received().split("\r\n\r\n");
    expect(body.length).toBe(Number(/content-length: (\d+)/i.exec(head)?.[1]));
    expect(body.length).toBeGreaterThan(40 * 65_000 * 6);
  });

  it("of a whole answer loses its connection", async () => {
    // Each of its bytes is six in JSON: more than the sockets between may hold.
    const long = (): string => "\u0001".repeat(65_000);
    await using server = await serveForTest({ draft: { write: long } }, { limits: { stalledMs: 100 } });
    const client = await rawClient(server.port);
    client.socket.pause();
    client.send(rawPost(chat, { ...question, max_tokens: 65_000, n: 64 }));
    await until(() => server.pair.engines.draft.requests.length > 0 && server.pair.busy() === 0);
    await systemClock.sleep(300, new AbortController().signal);
    client.socket.resume();
    await client.closed();
    expect(client.received().length).toBeGreaterThan(0);
    expect(client.received().length).toBeLessThan(64 * 65_000 * 6);
  });
});
