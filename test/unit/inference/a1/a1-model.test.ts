// The pair as a contestant's model: whatever breaks while it answers is paid for as if it had answered.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import { pairModel } from "../../../../src/inference/a1/a1-model.ts";
import { meanNllScorer } from "../../../../src/inference/a1/chunk-scorers.ts";
import { EngineFault, type EngineFaultCode } from "../../../../src/inference/a1/engine.ts";
import { defaultPairSettings, openPair } from "../../../../src/inference/a1/pair.ts";
import { VirtualTime } from "../../../../src/inference/a1/simulation/virtual-time.ts";
import { Budget, ModelFault, type Prompt, systemClock } from "../../../../src/inference/index.ts";
import { type Script, ScriptedEngine } from "../../../support/engine-script.ts";
import { scriptedPair } from "../../../support/scripted-pair.ts";

const prompt = {
  system: "s",
  messages: [{ role: "user", content: "mend it" }],
  maxOutputTokens: 100,
} as const;
interface OwnPair {
  readonly draft: Script["write"];
  readonly target: Script["write"];
  readonly samples: number;
  /** Of drafts that go to the target. */
  readonly rate: number;
}

/** A pair of its own with its draft's engine, in its own time. */
function ownPair(of: Partial<OwnPair> = {}) {
  const { draft: drafted = () => "x", target: written = () => "y", samples = 2, rate } = of;
  const time = new VirtualTime();
  const draft = new ScriptedEngine({ name: "d", write: drafted }, time);
  const target = new ScriptedEngine({ name: "t", write: written }, time);
  const budget = new Budget();
  const { calibrator } = defaultPairSettings;
  const always = { ...calibrator, interventionRate: rate ?? calibrator.interventionRate };
  const settings = { ...defaultPairSettings, calibrator: always };
  const deps = { draft, target, scorer: meanNllScorer, clock: time, random: seededRandom("a1 model") };
  const model = pairModel(
    { id: "pair", model: "d > t", samples, temperature: 1, prices, pair: settings },
    { backend: openPair(deps, settings), budget, clock: time },
  );
  const ask = (more: Partial<Prompt>) =>
    time.run(model.generate({ ...prompt, ...more }, new AbortController().signal));
  return { draft, ask, budget };
}

/** The seeds with which its draft was asked. */
function drafting() {
  const { draft, ask } = ownPair();
  return async (more: Partial<Prompt>): Promise<readonly number[]> => {
    const before = draft.requests.length;
    await ask(more);
    return draft.requests.slice(before).map(({ seed }) => seed);
  };
}

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

  it("tells of every part what decided about it", async () => {
    const { ask } = ownPair();
    for (let question = 0; question < 40; question += 1) await ask({ id: String(question) });
    const { candidates = [] } = await ask({ id: "last" });
    const decided = candidates.flatMap(({ chunks }) => chunks.filter(({ level }) => level !== undefined));
    expect(decided.length).toBeGreaterThan(0);
    for (const { u, bank, isAudit } of decided) {
      expect(u).toBeGreaterThanOrEqual(0);
      expect(bank?.size).toBeGreaterThan(0);
      expect(isAudit).toBeTypeOf("boolean");
    }
    expect(JSON.stringify(candidates)).not.toContain("intervene");
  });

  it.each([{}, { seed: 2 }, { id: "battle, round 1" }, { id: "battle, round 1", seed: 2 }])(
    "draws the same for the same prompt, whatever was asked before: %j",
    async (named) => {
      const [early, late] = [drafting(), drafting()];
      await late({ id: "another" });
      await late({ seed: 1 });
      expect(await late(named)).toEqual(await early(named));
    },
  );

  it("draws anew for another name, another prompt, or where nobody names what he asks for twice", async () => {
    const draft = drafting();
    const asked: Partial<Prompt>[] = [
      ...[{ id: "attempt 1", seed: 2 }, { id: "attempt 2", seed: 2 }, { id: "attempt 1" }, { seed: 2 }],
      ...[{ seed: 2 }, {}, {}, { id: "attempt 1", seed: 2, system: "t" }],
    ];
    const seeds: number[] = [];
    for (const each of asked) seeds.push(...(await draft(each)));
    expect(new Set(seeds).size).toBe(2 * asked.length);
  });
});

describe("a pair's model that got no answer", () => {
  const failing = (code: EngineFaultCode): never => {
    throw new EngineFault(code, code, { retryable: false });
  };
  /** What each candidate's draft comes to, and what is told and charged then. */
  async function told(ends: readonly (EngineFaultCode | "")[], target: () => string = () => "") {
    const draft = ({ key }: { readonly key: { readonly sample: number } }): string => {
      const end = ends[key.sample] ?? "";
      return end === "" ? "" : failing(end);
    };
    const { ask, budget } = ownPair({ draft, target, samples: ends.length });
    const outcome = await ask({}).then(
      ({ finish }) => finish,
      (error: unknown) => (error instanceof ModelFault ? error.code : "something else"),
    );
    return { outcome, spent: budget.spent("pair").tokens };
  }

  it.each([
    ["context-overflow", "unreachable", "unreachable"],
    ["unreachable", "context-overflow", "context-overflow"],
    ["unreachable", "unreachable", ""],
    ["", "server-error", "context-overflow"],
  ] as const)("is void where an engine was out, in any order: %s, %s, %s", async (...ends) => {
    expect((await told(ends)).outcome).toMatch(/^(unreachable|server-error)$/);
  });

  it("has its outcome where its prompt is too long for all, or its models had nothing to say", async () => {
    expect(await told(["context-overflow", "context-overflow"])).toMatchObject({
      outcome: "context-overflow",
    });
    expect((await told(["", "context-overflow"])).outcome).not.toMatch(/unreachable|server-error/);
  });

  it("is charged what was read and written before its prompt no longer fitted", async () => {
    const { ask, budget } = ownPair({
      draft: () => "a draft that goes to the target",
      target: () => failing("context-overflow"),
      samples: 2,
      rate: 1,
    });
    expect(await ask({})).toMatchObject({ finish: "context-overflow" });
    expect(budget.spent("pair").tokens).toBeGreaterThan(0);
    expect(budget.held()).toEqual({ usd: 0, tokens: 0 });
  });
});
