// Guards: an endpoint that fails for good (no quota, no such model, no such key) voided every remaining round.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HttpArena, httpArena } from "../support/http-arena.ts";
import { diffAnswer } from "../support/http-contestants.ts";
import type { EndpointStep } from "../support/scripted-endpoint.ts";

const declines: EndpointStep = { kind: "answer", text: '```json\n{"tests": []}\n```\n' };
const says = (status: number, message: string): EndpointStep => ({ kind: "status", status, message });

let arena: HttpArena;
let steps: EndpointStep[];
beforeEach(async () => {
  arena = await httpArena();
  arena.script = () => steps.shift() ?? says(500, "the script is over");
});
afterEach(() => arena[Symbol.asyncDispose]());

const gold = async (): Promise<EndpointStep> => {
  const text = diffAnswer(await arena.toy.files.patch({ "app.py": "old = 1\nfixed = 1\n" }));
  return { kind: "answer", text };
};

describe("an endpoint that fails for good", () => {
  it.each([
    [says(402, "pay first"), "quota-exhausted", /pay first.*top up/],
    [says(429, "insufficient_quota"), "quota-exhausted", /insufficient_quota.*top up/],
    [says(401, "who are you"), "unauthorized", /who are you.*check the key/],
    [says(403, "not this model"), "unauthorized", /not this model.*check the key/],
    [says(404, "no model m-1"), "bad-request", /no model m-1.*check the contestant's model/],
    [says(400, "m-1 is not a model"), "bad-request", /not a model.*check the contestant's model/],
    [says(301, "moved"), "bad-response", /redirected.*baseUrl/],
  ])("ends the run at %j, and says whose it is", async (step, code, words) => {
    steps = [step];
    const fault = await arena.play().catch((error: unknown) => error);
    expect(fault).toMatchObject({ isFault: true, code, message: expect.stringMatching(words) });
    const { host } = new URL(arena.endpoint.baseUrl);
    const whose = `the endpoint of ann (openai at ${host}, model m-1, the key in ANN_KEY)`;
    expect(fault).toMatchObject({ message: expect.stringContaining(whose) });
    expect(String(fault)).not.toContain("s3cret");
    expect(arena.toy.store.rounds()).toEqual([]);
    expect(arena.toy.store.unplayed()).toHaveLength(1);
  });

  it("ends it where no connection can ever come about", async () => {
    const fault = await arena
      .play({ baseUrl: arena.endpoint.baseUrl.replace("http:", "https:") })
      .catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: "unreachable", message: expect.stringMatching(/certificate/) });
    expect(arena.toy.store.rounds()).toEqual([]);
  });

  it("ends it in the middle too; the answer that came is not asked for again", async () => {
    steps = [await gold(), says(404, "gone")];
    await expect(arena.play()).rejects.toMatchObject({ code: "bad-request" });
    expect(arena.toy.store.rounds()).toEqual([]);
    steps = [declines];
    await arena.play();
    expect(arena.endpoint.requests).toHaveLength(3);
    expect(arena.toy.store.rounds().map((row) => row.record.label)).toEqual(["resolved"]);
  });

  it("does not where one request is refused by an endpoint that has answered others", async () => {
    steps = [await gold(), says(400, "cannot read this prompt")];
    await arena.play();
    expect(arena.toy.store.rounds()[0]?.record.void).toMatchObject({
      cause: "bad-request",
      side: "reviewer",
    });
  });

  it("does not while it is down for minutes: it is waited for, and no round is void", async () => {
    steps = [...Array.from({ length: 20 }, () => says(503, "back soon")), await gold(), declines];
    await arena.play();
    expect(arena.endpoint.requests).toHaveLength(22);
    const [row] = arena.toy.store.rounds();
    expect(row?.record).toMatchObject({ label: "resolved" });
    expect(row?.record).not.toHaveProperty("void");
  });

  it("ends it once it was waited for as long as may be, and nothing is recorded", async () => {
    steps = [];
    await expect(arena.play()).rejects.toMatchObject({
      ...{ code: "server-error", contestant: "ann" },
      message: expect.stringMatching(/has answered nobody.*retry window.*then resume/),
    });
    expect(arena.toy.store.rounds()).toEqual([]);
    expect(arena.toy.store.unplayed()).toHaveLength(1);
  });
});
