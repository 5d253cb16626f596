// One model beside its own twins: what it is shown decides what it can do, and each round's row says what that was.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tokenCounterFor } from "../../retriever/index.ts";
import { readSet } from "../../src/curation/index.ts";
import type { RetrievalMode, RoundRow } from "../../src/domain/run.ts";
import { openRunReadOnly } from "../../src/wire.ts";
import { arena } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import { smokeIssue, smokeSet } from "../support/http-contestants.ts";
import { type ScriptedEndpoint, scriptedEndpoint } from "../support/scripted-endpoint.ts";
import { seer, seerFile, textsNeeded } from "../support/seer.ts";
import { writeTinyModel } from "../support/tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-context-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const modes = ["none", "bm25", "full", "oracle"] as const;
const run = join(folder, "run");
const file = join(folder, "models.yaml");
const model = join(folder, "model");
const budget = 1000;

let endpoint: ScriptedEndpoint | undefined;
let played: Awaited<ReturnType<typeof arena>> | undefined;

beforeAll(async () => {
  if ((await engineForTests(["python"])) === undefined) return;
  const { instances } = await readSet(smokeSet);
  endpoint = await scriptedEndpoint(seer(instances, await tokenCounterFor({ tokenizer: "o200k_base" })));
  writeFileSync(file, seerFile(endpoint.baseUrl));
  const contestants = ["empty", ...modes.map((mode) => `${file}#seer@${mode}`)].join(",");
  const who = ["--contestants", contestants, "--anchors", "empty", "--only", smokeIssue];
  await writeTinyModel(model, "token-vectors");
  const how = [
    "--rerank",
    model,
    "--repeats",
    "1",
    "--no-panel",
    "--snippet-tokens",
    String(budget),
    "--seed",
    "context",
  ];
  played = await arena("play", smokeSet, ...who, ...how, "--run", run, "--sandbox", "docker", "--json");
});
afterAll(async () => endpoint?.[Symbol.asyncDispose]());

function rows(): readonly RoundRow[] {
  const store = openRunReadOnly(run);
  try {
    return store.rounds();
  } finally {
    store.close();
  }
}

const submitted = (mode: RetrievalMode): RoundRow | undefined =>
  rows().find((row) => row.submitter === `seer@${mode}`);

describe("[engine] twins of one model", () => {
  it("are played beside each other, each shown what its mode shows, never above the budget", ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    expect(played?.code, played?.stderr).toBe(0);
    for (const mode of modes) {
      const row = submitted(mode);
      expect(row?.submitterContext).toMatchObject({ mode, hints: false, tokenizer: "o200k_base" });
      expect(row?.submitterContext?.tokens).toBeLessThanOrEqual(budget);
    }
    expect(submitted("none")?.submitterContext).toMatchObject({ tokens: 0, snippets: [] });
  });

  it("tell which model ranked again what the full search found, and no other mode's", ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    const reranker = { fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/), device: "cpu" };
    for (const mode of modes) {
      const context = submitted(mode)?.submitterContext;
      expect(context?.reranker, mode).toEqual(mode === "full" ? reranker : undefined);
    }
  });

  it("resolve the issue with the oracle's context and not without any", ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    expect(submitted("none")?.record.label).toBe("unresolved");
    expect(submitted("oracle")?.record).toMatchObject({ label: "resolved", submission: { status: "valid" } });
    expect(submitted("oracle")?.submitterContext?.gold).toEqual({ passed: 2, total: 2 });
  });

  it("store a recall that the prompt itself bears out", async ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    const { instances } = await readSet(smokeSet);
    const needed = textsNeeded(
      instances.find(({ instanceId }) => instanceId === smokeIssue)?.goldPatch ?? "",
    );
    for (const mode of modes) {
      const row = submitted(mode);
      const gold = row?.submitterContext?.gold;
      const paths = new Set(row?.submitterContext?.snippets.map(({ path }) => path));
      const isResolved = row?.record.label === "resolved";
      expect(gold?.total).toBe(2);
      if (isResolved) expect(gold?.passed).toBe(2);
      expect(paths.size).toBeGreaterThanOrEqual(gold?.passed ?? 0);
    }
    expect(needed.length).toBeGreaterThan(0);
  });

  it("show the reviewer the same issue's source, and the empty control nothing", ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    const review = rows().find((row) => row.reviewer === "seer@full");
    const seen = (context: RoundRow["submitterContext"]) =>
      context?.snippets.map(({ path, firstLine, lastLine }) => ({ path, firstLine, lastLine }))[0];
    expect(seen(review?.reviewerContext)).toBeDefined();
    expect(seen(review?.reviewerContext)).toEqual(seen(submitted("full")?.submitterContext));
    expect(review).not.toHaveProperty("submitterContext");
  });

  it("stand on the board with their context, and are kept for whoever resumes", async ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    const board = JSON.parse((await arena("board", run, "--json")).stdout);
    const oracle = board.contestants.find((each: { id: string }) => each.id === "seer@oracle");
    expect(oracle.metrics.submitterGoldRecall.value).toBe(1);
    const none = board.contestants.find((each: { id: string }) => each.id === "seer@none");
    expect(none.metrics.submitterContextTokens.value).toBe(0);
    const empty = board.contestants.find((each: { id: string }) => each.id === "empty");
    expect(empty.metrics).not.toHaveProperty("submitterContextTokens");
    const { code, stderr } = await arena("play", smokeSet, "--resume", run, "--retrieval", "none");
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("0 to play");
    expect((await arena("rejudge", run)).code).toBe(0);
    expect((await arena("board", run)).stdout).toMatch(/ranked again by model [0-9a-f]{12}/);
  });

  it("are not gone on with where the model is another one", async ({ skip }) => {
    if (played === undefined) skip("no container engine can be had here");
    await writeTinyModel(model, "token-vectors", { queryPrefix: "query: " });
    const { code, stderr } = await arena("play", smokeSet, "--resume", run);
    expect(stderr).toMatch(
      /was begun with the reranker [0-9a-f]{12}, and would go on with [0-9a-f]{12}: bring/,
    );
    expect(code).toBe(2);
  });
});
