// Answers whole and streamed, by the pair and by each engine: what comes joined is what was written.
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { eventsOf, hello, serveForTest } from "../../../../support/a1-server.ts";

const chunk = z.object({
  id: z.string(),
  object: z.string(),
  choices: z.array(
    z.object({
      index: z.number(),
      delta: z.object({ role: z.string().optional(), content: z.string().optional() }).optional(),
      text: z.string().optional(),
      logprobs: z.unknown().optional(),
      finish_reason: z.string().nullable(),
    }),
  ),
  usage: z.unknown().optional(),
});

function joined(events: readonly unknown[]): string[] {
  const texts: string[] = [];
  for (const event of events.slice(0, -1))
    for (const { index, delta, text } of chunk.parse(event).choices)
      texts[index] = (texts[index] ?? "") + (delta?.content ?? text ?? "");
  return texts;
}

const whole = z.object({
  id: z.string(),
  object: z.string(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.number(),
      message: z.object({ role: z.literal("assistant"), content: z.string() }).optional(),
      text: z.string().optional(),
      finish_reason: z.string(),
      logprobs: z.unknown().optional(),
      a1: z.unknown().optional(),
    }),
  ),
  usage: z.record(z.string(), z.unknown()),
});

describe("chat completions", () => {
  it.each(["a1", "a1-draft", "a1-target"])("of %s streamed are the whole answer in pieces", async (model) => {
    await using server = await serveForTest();
    const body = { model, ...hello, seed: 7, max_tokens: 90 };
    const answer = whole.parse(await (await server.post("/v1/chat/completions", body)).json());
    const streamed = await server.post("/v1/chat/completions", { ...body, stream: true });
    expect(streamed.headers.get("content-type")).toContain("text/event-stream");
    const events = await eventsOf(streamed);
    expect(joined(events)).toEqual([answer.choices[0]?.message?.content]);
    expect(joined(events)[0]?.length).toBeGreaterThan(40);
    expect(events.at(-1)).toBe("[DONE]");
    expect(chunk.parse(events[0]).choices[0]?.delta).toMatchObject({ role: "assistant", content: "" });
    const last = chunk.parse(events.at(-2));
    expect(last.choices[0]?.finish_reason).toBe(answer.choices[0]?.finish_reason);
    expect(last.usage).toBeUndefined();
    expect(new Set(events.slice(0, -1).map((event) => chunk.parse(event).id)).size).toBe(1);
  });

  it("tell usage in a chunk of its own where asked to, and null before", async () => {
    await using server = await serveForTest({ draft: { cached: (ids) => ids.length - 2 } });
    const body = { model: "a1-draft", ...hello, max_tokens: 20, stream: true };
    const asked = { ...body, stream_options: { include_usage: true } };
    const events = await eventsOf(await server.post("/v1/chat/completions", asked));
    const chunks = events.slice(0, -1).map((event) => chunk.parse(event));
    const promptTokens = Buffer.byteLength("<user>hello\n<assistant>");
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: {
        ...{ prompt_tokens: promptTokens, completion_tokens: 20, total_tokens: promptTokens + 20 },
        prompt_tokens_details: { cached_tokens: promptTokens - 2 },
      },
    });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });

  it("give n choices: of the pair n questions of one candidate each, with seeds of their own", async () => {
    await using server = await serveForTest({}, { answers: { samples: 3 } });
    const body = { model: "a1", ...hello, seed: 5, n: 3 };
    const answer = whole.parse(await (await server.post("/v1/chat/completions", body)).json());
    expect(answer.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(server.pair.asked.map(({ samples }) => samples)).toEqual([1, 1, 1]);
    expect(server.pair.asked[0]?.seed).toBe(5);
    expect(new Set(server.pair.asked.map(({ seed }) => seed)).size).toBe(3);
    expect(new Set(server.pair.asked.map(({ id }) => id)).size).toBe(3);
    expect(new Set(answer.choices.map(({ message }) => message?.content)).size).toBe(3);
    const streamed = await eventsOf(await server.post("/v1/chat/completions", { ...body, stream: true }));
    expect(joined(streamed)).toEqual(answer.choices.map(({ message }) => message?.content));
    const texts = answer.choices.map(({ message }) => message?.content ?? "");
    const prompt = Number(answer.usage.prompt_tokens);
    expect(prompt).toBe(Buffer.byteLength("<user>hello\n<assistant>"));
    expect(answer.usage.completion_tokens).toBeGreaterThanOrEqual(Buffer.byteLength(texts.join("")));
  });

  it("hand the pair's extension on and tell what came of it", async () => {
    await using server = await serveForTest({}, { answers: { samples: 2 } });
    const ask = async (a1?: object) => {
      const response = await server.post("/v1/chat/completions", { model: "a1", ...hello, a1 });
      return whole.parse(await response.json()).choices[0]?.a1;
    };
    expect(await ask({ samples: 4, task: "math" })).toMatchObject({ candidates: 4, chosen: 0 });
    expect(server.pair.asked.at(-1)).toMatchObject({ samples: 4, task: "math" });
    expect(await ask()).toMatchObject({ candidates: 2 });
    expect(server.pair.asked.at(-1)).toMatchObject({ samples: 2, task: "chat" });
  });

  it("stream the pair's answer of several candidates in one piece, once it is known", async () => {
    await using server = await serveForTest();
    const body = { model: "a1", ...hello, seed: 1, a1: { samples: 4 } };
    const answer = whole.parse(await (await server.post("/v1/chat/completions", body)).json());
    const events = await eventsOf(await server.post("/v1/chat/completions", { ...body, stream: true }));
    expect(joined(events)).toEqual([answer.choices[0]?.message?.content]);
    expect(server.pair.asked.every(({ onText }) => onText === undefined)).toBe(true);
  });

  it("hand on seed, temperature, stop and both spellings of the token limit", async () => {
    await using server = await serveForTest({ draft: { write: () => " one two END three" } });
    const settings = { seed: -3, temperature: 0, stop: "END", max_tokens: 9, max_completion_tokens: 50 };
    const response = await server.post("/v1/chat/completions", { model: "a1-draft", ...hello, ...settings });
    const answer = whole.parse(await response.json());
    expect(answer.choices[0]).toMatchObject({ message: { content: " one two " }, finish_reason: "stop" });
    const [request] = server.pair.engines.draft.requests;
    expect(request).toMatchObject({ seed: 2 ** 31 - 3, temperature: 0, stop: ["END"], maxTokens: 50 });
    const short = { model: "a1-draft", ...hello, max_tokens: 5, stop: ["x", "y"] };
    const cut = whole.parse(await (await server.post("/v1/chat/completions", short)).json());
    expect(cut.choices[0]).toMatchObject({ message: { content: " one " }, finish_reason: "length" });
  });

  it("are as long as settings and the model's context allow where nothing is said", async () => {
    const answers = { maxTokens: 600 };
    await using server = await serveForTest({ target: { contextTokens: 500 } }, { answers });
    const limits = async (model: string, more: object = {}) => {
      await (await server.post("/v1/chat/completions", { model, ...hello, ...more })).text();
      const { draft, target } = server.pair.engines;
      return [...draft.requests, ...target.requests].map((each) =>
        "maxTokens" in each ? each.maxTokens : 0,
      );
    };
    expect(await limits("a1-draft")).toEqual([600]);
    const prompt = Buffer.byteLength("<user>hello\n<assistant>");
    expect(await limits("a1-target")).toEqual([600, 500 - prompt]);
    expect(await limits("a1-target", { max_tokens: 700 })).toEqual([600, 500 - prompt, 700]);
  });

  it("tell log-probabilities of each token, streamed before the end", async () => {
    await using server = await serveForTest({ target: { write: () => " né" } });
    const body = { model: "a1-target", ...hello, logprobs: true, top_logprobs: 2 };
    const response = await server.post("/v1/chat/completions", body);
    const answer = whole.parse(await response.json());
    const told = z.object({
      content: z.array(
        z.object({
          token: z.string(),
          logprob: z.number().max(0),
          bytes: z.array(z.number()).nullable(),
          top_logprobs: z.array(z.unknown()),
        }),
      ),
    });
    const { content } = told.parse(answer.choices[0]?.logprobs);
    expect(content.map(({ token }) => token)).toEqual([" ", "n", "\ufffd", "\ufffd"]);
    expect(content.map(({ bytes }) => bytes)).toEqual([[32], [110], null, null]);
    expect(content.every(({ top_logprobs }) => top_logprobs.length === 2)).toBe(true);
    const events = await eventsOf(await server.post("/v1/chat/completions", { ...body, stream: true }));
    expect(chunk.parse(events.at(-3)).choices[0]?.logprobs).toEqual(answer.choices[0]?.logprobs);
  });
});

describe("completions", () => {
  it("continue a text or tokens, whole and streamed", async () => {
    await using server = await serveForTest({ draft: { cached: () => 1 } });
    const body = { model: "a1-draft", prompt: "Once upon", seed: 3, max_tokens: 40 };
    const answer = whole.parse(await (await server.post("/v1/completions", body)).json());
    expect(answer.object).toBe("text_completion");
    const ids = [...Buffer.from("Once upon")];
    const same = { ...body, prompt: ids };
    expect(whole.parse(await (await server.post("/v1/completions", same)).json()).choices).toEqual(
      answer.choices,
    );
    expect(server.pair.engines.draft.requests.map(({ context }) => context.ids)).toEqual([ids, ids]);
    const events = await eventsOf(await server.post("/v1/completions", { ...body, stream: true }));
    expect(joined(events)).toEqual([answer.choices[0]?.text]);
    expect(answer.usage).toMatchObject({ prompt_tokens: 9, prompt_tokens_details: { cached_tokens: 1 } });
  });

  it("tell log-probabilities with the offset of each token", async () => {
    await using server = await serveForTest({ draft: { write: () => " ab" } });
    const body = { model: "a1-draft", prompt: "x", logprobs: 1 };
    const answer = whole.parse(await (await server.post("/v1/completions", body)).json());
    expect(answer.choices[0]?.logprobs).toMatchObject({
      ...{ tokens: [" ", "a", "b"], text_offset: [0, 1, 2] },
      token_logprobs: [expect.any(Number), expect.any(Number), expect.any(Number)],
    });
  });
});

describe("other routes", () => {
  it("list the models under the names they were given", async () => {
    await using server = await serveForTest({}, { names: { pair: "p", draft: "d", target: "t" } });
    const list = await (await server.get("/v1/models")).json();
    expect(list).toMatchObject({ object: "list", data: [{ id: "p" }, { id: "d" }, { id: "t" }] });
    expect((await server.get("/v1/models/t")).status).toBe(200);
    const gone = await server.get("/v1/models/a1");
    expect(gone.status).toBe(404);
    expect(await gone.json()).toMatchObject({ error: { code: "model_not_found" } });
  });

  it("tell Prometheus requests, latencies, tokens by author, lanes and interventions", async () => {
    await using server = await serveForTest();
    await (await server.post("/v1/chat/completions", { model: "a1", ...hello })).text();
    await (await server.post("/v1/chat/completions", { model: "a1-target", ...hello, stream: true })).text();
    await (await server.post("/v1/chat/completions", { model: "none", ...hello })).text();
    await (await server.get("/../etc/passwd")).text();
    let text = "";
    // A request is counted when its answer was taken, which its reader may know first.
    while (!text.includes('route="other"')) text = await (await server.get("/metrics")).text();
    expect(text).toContain('a1_requests_total{route="/v1/chat/completions",status="200"} 2');
    expect(text).toContain('a1_requests_total{route="/v1/chat/completions",status="404"} 1');
    expect(text).toContain('a1_requests_total{route="other",status="404"} 1');
    expect(text).toContain('a1_request_seconds_count{route="/v1/chat/completions"} 3');
    expect(text).toContain('a1_first_text_seconds_count{model="a1-target"} 1');
    expect(text).toMatch(/a1_tokens_total\{author="draft"\} [1-9]/);
    expect(text).toMatch(/a1_tokens_total\{author="target"\} [1-9]/);
    expect(text).toContain('a1_lane_requests{lane="draft",what="limit"} 1000000');
    expect(text).toContain('a1_lane_requests{lane="server",what="running"} 0');
    expect(text).toMatch(/a1_intervention_rate\{kind="chat\/0"\} \d/);
    expect(text).toContain('a1_decisions{kind="chat/0"} 2');
    expect(text).toContain("a1_drift_alarms 0");
    expect(text).toContain("a1_questions 0");
  });
});
