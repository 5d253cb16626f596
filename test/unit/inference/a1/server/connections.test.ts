// Clients that vanish, half-close, pipeline, speak no HTTP or inject headers; and a server that ends cleanly.
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { hello, rawClient, rawPost, serveForTest, until } from "../../../../support/a1-server.ts";
import { everyMs, steps } from "../../../../support/scripted-engine.ts";

const chat = "/v1/chat/completions";
const question = { model: "a1-draft", ...hello };

describe("clients that vanish", () => {
  it("by the hundred in mid-stream leave every place, lane and engine free", async () => {
    const { pace, let: go } = steps();
    const paced = { pace, slots: 60, write: () => " word".repeat(1000) };
    await using server = await serveForTest({ draft: paced, target: paced, lanes: 40 });
    const models = ["a1", "a1-draft", "a1-target"];
    const clients = await Promise.all(Array.from({ length: 300 }, () => rawClient(server.port)));
    for (const [at, client] of clients.entries())
      client.send(rawPost(chat, { model: models[at % 3], ...hello, stream: true }));
    await until(() => server.pair.busy() > 250);
    go(400);
    await until(() => clients.some((client) => client.received().includes('"content":" ')));
    for (const [at, client] of clients.entries())
      if (at % 2 === 0) client.socket.destroy();
      else client.socket.resetAndDestroy();
    await until(() => server.pair.busy() === 0);
    expect(server.pair.load().lanes.map(({ running, queued }) => running + queued)).toEqual([0, 0, 0]);
    expect(await server.pair.engines.draft.load(new AbortController().signal)).toEqual({
      running: 0,
      queued: 0,
    });
    await until(async () => (await (await server.get("/health")).text()).includes('"running":0,"queued":0'));
    expect(server.notes).toEqual([]);
    await until(async () => (await (await server.get("/metrics")).text()).includes('status="499"} 300'));
  });

  it.each([
    ["before any answer", (_: number) => undefined],
    ["while they wait for a place", (_: number) => ({ running: 1 })],
  ])("%s leave nothing behind", async (_, limitsOf) => {
    const { pace } = steps();
    await using server = await serveForTest({ draft: { pace } }, { limits: limitsOf(1) ?? {} });
    const clients = await Promise.all(Array.from({ length: 20 }, () => rawClient(server.port)));
    for (const client of clients) client.send(rawPost(chat, question));
    const places = z.object({ running: z.number(), queued: z.number() });
    const taken = async (): Promise<number> => {
      const { running, queued } = places.parse(await (await server.get("/health")).json());
      return running + queued;
    };
    await until(async () => (await taken()) === 20);
    for (const client of clients) client.socket.destroy();
    await until(async () => (await taken()) === 0);
    expect(server.pair.busy()).toBe(0);
  });

  it("in the midst of a body never reach an engine", async () => {
    await using server = await serveForTest();
    const client = await rawClient(server.port);
    client.send(rawPost(chat, question).slice(0, -5));
    await until(async () => (await (await server.get("/metrics")).text()).length > 0);
    client.socket.destroy();
    await until(async () => (await (await server.get("/metrics")).text()).includes('status="499"} 1'));
    expect(server.pair.engines.draft.requests).toHaveLength(0);
  });

  it("with half of their connection count as gone", async () => {
    const { pace } = steps();
    await using server = await serveForTest({ draft: { pace } });
    const client = await rawClient(server.port);
    client.send(rawPost(chat, { ...question, stream: true }));
    await until(() => server.pair.busy() === 1);
    client.socket.end();
    await until(() => server.pair.busy() === 0);
    await client.closed();
  });

  it("with pipelined requests take all of them along", async () => {
    const { pace } = steps();
    await using server = await serveForTest({ draft: { pace } });
    const client = await rawClient(server.port);
    client.send(rawPost(chat, question).repeat(5));
    await until(() => server.pair.busy() === 5);
    client.socket.destroy();
    await until(() => server.pair.busy() === 0);
    await until(async () => (await (await server.get("/metrics")).text()).includes('status="499"} 5'));
  });
});

describe("connections", () => {
  it("get pipelined answers in the order of their requests", async () => {
    await using server = await serveForTest({ draft: { pace: everyMs(1) } });
    const client = await rawClient(server.port);
    const models = ["a1-draft", "a1-target", "nobody", "a1-target"];
    client.send(models.map((model) => rawPost(chat, { model, ...hello, max_tokens: 30 })).join(""));
    await until(() => client.received().match(/HTTP\/1\.1 /g)?.length === 4);
    await until(() => client.received().match(/HTTP|"model":"a1-\w+"|model_not_found/g)?.length === 8);
    const told = [...client.received().matchAll(/"model":"(a1-\w+)"|model '(\w+)'/g)];
    expect(told.map(([, served, refused]) => served ?? refused)).toEqual(models);
    client.socket.destroy();
  });

  it.each([
    ["no HTTP", "hello there\r\n\r\n", "400", "malformed_request"],
    [
      "a bare line feed in a header",
      "GET /health HTTP/1.1\r\nhost: x\r\nx: a\nb: c\r\n\r\n",
      "400",
      "malformed_request",
    ],
    ["two lengths", `${rawPost(chat, question, ["content-length: 3"])}`, "400", "malformed_request"],
    [
      "a length and chunks",
      `${rawPost(chat, question, ["transfer-encoding: chunked"])}`,
      "400",
      "malformed_request",
    ],
    [
      "endless headers",
      `GET /health HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(20_000)}\r\n\r\n`,
      "431",
      "headers_too_large",
    ],
    ["an address that is none", "GET http://[::1 HTTP/1.1\r\nhost: x\r\n\r\n", "400", "malformed_request"],
  ])("that say %s are refused in our own words and closed", async (_, text, status, code) => {
    await using server = await serveForTest();
    const client = await rawClient(server.port);
    client.send(text);
    await until(() => client.received().includes(code));
    expect(client.received()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    client.socket.destroy();
    expect(server.pair.engines.draft.requests).toHaveLength(0);
  });

  it("get no header or event that a request could smuggle in", async () => {
    const text = 'a\r\nset-cookie: x=1\r\n\r\ndata: {"injected":1}\n\n';
    await using server = await serveForTest({ draft: { write: () => text } });
    for (const model of ["a1-draft", "x\r\nset-cookie: y=1\r\n\r\n"]) {
      const response = await server.post(chat, {
        model,
        messages: [{ role: "user", content: text }],
        stream: true,
      });
      expect(response.headers.get("set-cookie")).toBeNull();
      const body = await response.text();
      expect(body.split("\n").filter((line) => line.startsWith('data: {"injected'))).toEqual([]);
    }
    const path = await server.get("/v1/models/%0d%0aset-cookie:%20z=1");
    expect(path.status).toBe(404);
    expect(path.headers.get("set-cookie")).toBeNull();
  });

  it("are only so many", async () => {
    await using server = await serveForTest({}, { limits: { connections: 3 } });
    const clients = await Promise.all(Array.from({ length: 3 }, () => rawClient(server.port)));
    const refused = await rawClient(server.port);
    await refused.closed();
    for (const client of clients) {
      client.send("GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
      await until(() => client.received().includes('"ok"'));
      client.socket.destroy();
    }
  });
});

describe("close", () => {
  const isRefused = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.on("connect", () => resolve(false)).on("error", () => resolve(true));
      socket.on("connect", () => socket.destroy());
    });

  it("lets what runs end, refuses what comes, and resolves when both are done", async () => {
    const { pace, let: go } = steps();
    await using server = await serveForTest({ draft: { pace } });
    const [running, kept] = [await rawClient(server.port), await rawClient(server.port)];
    running.send(rawPost(chat, { ...question, stream: true }));
    kept.send(rawPost(chat, question));
    await until(() => server.pair.busy() === 2);
    let hasEnded = false;
    const closing = server.served.close().then(() => {
      hasEnded = true;
    });
    expect(await isRefused(server.port)).toBe(true);
    kept.send(rawPost(chat, question));
    kept.send("GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hasEnded).toBe(false);
    go(1000);
    await Promise.all([closing, running.closed(), kept.closed()]);
    expect(running.received()).toContain("[DONE]");
    const answers = kept.received().match(/HTTP\/1\.1 \d+/g);
    expect(answers?.slice(0, 2)).toEqual(["HTTP/1.1 200", "HTTP/1.1 503"]);
    expect(kept.received()).toContain('"code":"draining"');
    expect(server.pair.busy()).toBe(0);
  });

  it("tells who asks for its health that it ends", async () => {
    const { pace, let: go } = steps();
    await using server = await serveForTest({ draft: { pace } });
    const [running, probe] = [await rawClient(server.port), await rawClient(server.port)];
    running.send(rawPost(chat, question));
    probe.send("GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    await until(() => server.pair.busy() === 1);
    const closing = server.served.close();
    probe.send("\r\n");
    await until(() => probe.received().includes('{"status":"draining"}'));
    expect(probe.received()).toMatch(/^HTTP\/1\.1 503 /);
    go(1000);
    await closing;
  });

  it("ends what outlives its grace, and says so", async () => {
    const { pace, let: go } = steps();
    await using server = await serveForTest({ draft: { pace } }, { limits: { graceMs: 30 } });
    const [stream, whole] = [await rawClient(server.port), await rawClient(server.port)];
    go(2);
    stream.send(rawPost(chat, { ...question, stream: true }));
    await until(() => stream.received().includes('"content":" '));
    whole.send(rawPost(chat, question));
    await until(() => server.pair.busy() === 2);
    await Promise.all([server.served.close(), server.served.close(), stream.closed(), whole.closed()]);
    expect(stream.received()).toContain('"code":"draining"');
    expect(whole.received()).toContain("HTTP/1.1 503");
    expect(whole.received()).toContain("retry-after: 1");
    expect(server.pair.busy()).toBe(0);
  });

  it("does not wait for ever for an engine that does not end, nor for a silent connection", async () => {
    const pace = () => new Promise<void>(() => undefined);
    await using server = await serveForTest({ draft: { pace } }, { limits: { graceMs: 0, abortMs: 20 } });
    const [busy, silent] = [await rawClient(server.port), await rawClient(server.port)];
    busy.send(rawPost(chat, question));
    await until(() => server.pair.busy() === 1);
    await server.served.close();
    await Promise.all([busy.closed(), silent.closed()]);
  });
});
