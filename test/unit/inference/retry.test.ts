// When to try again, how long to wait, and when to stop.
import { describe, expect, it } from "vitest";
import { retryAfterOf } from "../../../src/inference/classify.ts";
import { ModelFault, systemClock } from "../../../src/inference/index.ts";
import {
  defaultRetryPolicy,
  pauseMs,
  type RetryContext,
  type Tried,
  untilAnswered,
} from "../../../src/inference/retry.ts";
import { virtualClock } from "../../support/virtual-clock.ts";

const free = { usd: 0, tokens: 0 };

function failing(billed: boolean, retryAfterMs?: number): Tried<string> {
  const asked = retryAfterMs === undefined ? {} : { retryAfterMs };
  return {
    ok: false,
    failure: { kind: "fault", code: "server-error", retryable: true, billed, detail: "HTTP 500", ...asked },
    charged: free,
  };
}

function context(changes: Partial<RetryContext> = {}): RetryContext {
  return {
    policy: defaultRetryPolicy,
    clock: virtualClock(),
    random: { next: () => 0 },
    signal: new AbortController().signal,
    onAttempt: () => {},
    ...changes,
  };
}

describe("pauseMs", () => {
  it("doubles up to a limit, between half and all of the step", () => {
    const low = [1, 2, 3, 7, 8, 1000].map((failures) => pauseMs(failures, undefined, context()));
    expect(low).toEqual([500, 1000, 2000, 30_000, 30_000, 30_000]);
    const high = context({ random: { next: () => 0.999999 } });
    expect(pauseMs(1, undefined, high)).toBe(1000);
  });

  it("never waits less than Retry-After, and never more than its cap and a jitter", () => {
    expect(pauseMs(1, 20_000, context())).toBe(20_000);
    const high = context({ random: { next: () => 0.999999 } });
    expect(pauseMs(1, 86_400_000, high)).toBeLessThanOrEqual(defaultRetryPolicy.longestRetryAfterMs + 500);
  });
});

describe("retryAfterOf", () => {
  const nowMs = Date.UTC(2026, 0, 1);
  it.each([
    [{ "retry-after": "3" }, "", 3000],
    [{ "retry-after": "1.5" }, "", 1500],
    [{ "retry-after-ms": "250", "retry-after": "3" }, "", 250],
    [{ "retry-after": "Thu, 01 Jan 2026 00:01:00 GMT" }, "", 60_000],
    [{ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" }, "", 0],
    [{ "retry-after": "soon" }, "", undefined],
    [{}, '{"error":{"details":[{"retryDelay": "17.5s"}]}}', 17_500],
    [{}, "", undefined],
  ] as const)("reads %j and %j as %s ms", (headers, body, expected) => {
    expect(retryAfterOf(new Headers(headers), body, nowMs)).toBe(expected);
  });
});

describe("untilAnswered", () => {
  it("does not start a request after the window, counted from the first", async () => {
    const clock = virtualClock();
    let requests = 0;
    const always = async () => {
      requests += 1;
      return failing(false);
    };
    await expect(untilAnswered(always, context({ clock }))).rejects.toThrow("retry window of 900 seconds");
    const waited = clock.slept.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeLessThanOrEqual(900_000);
    expect(waited).toBeGreaterThan(800_000);
    expect(requests).toBe(clock.slept.length + 1);
  });

  it("counts no hour that somebody's hand put between two requests", async () => {
    const clock = virtualClock();
    let requests = 0;
    const set = { ...clock, now: () => clock.now() + 10_000_000 * requests };
    const second = async () => {
      requests += 1;
      const answered: Tried<string> = { ok: true, answer: "yes", charged: free };
      return requests < 3 ? failing(false) : answered;
    };
    const { latencyMs, attempts } = await untilAnswered(second, context({ clock: set }));
    expect(latencyMs).toBe(clock.slept.reduce((sum, ms) => sum + ms, 0));
    expect(attempts.map(({ durationMs }) => durationMs)).toEqual([0, 0, 0]);
  });

  it.each([
    ["was answered either", true, "contestant"],
    ["else was: it is about this request", false, "request"],
    ["knows of", undefined, "request"],
  ] as const)("after the window says whom else it would meet: nobody %s", async (_, isDown, reach) => {
    const asked = isDown === undefined ? {} : { isDownSince: () => isDown };
    const error = await untilAnswered(async () => failing(false), context(asked)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: "server-error", retryable: true, reach });
  });

  it("says nothing of an endpoint where answers were lost, or asking again would not help", async () => {
    const down = context({ isDownSince: () => true });
    const error = await untilAnswered(async () => failing(true), down).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reach: "request" });
    expect(error).toHaveProperty("attempts.length", 3);
  });

  it("wakes from a pause when the caller aborts, and keeps what was tried", async () => {
    const controller = new AbortController();
    const request = async () => {
      queueMicrotask(() => controller.abort());
      return failing(false, 100_000);
    };
    const error = await untilAnswered(
      request,
      context({ clock: systemClock, signal: controller.signal }),
    ).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelFault);
    expect(error).toMatchObject({ code: "aborted", attempts: [{ waitedMs: 0 }] });
  });

  it("adds what was tried to a fault from inside, such as an exhausted budget", async () => {
    let requests = 0;
    const request = async () => {
      requests += 1;
      if (requests === 1) return failing(true);
      throw new ModelFault("budget-exhausted", "no more", { retryable: false, reach: "contestant" });
    };
    const error = await untilAnswered(request, context()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "budget-exhausted", message: "no more", reach: "contestant" });
    expect(error).toHaveProperty("attempts.length", 1);
  });

  it("lets a bug through as it is", async () => {
    const bug = new TypeError("ours");
    await expect(untilAnswered(() => Promise.reject(bug), context())).rejects.toBe(bug);
  });
});
