// Redaction, token estimates, prices, contestant references, grown conversations, and classification phrases.
import { describe, expect, it } from "vitest";
import { failureOf } from "../../../src/inference/classify.ts";
import { newExchange } from "../../../src/inference/exchange.ts";
import {
  continued,
  estimateTokens,
  parseContestantRefs,
  redact,
  spendOf,
  worstCaseOf,
} from "../../../src/inference/index.ts";

describe("redact", () => {
  const secret = 'k3y/with"quote+and=signs';

  it.each([
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
    JSON.stringify(secret),
    `${secret}${secret}`,
    `Authorization: Bearer ${secret}`,
    "Authorization: Bearer another-token",
    "k3y/w*******ns",
  ])("hides %j", (spelling) => {
    const clean = redact(`before ${spelling} after`, [secret]);
    expect(clean).toMatch(/^before .*\[redacted\].* after$/);
    expect(clean).not.toMatch(/k3y|another-token|quote/);
  });

  it("leaves other text alone and ignores empty and tiny secrets", () => {
    expect(redact("a b c **bold** abc", ["", "a", "zzzz"])).toBe("a b c **bold** abc");
  });
});

describe("tokens and prices", () => {
  it("estimates from UTF-8 bytes, rounded up", () => {
    expect(estimateTokens("")).toBe(0);
    expect(estimateTokens("a")).toBe(1);
    expect(estimateTokens("x".repeat(35))).toBe(10);
    expect(estimateTokens("語".repeat(35))).toBe(30);
  });

  it("prices cached input apart only where a price for it is given", () => {
    const usage = { inputTokens: 1_000_000, outputTokens: 100_000, cachedTokens: 400_000 };
    expect(spendOf(usage, { inputPerMillion: 3, outputPerMillion: 10 })).toEqual({
      usd: 4,
      tokens: 1_100_000,
    });
    const prices = { inputPerMillion: 3, outputPerMillion: 10, cachedInputPerMillion: 0.5 };
    expect(spendOf(usage, prices).usd).toBeCloseTo(1.8 + 0.2 + 1, 12);
  });

  it("takes every output token for the worst case", () => {
    const prompt = { system: "", messages: [], maxOutputTokens: 1_000_000 };
    expect(worstCaseOf(prompt, { inputPerMillion: 0, outputPerMillion: 7 }).usd).toBe(7);
  });
});

describe("parseContestantRefs", () => {
  it("tells controls, replays, ids and files apart", () => {
    const list =
      "gold, empty,mutant,trivial,overfit,replay:some/file.jsonl,gpt-9,models.yaml,m/c.json#a.b,./x#y";
    expect(parseContestantRefs(list)).toEqual({
      ok: true,
      refs: [
        { kind: "control", name: "gold" },
        { kind: "control", name: "empty" },
        { kind: "control", name: "mutant" },
        { kind: "control", name: "trivial" },
        { kind: "control", name: "overfit" },
        { kind: "replay", file: "some/file.jsonl" },
        { kind: "id", id: "gpt-9" },
        { kind: "file", file: "models.yaml" },
        { kind: "file", file: "m/c.json", id: "a.b" },
        { kind: "file", file: "./x", id: "y" },
      ],
    });
  });

  it("tells a twin from its contestant by the mode behind an @", () => {
    expect(
      parseContestantRefs("gpt-9@bm25,models.yaml@none,models.yaml#a@oracle,replay:x@full,a@b/c.yaml"),
    ).toEqual({
      ok: true,
      refs: [
        { kind: "id", id: "gpt-9", twin: "bm25" },
        { kind: "file", file: "models.yaml", twin: "none" },
        { kind: "file", file: "models.yaml", id: "a", twin: "oracle" },
        { kind: "replay", file: "x@full" },
        { kind: "file", file: "a@b/c.yaml" },
      ],
    });
    expect(parseContestantRefs("gold@full")).toMatchObject({
      ok: false,
      problem: expect.stringContaining("@full"),
    });
    expect(parseContestantRefs("gpt-9@half")).toMatchObject({ ok: false });
  });

  it.each(["", "gold,,empty", "replay:", "a b", "#x", "file.yaml#"])(
    "refuses %j and says what could stand there",
    (list) => {
      const parsed = parseContestantRefs(list);
      expect(parsed).toMatchObject({
        ok: false,
        problem: expect.stringMatching(/^contestant \d: .*replay:<file>/),
      });
    },
  );
});

describe("continued", () => {
  it("keeps roles alternating, and never sends an empty message", () => {
    const prompt = { system: "s", messages: [{ role: "user", content: "u" }] as const, maxOutputTokens: 1 };
    const next = continued(prompt, "  ", "again");
    expect(next.messages.map((message) => message.role)).toEqual(["user", "assistant", "user"]);
    expect(next.messages[1]?.content).toBe("(no answer)");
    expect(prompt.messages).toHaveLength(1);
  });
});

describe("failureOf", () => {
  const at = (status: number, body: string) =>
    failureOf({ ...newExchange(), sent: true, status, body }, new Error("sdk"), 0);

  it.each([
    `{"error":{"code":"context_length_exceeded","message":"x"}}`,
    `This model's maximum context length is 4096 tokens`,
    `The input (5000 tokens) is longer than the model's context length (4096 tokens).`,
    `the request exceeds the available context size, try increasing it`,
    `prompt is too long: 210000 tokens > 200000 maximum`,
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    `The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).`,
    `Please reduce the length of the messages or completion.`,
  ])("sees context overflow in %j", (body) => {
    expect(at(400, body)).toMatchObject({ kind: "outcome", finish: "context-overflow", billed: false });
  });

  it("does not take any other 400 for one", () => {
    expect(at(400, `"max_tokens is too large for context"`)).toMatchObject({
      kind: "fault",
      code: "bad-request",
    });
    expect(at(500, "maximum context length")).toMatchObject({ kind: "fault", code: "server-error" });
  });

  it("sees refusals that come as an error", () => {
    expect(at(400, `{"error":{"code":"content_policy_violation"}}`)).toMatchObject({
      kind: "outcome",
      finish: "refusal",
    });
  });

  it("reads an error wrapped in status 200", () => {
    expect(at(200, `{"error":{"code":429,"message":"slow"}}`)).toMatchObject({ code: "rate-limited" });
    expect(at(200, `{"error":{"message":"slow","code":502}}`)).toMatchObject({ code: "server-error" });
  });
});
