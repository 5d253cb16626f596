// What a server tells of likelihoods is believed only where it can be true, alternatives included: scores are made of them.
import { describe, expect, it } from "vitest";
import { yesScorer } from "../../../../../src/inference/a1/chunk-scorers.ts";
import type { Engine, TokenLogprob } from "../../../../../src/inference/a1/engine.ts";
import { servedEngine } from "../../../../../src/inference/a1/engines/served-engine.ts";
import { characterCodec, everything } from "../../../../support/engine-script.ts";

const never = new AbortController().signal;
const key = { question: "q", sample: 0, turn: 0, attempt: 0 };
const context = { ids: [1, 2, 3], messages: [], answer: "a step" };

/** A server that writes one token and tells these alternatives of it. */
function engineTelling(top: readonly TokenLogprob[]): Engine {
  return servedEngine({
    ...{ name: "told", codec: characterCodec, capabilities: everything },
    wire: {
      ...{ takesIds: true, continuesAnswers: true },
      generate: async () => ({
        ...{ text: "y", ids: [121], logprobs: [-0.1], topLogprobs: [top] },
        ...{ finish: "length", tokens: 1, promptTokens: 3 },
      }),
      load: async () => undefined,
      close: () => undefined,
    },
  });
}

const yesOf = (top: readonly TokenLogprob[]) =>
  yesScorer().score(
    {
      ...{ key, context, from: 1, text: "step" },
      draft: { text: "step", finish: "length", tokens: 4, promptTokens: 0 },
    },
    engineTelling(top),
    never,
  );

describe("the likeliest tokens that a server tells", () => {
  it.each([
    ["above certainty", 9.5],
    ["not a number", Number.NaN],
    ["endless", Number.NEGATIVE_INFINITY],
  ])("are refused where one is %s, and so make no score", async (_, logprob) => {
    const top = [
      { text: "yes", logprob },
      { text: "no", logprob: -0.1 },
    ];
    const refused = { code: "missing-logprobs", retryable: true };
    const asked = { key, context, maxTokens: 1, temperature: 0, seed: 0, topLogprobs: 2 };
    await expect(engineTelling(top).generate(asked, never)).rejects.toMatchObject(refused);
    await expect(yesOf(top)).rejects.toMatchObject(refused);
  });

  it("may be rounded to a little above certainty", async () => {
    const { nonconformity } = await yesOf([{ text: "yes", logprob: 1e-6 }]);
    expect(nonconformity).toBeCloseTo(0, 9);
  });
});
