// What a server may do wrong, and whose doing it is then said to be: a part of the engine contract.
import { describe, expect } from "vitest";
import type { EngineFaultCode } from "../../src/inference/a1/engine.ts";
import {
  contextOf,
  faultOf,
  key,
  never,
  type Plays,
  request,
  scorable,
  scores,
  until,
} from "./engine-contract.ts";
import type { ServerFault } from "./engine-servers/server.ts";

interface Wrong {
  readonly title: string;
  readonly fault: ServerFault;
  readonly code: EngineFaultCode;
  readonly isRetryable: boolean;
  readonly retryAfterMs?: number;
}

const tooMany = { kind: "status", status: 429, headers: { "retry-after": "7" } } as const;

const wrongs: readonly Wrong[] = [
  { title: "silence", fault: { kind: "silence" }, code: "timed-out", isRetryable: true },
  { title: "too many requests", fault: tooMany, code: "overloaded", isRetryable: true, retryAfterMs: 7000 },
  {
    title: "a broken server",
    fault: { kind: "status", status: 503 },
    code: "server-error",
    isRetryable: true,
  },
  {
    title: "a refused key",
    fault: { kind: "status", status: 401 },
    code: "unauthorized",
    isRetryable: false,
  },
  {
    title: "an unknown model",
    fault: { kind: "status", status: 404 },
    code: "bad-request",
    isRetryable: false,
  },
  { title: "a redirect", fault: { kind: "status", status: 307 }, code: "bad-request", isRetryable: false },
  { title: "a proxy's page", fault: { kind: "html" }, code: "bad-response", isRetryable: true },
  { title: "a cut connection", fault: { kind: "truncate" }, code: "unreachable", isRetryable: true },
  {
    title: "a half-closed connection",
    fault: { kind: "half-close" },
    code: "unreachable",
    isRetryable: true,
  },
  { title: "what is no JSON", fault: { kind: "not-json" }, code: "bad-response", isRetryable: true },
];

function faultOnce(wrong: Wrong, isStreamed: boolean, plays: Plays): void {
  const { title, fault, code, isRetryable, retryAfterMs } = wrong;
  plays(`${title}${isStreamed ? " in a stream" : ""}`, async ({ engine, server, expire }, test) => {
    if (server === undefined) return test.skip("it has no server to break");
    server.fail(fault);
    const more = { maxTokens: 60, temperature: 1, ...(isStreamed ? { onText: () => undefined } : {}) };
    const asked = request(await contextOf(engine), more);
    const before = server.asked.length;
    const work = faultOf(engine.generate(asked, never));
    await until(() => server.asked.length > before);
    if (fault.kind === "silence") expire?.();
    const found = await work;
    expect([found.code, found.retryable, found.retryAfterMs]).toEqual([code, isRetryable, retryAfterMs]);
    expect(found.message).toContain("http://127.0.0.1:");
    expect(found.message).not.toContain("secret");
    // It was the server's fault and not the connection's: the next is answered.
    await engine.generate(asked, never);
  });
}

export function faultContract(plays: Plays): void {
  describe("faults", () => {
    for (const wrong of wrongs) {
      for (const isStreamed of [false, true]) faultOnce(wrong, isStreamed, plays);
    }

    plays("a key is sent and never told", async ({ engine, server }, test) => {
      if (server === undefined) return test.skip("it has no server that sees keys");
      expect(server.authorizations.at(-1)).toBe("Bearer secret-0123456789");
      const body = JSON.stringify({ error: { message: "bad key secret-0123456789", code: 401 } });
      server.fail({ kind: "status", status: 401, body });
      const fault = await faultOf(engine.generate(request(await contextOf(engine)), never));
      expect(fault.message).toContain("bad key");
      expect(fault.message).not.toContain("secret-0123456789");
    });

    for (const as of ["null", "NaN", "positive", "few", "many", "shifted"] as const) {
      plays(`logarithms of a prompt that are ${as} are never believed`, async (subject, test) => {
        const { engine, server } = subject;
        if (server === undefined || !scores(subject)) return test.skip("it has none to garble");
        const context = await scorable(engine);
        server.fail({ kind: "garble", as });
        const asked = { key, context, from: 2 };
        expect((await faultOf(engine.score(asked, never))).code).toBe("missing-logprobs");
        await engine.score(asked, never);
      });
    }
  });
}
