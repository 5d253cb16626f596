// What a bench says of ways that engines failed at: nothing of their answers, and that aloud.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../../src/domain/random.ts";
import { type BenchSettings, runBench } from "../../../../../src/inference/a1/bench/run-bench.ts";
import { blindScorer } from "../../../../../src/inference/a1/chunk-scorers.ts";
import {
  type Codec,
  type Engine,
  EngineFault,
  type GenerateRequest,
} from "../../../../../src/inference/a1/engine.ts";
import { defaultPairSettings } from "../../../../../src/inference/a1/pair.ts";
import { stopRuleNamed } from "../../../../../src/inference/a1/tasks/stopping.ts";
import { type Script, ScriptedEngine } from "../../../../support/engine-script.ts";
import { virtualClock } from "../../../../support/virtual-clock.ts";

const settings: BenchSettings = {
  ...{ arms: ["a1", "turn-sync"], dataset: "d", samples: 2, maxTokens: 60, temperature: 1, seed: 1 },
  ...{ stop: stopRuleNamed("all"), scoresAnswers: false, style: "bare", questionsAtOnce: 4 },
};

const questions = Array.from({ length: 6 }, (_, at) => ({ id: `q${at}`, problem: `${at}?`, answer: "1" }));

async function benchOf(script: Partial<Script>, codec?: Codec, more: Partial<BenchSettings> = {}) {
  const clock = virtualClock();
  const engine = (name: string): Engine => {
    const scripted = new ScriptedEngine({ name, write: () => "\\boxed{1}", ...script }, clock);
    return {
      ...{ name, capabilities: scripted.capabilities, codec: codec ?? scripted.codec },
      generate: (request, signal) => scripted.generate(request, signal),
      score: (request, signal) => scripted.score(request, signal),
      load: () => scripted.load(),
      close: () => scripted.close(),
    };
  };
  const deps = {
    ...{ draft: engine("draft"), target: engine("target"), scorer: blindScorer("constant", "s") },
    ...{ settings: defaultPairSettings, clock, random: seededRandom("bench") },
    ...{ draws: { random: seededRandom("draws"), resamples: 50 }, signal: new AbortController().signal },
  };
  return (await runBench(questions, { ...settings, ...more }, deps)).report;
}

describe("a bench", () => {
  it("asks engines that have no tokenizer in every way", async () => {
    const none = (): Promise<never> => Promise.reject(new EngineFault("unsupported", "no tokenizer"));
    const codec: Codec = { prompt: none, encode: none, decode: none };
    const capabilities = { takesIds: false, promptLogprobs: "none" as const };
    const { arms, differences } = await benchOf({ capabilities }, codec);
    expect(arms.map(({ name, failed, majority }) => [name, failed, majority?.value])).toEqual([
      ["a1", [], 1],
      ["turn-sync", [], 1],
    ]);
    expect(differences.map(({ gain }) => [gain.value, gain.n])).toEqual([
      [0, 6],
      [0, 6],
    ]);
  });

  it("takes no question for wrong that an engine failed at, by itself or in a comparison", async () => {
    const write = ({ key }: GenerateRequest): string => {
      if (key.question === "q3") throw new EngineFault("bad-request", "refused");
      return "\\boxed{1}";
    };
    let calls = 0;
    // The pair goes first and meets no fault: only what works in step fails at a question.
    const late = (request: GenerateRequest): string => {
      calls += 1;
      return calls > 12 ? write(request) : "\\boxed{1}";
    };
    const { arms, differences } = await benchOf({ write: late });
    expect(arms.map(({ failed }) => failed.length)).toEqual([0, 1]);
    expect(arms.map(({ pass1, majority }) => [pass1?.value, pass1?.n, majority?.value, majority?.n])).toEqual(
      [
        [1, 6, 1, 6],
        [1, 5, 1, 5],
      ],
    );
    expect(differences.map(({ gain }) => [gain.value, gain.n])).toEqual([
      [0, 5],
      [0, 5],
    ]);
  });

  it("takes no candidate for wrong that an engine failed at while its sibling answered", async () => {
    const write = ({ key }: GenerateRequest): string => {
      if (key.sample === 1) throw new EngineFault("bad-request", "refused");
      return "\\boxed{1}";
    };
    const [arm] = (await benchOf({ write })).arms;
    expect(arm).toMatchObject({ failed: [], pass1: { value: 1, n: 6 }, majority: { value: 1, n: 6 } });
    expect(arm).not.toHaveProperty("passAll");
  });

  it("says nothing of the best of all where candidates were called off: those of easy questions are", async () => {
    // Of q0 to q2 the first two agree, long before the others end; of the others no two do.
    const write = ({ key }: GenerateRequest): string =>
      key.question < "q3" ? `${"so ".repeat(4 * key.sample)}\\boxed{1}` : `\\boxed{${key.sample + 2}}`;
    const more = { samples: 4, stop: stopRuleNamed("agree-2") };
    const [arm] = (await benchOf({ write }, undefined, more)).arms;
    expect(arm?.cancelled).toBeGreaterThan(0);
    expect(arm?.pass1).toMatchObject({ value: 0.5, n: 6 });
    expect(arm).not.toHaveProperty("passAll");
  });

  it("gives no figure where an engine failed at everything", async () => {
    const write = (): string => {
      throw new EngineFault("bad-request", "refused");
    };
    const { arms, differences } = await benchOf({ write });
    expect(differences).toEqual([]);
    for (const figure of ["pass1", "majority", "passAll", "latencySeconds"])
      for (const arm of arms) expect(arm).not.toHaveProperty(figure);
  });
});
