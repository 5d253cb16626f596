// Guards: a run that goes on with `--resume` forgot what it was started with: its budget, its set, its contestants.
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasBubblewrap } from "../support/bubblewrap.ts";
import { arena } from "../support/command-line.ts";
import {
  diffAnswer,
  smokeIssue,
  smokePatch,
  smokeSet,
  writeContestants,
} from "../support/http-contestants.ts";
import { type EndpointStep, type ScriptedEndpoint, scriptedEndpoint } from "../support/scripted-endpoint.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-resumed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gold: EndpointStep = { kind: "answer", text: diffAnswer(smokePatch("gold.patch")) };
const declines: EndpointStep = { kind: "answer", text: '```json\n{"tests": []}\n```\n' };
const broken: EndpointStep = { kind: "status", status: 401, message: "no such key" };

const isReview = (prompt: string): boolean => prompt.includes("You are the *reviewer*");

let isPlayable = false;
let endpoint: ScriptedEndpoint;
let isBroken = false;
/** Reviews are: an answer no protocol knows voids its round after three tries. */
let isUnreadable = false;
beforeAll(async () => {
  isPlayable = await hasBubblewrap();
  endpoint = await scriptedEndpoint(({ prompt }) => {
    if (isBroken) return broken;
    if (!isReview(prompt)) return gold;
    return isUnreadable ? { kind: "wrong-schema" } : declines;
  });
});
afterAll(() => endpoint[Symbol.asyncDispose]());

const file = join(folder, "models.yaml");
const ada = (over: { readonly seed?: number } = {}) =>
  writeContestants(file, { ids: ["ada"], baseUrl: endpoint.baseUrl, ...over });

/** The smoke set, to be changed at will. */
const set = join(folder, "set");
cpSync(smokeSet, set, { recursive: true });

const where = ["--sandbox", "bubblewrap"];
const small = ["--only", smokeIssue, "--rounds", "2", "--repeats", "1", "--no-panel", ...where];
const start = (run: string, ...more: readonly string[]) =>
  arena("play", set, "--contestants", `${file},empty`, ...small, "--run", run, ...more);
const resume = (run: string, ...more: readonly string[]) =>
  arena("play", set, "--resume", run, ...where, ...more);

/** A run that ended at its first request. */
async function cutShort(name: string, ...more: readonly string[]): Promise<string> {
  const run = join(folder, name);
  ada();
  isBroken = true;
  const { code, stderr } = await start(run, ...more);
  isBroken = false;
  expect(code, stderr).toBe(3);
  return run;
}

const optionsOf = (run: string): unknown =>
  JSON.parse(readFileSync(join(run, "manifest.json"), "utf8")).options;

const hashIn = (run: string): string =>
  JSON.parse(readFileSync(join(run, "manifest.json"), "utf8")).settings.setHash;

describe("a run that goes on", { timeout: 120_000 }, () => {
  it("keeps its budget until another is given, which is kept then", async ({ skip }) => {
    if (!isPlayable) skip("bubblewrap cannot be had here");
    const run = await cutShort("budget", "--budget-tokens", "10", "--budget", "5", "--workers", "1");
    expect(optionsOf(run)).toMatchObject({ budget: 5, budgetTokens: 10, workers: 1 });
    const before = endpoint.requests.length;
    const poor = await resume(run);
    expect(poor.stderr).toContain("budget-exhausted");
    expect(poor.code).toBe(3);
    expect(endpoint.requests.length).toBe(before);
    const rich = await resume(run, "--budget-tokens", "1000000");
    expect(rich.code, rich.stderr).toBe(0);
    expect(optionsOf(run)).toMatchObject({ budget: 5, budgetTokens: 1_000_000, workers: 1 });
  });

  it("is refused with contestants that were changed, which the manifest tells without their keys", async ({
    skip,
  }) => {
    if (!isPlayable) skip("bubblewrap cannot be had here");
    const run = await cutShort("contestants");
    const text = readFileSync(join(run, "manifest.json"), "utf8");
    expect(JSON.parse(text).contestants).toMatchObject([
      { id: "ada", model: "ada", prices: { inputPerMillion: 1, outputPerMillion: 2 }, attempts: 2 },
    ]);
    // The public key of its ledger may be read by everybody.
    expect(text.replace(/"ledgerKey": "[^"]*"/, "")).not.toMatch(/key/i);
    ada({ seed: 7 });
    const changed = await resume(run);
    expect([changed.code, changed.stdout]).toEqual([2, ""]);
    expect(changed.stderr).toContain("ada: seed was not given, is 7");
    ada();
    expect((await resume(run)).code).toBe(0);
  });

  it("plays void rounds again when asked to, and pays for no answer twice", async ({ skip }) => {
    if (!isPlayable) skip("bubblewrap cannot be had here");
    const run = join(folder, "voids");
    ada();
    isUnreadable = true;
    // Against itself ada both submits and reviews in every round.
    const lost = await start(run, "--contestants", file);
    isUnreadable = false;
    expect(lost.code, lost.stderr).toBe(1);
    expect(lost.stderr).toContain(`--resume ${run} --retry-voids`);
    const submissions = () => endpoint.requests.filter(({ prompt }) => !isReview(prompt)).length;
    const [before, asked] = [submissions(), endpoint.requests.length];
    const idle = await resume(run);
    expect([idle.code, endpoint.requests.length]).toEqual([1, asked]);
    const again = await resume(run, "--retry-voids");
    expect(again.code, again.stderr).toBe(0);
    expect([submissions(), endpoint.requests.length]).toEqual([before, asked + 2]);
    expect(again.stderr).toContain("2 void rounds are played again");
    const nothing = await start(join(folder, "fresh"), "--retry-voids");
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("--resume")]);
  });

  it("is refused on a set that was changed, and so are its replay and its rejudging", async ({ skip }) => {
    if (!isPlayable) skip("bubblewrap cannot be had here");
    const run = await cutShort("set");
    const hashes = new RegExp(`${hashIn(run)}.*now.*[0-9a-f]{64}`);
    appendFileSync(join(set, "instances.jsonl"), "\n");
    for (const again of [
      await resume(run),
      await arena("replay", run, ...where),
      await arena("rejudge", run),
    ]) {
      expect([again.code, again.stdout]).toEqual([2, ""]);
      expect(again.stderr).toMatch(hashes);
    }
  });
});
