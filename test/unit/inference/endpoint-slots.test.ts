// An endpoint is asked for little at first, for less as soon as it is too much, and everybody behind it shares that.
import { describe, expect, it } from "vitest";
import {
  Budget,
  type Contestant,
  type EndpointEvent,
  EndpointSlots,
  Endpoints,
  endpointEventText,
  modelOf,
} from "../../../src/inference/index.ts";
import { scriptedEndpoint } from "../../support/scripted-endpoint.ts";
import { type VirtualClock, virtualClock } from "../../support/virtual-clock.ts";

const never = new AbortController().signal;
const startMs = Date.UTC(2026, 0, 1);

function opened(initial = 8): { slots: EndpointSlots; clock: VirtualClock; told: EndpointEvent[] } {
  const clock = virtualClock(startMs);
  const told: EndpointEvent[] = [];
  const limits = { initial, max: 16, cutFactor: 0.5 };
  const slots = new EndpointSlots({ endpoint: "one", limits, onEvent: (event) => told.push(event) }, clock);
  return { slots, clock, told };
}

describe("EndpointSlots", () => {
  it.each([
    [{ code: "rate-limited", status: 429 }, "too many requests"],
    [{ code: "server-error", status: 503 }, "HTTP 503"],
    [{ code: "server-error", status: 529 }, "HTTP 529"],
    [{ code: "timed-out" }, "no answer in time"],
  ] as const)("is cut in half after %j, once an episode, and that is logged", async (request, because) => {
    const { slots, clock, told } = opened();
    for (let call = 0; call < 5; call += 1) slots.failed(request);
    const cut = { atMs: startMs, from: 8, to: 4, because };
    expect(slots.load()).toMatchObject({ limit: 4, cuts: [cut] });
    expect(told).toEqual([{ kind: "cut", endpoint: "one", ...cut }]);
    await clock.sleep(15_000, never);
    slots.failed(request);
    expect(slots.load().limit).toBe(2);
  });

  it.each([
    { code: "server-error", status: 500 },
    { code: "bad-request", status: 400 },
    { code: "unreachable" },
  ] as const)("is not cut after %j", (request) => {
    const { slots } = opened();
    slots.failed(request);
    expect(slots.load()).toMatchObject({ limit: 8, cuts: [] });
  });

  it("recovers by one after as many answers as the limit is high", () => {
    const { slots } = opened(2);
    for (let answer = 0; answer < 2; answer += 1) slots.answered();
    expect(slots.load().limit).toBe(3);
    for (let answer = 0; answer < 3; answer += 1) slots.answered();
    expect(slots.load().limit).toBe(4);
  });

  it("lets nobody begin before a Retry-After has passed, whoever was told of it", async () => {
    const { slots, clock } = opened();
    slots.failed({ code: "rate-limited", status: 429, pauseMs: 60_000 });
    let began = false;
    const waiting = slots.acquire(never).then((release) => {
      began = true;
      release();
    });
    await clock.sleep(59_000, never);
    slots.answered();
    await Promise.resolve();
    expect(began).toBe(false);
    await clock.sleep(1_000, never);
    // Any sign of life looks again; without one a timer does.
    (await slots.acquire(never))();
    await waiting;
    expect(began).toBe(true);
  });

  it("is spoken of when it has answered nothing for half a minute, and when it answers again", async () => {
    const { slots, clock, told } = opened();
    const down = { code: "unreachable" } as const;
    slots.failed(down);
    await clock.sleep(29_000, never);
    slots.failed(down);
    expect(told).toEqual([]);
    expect(slots.load().silentSinceMs).toBe(startMs);
    await clock.sleep(1_000, never);
    for (let call = 0; call < 3; call += 1) slots.failed(down);
    await clock.sleep(600_000, never);
    slots.failed(down);
    slots.answered();
    expect(told.map(endpointEventText)).toEqual([
      "one has answered nothing for 0.5 minutes (unreachable): it is waited for",
      "one has answered nothing for 11 minutes (unreachable): it is waited for",
      "one answers again after 11 minutes",
    ]);
    expect(slots.load()).not.toHaveProperty("silentSinceMs");
    expect(slots.hasAnsweredSince(startMs)).toBe(true);
    expect(slots.hasAnsweredSince(clock.now())).toBe(false);
  });
});

const contestant = (id: string, over: Partial<Contestant> = {}): Contestant => ({
  ...{ id, provider: "openai", baseUrl: "http://one/v1", model: id, contextTokens: 10, maxOutputTokens: 5 },
  ...{ prices: { inputPerMillion: 0, outputPerMillion: 0 }, answer: "diff", attempts: 1 },
  ...over,
});

describe("contestants of one endpoint", () => {
  it("are served in turn: who asks for much at once does not keep others waiting", async () => {
    await using endpoint = await scriptedEndpoint(() => ({ kind: "answer", text: "yes", delayMs: 5 }));
    const clock = virtualClock();
    const endpoints = new Endpoints(clock);
    const ask = (id: string) => {
      const asked = contestant(id, { baseUrl: endpoint.baseUrl, maxConcurrent: 1 });
      const slots = endpoints.slotsOf(asked);
      const deps = { apiKey: undefined, budget: new Budget(), clock, random: { next: () => 0.5 }, slots };
      const prompt = { system: "", messages: [{ role: "user" as const, content: "?" }], maxOutputTokens: 5 };
      return modelOf(asked, deps).generate(prompt, never);
    };
    await Promise.all(["ann", "ann", "ann", "bob"].map(ask));
    expect(endpoint.mostAtOnce).toBe(1);
    expect(endpoint.requests.map(({ body }) => body.model)).toEqual(["ann", "ann", "bob", "ann"]);
  });
});

describe("Endpoints", () => {
  it("are one for an address and a key, whatever the model and the variable are called", () => {
    const endpoints = new Endpoints(virtualClock());
    const ann = endpoints.slotsOf(contestant("ann", { keyEnv: "A" }), "k");
    expect(endpoints.slotsOf(contestant("bob", { keyEnv: "B", baseUrl: "http://one/v1/" }), "k")).toBe(ann);
    expect(endpoints.slotsOf(contestant("cid"), "another")).not.toBe(ann);
    expect(endpoints.slotsOf(contestant("dan", { baseUrl: "http://two/v1" }), "k")).not.toBe(ann);
  });

  it("begin small, never above what any of their contestants allows, and name no secret", async () => {
    const endpoints = new Endpoints(virtualClock());
    const address = "http://user:secret@one/v1?key=secret";
    const slots = endpoints.slotsOf(contestant("ann", { baseUrl: address }), "secret");
    expect(slots.load().limit).toBe(4);
    endpoints.slotsOf(contestant("bob", { baseUrl: address, maxConcurrent: 2 }), "secret");
    expect(endpoints.load()).toEqual([]);
    (await slots.acquire(never))();
    slots.failed({ code: "unreachable" });
    expect(["ann", "bob", "cid"].map((id) => endpoints.isSilent(id))).toEqual([true, true, false]);
    slots.heard();
    expect(endpoints.isSilent("ann")).toBe(false);
    expect(endpoints.load()).toEqual([
      {
        endpoint: "openai at http://one/v1",
        contestants: ["ann", "bob"],
        limit: 2,
        running: 0,
        queued: 0,
        cuts: [],
      },
    ]);
  });
});
