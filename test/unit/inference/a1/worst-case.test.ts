// What is set aside for an answer of a pair: enough for whatever its gates, scores and takeovers make of it, in money and in tokens.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import { pairModel } from "../../../../src/inference/a1/a1-model.ts";
import { type ChunkScorer, meanNllScorer } from "../../../../src/inference/a1/chunk-scorers.ts";
import { contestantPair, windowWorstCase } from "../../../../src/inference/a1/contestant-pair.ts";
import type { Engine } from "../../../../src/inference/a1/engine.ts";
import { defaultPairSettings, openPair, type PairSettings } from "../../../../src/inference/a1/pair.ts";
import { VirtualTime } from "../../../../src/inference/a1/simulation/virtual-time.ts";
import { narrower } from "../../../../src/inference/a1/spending.ts";
import { Budget, type Prompt, parseContestants } from "../../../../src/inference/index.ts";
import { type Script, ScriptedEngine } from "../../../support/engine-script.ts";

const never = new AbortController().signal;
const prices = { inputPerMillion: 1, outputPerMillion: 2 };
const enginePrices = {
  draft: { inputPerMillion: 0.5, outputPerMillion: 1 },
  target: { inputPerMillion: 3, outputPerMillion: 15 },
};

/** Counts what it reads as a tokenizer does, whose tokens hold more than one character; nothing of it is cached. */
function counting(engine: Engine): Engine {
  const read = (ids: readonly number[]): number => Math.ceil(ids.length / 3.5);
  return {
    ...{ name: engine.name, capabilities: engine.capabilities, codec: engine.codec },
    generate: async (request, signal) => ({
      ...(await engine.generate(request, signal)),
      promptTokens: read(request.context.ids),
    }),
    score: async (request, signal) => ({
      logprobs: (await engine.score(request, signal)).logprobs,
      promptTokens: read(request.context.ids),
    }),
    load: (signal) => engine.load(signal),
    close: () => engine.close(),
  };
}

const prompt: Prompt = {
  system: "You mend programs. ".repeat(20),
  messages: [{ role: "user", content: "mend this one, please. ".repeat(20) }],
  maxOutputTokens: 60,
  check: async (answer) =>
    answer.includes("good") ? { isUsable: true, key: answer } : { isUsable: false, because: "no patch" },
};

const askingForAWord: ChunkScorer = {
  name: "p-yes",
  score: async ({ key, context }, target, signal) => {
    const asked = { ...context, ids: [...context.ids, ...(await target.codec.encode("Is it right?", ""))] };
    const request = { key, context: asked, maxTokens: 1, temperature: 0, seed: 0 };
    const { promptTokens } = await target.generate(request, signal);
    return { logprobs: [], promptTokens, nonconformity: 1 };
  },
};

interface Case {
  readonly draft: Script["write"];
  readonly target?: Script["write"];
  readonly scorer?: ChunkScorer;
  readonly more?: Partial<PairSettings>;
  readonly sample?: Partial<PairSettings["sample"]>;
}

async function charged({ draft, target, scorer = meanNllScorer, more = {}, sample = {} }: Case) {
  const time = new VirtualTime();
  const long = { draftTokens: 60, takeoverTokens: 60, turns: 1 };
  const pair: PairSettings = {
    ...defaultPairSettings,
    sample: { ...defaultPairSettings.sample, ...long, ...sample },
    calibrator: { ...defaultPairSettings.calibrator, interventionRate: 1, step: 0, auditShare: 0 },
    ...more,
  };
  const engines = {
    draft: counting(new ScriptedEngine({ name: "draft", write: draft }, time)),
    target: counting(
      new ScriptedEngine({ name: "target", write: target ?? (() => `good ${"y".repeat(50)}`) }, time),
    ),
  };
  const backend = openPair({ ...engines, scorer, clock: time, random: seededRandom("worst") }, pair);
  const settings = { id: "pair", model: "a > b", samples: 4, temperature: 0.8, prices, pair };
  const model = pairModel(settings, { backend, budget: new Budget(), clock: time });
  const completion = await time.run(model.generate(prompt, never));
  return { spent: completion.charged, worst: model.worstCase(prompt) };
}

const bad: Script["write"] = ({ key }) => `bad ${key.sample} ${key.attempt} ${"x".repeat(45)}`;
const free = { inputPerMillion: 0, outputPerMillion: 0 };
const dearDraft = { draft: enginePrices.target, target: free };
const dearTarget = { draft: free, target: enginePrices.target };
const cases: [string, Case][] = [
  ["drafts that gates refuse again and again", { draft: bad, more: { prices: enginePrices } }],
  ["the same at one price for both", { draft: bad }],
  ["the same where the draft alone costs", { draft: bad, more: { prices: dearDraft } }],
  ["drafts of no words", { draft: () => "", sample: { regenerations: 0 }, more: { prices: enginePrices } }],
  [
    "answers scored and handed over",
    { draft: ({ key }) => `good ${key.sample} ${"x".repeat(50)}`, more: { prices: dearTarget } },
  ],
  [
    "scores by a question",
    { draft: ({ key }) => `good ${key.sample} ${"x".repeat(50)}`, scorer: askingForAWord },
  ],
  [
    "first drafts for a bank of its own",
    {
      draft: ({ key }) => `good ${key.sample} ${"x".repeat(50)}`,
      more: { prices: enginePrices, ownBankDrafts: 40 },
    },
  ],
  [
    "many short turns",
    {
      draft: ({ key }) => `${key.turn}\n`,
      target: () => "on\n",
      sample: { turns: 5, chunkStop: ["\n"], draftTokens: 10, takeoverTokens: 10 },
      more: { prices: enginePrices },
    },
  ],
];

describe("what is set aside for an answer of a pair", () => {
  it.each(cases)("is enough for %s", async (_, play) => {
    const { spent, worst } = await charged(play);
    expect(spent.usd).toBeGreaterThan(0);
    expect(spent.usd).toBeLessThanOrEqual(worst.usd);
    expect(spent.tokens).toBeLessThanOrEqual(worst.tokens);
  });

  it("is what the question may spend, whatever the pair allows itself", () => {
    expect(narrower({ usd: 2, tokens: 5 }, { usd: 1, takeoverTokens: 7 })).toEqual({
      ...{ usd: 1, tokens: 5, takeoverTokens: 7 },
    });
    expect(narrower({}, {})).toEqual({});
  });
});

describe("a contestant's pair", () => {
  const contestant = (a1: object) => {
    const entry = {
      ...{
        id: "pair",
        provider: "a1",
        model: "small > large",
        contextTokens: 32_000,
        maxOutputTokens: 4_000,
      },
      ...{ prices, a1: { draft: engine, target: engine, ...a1 } },
    };
    const parsed = parseContestants(JSON.stringify([entry]), "pair.json");
    if (!parsed.ok || parsed.contestants[0] === undefined) throw new Error(JSON.stringify(parsed));
    return parsed.contestants[0];
  };
  const engine = { kind: "openai", baseUrl: "http://127.0.0.1:1", model: "m" };

  it("drafts whole answers, in no more turns than those may take, at the contestant's prices", () => {
    const whole = contestantPair(contestant({}));
    expect(whole).toMatchObject({ draftTokens: 4_000, takeoverTokens: 4_000, turns: 2 });
    expect([whole?.draft.prices, whole?.target.prices]).toEqual([prices, prices]);
  });

  it("keeps what its entry says", () => {
    const dear = { ...engine, prices: enginePrices.target };
    const said = contestantPair(contestant({ turns: 7, draftTokens: 500, target: dear }));
    expect(said).toMatchObject({ turns: 7, draftTokens: 500, takeoverTokens: 4_000 });
    expect([said?.draft.prices, said?.target.prices]).toEqual([prices, enginePrices.target]);
    expect(contestantPair(contestant({ draftTokens: 500 }))?.turns).toBe(9);
    const telling = { kind: "llama.cpp", baseUrl: "http://127.0.0.1:1", model: "m" };
    const lines = contestant({ draft: telling, target: telling, chunkStop: ["\n"] });
    expect(contestantPair(lines)?.turns).toBe(15);
  });

  it("may cost more than one window, and a plan says so", () => {
    const one = windowWorstCase(contestant({ samples: 1 }));
    const four = windowWorstCase(contestant({ samples: 4 }));
    expect(one?.tokens).toBeGreaterThan(32_000);
    expect(four?.usd).toBeCloseTo(4 * (one?.usd ?? 0), 9);
  });
});
