// OpenAI's own clients against our server: in TypeScript always, in Python where ARENA_OPENAI_PYTHON names one that has it.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import OpenAI, { APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { hello, type ServerForTest, serveForTest, until } from "../support/a1-server.ts";
import { everyMs, steps } from "../support/scripted-engine.ts";

const apiKey = "key-of-this-test";
const messages = [{ role: "user" as const, content: hello.messages[0]?.content ?? "" }];

function clientOf(
  server: ServerForTest,
  options: { readonly maxRetries?: number; readonly timeout?: number } = {},
) {
  return new OpenAI({ baseURL: `${server.origin}/v1`, apiKey, maxRetries: 0, ...options });
}

async function failure(work: Promise<unknown>): Promise<APIError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof APIError) return error;
  throw new Error(`expected an APIError, found ${String(error)}`);
}

describe("OpenAI's client in TypeScript", () => {
  it("lists models and asks for answers whole and streamed", async () => {
    await using server = await serveForTest({}, { keys: [apiKey] });
    const client = clientOf(server);
    const models = [];
    for await (const { id } of client.models.list()) models.push(id);
    expect(models).toEqual(["a1", "a1-draft", "a1-target"]);
    for (const model of models) {
      const body = { model, messages, seed: 7, max_completion_tokens: 80 };
      const whole = await client.chat.completions.create(body);
      const content = whole.choices[0]?.message.content ?? "";
      expect(content.length).toBeGreaterThan(20);
      const runner = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } });
      const pieces: string[] = [];
      runner.on("content", (piece) => pieces.push(piece));
      const final = await runner.finalChatCompletion();
      expect(pieces.length).toBeGreaterThan(1);
      expect(pieces.join("")).toBe(content);
      expect(final.choices[0]?.message.content).toBe(content);
      expect(final.choices[0]?.finish_reason).toBe(whole.choices[0]?.finish_reason);
      expect(final.usage).toEqual(whole.usage);
      expect(whole._request_id).toMatch(/^r\d+$/);
    }
  });

  it("gets n choices, log-probabilities and completions", async () => {
    await using server = await serveForTest({}, { keys: [apiKey] });
    const client = clientOf(server);
    const three = await client.chat.completions.create({ model: "a1", messages, n: 3 });
    expect(three.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    const asked = { model: "a1-target", messages, logprobs: true, top_logprobs: 2, max_tokens: 6, seed: 3 };
    const whole = await client.chat.completions.create(asked);
    expect(whole.choices[0]?.logprobs?.content).toHaveLength(6);
    const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
    expect(streamed.choices[0]?.logprobs?.content).toEqual(whole.choices[0]?.logprobs?.content);
    const completion = await client.completions.create({ model: "a1-draft", prompt: "Once", max_tokens: 10 });
    expect(completion.choices[0]?.text.length).toBeGreaterThan(0);
    const pieces = [];
    const stream = await client.completions.create({ model: "a1-draft", prompt: "Once", stream: true });
    for await (const piece of stream) pieces.push(piece.choices[0]?.text ?? "");
    expect(pieces.join("").length).toBeGreaterThan(pieces.length);
  });

  it("meets errors as the classes it has for them", async () => {
    await using server = await serveForTest({}, { keys: [apiKey] });
    const client = clientOf(server);
    const tools = [{ type: "function" as const, function: { name: "f" } }];
    const refused = await failure(client.chat.completions.create({ model: "a1", messages, tools }));
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
    expect(refused).toMatchObject({ param: "tools", code: "unsupported_parameter" });
    const unknown = await failure(client.chat.completions.create({ model: "gpt", messages }));
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
    const stranger = client.withOptions({ apiKey: "another-key-altogether" });
    const shut = await failure(stranger.chat.completions.create({ model: "a1", messages }));
    expect(shut).toBeInstanceOf(OpenAI.AuthenticationError);
  });

  it("throws where a stream breaks off with an error", async () => {
    const { pace, let: go } = steps();
    await using server = await serveForTest(
      { draft: { pace } },
      { keys: [apiKey], limits: { requestMs: 200 } },
    );
    go(2);
    const stream = await clientOf(server).chat.completions.create({
      model: "a1-draft",
      messages,
      stream: true,
    });
    const read = async () => {
      for await (const _ of stream);
    };
    expect(await failure(read())).toMatchObject({ code: "timeout" });
  });

  it("asks again by itself after a 429, and gets its answer", async () => {
    const { pace, let: go } = steps();
    const limits = { running: 1, queued: 0 };
    await using server = await serveForTest({ draft: { pace } }, { keys: [apiKey], limits });
    const client = clientOf(server, { maxRetries: 2 });
    const first = client.chat.completions.create({ model: "a1-draft", messages });
    await until(() => server.pair.busy() === 1);
    const second = client.chat.completions.create({ model: "a1-draft", messages });
    const refusedOnce = async (): Promise<boolean> =>
      (
        await (await server.get("/metrics", { headers: { authorization: `Bearer ${apiKey}` } })).text()
      ).includes('status="429"} 1');
    await until(refusedOnce);
    go(1000);
    expect((await second).choices[0]?.message.content).toBeTruthy();
    await first;
  });

  it("leaves nothing behind when it gives up", async () => {
    const pace = everyMs(20);
    await using server = await serveForTest({ draft: { pace }, target: { pace } }, { keys: [apiKey] });
    const client = clientOf(server);
    const stream = await client.chat.completions.create({ model: "a1-draft", messages, stream: true });
    for await (const _ of stream) break;
    await until(() => server.pair.busy() === 0);
    const giveUp = new AbortController();
    const asked = client.chat.completions.create({ model: "a1", messages }, { signal: giveUp.signal });
    await until(() => server.pair.busy() > 0);
    giveUp.abort();
    expect(await failure(asked)).toBeInstanceOf(APIUserAbortError);
    await until(() => server.pair.busy() === 0);
    const hasty = clientOf(server, { timeout: 50 });
    const late = await failure(hasty.chat.completions.create({ model: "a1", messages }));
    expect(late).toBeInstanceOf(APIConnectionTimeoutError);
    await until(() => server.pair.busy() === 0);
  });
});

const python = process.env.ARENA_OPENAI_PYTHON;
if (python === undefined)
  process.stderr.write(
    "[a1-server] SKIPPED: OpenAI's Python client: ARENA_OPENAI_PYTHON names no python that has it\n",
  );

const pythonSaw = z.object({
  ...{ version: z.string(), models: z.array(z.string()), whole: z.string(), finish: z.string() },
  ...{ candidates: z.number(), plain: z.string(), joined: z.string(), pieces: z.number() },
  usage: z.object({ completion_tokens: z.number() }),
  logprobs: z.array(z.number().max(0)),
  choices: z.number(),
  ...{ tools: z.array(z.unknown()), model: z.array(z.unknown()), key: z.array(z.unknown()) },
});

describe.skipIf(python === undefined)("OpenAI's client in Python", () => {
  it("gets what the one in TypeScript gets", async () => {
    await using server = await serveForTest({}, { keys: [apiKey] });
    const script = new URL("../support/openai-client.py", import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(python ?? "", [script, server.origin, apiKey]);
    const saw = pythonSaw.parse(JSON.parse(stdout));
    const client = clientOf(server);
    const more = { a1: { samples: 2 } };
    const whole = await client.chat.completions.create({ model: "a1", messages, seed: 7, ...more });
    expect(saw).toMatchObject({
      ...{
        models: ["a1", "a1-draft", "a1-target"],
        whole: whole.choices[0]?.message.content,
        finish: "stop",
      },
      ...{ candidates: 2, choices: 3, usage: { completion_tokens: 60 } },
      tools: ["BadRequestError", 400, "unsupported_parameter", "tools", true],
      model: ["NotFoundError", 404, "model_not_found", "model", true],
      key: ["AuthenticationError", 401, "invalid_api_key", null, true],
    });
    expect(saw.joined).toBe(saw.plain);
    expect(saw.pieces).toBeGreaterThan(5);
    expect(saw.logprobs).toHaveLength(5);
    await until(() => server.pair.busy() === 0);
  });
});
