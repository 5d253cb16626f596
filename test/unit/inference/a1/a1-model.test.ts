// The pair as a contestant's model: whatever breaks while it answers is paid for as if it had answered.
import { describe, expect, it } from "vitest";
import { pairModel } from "../../../../src/inference/a1/a1-model.ts";
import { defaultPairSettings } from "../../../../src/inference/a1/pair.ts";
import { Budget, systemClock } from "../../../../src/inference/index.ts";
import { scriptedPair } from "../../../support/scripted-pair.ts";

const prompt = {
  system: "s",
  messages: [{ role: "user", content: "mend it" }],
  maxOutputTokens: 100,
} as const;
const prices = { inputPerMillion: 1, outputPerMillion: 2 };

describe("a pair's model", () => {
  it("charges the worst case where something beside the models breaks, and passes on what did", async () => {
    const budget = new Budget();
    const broke = new Error("the sandbox is gone");
    const model = pairModel(
      { id: "pair", model: "a > b", samples: 2, temperature: 0.8, prices, pair: defaultPairSettings },
      { backend: scriptedPair({ fault: () => broke }), budget, clock: systemClock },
    );
    await expect(model.generate(prompt, new AbortController().signal)).rejects.toBe(broke);
    expect(budget.spent("pair")).toEqual(model.worstCase(prompt));
    expect(budget.held()).toEqual({ usd: 0, tokens: 0 });
  });
});
