// What a request may name as its task: kinds of questions that are calibrated apart, and one whose candidates vote.
import { expect, it } from "vitest";
import { pairConfigurationSchema } from "../../../../src/inference/a1/configuration.ts";
import type { Engine } from "../../../../src/inference/a1/engine.ts";
import { openConfiguredPair } from "../../../../src/inference/a1/open-pair.ts";
import { asked, stage } from "../../../support/pair-stage.ts";

const never = new AbortController().signal;

async function opened(write: () => string) {
  const { time, deps } = stage({ write }, { write });
  const spec = (folder: string) => ({ kind: "onnx", folder });
  const configuration = { draft: spec("d"), target: spec("t"), interventionRate: 0, auditShare: 0 };
  const left: Engine[] = [deps.draft, deps.target];
  const pair = await openConfiguredPair(pairConfigurationSchema.parse(configuration), {
    ...{ clock: time, random: deps.random, note: () => {} },
    openEngine: async () => left.shift() ?? deps.target,
  });
  return { pair, time };
}

it("any name is a kind of its own", async () => {
  const { pair, time } = await opened(() => "a poem");
  await time.run(pair.ask(asked({ id: "a", task: "poems" }), never));
  await time.run(pair.ask(asked({ id: "b", task: "letters" }), never));
  expect([...pair.interventions().kinds.keys()]).toEqual([
    "draft > target|poems||0",
    "draft > target|letters||0",
  ]);
});

it("maths looks for an answer, lets candidates vote, and ends once the vote is decided", async () => {
  let written = 0;
  const { pair, time } = await opened(() => {
    written += 1;
    return written === 1 ? "so \\boxed{8}" : "so \\boxed{7}";
  });
  const answer = await time.run(pair.ask(asked({ task: "maths", samples: 9 }), never));
  expect(answer).toMatchObject({ answer: "7" });
  expect(answer.candidates.map(({ end }) => end.kind)).toContain("answered");
  const chat = await time.run(pair.ask(asked({ id: "c", task: "chat", samples: 1 }), never));
  expect(chat.answer).toBe("so \\boxed{7}");
});
