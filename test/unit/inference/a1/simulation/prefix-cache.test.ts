// What is pinned stays, what is idle goes oldest first, and prompts outlive what was written behind them.
import { describe, expect, it } from "vitest";
import { PrefixCache } from "../../../../../src/inference/a1/simulation/prefix-cache.ts";

const prefix = (question: string, sample = 0) => ({ question, sample, promptTokens: 10 });

/** As a call does that reads a text and goes. */
function read(cache: PrefixCache, of: ReturnType<typeof prefix>, contextTokens: number): void {
  const { prompt, own } = cache.known(of);
  const missing = contextTokens - prompt - own;
  cache.pin(of);
  cache.reserve(missing);
  cache.settle(of, missing, contextTokens);
  cache.letGo(of);
}

describe("a prefix cache", () => {
  it("shares prompts among samples, and keeps what each wrote apart", () => {
    const cache = new PrefixCache(100);
    read(cache, prefix("a", 0), 30);
    expect(cache.known(prefix("a", 0))).toEqual({ prompt: 10, own: 20 });
    expect(cache.known(prefix("a", 1))).toEqual({ prompt: 10, own: 0 });
    expect(cache.known(prefix("b", 0))).toEqual({ prompt: 0, own: 0 });
  });

  it("takes room from the oldest idle text, its prompt last", () => {
    const evicted: number[] = [];
    const cache = new PrefixCache(100, (tokens) => evicted.push(tokens));
    read(cache, prefix("a"), 40);
    read(cache, prefix("b"), 40);
    read(cache, prefix("c"), 55);
    expect(evicted.reduce((sum, each) => sum + each, 0)).toBe(35);
    expect(cache.known(prefix("a"))).toEqual({ prompt: 5, own: 0 });
    expect(cache.known(prefix("b"))).toEqual({ prompt: 10, own: 30 });
  });

  it("never takes what a call holds, and tells what room there is beside", () => {
    const cache = new PrefixCache(100);
    read(cache, prefix("a"), 40);
    cache.pin(prefix("a"));
    cache.grow(prefix("a"), 5);
    expect([cache.pinnedTokens, cache.roomTokens]).toEqual([45, 55]);
    read(cache, prefix("b"), 55);
    expect(cache.known(prefix("a")).own).toBe(35);
    read(cache, prefix("c"), 55);
    expect(cache.known(prefix("a")).own).toBe(35);
    expect(cache.known(prefix("b"))).toEqual({ prompt: 0, own: 0 });
    cache.letGo(prefix("a"));
    expect([cache.pinnedTokens, cache.idle(prefix("a"))]).toEqual([0, 45]);
  });

  it("gives back what two calls read of one prompt at once", () => {
    const cache = new PrefixCache(100);
    for (const sample of [0, 1]) {
      cache.pin(prefix("a", sample));
      cache.reserve(10);
    }
    expect(cache.pinnedTokens).toBe(20);
    for (const sample of [0, 1]) cache.settle(prefix("a", sample), 10, 10);
    expect(cache.pinnedTokens).toBe(10);
  });
});
