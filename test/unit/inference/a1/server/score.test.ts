// Scoring from a token or a character on: a token that also holds earlier text is left out.
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Codec } from "../../../../../src/inference/a1/engine.ts";
import { tokenAt } from "../../../../../src/inference/a1/server/score.ts";
import { hello, serveForTest } from "../../../../support/a1-server.ts";
import { byteCodec, scriptedLogprob } from "../../../../support/scripted-engine.ts";

const answer = z.object({
  object: z.literal("score"),
  from_token: z.number(),
  ids: z.array(z.number()),
  logprobs: z.array(z.number()),
  mean_logprob: z.number(),
  usage: z.record(z.string(), z.unknown()),
});

const template = Buffer.byteLength("<user>hello\n<assistant>");

describe("/v1/score", () => {
  it.each([
    ["from the beginning", {}, 0],
    ["from a token", { from_token: 2 }, 2],
    ["from a character", { from_character: 2 }, 3],
    ["from within a character's bytes on", { from_token: 4 }, 4],
    ["from the last character", { from_character: 3 }, 7],
  ])("tells the likelihoods of a text behind messages %s", async (_, from, skipped) => {
    await using server = await serveForTest({ target: { cached: () => template } });
    const text = "né🙂!";
    const response = await server.post("/v1/score", { model: "a1-target", ...hello, text, ...from });
    const score = answer.parse(await response.json());
    const bytes = [...Buffer.from(text)].slice(skipped);
    expect(score.ids).toEqual(bytes);
    expect(score.from_token).toBe(template + skipped);
    const expected = bytes.map((id, at) => scriptedLogprob("scripted-target", id, template + skipped + at));
    expect(score.logprobs).toEqual(expected);
    expect(score.mean_logprob).toBeCloseTo(expected.reduce((a, b) => a + b) / expected.length, 12);
    expect(score.usage).toEqual({
      ...{ prompt_tokens: template + 8, completion_tokens: 0, total_tokens: template + 8 },
      prompt_tokens_details: { cached_tokens: template },
    });
  });

  it("tells those of tokens from an index on, by the engine asked", async () => {
    await using server = await serveForTest();
    const ids = [5, 6, 7, 8];
    const response = await server.post("/v1/score", { model: "a1-draft", ids, from_token: 2 });
    const score = answer.parse(await response.json());
    expect(score.ids).toEqual([7, 8]);
    expect(score.logprobs).toEqual([7, 8].map((id, at) => scriptedLogprob("scripted-draft", id, 2 + at)));
    expect(score.usage).not.toHaveProperty("prompt_tokens_details");
    expect(server.pair.engines.target.requests).toHaveLength(0);
  });

  it.each<[string, object, number, string | null]>([
    ["the pair", { model: "a1", ids: [1, 2], from_token: 1 }, 400, "model"],
    ["nobody", { model: "x", ids: [1, 2], from_token: 1 }, 404, "model"],
    ["both forms", { ids: [1, 2], text: "x", from_token: 1 }, 400, "ids"],
    ["neither form", {}, 400, "messages"],
    ["text alone", { text: "x" }, 400, "messages"],
    ["the first token of all", { ids: [1, 2] }, 400, "from_token"],
    ["behind the end", { ids: [1, 2], from_token: 2 }, 400, "from_token"],
    ["behind the text", { ...hello, text: "ab", from_character: 2 }, 400, "from_character"],
    ["two places", { ...hello, text: "ab", from_character: 1, from_token: 1 }, 400, "from_character"],
    ["characters of tokens", { ids: [1, 2], from_character: 1 }, 400, "from_character"],
    ["half a token", { ids: [1, 2], from_token: 0.5 }, 400, "from_token"],
    ["no tokens", { ids: [-1, 2], from_token: 1 }, 400, "ids[0]"],
    ["what nobody knows", { ids: [1, 2], from_token: 1, n: 1 }, 400, "n"],
  ])("refuses %s by name", async (_, body, status, param) => {
    await using server = await serveForTest();
    const response = await server.post("/v1/score", { model: "a1-draft", ...body });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { param } });
  });

  it("refuses engines that cannot, before they are asked", async () => {
    await using server = await serveForTest({
      draft: { capabilities: { promptLogprobs: "none" } },
      target: { capabilities: { takesIds: false } },
    });
    for (const [model, param] of [
      ["a1-draft", "model"],
      ["a1-target", "ids"],
    ]) {
      const response = await server.post("/v1/score", { model, ids: [1, 2], from_token: 1 });
      expect(await response.json()).toMatchObject({ error: { param } });
    }
    const text = { model: "a1-target", ...hello, text: "x" };
    expect((await server.post("/v1/score", text)).status).toBe(200);
  });
});

describe("tokenAt", () => {
  const pieces = ["Hel", "lo wor", "ld", "! \u{1f642}", " \ufffd", "z"];
  const codec: Codec = { ...byteCodec, decode: async (ids) => ids.map((id) => pieces[id]).join("") };
  const text = pieces.join("");

  it.each([
    ...[
      [0, 0],
      [1, 1],
      [3, 1],
      [4, 2],
      [9, 2],
      [10, 3],
      [11, 3],
      [12, 4],
      [14, 4],
      [15, 5],
      [16, 5],
      [17, 6],
    ],
  ])("finds for character %i token %i, one that straddles left out", async (character, token) => {
    expect(await tokenAt(codec, [0, 1, 2, 3, 4, 5], text, character)).toBe(token);
  });
});
