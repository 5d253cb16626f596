// What a pair did becomes what its schedules are compared on: text that nobody went on from is the target's work in none.
import { expect, it } from "vitest";
import { asTraces } from "../../../../../src/inference/a1/bench/as-traces.ts";
import { featuresIn, scoreInUse } from "../../../../../src/inference/a1/bench/score-quality.ts";
import { yesScorer } from "../../../../../src/inference/a1/chunk-scorers.ts";
import type { LedgerEvent } from "../../../../../src/inference/a1/ledger.ts";
import { openPair, type PairSettings } from "../../../../../src/inference/a1/pair.ts";
import { pairOn } from "../../../../../src/inference/a1/simulation/roofline.ts";
import { turnSynchronous } from "../../../../../src/inference/a1/simulation/synchronous.ts";
import { targetOnly } from "../../../../../src/inference/a1/simulation/target-only.ts";
import { asked, settings, stage } from "../../../../support/pair-stage.ts";

const never = new AbortController().signal;

async function played(onIntervention: "continue" | "regenerate") {
  const { time, deps, events } = stage({ write: () => "x".repeat(30) }, { write: () => "so <right>" });
  const own: PairSettings = settings({}, 1);
  const pair = openPair({ ...deps }, { ...own, sample: { ...own.sample, onIntervention } });
  const { candidates, usage } = await time.run(pair.ask(asked(), never));
  const question = { id: "q", candidates, usage, isCorrect: [true], isMajorityCorrect: true };
  return asTraces([question], events);
}

it("says which drafts the target wrote anew, and leaves them out of what it would write alone", async () => {
  const [anew, behind] = [await played("regenerate"), await played("continue")];
  expect(anew[0]?.turns).toEqual([expect.objectContaining({ isHandedOver: true, isWrittenAnew: true })]);
  expect(behind[0]?.turns[0]).toMatchObject({ isHandedOver: true });
  expect(behind[0]?.turns[0]).not.toHaveProperty("isWrittenAnew");
  expect(anew[0]?.turns[0]?.draftTokens).toBe(behind[0]?.turns[0]?.draftTokens);
  const seconds = async (way: typeof targetOnly, samples: typeof anew) => {
    const work = { pair: pairOn("8b-32b", "h200"), samples, promptTokens: 40 };
    return (await way(work, { concurrency: 1 })).makespanSeconds;
  };
  expect(await seconds(targetOnly, anew)).toBeLessThan(await seconds(targetOnly, behind));
  expect(await seconds(turnSynchronous, anew)).toBeLessThan(await seconds(turnSynchronous, behind));
});

it("rates the score in use, also where it is asked for in words and has no features", async () => {
  const yes = {
    topLogprobs: [
      [
        { text: "yes", logprob: -0.1 },
        { text: "no", logprob: -3 },
      ],
    ],
  };
  const { time, deps } = stage({}, {});
  const kept: LedgerEvent[] = [];
  const target = {
    ...{ name: "t", capabilities: { ...deps.target.capabilities, topLogprobs: 5 }, codec: deps.target.codec },
    generate: async (...request: Parameters<typeof deps.target.generate>) => ({
      ...(await deps.target.generate(...request)),
      ...yes,
    }),
    score: deps.target.score.bind(deps.target),
    load: deps.target.load.bind(deps.target),
    close: deps.target.close.bind(deps.target),
  };
  const ledger = { append: (event: LedgerEvent) => void kept.push(event) };
  const pair = openPair({ ...deps, target, scorer: yesScorer(), ledger }, settings({}, 0));
  await time.run(pair.ask(asked(), never));
  const features = [...featuresIn(kept).values()].flat();
  expect(features.length).toBeGreaterThan(0);
  for (const each of features) expect(each[scoreInUse]).toBeCloseTo(0.0536, 3);
});
