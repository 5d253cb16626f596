// Asking an engine again: how often, after which pauses, and who is told.
import { describe, expect, it } from "vitest";
import { EngineFault } from "../../../../src/inference/a1/engine.ts";
import { retrying } from "../../../../src/inference/a1/retrying.ts";
import { ScriptedEngine } from "../../../support/engine-script.ts";
import { virtualClock } from "../../../support/virtual-clock.ts";

const never = new AbortController().signal;

function asking(fault: EngineFault, failures: number) {
  const clock = virtualClock();
  let asked = 0;
  const engine = new ScriptedEngine(
    {
      name: "draft",
      msPerToken: 0,
      write: () => {
        asked += 1;
        if (asked <= failures) throw fault;
        return "x";
      },
    },
    clock,
  );
  const told: string[] = [];
  const request = {
    ...{ key: { question: "q", sample: 0, turn: 0, attempt: 0 }, maxTokens: 5, temperature: 0, seed: 0 },
    ...{
      context: { ids: [1], messages: [], answer: "" },
      onFault: ({ code }: EngineFault) => told.push(code),
    },
  };
  const generated = retrying(engine, { clock, random: { next: () => 1 } }).generate(request, never);
  return { generated, clock, told, asked: () => asked };
}

describe("asking again", () => {
  it("waits as long as a server asks for, but five minutes at most", async () => {
    const day = new EngineFault("overloaded", "429", { retryAfterMs: 86_400_000 });
    const long = asking(day, 1);
    await long.generated;
    expect(long.clock.slept[0]).toBe(300_250);
    const short = asking(new EngineFault("overloaded", "429", { retryAfterMs: 7_000 }), 1);
    await short.generated;
    expect(short.clock.slept[0]).toBe(7_250);
  });

  it("happens three times, garbage included, and each fault that is not the last is told", async () => {
    const { generated, told, asked } = asking(new EngineFault("bad-response", "garbage"), 9);
    await expect(generated).rejects.toThrow("garbage");
    expect(asked()).toBe(4);
    expect(told).toEqual(["bad-response", "bad-response", "bad-response"]);
  });
});
