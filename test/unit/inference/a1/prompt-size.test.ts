// A prompt that cannot fit is refused by its characters, before anybody cuts megabytes into tokens.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import { meanNllScorer } from "../../../../src/inference/a1/chunk-scorers.ts";
import type { Codec } from "../../../../src/inference/a1/engine.ts";
import { engineWith } from "../../../../src/inference/a1/engine-with.ts";
import { openPair } from "../../../../src/inference/a1/pair.ts";
import { mustFit } from "../../../../src/inference/a1/prompt-size.ts";
import { QuestionFault } from "../../../../src/inference/a1/question.ts";
import { VirtualTime } from "../../../../src/inference/a1/simulation/virtual-time.ts";
import { ScriptedEngine } from "../../../support/engine-script.ts";

const engine = { name: "e", contextTokens: 10 };

describe("a prompt's size", () => {
  it("is sixteen characters a token at most, all texts together", () => {
    const half = { role: "user", content: "x".repeat(80) } as const;
    expect(() => mustFit(engine, [half, "y".repeat(80)])).not.toThrow();
    expect(() => mustFit(engine, [half, "y".repeat(81)])).toThrow(/for 10 tokens, found 161 characters/);
    expect(() => mustFit({ name: "e" }, ["y".repeat(10_000)])).not.toThrow();
  });

  it("ends a question before it is cut into tokens, with nothing spent", async () => {
    const time = new VirtualTime();
    const cut: number[] = [];
    const small = (name: string) => {
      const scripted = new ScriptedEngine({ name, write: () => "x" }, time);
      const codec: Codec = {
        ...scripted.codec,
        prompt: async (messages) => {
          cut.push(messages.length);
          return scripted.codec.prompt(messages);
        },
      };
      return { ...engineWith(scripted, {}), codec, contextTokens: 100 };
    };
    const deps = { draft: small("d"), target: small("t"), scorer: meanNllScorer, clock: time };
    const pair = openPair({ ...deps, random: seededRandom("size") });
    const asked = (content: string) =>
      time.run(
        pair.ask(
          {
            ...{ id: content.slice(0, 5), messages: [{ role: "user", content }], task: "chat", samples: 1 },
            ...{ maxTokens: 5, temperature: 1, seed: 1 },
          },
          new AbortController().signal,
        ),
      );
    expect((await asked("short")).finish).toBe("stop");
    const before = cut.length;
    const fault: unknown = await asked("z".repeat(1_601)).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(QuestionFault);
    expect(fault).toMatchObject({ code: "context-overflow", usage: { draftTokens: 0, promptTokens: 0 } });
    expect(cut.length).toBe(before);
  });
});
