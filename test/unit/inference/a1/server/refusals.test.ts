// What is refused, with which status and code and by which name, and what OpenAI's clients send that is let pass.
import { describe, expect, it } from "vitest";
import { EngineFault, type EngineFaultCode } from "../../../../../src/inference/a1/engine.ts";
import { hello, type ServerForTest, serveForTest } from "../../../../support/a1-server.ts";

const chat = "/v1/chat/completions";
const question = { model: "a1-draft", ...hello, max_tokens: 4 };

async function refused(response: Response) {
  const body: unknown = await response.json();
  expect(body).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } });
  return { status: response.status, body };
}

const error = (status: number, code: string, param: string | null = null) => ({
  status,
  body: { error: { code, param } },
});

async function expectRefusal(
  server: ServerForTest,
  body: unknown,
  expected: ReturnType<typeof error>,
  path = chat,
): Promise<void> {
  expect(await refused(await server.post(path, body))).toMatchObject(expected);
}

describe("a request that cannot be served", () => {
  const part = (type: string) => ({ messages: [{ role: "user", content: [{ type, [type]: {} }] }] });
  const last = (more: object) => ({
    messages: [...hello.messages, { role: "assistant", content: "x", ...more }],
  });

  it.each<[string, object, string, string]>([
    ["tools", { tools: [{ type: "function" }] }, "unsupported_parameter", "tools"],
    ["a tool choice", { tool_choice: "required" }, "unsupported_parameter", "tool_choice"],
    ["functions", { functions: [{ name: "f" }] }, "unsupported_parameter", "functions"],
    [
      "json answers",
      { response_format: { type: "json_object" } },
      "unsupported_parameter",
      "response_format",
    ],
    ["nucleus sampling", { top_p: 0.5 }, "unsupported_parameter", "top_p"],
    ["penalties", { presence_penalty: 1 }, "unsupported_parameter", "presence_penalty"],
    ["biases", { logit_bias: { "5": 1 } }, "unsupported_parameter", "logit_bias"],
    ["audio", { modalities: ["text", "audio"] }, "unsupported_parameter", "modalities"],
    ["storing", { store: true }, "unsupported_parameter", "store"],
    ["what nobody knows", { tempreature: 1 }, "unknown_parameter", "tempreature"],
    ["names of all objects", { constructor: 1 }, "unknown_parameter", "constructor"],
    ["what nobody knows within", { a1: { sample: 1 } }, "unknown_parameter", "a1.sample"],
    ["an image", part("image_url"), "invalid_value", "messages[0].content[0].type"],
    ["a tool's answer", { messages: [{ role: "tool", content: "x" }] }, "invalid_value", "messages[0].role"],
    ["a tool call", last({ tool_calls: [{ id: "x" }] }), "invalid_value", "messages[1].tool_calls"],
    ["no message", { messages: [] }, "invalid_value", "messages"],
    ["no messages", { messages: undefined }, "missing_required_parameter", "messages"],
    ["no model", { model: undefined }, "missing_required_parameter", "model"],
    ["null messages", { messages: null }, "missing_required_parameter", "messages"],
    ["heat", { temperature: 2.1 }, "invalid_value", "temperature"],
    ["half a token", { max_tokens: 0.5 }, "invalid_value", "max_tokens"],
    ["too many tokens", { max_completion_tokens: 65_537 }, "invalid_value", "max_completion_tokens"],
    ["too many choices", { n: 65 }, "invalid_value", "n"],
    ["too many candidates", { model: "a1", a1: { samples: 65 } }, "invalid_value", "a1.samples"],
    ["many of many", { model: "a1", n: 9, a1: { samples: 8 } }, "invalid_value", "n"],
    ["an odd task", { model: "a1", a1: { task: "a b" } }, "invalid_value", "a1.task"],
    ["an empty stop text", { stop: "" }, "invalid_value", "stop"],
    ["five stop texts", { stop: ["1", "2", "3", "4", "5"] }, "invalid_value", "stop"],
    ["a seed of no number", { seed: "1" }, "invalid_value", "seed"],
    ["stream options unstreamed", { stream_options: {} }, "invalid_value", "stream_options"],
    ["alternatives alone", { top_logprobs: 2 }, "invalid_value", "top_logprobs"],
    ["too many alternatives", { logprobs: true, top_logprobs: 9 }, "invalid_value", "top_logprobs"],
    ["the pair's logprobs", { model: "a1", logprobs: true }, "unsupported_parameter", "logprobs"],
    ["a1 of one engine", { a1: { samples: 2 } }, "unsupported_parameter", "a1"],
  ])("with %s is a 400 that names it", async (_, fields, code, param) => {
    await using server = await serveForTest();
    await expectRefusal(server, { ...question, ...fields }, error(400, code, param));
    expect(server.pair.engines.draft.requests).toHaveLength(0);
  });

  it.each<[string, object, string, string]>([
    ["echo", { echo: true }, "unsupported_parameter", "echo"],
    ["a suffix", { suffix: "x" }, "unsupported_parameter", "suffix"],
    ["best of several", { best_of: 2 }, "unsupported_parameter", "best_of"],
    ["several prompts", { prompt: ["a", "b"] }, "invalid_value", "prompt"],
    ["the pair", { model: "a1" }, "unsupported_model", "model"],
  ])("as a completion with %s is a 400 that names it", async (_, fields, code, param) => {
    await using server = await serveForTest();
    const completion = { model: "a1-draft", prompt: "x", ...fields };
    await expectRefusal(server, completion, error(400, code, param), "/v1/completions");
  });

  it("is told of engines that take no tokens or tell no log-probabilities", async () => {
    const capabilities = { takesIds: false, generatedLogprobs: false };
    await using server = await serveForTest({ draft: { capabilities } });
    const answered = await server.post(chat, question);
    expect(answered.status).toBe(200);
    expect(server.pair.engines.draft.requests[0]?.context).toMatchObject({ ...hello, answer: "" });
    const raw = { model: "a1-draft", prompt: "x" };
    await expectRefusal(server, raw, error(400, "unsupported_model", "prompt"), "/v1/completions");
    await expectRefusal(
      server,
      { ...question, logprobs: true },
      error(400, "unsupported_parameter", "logprobs"),
    );
  });

  it("for likelihoods of tokens that an engine does not tell is refused before anything is paid for", async () => {
    await using server = await serveForTest({ draft: { capabilities: { takesIds: false } } });
    for (const more of [{}, { stream: true }])
      await expectRefusal(
        server,
        { ...question, ...more, logprobs: true },
        error(400, "unsupported_parameter", "logprobs"),
      );
    expect(server.pair.engines.draft.requests).toHaveLength(0);
  });

  it("for another model, address or method is told which", async () => {
    await using server = await serveForTest();
    await expectRefusal(server, { ...question, model: "gpt" }, error(404, "model_not_found", "model"));
    await expectRefusal(server, {}, error(404, "unknown_url"), "/v1/embeddings");
    expect(await refused(await server.get(chat))).toMatchObject(error(405, "method_not_allowed"));
    expect(await refused(await server.post("/v1/models", {}))).toMatchObject(
      error(405, "method_not_allowed"),
    );
  });

  it.each<[string, string | Uint8Array, Record<string, string>, number, string]>([
    ["no JSON", "{", {}, 400, "invalid_json"],
    ["no body", "", {}, 400, "invalid_json"],
    ["a list", "[]", {}, 400, "invalid_json"],
    ["bytes that are no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), {}, 400, "invalid_utf8"],
    ["a type a page may send unasked", "{}", { "content-type": "text/plain" }, 415, "unsupported_media_type"],
    ["compression", "{}", { "content-encoding": "gzip" }, 415, "unsupported_encoding"],
  ])("with %s as its body is refused", async (_, body, headers, status, code) => {
    await using server = await serveForTest();
    const response = await server.post(chat, body, { headers });
    expect(await refused(response)).toMatchObject(error(status, code));
  });

  it("of a hundred thousand wrong elements is complained about once, for the first of them", async () => {
    await using server = await serveForTest();
    const many = (element: unknown) => Array.from({ length: 100_000 }, () => element);
    const parts = [{ role: "user", content: many({}) }];
    const asks: readonly (readonly [object, string])[] = [
      [{ messages: many({}) }, "messages"],
      [{ messages: many(1).slice(0, 2_000) }, "messages[0]"],
      [{ messages: parts }, "messages[0].content"],
      [{ stop: many(1) }, "stop"],
    ];
    for (const [ask, param] of asks) {
      const answer = await refused(await server.post(chat, { ...question, ...ask }));
      expect(answer).toMatchObject(error(400, "invalid_value", param));
      // Zod's complaints about every element would make it megabytes.
      expect(JSON.stringify(answer.body).length).toBeLessThan(1_000);
    }
    const { messages: _, ...asked } = question;
    for (const prompt of [many(0.5), many([0.5]), many({})])
      expect((await server.post("/v1/completions", { ...asked, prompt })).status).toBe(400);
  });

  it("of a hundred thousand fields is refused for their number", async () => {
    await using server = await serveForTest();
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`x${index}`, 1]));
    await expectRefusal(server, { ...question, ...many }, error(400, "too_many_fields"));
  });

  it("of a million brackets is refused like any other", async () => {
    await using server = await serveForTest();
    const deep = `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`;
    const body = `{"model":"a1-draft","messages":${deep}}`;
    expect((await server.post(chat, body)).status).toBe(400);
    expect((await server.post(chat, question)).status).toBe(200);
  });

  it("does not reach prototypes by names in its JSON", async () => {
    await using server = await serveForTest();
    const body = '{"model":"a1-draft","messages":[{"role":"user","content":"x"}],"__proto__":{"n":2}}';
    expect(await refused(await server.post(chat, body))).toMatchObject(
      error(400, "unknown_parameter", "__proto__"),
    );
  });
});

describe("a request as clients send it", () => {
  it("is served with fields that change nothing, nulls, and answers sent back as they came", async () => {
    await using server = await serveForTest();
    const answer = {
      role: "assistant",
      content: "a",
      refusal: null,
      annotations: [],
      audio: null,
      tool_calls: [],
    };
    const parts = [
      { type: "text", text: "b" },
      { type: "text", text: "c" },
    ];
    const body = {
      ...question,
      messages: [{ role: "developer", content: "s", name: "n" }, answer, { role: "user", content: parts }],
      ...{ user: "u", metadata: { a: "b" }, service_tier: "auto", tools: [], tool_choice: "auto", top_p: 1 },
      ...{
        parallel_tool_calls: true,
        response_format: { type: "text" },
        logit_bias: {},
        stop: null,
        seed: null,
      },
      ...{ frequency_penalty: 0, presence_penalty: null, store: false, n: null, stream: null },
    };
    expect((await server.post(chat, body)).status).toBe(200);
    expect(server.pair.engines.draft.requests[0]?.context.messages).toEqual([
      { role: "system", content: "s" },
      { role: "assistant", content: "a" },
      { role: "user", content: "bc" },
    ]);
  });

  it("may be of so many kinds and no more, for each is kept", async () => {
    await using server = await serveForTest({}, { answers: { mostTasks: 2 } });
    const ask = (task: string) => ({ model: "a1", ...hello, a1: { task } });
    for (const task of ["one", "two", "one", "chat"])
      expect((await server.post(chat, ask(task))).status).toBe(200);
    await expectRefusal(server, ask("three"), error(400, "too_many_tasks", "a1.task"));
  });
});

describe("an engine's fault", () => {
  it.each<[EngineFaultCode, number, string]>([
    ["unreachable", 502, "upstream_unreachable"],
    ["timed-out", 504, "upstream_timeout"],
    ["overloaded", 429, "upstream_overloaded"],
    ["server-error", 502, "upstream_error"],
    ["bad-response", 502, "upstream_error"],
    ["missing-logprobs", 502, "upstream_error"],
    ["context-overflow", 400, "context_length_exceeded"],
    ["bad-request", 502, "upstream_refused"],
    ["unauthorized", 502, "upstream_refused"],
    ["unsupported", 400, "unsupported"],
    ["unusable", 500, "upstream_unusable"],
  ])("%s is told as %i without what the engine said", async (code, status, told) => {
    const fault = () => new EngineFault(code, "at http://10.0.0.9:1/secret-path", { retryAfterMs: 2500 });
    await using server = await serveForTest({ draft: { fault } });
    for (const stream of [false, true]) {
      const response = await server.post(chat, { ...question, stream });
      expect(response.headers.get("retry-after")).toBe(status === 429 ? "3" : null);
      const { body } = await refused(response);
      expect(response.status).toBe(status);
      expect(body).toMatchObject({ error: { code: told } });
      expect(JSON.stringify(body)).not.toContain("10.0.0.9");
    }
    expect(server.notes).toHaveLength(status >= 500 ? 2 : 0);
    for (const note of server.notes) expect(note).toContain("secret-path");
  });

  it("that nobody foresaw is a 500 without a word of it, and a line for the operator without our key", async () => {
    const key = "sk-our-own-key-1";
    const fault = () => new TypeError(`cannot read ${key}\n of undefined`);
    await using server = await serveForTest({ fault, draft: { fault } }, { keys: [key] });
    for (const model of ["a1", "a1-draft"]) {
      const headers = { authorization: `Bearer ${key}` };
      const response = await server.post(chat, { ...question, model }, { headers });
      const { status, body } = await refused(response);
      expect(status).toBe(500);
      expect(JSON.stringify(body)).not.toContain("undefined");
      const note = server.notes.at(-1) ?? "";
      expect(note).toContain(String(response.headers.get("x-request-id")));
      expect(note).toContain("TypeError: cannot read [redacted] | of undefined");
      expect(note).not.toContain("\n");
    }
  });

  it("in the midst of a stream is its last event, and no [DONE] follows", async () => {
    const write = () => " one two three";
    let words = 0;
    const pace = () => {
      words += 1;
      return words < 3 ? Promise.resolve() : Promise.reject(new EngineFault("server-error", "gone"));
    };
    await using server = await serveForTest({ draft: { write, pace } });
    const text = await (await server.post(chat, { ...question, max_tokens: 50, stream: true })).text();
    const events = text.trim().split("\n\n");
    expect(events.at(-1)).toContain('{"error":{"message":');
    expect(events.at(-1)).toContain('"code":"upstream_error"');
    expect(text).toContain(" two");
    expect(text).not.toContain("[DONE]");
    expect(server.notes).toHaveLength(1);
  });

  it("of one choice ends the others before it is told", async () => {
    const fault = ({ key }: { key: { sample: number } }) =>
      key.sample === 1 ? new EngineFault("server-error", "gone") : undefined;
    // An engine takes its time to end.
    const pace = (signal: AbortSignal): Promise<void> =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => setTimeout(() => reject(signal.reason), 50));
      });
    await using server = await serveForTest({ draft: { fault, pace } });
    await expectRefusal(server, { ...question, n: 3 }, error(502, "upstream_error"));
    expect(server.pair.busy()).toBe(0);
  });
});
