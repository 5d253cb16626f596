// The pair over real sockets whose servers fail: nothing unscored is accepted in silence, no lane is lost, and a server that comes back is used again.
import { randomUUID } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import type { Backend, QuestionAnswer } from "../../../../src/inference/a1/backend.ts";
import { pairConfigurationSchema } from "../../../../src/inference/a1/configuration.ts";
import { EngineFault } from "../../../../src/inference/a1/engine.ts";
import { openEngine } from "../../../../src/inference/a1/engines/open.ts";
import { openConfiguredPair } from "../../../../src/inference/a1/open-pair.ts";
import { type Clock, systemClock } from "../../../../src/inference/clock.ts";
import { tinyCodec } from "../../../support/engine-servers/language.ts";
import type { EngineServer, ServerFault } from "../../../support/engine-servers/server.ts";
import { sglangServer } from "../../../support/engine-servers/sglang.ts";

const never = new AbortController().signal;

/** Pauses and deadlines pass fifty times as fast: a request waits 0.6 seconds for its answer. */
const hurried: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms / 50, signal),
  after: (ms, action) => systemClock.after(ms / 50, action),
};

interface Open extends AsyncDisposable {
  readonly pair: Backend;
  readonly draft: EngineServer;
  readonly target: EngineServer;
}

async function opened(more: object = {}): Promise<Open> {
  const [draft, target] = [await sglangServer(), await sglangServer()];
  const spec = ({ origin }: EngineServer) => ({
    ...{ kind: "sglang", baseUrl: origin, model: "tiny", tokenizer: "a folder", requestTimeoutSeconds: 120 },
  });
  const configuration = pairConfigurationSchema.parse({
    ...{ draft: spec(draft), target: spec(target), interventionRate: 0, step: 0, auditShare: 0 },
    ...{ draftTokens: 12, takeoverTokens: 12, turns: 3, ...more },
  });
  const deps = {
    ...{ clock: hurried, apiKeyOf: () => undefined, uniqueId: randomUUID, openCodec: async () => tinyCodec },
    openOnnx: async (): Promise<never> => Promise.reject(new Error("not here")),
  };
  const pair = await openConfiguredPair(configuration, {
    ...{ clock: hurried, note: () => {}, random: seededRandom("failures") },
    openEngine: (each) => openEngine(each, deps, never),
  });
  return {
    ...{ pair, draft, target },
    async [Symbol.asyncDispose]() {
      await pair.close();
      await Promise.all([draft[Symbol.asyncDispose](), target[Symbol.asyncDispose]()]);
    },
  };
}

let asked = 0;
const ask = (pair: Backend): Promise<QuestionAnswer> => {
  asked += 1;
  const messages = [{ role: "user" as const, content: `Tell me about ship ${asked}.` }];
  const request = { id: `q${asked}`, messages, task: "chat", samples: 3, maxTokens: 36, temperature: 0.8 };
  return pair.ask({ ...request, seed: asked }, never);
};

function expectNothingUnscored({ candidates }: QuestionAnswer): void {
  const accepted = candidates.flatMap(({ chunks, isUnchecked }) =>
    isUnchecked ? [] : chunks.filter(({ author, isKept }) => author === "draft" && isKept),
  );
  for (const chunk of accepted) expect(chunk.nonconformity, JSON.stringify(chunk)).toBeTypeOf("number");
}

async function expectIdle({ pair, draft, target }: Open): Promise<void> {
  for (const { running, queued } of pair.load().lanes) expect([running, queued]).toEqual([0, 0]);
  await vi.waitFor(() => expect([draft.running, target.running]).toEqual([0, 0]));
}

const faults: readonly (readonly [string, ServerFault])[] = [
  ["silence", { kind: "silence" }],
  ["answers 503", { kind: "status", status: 503 }],
  ["sends a proxy's page", { kind: "html" }],
  ["resets connections", { kind: "truncate" }],
  ["half-closes connections", { kind: "half-close" }],
  ["says what is no JSON", { kind: "not-json" }],
];
const garbage = (["null", "NaN", "positive", "few", "many"] as const).map(
  (as) => [`garbles logarithms: ${as}`, { kind: "garble", as }] as const,
);

describe("a target that fails for good", () => {
  it.each(faults)("%s: no draft is accepted for that, and no lane is held", async (_, fault) => {
    await using open = await opened();
    open.target.fail(fault, Infinity);
    const error = await ask(open.pair).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(EngineFault);
    await expectIdle(open);
  });

  it.each(garbage)("%s: drafts are handed over and written anew", async (_, fault) => {
    await using open = await opened();
    open.target.fail(fault, Infinity);
    const answer = await ask(open.pair);
    const chunks = answer.candidates.flatMap((each) => each.chunks);
    expect(chunks.some(({ unscored }) => unscored === "missing-logprobs")).toBe(true);
    expect(chunks.filter(({ author, isKept }) => author === "draft" && isKept)).toEqual([]);
    expect(chunks.some(({ author, isKept }) => author === "target" && isKept)).toBe(true);
    await expectIdle(open);
  });

  it("is not asked beyond the budget, and what stays unchecked is said to be", async () => {
    await using open = await opened({ limits: { takeoverTokens: 0 } });
    open.target.fail({ kind: "garble", as: "NaN" }, Infinity);
    const { candidates } = await ask(open.pair);
    for (const { chunks, isUnchecked } of candidates)
      if (chunks.some(({ isKept, unscored }) => isKept && unscored !== undefined))
        expect(isUnchecked).toBe(true);
    expect(candidates.some(({ isUnchecked }) => isUnchecked)).toBe(true);
    await expectIdle(open);
  });
});

describe("a server that fails for a while", () => {
  it.each([...faults, ...garbage])("%s: it is asked again, and the answer is whole", async (_, fault) => {
    await using open = await opened();
    open.target.fail(fault);
    open.draft.fail(fault);
    const answer = await ask(open.pair);
    expectNothingUnscored(answer);
    expect(answer.candidates.map(({ end }) => end)).not.toContainEqual(
      expect.objectContaining({ kind: "failed" }),
    );
    await expectIdle(open);
  });

  it("fails every question while it does, and none after", async () => {
    await using open = await opened();
    open.draft.fail({ kind: "status", status: 502 }, 12);
    await expect(ask(open.pair)).rejects.toThrow(EngineFault);
    await expectIdle(open);
    expectNothingUnscored(await ask(open.pair));
  });
});
