// One suite for Model, run by every provider against a real server that misbehaves on request.
import { describe, expect, it } from "vitest";
import {
  Budget,
  type Contestant,
  EndpointSlots,
  type Model,
  ModelFault,
  modelOf,
  type Prompt,
  type RetryPolicy,
} from "../../src/inference/index.ts";
import {
  type Dialect,
  type Script,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../support/scripted-endpoint.ts";
import { type VirtualClock, virtualClock } from "../support/virtual-clock.ts";

const key = "sk-test-0123456789abcdef";
const never = new AbortController().signal;
const prompt: Prompt = {
  system: "You repair code.",
  messages: [
    { role: "user", content: "First try." },
    { role: "assistant", content: "No." },
    { role: "user", content: "Again." },
  ],
  maxOutputTokens: 100,
};

interface Stage {
  readonly endpoint: ScriptedEndpoint;
  readonly clock: VirtualClock;
  readonly budget: Budget;
  readonly slots: EndpointSlots;
  readonly model: Model;
}

interface Options {
  readonly policy?: Partial<RetryPolicy>;
  readonly contestant?: Partial<Contestant>;
  readonly budget?: Budget;
}

async function onStage(
  provider: Dialect,
  script: Script,
  play: (stage: Stage) => Promise<void>,
  options: Options = {},
): Promise<void> {
  await using endpoint = await scriptedEndpoint(script);
  const clock = virtualClock();
  const budget = options.budget ?? new Budget();
  const slots = new EndpointSlots({ endpoint: "tested", limits: { initial: 4, max: 8 } }, clock);
  const contestant: Contestant = {
    id: "tested",
    provider,
    baseUrl: provider === "openai" ? endpoint.baseUrl : endpoint.origin,
    model: "scripted",
    contextTokens: 4096,
    maxOutputTokens: 100,
    prices: { inputPerMillion: 1, outputPerMillion: 2, cachedInputPerMillion: 0.1 },
    answer: "edits",
    attempts: 3,
    ...options.contestant,
  };
  const random = { next: () => 0.5 };
  const model = modelOf(contestant, {
    apiKey: key,
    budget,
    clock,
    random,
    slots,
    policy: options.policy ?? {},
  });
  await play({ endpoint, clock, budget, slots, model });
}

async function faultOf(promise: Promise<unknown>): Promise<ModelFault> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (error instanceof ModelFault) return error;
  throw error;
}

describe.each(["openai", "anthropic", "google"] as const)("Model of the %s provider", (provider) => {
  const ask = { kind: "answer", text: "done" } as const;

  it("sends the prompt and returns text, usage, cost and attempts", () =>
    onStage(
      provider,
      [{ ...ask, usage: { input: 1000, output: 200, cached: 400 } }],
      async ({ model, endpoint, budget }) => {
        const completion = await model.generate(prompt, never);
        expect(completion).toMatchObject({ text: "done", finish: "stop", model: "scripted-1" });
        expect(completion.usage).toEqual({
          inputTokens: 1000,
          outputTokens: 200,
          cachedTokens: 400,
          estimated: false,
        });
        expect(completion.charged.usd).toBeCloseTo((600 + 40 + 400) / 1e6, 12);
        expect(completion.charged.tokens).toBe(1200);
        expect(completion.attempts).toHaveLength(1);
        expect(completion.attempts[0]).toMatchObject({ status: 200, waitedMs: 0 });
        expect(budget.spent("tested")).toEqual(completion.charged);
        const [request] = endpoint.requests;
        expect(request?.dialect).toBe(provider);
        expect(request?.prompt).toMatch(/You repair code\.[\s\S]*First try\.[\s\S]*No\.[\s\S]*Again\./);
        expect(JSON.stringify(request?.body)).toMatch(
          /"(max_tokens|max_completion_tokens|maxOutputTokens)":100/,
        );
        expect(JSON.stringify(request?.headers)).toContain(key);
      },
    ));

  it.each(["length", "refusal"] as const)("returns %s as a value", (finish) =>
    onStage(provider, [{ ...ask, finish }], async ({ model }) => {
      expect((await model.generate(prompt, never)).finish).toBe(finish);
    }),
  );

  it("returns context overflow as a value that cost nothing", () =>
    onStage(provider, [{ kind: "context-overflow" }], async ({ model, endpoint, budget }) => {
      const completion = await model.generate(prompt, never);
      expect(completion).toMatchObject({
        text: "",
        finish: "context-overflow",
        charged: { usd: 0, tokens: 0 },
      });
      expect(endpoint.requests).toHaveLength(1);
      expect(budget.spent()).toEqual({ usd: 0, tokens: 0 });
    }));

  it("stops reading a 50 MB answer at the cap, returns it as a value and charges the worst case", () =>
    onStage(provider, [{ kind: "huge", bytes: 50_000_000 }], async ({ model, endpoint, budget }) => {
      const completion = await model.generate(prompt, never);
      expect(completion.finish).toBe("answer-too-large");
      expect(endpoint.hugeBytesWritten).toBeLessThan(30_000_000);
      expect(completion.usage.estimated).toBe(true);
      expect(budget.spent()).toEqual(model.worstCase(prompt));
    }));

  it("estimates usage the provider leaves out, and says so", () =>
    onStage(provider, [{ ...ask, usage: "none" }], async ({ model }) => {
      const { usage } = await model.generate(prompt, never);
      expect(usage.estimated).toBe(true);
      expect(usage.inputTokens).toBeGreaterThan(5);
      expect(usage.outputTokens).toBe(2);
    }));

  it("waits as long as Retry-After says, in seconds, and records the try", () =>
    onStage(
      provider,
      [{ kind: "status", status: 429, message: "slow down", headers: { "retry-after": "7" } }, ask],
      async ({ model, clock, slots }) => {
        const completion = await model.generate(prompt, never);
        expect(clock.slept).toEqual([7250]);
        expect(completion.attempts).toMatchObject([
          { status: 429, waitedMs: 0, charged: { usd: 0, tokens: 0 } },
          { status: 200, waitedMs: 7250 },
        ]);
        expect(completion.attempts[0]?.error).toContain("slow down");
        expect(slots.snapshot()).toMatchObject({ limit: 3, running: 0 });
      },
    ));

  it("waits until the HTTP date of Retry-After", () =>
    onStage(
      provider,
      [{ kind: "status", status: 429, headers: { "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" } }, ask],
      async ({ model, clock }) => {
        await model.generate(prompt, never);
        expect(clock.slept).toEqual([30_250]);
      },
    ));

  it("cuts a Retry-After of days and gives up at the end of the window", () =>
    onStage(
      provider,
      () => ({ kind: "status", status: 429, headers: { "retry-after": "864000" } }),
      async ({ model, clock }) => {
        const fault = await faultOf(model.generate(prompt, never));
        expect(fault).toMatchObject({ code: "rate-limited", retryable: true });
        expect(clock.slept).toEqual([60_250, 60_250, 60_250]);
        expect(fault.attempts).toHaveLength(4);
        expect(fault.message).toContain("retry window of 200 seconds");
      },
      { policy: { longestRetryAfterMs: 60_000, windowMs: 200_000 } },
    ));

  it("backs off exponentially after 500 and recovers", () => {
    const failed = { kind: "status", status: 500 } as const;
    return onStage(provider, [failed, failed, failed, ask], async ({ model, clock }) => {
      expect((await model.generate(prompt, never)).text).toBe("done");
      expect(clock.slept).toEqual([750, 1500, 3000]);
    });
  });

  it("calls a server that keeps failing a server-error", () =>
    onStage(
      provider,
      () => ({ kind: "status", status: 503 }),
      async ({ model, budget }) => {
        const fault = await faultOf(model.generate(prompt, never));
        expect(fault).toMatchObject({ code: "server-error", retryable: true });
        expect(budget.spent()).toEqual({ usd: 0, tokens: 0 });
      },
    ));

  it.each([
    ["malformed-json", "bad-response"],
    ["wrong-schema", "bad-response"],
    ["cut", "unreachable"],
  ] as const)(
    "asks again after %s, charges each lost answer at the worst case, and ends in %s",
    (kind, code) =>
      onStage(
        provider,
        () => ({ kind }),
        async ({ model, endpoint, budget }) => {
          const fault = await faultOf(model.generate(prompt, never));
          expect(fault).toMatchObject({ code, retryable: true });
          expect(endpoint.requests).toHaveLength(3);
          expect(budget.spent().tokens).toBe(3 * model.worstCase(prompt).tokens);
        },
      ),
  );

  it("recovers from a connection cut in the middle of the answer", () =>
    onStage(provider, [{ kind: "cut" }, ask], async ({ model }) => {
      const completion = await model.generate(prompt, never);
      expect(completion.text).toBe("done");
      expect(completion.charged.tokens).toBe(model.worstCase(prompt).tokens + 15);
    }));

  it("aborts a request that takes too long, and the server sees it go", () =>
    onStage(
      provider,
      () => ({ kind: "silence" }),
      async ({ model, endpoint, slots }) => {
        const fault = await faultOf(model.generate(prompt, never));
        expect(fault).toMatchObject({ code: "timed-out", retryable: true });
        expect(endpoint.requests).toHaveLength(3);
        await expect.poll(() => endpoint.abandoned).toBe(3);
        expect(slots.snapshot().running).toBe(0);
      },
      { policy: { attemptTimeoutMs: 50 } },
    ));

  it("waits for a slow answer", () =>
    onStage(provider, [{ ...ask, delayMs: 150 }], async ({ model }) => {
      expect((await model.generate(prompt, never)).text).toBe("done");
    }));

  it("stops at the caller's signal, frees the slot and charges what may be billed", () =>
    onStage(
      provider,
      () => ({ kind: "silence" }),
      async ({ model, endpoint, budget, slots }) => {
        const controller = new AbortController();
        const asked = faultOf(model.generate(prompt, controller.signal));
        await expect.poll(() => endpoint.requests.length).toBe(1);
        expect(budget.held()).toEqual(model.worstCase(prompt));
        controller.abort();
        const fault = await asked;
        expect(fault).toMatchObject({ code: "aborted", retryable: true });
        expect(fault.attempts).toHaveLength(1);
        await expect.poll(() => endpoint.abandoned).toBe(1);
        expect(budget.spent()).toEqual(model.worstCase(prompt));
        expect(slots.snapshot()).toMatchObject({ running: 0, queued: 0 });
      },
    ));

  it("does not repeat what a repetition cannot mend, and never shows the key", () =>
    onStage(
      provider,
      [
        {
          kind: "status",
          status: 401,
          message: `Incorrect API key provided: ${key}, or ${key.slice(0, 8)}****cdef.`,
        },
      ],
      async ({ model, endpoint }) => {
        const fault = await faultOf(model.generate(prompt, never));
        expect(fault).toMatchObject({ code: "unauthorized", retryable: false });
        expect(fault.message).toContain("Incorrect API key provided: [redacted]");
        expect(JSON.stringify([fault.message, fault.attempts])).not.toMatch(/sk-test|0123456789|cdef/);
        expect(endpoint.requests).toHaveLength(1);
      },
    ));

  it.each([
    [400, "temperature is not supported", "bad-request"],
    [404, "no such model", "bad-request"],
    [402, "Insufficient Balance", "quota-exhausted"],
    [429, "You exceeded your current quota: insufficient_quota", "quota-exhausted"],
    [302, "elsewhere", "bad-response"],
  ] as const)("reads HTTP %i (%s) as %s, not to be repeated", (status, message, code) =>
    onStage(provider, [{ kind: "status", status, message }], async ({ model, endpoint }) => {
      expect(await faultOf(model.generate(prompt, never))).toMatchObject({ code, retryable: false });
      expect(endpoint.requests).toHaveLength(1);
    }),
  );

  it("calls a port where nobody listens unreachable, and charges nothing", () =>
    onStage(
      provider,
      [],
      async ({ model, budget }) => {
        const fault = await faultOf(model.generate(prompt, never));
        expect(fault).toMatchObject({ code: "unreachable", retryable: true });
        expect(fault.message).toContain("ECONNREFUSED");
        expect(budget.spent()).toEqual({ usd: 0, tokens: 0 });
      },
      { contestant: { baseUrl: "http://127.0.0.1:1" } },
    ));

  it("refuses a request the budget cannot bear, before it is made", () =>
    onStage(
      provider,
      [ask, ask],
      async ({ model, endpoint }) => {
        await model.generate(prompt, never);
        const fault = await faultOf(model.generate(prompt, never));
        expect(fault).toMatchObject({ code: "budget-exhausted", retryable: false });
        expect(endpoint.requests).toHaveLength(1);
      },
      { budget: new Budget({ total: { tokens: 150 } }) },
    ));

  it("takes sampling settings or refuses them, but never drops them", () =>
    onStage(provider, [ask], async ({ model, endpoint }) => {
      const sampled = { ...prompt, temperature: 0.25, seed: 7 };
      if (!model.takes.temperature) {
        expect(await faultOf(model.generate(sampled, never))).toMatchObject({ code: "bad-request" });
        return;
      }
      await model.generate(sampled, never);
      const body = JSON.stringify(endpoint.requests[0]?.body);
      expect(body).toContain('"temperature":0.25');
      expect(body).toContain('"seed":7');
    }));

  it("never has more requests open than slots", () =>
    onStage(
      provider,
      () => ({ ...ask, delayMs: 30 }),
      async ({ model, endpoint }) => {
        await Promise.all(Array.from({ length: 12 }, () => model.generate(prompt, never)));
        expect(endpoint.requests).toHaveLength(12);
        expect(endpoint.mostAtOnce).toBeGreaterThan(1);
        expect(endpoint.mostAtOnce).toBeLessThanOrEqual(6);
      },
    ));
});
