// What becomes of a draft that is rejected or cannot be scored, and that calibration and readers are told that and nothing else.
import { describe, expect, it } from "vitest";
import { EngineFault } from "../../../../src/inference/a1/engine.ts";
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
