// Guards: requests of a call that may have been billed without an answer were forgotten by whoever resumed the run.
import { afterEach, beforeEach, expect, it } from "vitest";
import { spentSoFar } from "../../src/arena/spent.ts";
import { Budget } from "../../src/inference/index.ts";
import { type HttpArena, httpArena } from "../support/http-arena.ts";
import { diffAnswer } from "../support/http-contestants.ts";
import type { EndpointStep } from "../support/scripted-endpoint.ts";

let arena: HttpArena;
beforeEach(async () => {
  arena = await httpArena();
});
afterEach(() => arena[Symbol.asyncDispose]());

const unreadable: EndpointStep = { kind: "wrong-schema" };
const declines: EndpointStep = { kind: "answer", text: '```json\n{"tests": []}\n```\n' };
const spent = () => spentSoFar(arena.toy.store).get("ann") ?? { usd: 0, tokens: 0 };

it("a process that dies at the third request has three worst cases on record, not one", async () => {
  const atRequest: number[] = [];
  const nothing: EndpointStep = { kind: "status", status: 400, message: "the machine died" };
  // What a process that died while this request was open would have left.
  arena.script = () => {
    atRequest.push(spent().tokens);
    return atRequest.length < 3 ? unreadable : nothing;
  };
  await arena.play().catch(() => undefined);
  const [worst = 0] = arena.toy.store.calls().map((call) => call.worstCaseTokens);
  expect(worst).toBeGreaterThan(1000);
  expect(atRequest).toEqual([worst, 2 * worst, 3 * worst]);
});

it("a request that was refused, so that nobody billed it, is not charged", async () => {
  const atRequest: number[] = [];
  const busy: EndpointStep = { kind: "status", status: 429 };
  arena.script = () => {
    atRequest.push(spent().tokens);
    return atRequest.length === 1 ? busy : unreadable;
  };
  await arena.play();
  const [worst = 0] = arena.toy.store.calls().map((call) => call.worstCaseTokens);
  expect(atRequest.slice(0, 3)).toEqual([worst, worst, 2 * worst]);
});

it("what is on record after a battle is what its budget has counted", async () => {
  const gold = diffAnswer(await arena.toy.files.patch({ "app.py": "old = 1\nfixed = 1\n" }));
  const steps = [unreadable, { kind: "answer", text: gold } as const, unreadable, unreadable, declines];
  arena.script = () => steps.shift() ?? declines;
  const budget = new Budget();
  await arena.play({}, { budget });
  expect(steps).toEqual([]);
  const { usd, tokens } = budget.spent("ann");
  expect(spent()).toEqual({ usd: expect.closeTo(usd, 12), tokens });
});
