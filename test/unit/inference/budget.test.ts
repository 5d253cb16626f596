// What may be spent is never exceeded, never refused while it might still fit, and survives a restart.
import { describe, expect, it } from "vitest";
import { Budget, ModelFault } from "../../../src/inference/index.ts";

const never = new AbortController().signal;
const spend = (usd: number, tokens = 0) => ({ usd, tokens });

/** Whether a promise has settled by now. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const mark = Symbol();
  const first = await Promise.race([promise.catch(() => undefined), Promise.resolve(mark)]);
  return first === mark;
}

describe("Budget", () => {
  it("has no limit unless one is given", async () => {
    const budget = new Budget();
    (await budget.reserve("a", spend(1e6, 1e9), never)).settle(spend(1e6, 1e9));
    expect(budget.spent()).toEqual(spend(1e6, 1e9));
  });

  it("sets the worst case aside and gives back what was not needed", async () => {
    const budget = new Budget({ total: { usd: 1 } });
    const hold = await budget.reserve("a", spend(0.9), never);
    expect(budget.held()).toEqual(spend(0.9));
    hold.settle(spend(0.1));
    expect(budget.held().usd).toBeCloseTo(0, 12);
    expect(budget.spent("a")).toEqual(spend(0.1));
    (await budget.reserve("a", spend(0.9), never)).settle(spend(0.9));
    expect(budget.spent()).toEqual(spend(1));
  });

  it("refuses what cannot fit beside what is spent, saying the limit, the spending and what to do", async () => {
    const budget = new Budget({ total: { usd: 1 } }, new Map([["b", spend(0.5, 10)]]));
    const refused = budget.reserve("a", spend(0.6), never);
    await expect(refused).rejects.toMatchObject({ code: "budget-exhausted", retryable: false });
    await expect(refused).rejects.toThrow(
      /of the run allows 1\.0000 USD; spent 0\.5000 USD.*0\.6000 USD.*raise the budget and resume/,
    );
  });

  it("counts each contestant apart and all together, in tokens and in money", async () => {
    const limits = { perContestant: { tokens: 100 }, total: { tokens: 150 } };
    const budget = new Budget(limits);
    (await budget.reserve("a", spend(0, 90), never)).settle(spend(0, 90));
    await expect(budget.reserve("a", spend(0, 20), never)).rejects.toThrow("of a allows 100 tokens");
    (await budget.reserve("b", spend(0, 60), never)).settle(spend(0, 60));
    await expect(budget.reserve("c", spend(0, 1), never)).rejects.toThrow("of the run allows 150 tokens");
  });

  it("waits for others instead of refusing what may still fit", async () => {
    const budget = new Budget({ total: { usd: 1 } });
    const first = await budget.reserve("a", spend(0.8), never);
    const second = budget.reserve("b", spend(0.8), never);
    expect(await isPending(second)).toBe(true);
    first.settle(spend(0.1));
    (await second).settle(spend(0.2));
    expect(budget.spent().usd).toBeCloseTo(0.3, 12);
  });

  it("refuses a waiting request once the others have spent what it needed", async () => {
    const budget = new Budget({ total: { usd: 1 } });
    const first = await budget.reserve("a", spend(0.8), never);
    const second = budget.reserve("b", spend(0.8), never);
    first.settle(spend(0.7));
    await expect(second).rejects.toBeInstanceOf(ModelFault);
  });

  it("never lets spent and held together pass the limit, whatever the order", async () => {
    const budget = new Budget({ total: { tokens: 100 } });
    const holds = Array.from({ length: 20 }, (_, index) => {
      const done = budget.reserve(`c${index % 3}`, spend(0, 30), never).then((hold) => {
        expect(budget.spent().tokens + budget.held().tokens).toBeLessThanOrEqual(100);
        setImmediate(() => hold.settle(spend(0, 10 + (index % 5))));
      });
      return done.catch((error: unknown) => expect(error).toBeInstanceOf(ModelFault));
    });
    await Promise.all(holds);
    expect(budget.spent().tokens).toBeGreaterThan(50);
  });

  it("forgets a waiting request whose caller went away", async () => {
    const budget = new Budget({ total: { usd: 1 } });
    const first = await budget.reserve("a", spend(1), never);
    const controller = new AbortController();
    const second = budget.reserve("b", spend(1), controller.signal);
    controller.abort(new Error("gone"));
    await expect(second).rejects.toThrow("gone");
    first.settle(spend(0));
    expect(budget.held()).toEqual(spend(0));
  });

  it("treats a hold settled twice as a bug", async () => {
    const hold = await new Budget().reserve("a", spend(1), never);
    hold.settle(spend(1));
    expect(() => hold.settle(spend(1))).toThrow("settled twice");
  });
});
