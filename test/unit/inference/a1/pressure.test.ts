// What a pair does about servers that are pressed: looked at by one watcher, cut by every refusal, also by those that a second try hides.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import type { Backend, QuestionRequest } from "../../../../src/inference/a1/backend.ts";
import { type ChunkScorer, meanNllScorer } from "../../../../src/inference/a1/chunk-scorers.ts";
import { EngineFault } from "../../../../src/inference/a1/engine.ts";
import { defaultPairSettings, openPair, type PairSettings } from "../../../../src/inference/a1/pair.ts";
import { VirtualTime } from "../../../../src/inference/a1/simulation/virtual-time.ts";
import { type Script, ScriptedEngine } from "../../../support/engine-script.ts";

const never = new AbortController().signal;
const lane = { initial: 4, max: 256 };

function pairOf(draft: Partial<Script>, target: Partial<Script> = {}, scorer = meanNllScorer) {
  const time = new VirtualTime();
  const engines = {
    draft: new ScriptedEngine({ name: "draft", write: () => "short", ...draft }, time),
    target: new ScriptedEngine({ name: "target", write: () => "long", ...target }, time),
  };
  const settings: PairSettings = {
    ...defaultPairSettings,
    calibrator: { ...defaultPairSettings.calibrator, interventionRate: 0, auditShare: 0, step: 0 },
    lanes: { draft: lane, score: lane, takeover: lane },
  };
  const deps = { ...engines, scorer, clock: time, random: seededRandom("pressure") };
  return { time, pair: openPair(deps, settings) };
}

const ask = (pair: Backend, id: string) => {
  const request: QuestionRequest = {
    ...{ id, messages: [{ role: "user", content: "what?" }], task: "chat" },
    ...{ samples: 1, maxTokens: 400, temperature: 0.8, seed: 7 },
  };
  return pair.ask(request, never);
};

const limitOf = (pair: Backend, name: string): number | undefined =>
  pair.load().lanes.find((each) => each.name === name)?.limit;

/** Every second request is refused, beginning with the first. */
function everySecond(answer: string): (request: unknown) => string {
  let asked = 0;
  return () => {
    asked += 1;
    if (asked % 2 === 1) throw new EngineFault("overloaded", "429");
    return answer;
  };
}

describe("a pair's watch over its servers", () => {
  it("is one, however many questions come and go while it waits for its next look", async () => {
    let looks = 0;
    const load = () => {
      looks += 1;
      return { running: 0, queued: 0 };
    };
    const { time, pair } = pairOf({
      ...{ write: ({ key }) => (key.question === "long" ? "x".repeat(230) : "short"), msPerToken: 100, load },
    });
    await time.run(
      (async () => {
        for (let at = 0; at < 100; at += 1) await ask(pair, `q${at}`);
        const [before, fromMs] = [looks, time.now()];
        expect(before).toBeLessThanOrEqual(fromMs / 2_000 + 1);
        await ask(pair, "long");
        expect(looks - before).toBeGreaterThan(5);
        expect(looks - before).toBeLessThanOrEqual((time.now() - fromMs) / 2_000 + 1);
      })(),
    );
  });

  it("is taken up again by the first question after a quiet time", async () => {
    let looks = 0;
    const { time, pair } = pairOf({
      load: () => {
        looks += 1;
        return { running: 0, queued: 0 };
      },
    });
    await time.run(
      (async () => {
        for (let at = 0; at < 5; at += 1) {
          await ask(pair, `q${at}`);
          await time.sleep(10_000, never);
        }
      })(),
    );
    expect(looks).toBe(5);
  });
});

describe("a refusal that a second try hides", () => {
  it("makes the draft's lane smaller, and never larger", async () => {
    const { time, pair } = pairOf({ write: everySecond("short") });
    await time.run(
      (async () => {
        for (let at = 0; at < 40; at += 1) await ask(pair, `q${at}`);
      })(),
    );
    expect(limitOf(pair, "draft")).toBe(1);
    expect(limitOf(pair, "score")).toBeGreaterThan(4);
  });

  const asWritten: ChunkScorer = {
    name: "p-yes",
    score: async ({ key, context }, target, signal) => {
      const request = { key, context, maxTokens: 1, temperature: 0, seed: 0 };
      const { promptTokens } = await target.generate(request, signal);
      return { logprobs: [], promptTokens, nonconformity: 1 };
    },
  };
  const byTokens = everySecond("");
  const scorers: [string, ChunkScorer, Partial<Script>][] = [
    ["about a prompt's tokens", meanNllScorer, { nll: (chunk) => byTokens(chunk).length }],
    ["for a word", asWritten, { write: everySecond("yes") }],
  ];

  it.each(scorers)("makes the lane smaller in which the target is asked %s", async (_, scorer, target) => {
    const { time, pair } = pairOf({}, target, scorer);
    await time.run(
      (async () => {
        for (let at = 0; at < 10; at += 1) await ask(pair, `q${at}`);
      })(),
    );
    expect(limitOf(pair, "score")).toBeLessThan(4);
    expect(limitOf(pair, "takeover")).toBe(4);
    expect(limitOf(pair, "draft")).toBeGreaterThan(4);
  });
});
