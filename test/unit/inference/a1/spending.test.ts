// Limits of a question are kept to the token and to the cent, however many candidates ask at once.
import { describe, expect, it } from "vitest";
import { pairConfigurationSchema } from "../../../../src/inference/a1/configuration.ts";
import type { Generated } from "../../../../src/inference/a1/engine.ts";
import { openConfiguredPair } from "../../../../src/inference/a1/open-pair.ts";
import { openPair, type PairSettings } from "../../../../src/inference/a1/pair.ts";
import { type QuestionLimits, releasedIfThrown, Spending } from "../../../../src/inference/a1/spending.ts";
import { asked, settings, stage } from "../../../support/pair-stage.ts";

const never = new AbortController().signal;
const prices = {
  draft: { inputPerMillion: 1, outputPerMillion: 10 },
  target: { inputPerMillion: 2, outputPerMillion: 20 },
};
const wrote = (tokens: number, promptTokens = 0): Generated => ({
  ...{ text: "x", finish: "stop", tokens, promptTokens },
});
const draft = (tokens: number, promptTokens = 0) => ({ author: "draft" as const, tokens, promptTokens });
const target = (tokens: number, promptTokens = 0) => ({ author: "target" as const, tokens, promptTokens });

describe("what is left of a limit", () => {
  it("is all that a call may write", async () => {
    const spending = new Spending({ limits: { tokens: 100 } });
    spending.wrote("draft", wrote(70));
    expect((await spending.reserve(draft(50), never))?.maxTokens).toBe(30);
  });

  it("is waited for while a call that holds it may give some back, in turn", async () => {
    const spending = new Spending({ limits: { tokens: 100 } });
    const first = await spending.reserve(draft(80), never);
    const later = [40, 60].map((tokens) => spending.reserve(draft(tokens), never));
    spending.wrote("draft", wrote(10));
    first?.release();
    const [second, third] = later;
    expect((await second)?.maxTokens).toBe(40);
    spending.wrote("draft", wrote(40));
    (await second)?.release();
    expect((await third)?.maxTokens).toBe(50);
  });

  it("is refused at once where no call under way could give enough back", async () => {
    const spending = new Spending({ limits: { tokens: 100, takeoverTokens: 0 } });
    await spending.reserve(draft(10), never);
    expect(await spending.reserve(target(10), never)).toBeUndefined();
  });

  it("is given at once where nobody could give more back", async () => {
    const spending = new Spending({ limits: { takeoverTokens: 20 } });
    await spending.reserve(draft(10), never);
    expect((await spending.reserve(target(50), never))?.maxTokens).toBe(20);
  });

  it("is free again where what it was for cannot be written down", async () => {
    const spending = new Spending({ limits: { tokens: 100 } });
    const hold = await spending.reserve(draft(100), never);
    const broken = () =>
      releasedIfThrown(hold, () => {
        throw new Error("disk full");
      });
    expect(broken).toThrow("disk full");
    expect((await spending.reserve(draft(100), never))?.maxTokens).toBe(100);
  });

  it("is nobody's who has stopped waiting", async () => {
    const spending = new Spending({ limits: { tokens: 100 } });
    const first = await spending.reserve(draft(100), never);
    const gone = new AbortController();
    const waiting = spending.reserve(draft(10), gone.signal);
    gone.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    first?.release();
    expect((await spending.reserve(draft(100), never))?.maxTokens).toBe(100);
  });

  it("counts takeovers beside all that is written", async () => {
    const spending = new Spending({ limits: { tokens: 100, takeoverTokens: 20 } });
    expect((await spending.reserve(target(50), never))?.maxTokens).toBe(20);
    expect((await spending.reserve(draft(80), never))?.maxTokens).toBe(80);
  });

  it("is paid for at each one's prices, prompt and all", async () => {
    const spending = new Spending({ limits: { usd: 0.001 }, prices });
    // 100 x 2 for the prompt; the other 800 millionths buy 40 tokens.
    expect((await spending.reserve(target(1_000, 100), never))?.maxTokens).toBe(40);
    const dear = new Spending({ limits: { usd: 0.001 }, prices });
    expect(await dear.reserve(target(0, 501), never)).toBeUndefined();
    expect((await dear.reserve(target(0, 500), never))?.maxTokens).toBe(0);
  });

  it("gives back what a call that failed had held", async () => {
    const spending = new Spending({ limits: { tokens: 10 } });
    const failing = spending.within(draft(10), never, async () => {
      throw new Error("broken");
    });
    await expect(failing).rejects.toThrow("broken");
    expect(await spending.within(draft(10), never, async (maxTokens) => maxTokens)).toBe(10);
  });
});

describe("a question's limits", () => {
  const spent = async (limits: QuestionLimits, more: Partial<PairSettings> = {}) => {
    const { time, deps, engines } = stage({}, { write: () => "on. …" });
    const pair = openPair(deps, settings({ limits, ...more }, 1));
    const answer = await time.run(pair.ask(asked({ samples: 16 }), never));
    return { ...answer, engines };
  };

  it.each([100, 333])("of %d tokens hold over sixteen candidates at once", async (tokens) => {
    const { usage } = await spent({ tokens });
    expect(usage.draftTokens + usage.targetTokens).toBe(tokens);
  });

  it("of takeover tokens hold too; what they do not reach stays as drafted", async () => {
    const { usage, candidates } = await spent({ takeoverTokens: 10 });
    expect(usage.targetTokens).toBe(10);
    expect(candidates).toHaveLength(16);
  });

  it("hold for the drafts of the question's own bank", async () => {
    const { usage, engines } = await spent({ tokens: 20 }, { ownBankDrafts: 8 });
    expect(usage.draftTokens).toBe(20);
    expect(engines.draft.requests.every(({ key }) => key.sample < 0)).toBe(true);
  });

  it("of money hold, prompts and scores included", async () => {
    const usd = 0.002;
    const { usage } = await spent({ usd }, { prices });
    expect(usage.usd).toBeLessThanOrEqual(usd);
    expect(usage.usd).toBeGreaterThan(usd / 2);
  });

  it("of money open no pair whose prices are not known", async () => {
    const onnx = (folder: string) => ({ kind: "onnx", folder });
    const engines = { draft: onnx("d"), target: onnx("t") };
    const { time, deps } = stage({}, {});
    const openEngine = async () => deps.target;
    const told = { openEngine, clock: time, random: deps.random, note: () => {} };
    const opened = (limits: object) =>
      openConfiguredPair(pairConfigurationSchema.parse({ ...engines, limits }), told);
    await expect(opened({ usd: 1 })).rejects.toThrow("limits.usd cannot be kept");
    await (await opened({ tokens: 1 })).close();
  });

  it("end nobody who only had to wait for what others gave back", async () => {
    const { time, deps } = stage({ write: () => "<1>" }, {});
    const pair = openPair(deps, settings({ limits: { tokens: 60 } }, 0));
    const { candidates } = await time.run(pair.ask(asked({ samples: 8 }), never));
    expect(candidates.map(({ end }) => end.kind)).toEqual(new Array(8).fill("answered"));
  });

  it("leave a draft unchecked in plain words where its score cannot be paid for", async () => {
    const { time, deps, engines } = stage({}, {});
    const free = { inputPerMillion: 0, outputPerMillion: 0 };
    const own = settings({ limits: { usd: 0.00001 }, prices: { draft: free, target: prices.target } }, 1);
    const { candidates } = await time.run(openPair(deps, own).ask(asked(), never));
    expect(engines.target.scores).toHaveLength(0);
    expect(candidates[0]).toMatchObject({ isUnchecked: true, end: { kind: "unanswered" } });
  });
});
