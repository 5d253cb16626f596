// A paid call is on record before its answer is used, whatever happens to it.
import { describe, expect, it } from "vitest";
import {
  type Attempt,
  type CallRecorder,
  type Completion,
  type Model,
  ModelFault,
  recordedModel,
} from "../../../src/inference/index.ts";

const prompt = { system: "s", messages: [{ role: "user", content: "u" }] as const, maxOutputTokens: 1 };
const never = new AbortController().signal;
const attempt: Attempt = { waitedMs: 0, durationMs: 1, charged: { usd: 1, tokens: 2 } };
const completion: Completion = {
  text: "t",
  finish: "stop",
  usage: { inputTokens: 1, outputTokens: 1, estimated: false },
  charged: { usd: 1, tokens: 2 },
  model: "m",
  latencyMs: 1,
  attempts: [attempt],
};

function modelThat(generate: Model["generate"]): Model {
  const takes = { temperature: true, seed: true };
  return { id: "c", takes, worstCase: () => ({ usd: 9, tokens: 9 }), generate };
}

function journal(): { lines: string[]; recorder: CallRecorder } {
  const lines: string[] = [];
  const recorder: CallRecorder = {
    begin: ({ contestant, worstCase }) => {
      lines.push(`begin ${contestant} ${worstCase.usd}`);
      return 7;
    },
    attempted: (id, { charged }) => lines.push(`attempted ${id} ${charged.usd}`),
    finish: (id, result) => {
      lines.push(`finish ${id} ${result instanceof ModelFault ? result.code : result.text}`);
    },
  };
  return { lines, recorder };
}

describe("recordedModel", () => {
  it("begins before the first request and finishes before the answer is returned", async () => {
    const { lines, recorder } = journal();
    const inner = modelThat(async (_prompt, _signal, hook) => {
      lines.push("queued");
      hook?.started();
      lines.push("request");
      hook?.ended(attempt);
      hook?.started();
      hook?.ended(attempt);
      return completion;
    });
    expect(await recordedModel(inner, recorder).generate(prompt, never)).toBe(completion);
    expect(lines).toEqual(["queued", "begin c 9", "request", "attempted 7 1", "attempted 7 1", "finish 7 t"]);
  });

  it("records a fault after a request, and nothing when no request was made", async () => {
    const { lines, recorder } = journal();
    const fault = new ModelFault("server-error", "x", { retryable: true });
    const afterRequest = modelThat(async (_prompt, _signal, hook) => {
      hook?.started();
      throw fault;
    });
    await expect(recordedModel(afterRequest, recorder).generate(prompt, never)).rejects.toBe(fault);
    expect(lines).toEqual(["begin c 9", "finish 7 server-error"]);
    await expect(
      recordedModel(
        modelThat(() => Promise.reject(fault)),
        recorder,
      ).generate(prompt, never),
    ).rejects.toBe(fault);
    expect(lines).toHaveLength(2);
  });

  it("makes no request when the record cannot be written", async () => {
    let requests = 0;
    const inner = modelThat(async (_prompt, _signal, hook) => {
      hook?.started();
      requests += 1;
      return completion;
    });
    const full = new Error("disk full");
    const recorder: CallRecorder = {
      begin: () => {
        throw full;
      },
      finish: () => {},
    };
    await expect(recordedModel(inner, recorder).generate(prompt, never)).rejects.toBe(full);
    expect(requests).toBe(0);
  });
});
