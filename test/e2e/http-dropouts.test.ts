// Providers that fail while a tournament is played: a dead one costs its own contestant, one that is down for a while nobody.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { hasBubblewrap } from "../support/bubblewrap.ts";
import { arena } from "../support/command-line.ts";
import { smokeIssue, smokeSet } from "../support/http-contestants.ts";
import { type EndpointStep, type SeenRequest, scriptedEndpoint } from "../support/scripted-endpoint.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-dropouts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const played = z.object({
  rounds: z.object({ planned: z.number(), recorded: z.number(), void: z.number() }),
  droppedOut: z.array(
    z.object({ contestant: z.string(), code: z.string(), battlesUnplayed: z.number(), reason: z.string() }),
  ),
  endpoints: z.array(
    z.object({
      contestants: z.array(z.string()),
      limit: z.number(),
      cuts: z.array(z.object({ from: z.number(), to: z.number(), because: z.string() })),
    }),
  ),
});

function tournament(name: string, baseUrl: string, budgets = ""): string {
  const model = (id: string): string => `  - id: ${id}
    provider: openai
    baseUrl: ${baseUrl}
    model: ${id}
    contextTokens: 32000
    maxOutputTokens: 4000
    attempts: 1
    prices: { inputPerMillion: 1, outputPerMillion: 2 }`;
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `set: ${smokeSet}
filters: { only: [${smokeIssue}] }
contestants:
  - gold
${model("ada")}
${model("bob")}
repeats: 1
panel: false
sandbox: { class: bubblewrap }
workers: 2
seed: dropouts
${budgets}
`,
  );
  return file;
}

const nothing: Extract<EndpointStep, { kind: "answer" }> = {
  kind: "answer",
  text: '```json\n{"tests": []}\n```\n',
};
const asks = (id: string, { body }: SeenRequest): boolean => body.model === id;

describe("[sandbox] providers that fail", () => {
  let canPlay = false;
  beforeAll(async () => {
    canPlay = await hasBubblewrap();
  });

  it("one that knows no such model costs its contestant alone, who plays on once it does", {
    timeout: 300_000,
  }, async ({ skip }) => {
    if (!canPlay) skip("no bubblewrap here");
    let isKnown = false;
    await using endpoint = await scriptedEndpoint((request) =>
      asks("bob", request) && !isKnown ? { kind: "status", status: 404, message: "no model bob" } : nothing,
    );
    const run = join(folder, "dead");
    const ran = await arena("play", tournament("dead", endpoint.baseUrl), "--run", run, "--json");
    expect(ran.code, ran.stderr).toBe(1);
    const { rounds, droppedOut } = played.parse(JSON.parse(ran.stdout));
    expect(rounds.void).toBe(0);
    expect(droppedOut).toEqual([
      {
        contestant: "bob",
        code: "bad-request",
        battlesUnplayed: 2,
        reason: expect.stringContaining("no model bob"),
      },
    ]);
    expect(ran.stderr).toContain("bob drops out, others play on");
    const board = await arena("board", run);
    expect(board.code, board.stderr).toBe(0);
    expect(board.stdout.replace(/\s+/g, " ")).toContain("2 battles unplayed");
    isKnown = true;
    const again = await arena("play", "--resume", run, "--json");
    expect(again.code, again.stderr).toBe(0);
    const done = played.parse(JSON.parse(again.stdout));
    expect([done.rounds.recorded, done.droppedOut]).toEqual([6, []]);
  });

  it("one that is overloaded is asked for less and waited for: nothing is void", {
    timeout: 300_000,
  }, async ({ skip }) => {
    if (!canPlay) skip("no bubblewrap here");
    await using endpoint = await scriptedEndpoint((_, ordinal) =>
      ordinal < 5 ? { kind: "status", status: 503, headers: { "retry-after": "1" } } : nothing,
    );
    const run = join(folder, "down");
    const ran = await arena("play", tournament("down", endpoint.baseUrl), "--run", run, "--json");
    expect(ran.code, ran.stderr).toBe(0);
    const { rounds, endpoints } = played.parse(JSON.parse(ran.stdout));
    expect(rounds).toEqual({ planned: 6, recorded: 6, void: 0 });
    expect(endpoints).toEqual([
      {
        contestants: ["ada", "bob"],
        limit: expect.any(Number),
        cuts: [{ from: 4, to: 2, because: "HTTP 503" }],
      },
    ]);
    expect(ran.stderr).toContain("2 requests at once instead of 4 (HTTP 503)");
  });

  it("a contestant's own budget ends its part and no more", { timeout: 300_000 }, async ({ skip }) => {
    if (!canPlay) skip("no bubblewrap here");
    // One answer of this size leaves less than the next request may take.
    await using endpoint = await scriptedEndpoint((request) => ({
      ...nothing,
      usage: asks("bob", request) ? { input: 30_000, output: 1 } : { input: 10, output: 5 },
    }));
    const budgets = "budgets: { perContestant: { tokens: 32000 } }";
    const run = join(folder, "spent");
    const ran = await arena("play", tournament("spent", endpoint.baseUrl, budgets), "--run", run, "--json");
    expect(ran.code, ran.stderr).toBe(1);
    const { rounds, droppedOut } = played.parse(JSON.parse(ran.stdout));
    expect(droppedOut).toMatchObject([{ contestant: "bob", code: "budget-exhausted" }]);
    expect(rounds.void).toBe(0);
    expect(rounds.recorded).toBeGreaterThanOrEqual(2);
  });
});
