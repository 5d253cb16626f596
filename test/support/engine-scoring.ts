// How likely a text was: the part of the engine contract that the scores of candidates rest on.
import { describe, expect } from "vitest";
import {
  after,
  closeTo,
  contextOf,
  faultOf,
  key,
  messages,
  needs,
  never,
  type Plays,
  question,
  request,
  scorable,
  scores,
} from "./engine-contract.ts";

export function scoringContract(
  name: string,
  plays: Plays,
  { tolerance, firstScored }: { readonly tolerance: number; readonly firstScored: number },
): void {
  describe("scoring a text", () => {
    plays("gives the very logarithms that the text was written with", async (subject, test) => {
      const { engine } = subject;
      needs(
        test,
        name,
        scores(subject) && engine.capabilities.generatedLogprobs,
        "two logarithms to compare",
      );
      const context = await scorable(engine);
      for (const temperature of [0, 1]) {
        const written = await engine.generate(request(context, { temperature, maxTokens: 30 }), never);
        const longer = await after(engine, context, written);
        if (written.logprobs?.length !== longer.ids.length - context.ids.length) continue;
        const { logprobs } = await engine.score({ key, context: longer, from: context.ids.length }, never);
        closeTo(logprobs, written.logprobs ?? [], tolerance);
      }
    });

    plays("gives exactly those asked for, the same wherever it starts", async (subject, test) => {
      const { engine } = subject;
      needs(test, name, scores(subject), "prompt logarithms");
      const context = await scorable(engine);
      const { ids } = context;
      const all = await engine.score({ key, context, from: firstScored }, never);
      expect(all.logprobs.length).toBe(ids.length - firstScored);
      for (const from of [firstScored + 1, 5, ids.length - 1]) {
        const part = await engine.score({ key, context, from }, never);
        closeTo(part.logprobs, all.logprobs.slice(from - firstScored), tolerance);
      }
      const none = await engine.score({ key, context, from: ids.length }, never);
      expect(none.logprobs).toEqual([]);
    });

    plays("scores a text the same with and without what follows", async (subject, test) => {
      const { engine } = subject;
      needs(test, name, scores(subject), "prompt logarithms");
      const context = await scorable(engine);
      const half = Math.floor(context.ids.length / 2);
      const short = { ...context, ids: context.ids.slice(0, half) };
      const [all, first, second] = await Promise.all([
        engine.score({ key, context, from: 3 }, never),
        engine.score({ key, context: short, from: 3 }, never),
        engine.score({ key, context, from: half }, never),
      ]);
      closeTo(all.logprobs, [...first.logprobs, ...second.logprobs], tolerance);
    });

    plays("reads what stands before from its cache, where it says so", async (subject, test) => {
      const { engine } = subject;
      needs(test, name, engine.capabilities.reusesPrefixWhileScoring, "cache for scoring");
      const context = await contextOf(engine, question.repeat(3));
      const from = context.ids.length - 4;
      await engine.score({ key, context, from }, never);
      const { cachedTokens } = await engine.score({ key, context, from }, never);
      expect(cachedTokens).toBeGreaterThan(context.ids.length / 2);
      expect(cachedTokens).toBeLessThanOrEqual(from);
    });

    plays("refuses where it cannot, or where nothing stands before", async (subject) => {
      const { engine } = subject;
      const context = scores(subject) ? await scorable(engine) : { ids: [1, 2, 3], messages, answer: "" };
      const code = scores(subject) ? "bad-request" : "unsupported";
      expect((await faultOf(engine.score({ key, context, from: 0 }, never))).code).toBe(code);
    });
  });
}
