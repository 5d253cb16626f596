// Source shown and gold recall on boards: means over rounds with a prompt; who was shown nothing has no figure, not 0.
import { describe, expect, it } from "vitest";
import { makeBoard, renderBattle, renderBoardMarkdown, renderBoardTable } from "../../../src/report/index.ts";
import { tournament } from "./fixture.ts";
import { battle, round, shown } from "./rows.ts";

const rows = [
  round({ submitterContext: shown(100, { passed: 1, total: 2 }), reviewerContext: shown(300) }),
  round({ round: 2, instanceId: "one__issue-2", submitterContext: shown(200, { passed: 2, total: 2 }) }),
  round({ round: 3, instanceId: "one__issue-3" }),
];
const board = makeBoard([{ ...tournament(1), battles: [battle(1)], calls: [], rounds: rows }]);
const metricsOf = (id: string) => board.contestants.find((each) => each.id === id)?.metrics ?? {};

describe("what was shown", () => {
  it("is a mean over the rounds with a prompt", () => {
    expect(metricsOf("alpha").submitterContextTokens).toMatchObject({ value: 150, n: 2 });
    expect(metricsOf("alpha").submitterGoldRecall).toMatchObject({ value: 0.75, n: 2 });
    expect(metricsOf("beta").reviewerContextTokens).toMatchObject({ value: 300, n: 1 });
  });

  it("is missing, not zero, where there was no prompt or no gold file", () => {
    expect(metricsOf("beta")).not.toHaveProperty("reviewerGoldRecall");
    expect(metricsOf("beta")).not.toHaveProperty("submitterContextTokens");
    expect(metricsOf("alpha")).not.toHaveProperty("reviewerContextTokens");
  });

  it("stands on the board in words and columns", () => {
    const table = renderBoardTable(board).replaceAll(/\s+/g, " ");
    expect(table).toContain(
      "Source shown to submitters (full, at most 20000 tokens), mean of a round: alpha 150 tokens with 75% of gold's files.",
    );
    expect(renderBoardMarkdown(board)).toMatch(/\| context tokens \| gold recall \|/);
    expect(renderBoardMarkdown(board)).toMatch(/\| alpha \|.*\| 150 \| 75% \|/);
  });

  it("stands there with the model that ranked again, where it ran and where it was asked to", () => {
    const told = (more: { readonly device: "cpu" | "cuda"; readonly asked?: "cuda" }): string => {
      const run = tournament(1);
      const reranker = { fingerprint: "0123456789abcdef".repeat(4), ...more };
      const settings = { ...run.settings, retrieval: { ...run.settings.retrieval, reranker } };
      const again = makeBoard([{ ...run, settings, battles: [battle(1)], calls: [], rounds: rows }]);
      return renderBoardTable(again).replaceAll(/\s+/g, " ");
    };
    const model = "at most 20000 tokens, ranked again by model 0123456789ab";
    expect(told({ device: "cpu" })).toContain(`${model} on cpu),`);
    expect(told({ device: "cuda" })).toContain(`${model} on cuda),`);
    expect(told({ device: "cpu", asked: "cuda" })).toContain(`${model} on cpu: cuda did not load),`);
  });

  it("stands in a battle's text, and prints no path that a repository wrote as it is", () => {
    const text = renderBattle(battle(1), rows);
    expect(text).toContain("1 snippet of 1 file, 100 tokens, 1 of 2 gold files (full; o200k_base)");
    expect(text.match(/sub\. saw/g)).toHaveLength(2);
    expect(text).not.toContain("\u202e");
  });
});
