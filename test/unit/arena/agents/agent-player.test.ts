// What becomes of an agent's runs: what is kept, what is never run twice, what is charged, and whose failure ends what.
import { afterEach, describe, expect, it } from "vitest";
import { spentSoFar } from "../../../../src/arena/spent.ts";
import { type AgentArena, agentArena } from "../../../support/agent-arena.ts";
import { agentSandboxes, type ScriptedAgent } from "../../../support/scripted-agent.ts";
import type { EndpointStep, Script } from "../../../support/scripted-endpoint.ts";

const answer: EndpointStep = { kind: "answer", text: "ok", usage: { input: 100, output: 50 } };
const command = ["agent"];
const fix = (files: Map<string, Buffer>) => files.set("/work/app.py", Buffer.from("old = 1\nfixed = 1\n"));

let arena: AgentArena | undefined;
let runs = 0;
afterEach(async () => {
  await arena?.[Symbol.asyncDispose]();
  runs = 0;
});

async function opened(agent: ScriptedAgent, script: Script = () => answer): Promise<AgentArena> {
  const counted: ScriptedAgent = (world) => {
    runs += 1;
    return agent(world);
  };
  arena = await agentArena({ provider: agentSandboxes(counted), script });
  return arena;
}

describe("an agent's answer", () => {
  it("is what it left, and is not asked for again", async () => {
    const { submit, store, toy } = await opened(async ({ files, ask }) => {
      expect([await ask("one"), await ask("two")]).toEqual([200, 200]);
      fix(files);
      return { outcome: { kind: "exited", code: 1 } };
    });
    const first = await submit(command);
    const again = await submit(command);
    expect(again).toEqual(first);
    expect(first.usage).toEqual({
      ...{ attempts: 1, inputTokens: 200, outputTokens: 100, costUsd: 400e-6 },
      seconds: expect.any(Number),
    });
    const tree = first.answer.kind === "tree" ? first.answer.tree : "";
    expect(await toy.text(tree, "app.py")).toBe("old = 1\nfixed = 1\n");
    expect([runs, store.calls().length]).toEqual([1, 1]);
    expect(spentSoFar(store).get("ann")).toEqual({ usd: expect.closeTo(400e-6), tokens: 300 });
  });

  it("may be nothing, which is an answer too", async () => {
    const { submit, review } = await opened(async () => undefined);
    expect((await submit(command)).answer).toEqual({ kind: "patch", patch: "" });
    expect((await review(command)).answer).toEqual({ kind: "patch", patch: "", bounded: true });
    expect(runs).toBe(2);
  });

  it("that cannot be used is asked for again, with the exact error on disk, as often as may be", async () => {
    const { submit, store } = await opened(async ({ files }) => {
      const problem = files.get("/deps/task/problem.txt")?.toString("utf8");
      if (problem === undefined) files.set("/work/a\\b", Buffer.from("x"));
      else {
        expect(problem).toContain("backslash");
        expect(files.get("/deps/task/task.md")?.toString("utf8")).toContain(
          "Attempts left after this one: 0.",
        );
        fix(files);
      }
      return undefined;
    });
    const { answer: given, usage } = await submit(command);
    expect([given.kind, usage.attempts, runs]).toEqual(["tree", 2, 2]);
    expect(store.calls().map(({ attempt, finish }) => [attempt, finish?.status])).toEqual([
      [1, "answered"],
      [2, "answered"],
    ]);
  });

  it("is refused with its reason once all attempts are used", async () => {
    const { submit } = await opened(async ({ files }) => {
      files.set("/work/a\\b", Buffer.from("x"));
      return undefined;
    });
    expect((await submit(command)).answer).toMatchObject({
      kind: "rejected",
      reasons: [{ code: "unsafe-path" }],
    });
    expect(runs).toBe(2);
  });
});

describe("a run that was cut off", () => {
  it("is charged what its requests cost and one more at its worst, and is run anew", async () => {
    const { submit, store } = await opened(async ({ files }) => {
      fix(files);
      return undefined;
    });
    const key = { battleId: "b1", round: 1, role: "submitter", attempt: 1 } as const;
    const id = store.beginCall({
      ...{ ...key, contestant: "ann", promptHash: "h", worstCaseUsd: 0.011, worstCaseTokens: 10_000 },
    });
    store.chargeCall(id, { usd: 0.5, tokens: 700 });
    expect(spentSoFar(store).get("ann")).toEqual({ usd: 0.511, tokens: 10_700 });
    expect((await submit(command)).answer.kind).toBe("tree");
    expect([runs, store.calls().length]).toEqual([1, 2]);
    expect(spentSoFar(store).get("ann")?.tokens).toBe(10_700);
  });

  it("has on record what each request cost before the agent hears the answer", async () => {
    const seen: unknown[] = [];
    const { submit, store } = await opened(async ({ ask }) => {
      for (const text of ["one", "two"]) {
        await ask(text);
        seen.push(store.calls()[0]?.charged?.tokens);
      }
      return undefined;
    });
    await submit(command);
    expect(seen).toEqual([150, 300]);
    expect(store.calls()[0]).toMatchObject({ worstCaseTokens: 10_000, worstCaseUsd: 0.011 });
  });

  it("by whoever ended the session is on record as no answer, with what it cost", async () => {
    const stop = new AbortController();
    const { submit, store } = await opened(async ({ ask }) => {
      await ask("one");
      stop.abort(new Error("enough"));
      return undefined;
    });
    await expect(submit(command, { signal: stop.signal })).rejects.toThrow("enough");
    expect(store.calls()[0]?.finish).toMatchObject({ status: "fault", inputTokens: 100, outputTokens: 50 });
  });
});

describe("whose failure it is", () => {
  it("the endpoint's is a fault whatever the agent made of it, and no answer", async () => {
    let isDown = true;
    const script: Script = () => (isDown ? { kind: "status", status: 500 } : answer);
    const { submit, store } = await opened(async ({ ask, files }) => {
      if ((await ask("one")) === 200) fix(files);
      return undefined;
    }, script);
    // Nobody was answered: its contestant drops out.
    await expect(submit(command)).rejects.toMatchObject({
      ...{ isFault: true, code: "server-error", contestant: "ann" },
    });
    expect(store.calls()[0]?.finish).toMatchObject({ status: "fault" });
    isDown = false;
    expect((await submit(command)).answer.kind).toBe("tree");
  });

  it("a key that is refused ends the run, and says whose endpoint it is", async () => {
    const { submit } = await opened(
      async ({ ask }) => {
        await ask("one");
        return undefined;
      },
      () => ({ kind: "status", status: 401 }),
    );
    await expect(submit(command)).rejects.toMatchObject({
      code: "unauthorized",
      message: expect.stringContaining("the endpoint of ann"),
    });
  });

  it("a budget that is used up ends the run, with what was spent on record", async () => {
    const { submit, store } = await opened(async ({ ask }) => {
      while ((await ask("more")) === 200);
      return undefined;
    });
    await expect(submit(command, { budget: { total: { tokens: 1500 } } })).rejects.toMatchObject({
      code: "budget-exhausted",
    });
    const { finish } = store.calls()[0] ?? {};
    expect(finish?.status).toBe("fault");
    const tokens = (finish?.inputTokens ?? 0) + (finish?.outputTokens ?? 0);
    expect(tokens).toBeGreaterThan(0);
    expect(tokens).toBeLessThanOrEqual(1500);
  });

  it("a deadline that the endpoint's failures ate up is not the agent's", async () => {
    const steps: EndpointStep[] = [{ kind: "status", status: 503, headers: { "retry-after": "20" } }, answer];
    const late: ScriptedAgent = async ({ ask }) => {
      await ask("one");
      return { outcome: { kind: "timed-out" }, wallMs: 30_000 };
    };
    const { submit } = await opened(late, () => steps.shift() ?? answer);
    await expect(submit(command)).rejects.toMatchObject({ code: "timed-out", retryable: true });
    // Nothing failed this time: now it is.
    expect((await submit(command)).answer).toEqual({ kind: "patch", patch: "" });
  });

  it("a deadline is the agent's where its own request broke the endpoint until then", async () => {
    let broken = 0;
    const script: Script = ({ prompt }) => {
      if (!prompt.includes("break it")) return answer;
      broken += 1;
      return broken === 1
        ? { kind: "status", status: 503, headers: { "retry-after": "20" } }
        : { kind: "silence" };
    };
    const { submit } = await opened(async ({ ask }) => {
      void ask("break it").catch(() => undefined);
      await expect.poll(() => broken).toBe(2);
      return { outcome: { kind: "timed-out" }, wallMs: 30_000 };
    }, script);
    const { answer: given } = await submit(command, { over: { requestTimeoutSeconds: 0.2 } });
    expect(given).toEqual({ kind: "patch", patch: "" });
  });

  it("an endpoint that the agent broke is not the world's", async () => {
    const { submit } = await opened(
      async ({ ask }) => {
        expect(await ask("break it")).toBe(502);
        return { outcome: { kind: "exited", code: 1 } };
      },
      ({ prompt }) => (prompt.includes("break it") ? { kind: "status", status: 500 } : answer),
    );
    expect((await submit(command)).answer).toEqual({ kind: "patch", patch: "" });
  });
});
