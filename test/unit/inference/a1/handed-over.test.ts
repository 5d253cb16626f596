// What becomes of a draft that is rejected or cannot be scored, and that calibration and readers are told that and nothing else.
import { describe, expect, it } from "vitest";
import { summaryOf } from "../../../../src/inference/a1/bench/experiment.ts";
import { Calibrator } from "../../../../src/inference/a1/calibrator.ts";
import { logRatioScorer } from "../../../../src/inference/a1/chunk-scorers.ts";
import { replay } from "../../../../src/inference/a1/decision-book.ts";
import { type Engine, EngineFault } from "../../../../src/inference/a1/engine.ts";
import { openPair } from "../../../../src/inference/a1/pair.ts";
import { reasoningTask } from "../../../../src/inference/a1/tasks/reasoning-task.ts";
import { asked, settings, stage } from "../../../support/pair-stage.ts";

const never = new AbortController().signal;
const garbage = () => {
  throw new EngineFault("missing-logprobs", "expected numbers, found null");
};

describe("a draft that holds an answer", () => {
  const boxed = reasoningTask({ name: "maths", stop: () => false, scoresAnswers: true });

  it.each([
    ["is rejected", () => 9],
    ["cannot be scored", garbage],
  ])("is written anew where it %s, although its task goes on behind drafts", async (_, nll) => {
    const { time, deps, engines } = stage(
      { write: () => "so \\boxed{7}" },
      { nll, write: () => "no, \\boxed{8}" },
    );
    const answer = await time.run(openPair(deps, settings({}, 1)).ask(asked({ rules: boxed }), never));
    expect(answer).toMatchObject({ answer: "8", text: "no, \\boxed{8}" });
    expect(engines.target.requests).toHaveLength(1);
    expect(engines.target.requests[0]?.context.answer).toBe("");
    expect(answer.candidates[0]).toMatchObject({ isUnchecked: false, chunks: [{ isKept: false }, {}] });
  });

  it("stays where nothing is left for a takeover, and the candidate says that it is unchecked", async () => {
    const { time, deps } = stage({ write: () => "so \\boxed{7}" }, { nll: garbage });
    const pair = openPair(deps, settings({ limits: { takeoverTokens: 0 } }, 1));
    const answer = await time.run(pair.ask(asked({ rules: boxed }), never));
    expect(answer).toMatchObject({ answer: "7", candidates: [{ isUnchecked: true }] });
  });
});

describe("what was decided and what happened", () => {
  const rate = (pair: ReturnType<typeof openPair>) => [...pair.interventions().kinds.values()];

  it("is told apart nowhere: a takeover that nobody could pay for is none", async () => {
    const { time, deps } = stage({}, {});
    const pair = openPair(deps, settings({ limits: { takeoverTokens: 0 } }, 1));
    const answer = await time.run(pair.ask(asked({ samples: 3 }), never));
    const chunks = answer.candidates.flatMap((candidate) => candidate.chunks);
    expect(chunks).toHaveLength(18);
    expect(chunks.every(({ author, isHandedOver }) => author === "draft" && isHandedOver === false)).toBe(
      true,
    );
    expect(chunks.every(({ decision }) => decision?.intervene === false)).toBe(true);
    expect(rate(pair).map((kind) => kind.rate)).toEqual([0, 0, 0, 0]);
    const question = { ...answer, id: "q", seconds: 1, isCorrect: [false], isMajorityCorrect: false };
    const arm = summaryOf({ name: "a1", questions: [question], failed: [], seconds: 1 });
    const byChance = chunks.filter(({ decision }) => decision?.p === undefined).length;
    expect(arm).toMatchObject({ interventionRate: 0, coldStarts: byChance });
    expect(byChance).toBeGreaterThan(0);
  });

  it("is a takeover where there is no score, whatever the rate", async () => {
    const { time, deps, engines } = stage({}, { nll: garbage });
    const pair = openPair(deps, settings({}, 0));
    const answer = await time.run(pair.ask(asked(), never));
    expect(engines.target.requests).toHaveLength(1);
    expect(answer.candidates[0]?.chunks[0]).toMatchObject({
      ...{ unscored: "missing-logprobs", isHandedOver: true, decision: { intervene: true } },
    });
    expect(rate(pair)).toEqual([{ rate: 1, decisions: 1 }]);
  });

  it("is a takeover where the draft's engine told nothing of a chunk that is to be compared with it", async () => {
    const { time, deps, engines } = stage({}, {}, { scorer: logRatioScorer });
    const mute: Engine = {
      ...{ name: "mute", capabilities: deps.draft.capabilities, codec: deps.draft.codec },
      generate: async (request, signal) => {
        const { logprobs: _, ...generated } = await deps.draft.generate(request, signal);
        return generated;
      },
      score: (request, signal) => deps.draft.score(request, signal),
      load: (signal) => deps.draft.load(signal),
      close: () => deps.draft.close(),
    };
    const answer = await time.run(openPair({ ...deps, draft: mute }, settings({}, 0)).ask(asked(), never));
    expect(answer.candidates[0]?.chunks[0]).toMatchObject({
      unscored: "missing-logprobs",
      isHandedOver: true,
    });
    expect(engines.target.requests).toHaveLength(1);
  });

  it("is no takeover where the answer has reached its length, and an unscored end of it is unchecked", async () => {
    const { time, deps, engines } = stage({ write: () => "x".repeat(100) }, { nll: garbage });
    const pair = openPair(deps, settings({}, 1));
    const answer = await time.run(pair.ask(asked({ maxTokens: 40 }), never));
    expect(engines.target.requests).toHaveLength(0);
    expect(answer.candidates[0]).toMatchObject({ isUnchecked: true, chunks: [{ isHandedOver: false }] });
    expect(rate(pair)).toEqual([{ rate: 0, decisions: 1 }]);
  });

  it("can be decided again from the ledger", async () => {
    const { time, deps, events } = stage({}, { nll: (text) => (text.includes("1") ? 9 : garbage()) });
    const own = settings({ limits: { takeoverTokens: 60 } }, 0.5);
    await time.run(openPair(deps, own).ask(asked({ samples: 8 }), never));
    const decided = events.flatMap((each) => (each.kind === "decided" ? [each.facts] : []));
    expect(decided.some(({ isSpent }) => isSpent === true)).toBe(true);
    expect(() => replay(new Calibrator(own.calibrator), events)).not.toThrow();
  });
});
