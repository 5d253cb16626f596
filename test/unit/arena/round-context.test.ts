// What a model was shown is kept in the round's row and beside its verdict, for both roles; a control has nothing there.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { httpArena } from "../../support/http-arena.ts";
import { planned, toyArena } from "../../support/toy-arena.ts";

describe("a round's context", () => {
  it("is stored with snippets, tokens, tokenizer and gold recall", async () => {
    await using arena = await httpArena();
    arena.script = () => ({ kind: "answer", text: '```json\n{"tests": []}\n```' });
    await arena.play();
    const [row] = arena.toy.store.rounds();
    expect(row?.submitterContext).toMatchObject({
      mode: "full",
      hints: false,
      isApproximate: true,
      gold: { total: 1 },
    });
    expect(row?.reviewerContext?.snippets).toEqual(row?.submitterContext?.snippets);
    const file = join(arena.toy.folder, "battles", "b1", "round-1", "submitter-context.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(row?.submitterContext);
  });

  it("follows the contestant's own mode before the run's", async () => {
    await using arena = await httpArena();
    arena.script = () => ({ kind: "answer", text: '```json\n{"tests": []}\n```' });
    await arena.play({ retrieval: "oracle" });
    const [row] = arena.toy.store.rounds();
    expect(row?.submitterContext).toMatchObject({
      mode: "oracle",
      snippets: [{ path: "app.py", form: "whole", firstLine: 1, lastLine: 1 }],
      gold: { passed: 1, total: 1 },
    });
    expect(arena.endpoint.requests[0]?.prompt).toContain("app.py, lines 1 to 1:\nold = 1");
  });

  it("is absent for players without a prompt", async () => {
    await using toy = await toyArena([planned({ rounds: 1 })]);
    const { playBattle } = await import("../../../src/arena/battle.ts");
    await playBattle(toy.of, planned({ rounds: 1 }), toy.deps({ submit: () => "", review: () => "" }));
    const [row] = toy.store.rounds();
    expect(row).toBeDefined();
    expect(row).not.toHaveProperty("submitterContext");
    expect(row).not.toHaveProperty("reviewerContext");
  });
});
