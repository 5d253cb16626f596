// Facts of issues on boards: days and difficulties as sets write them, cut-offs, and what is not known.
import { describe, expect, it } from "vitest";
import { type Instance, inferredPlan } from "../../../src/domain/instance.ts";
import {
  type BoardSource,
  issueFacts,
  makeBoard,
  renderBoardCsv,
  renderBoardMarkdown,
  renderBoardTable,
} from "../../../src/report/index.ts";
import { tournament } from "./fixture.ts";

function instance(over: Partial<Instance>): Instance {
  return {
    ...{ instanceId: "one__issue-1", repo: "one/repo", language: "go", goldPatch: "x", testPatch: "y" },
    ...{ problemStatement: "p", hintsText: "", createdAt: "", failToPass: [], passToPass: [] },
    ...{ ci: inferredPlan("go"), oracle: "tests", panel: [], provenance: {}, ...over },
  };
}

describe("facts of an issue", () => {
  it.each([
    ["2026-11-03 00:00:00", "2026-11-03"],
    ["2023-05-01T12:34:56Z", "2023-05-01"],
    ["2023-05-01", "2023-05-01"],
    ["2023-02-30", undefined],
    ["01.05.2023", undefined],
    ["", undefined],
  ])("take the day out of %j", (createdAt, day) => {
    expect(issueFacts(instance({ createdAt })).createdOn).toBe(day);
  });

  it.each([
    ["<15 min fix", "<15 min fix"],
    [0.05, "very easy"],
    [0.45, "medium"],
    [1, "very hard"],
    [7, undefined],
    [null, undefined],
    [{ by: "somebody" }, undefined],
  ])("take the difficulty %j for %j", (difficulty, shown) => {
    expect(issueFacts(instance({ provenance: { difficulty } })).difficulty).toBe(shown);
  });
});

const played = tournament(12);
/** Issue n is of November n; 11 has no day, and 12 nothing at all is known of. */
const source: BoardSource = {
  ...played,
  facts: {
    known: true,
    issues: Array.from({ length: 11 }, (_, index) => ({
      instanceId: `one__issue-${index + 1}`,
      language: "go",
      ...(index === 10 ? {} : { createdOn: `2026-11-${String(index + 1).padStart(2, "0")}` }),
      ...(index % 2 === 0 ? { difficulty: "easy" } : { difficulty: "hard" }),
    })),
  },
};
const few = { resamples: 50 };

describe("a cut-off day", () => {
  const board = makeBoard([source], { ...few, after: "2026-11-04" });

  it("keeps what was opened after it, and counts what it leaves out", () => {
    expect(board.cutOff).toEqual({ after: "2026-11-04", kept: 6, leftOut: 6, undated: 2 });
    expect(board.instances).toBe(6);
    expect(board.rounds.planned).toBe(board.rounds.recorded);
    const calls = board.contestants.find(({ id }) => id === "strong-model")?.spend.calls;
    expect(calls).toBe(24);
  });

  it("is said beneath the rows", () => {
    expect(renderBoardTable(board).replaceAll(/\n {2}/g, " ")).toContain(
      "Only issues opened after 2026-11-04: 6 issues; 6 left out, 2 of them because their day is not known.",
    );
  });

  it("is not there where nobody asked, and refuses what is no day", () => {
    expect(makeBoard([source], few)).not.toHaveProperty("cutOff");
    expect(() => makeBoard([source], { after: "2026-13-01" })).toThrow("expected a day such as");
  });

  it("leaves everything out where nothing is known of a run's set, and says why", () => {
    const because = "sets/x is no longer the set that was played";
    const unknown = makeBoard([{ ...played, facts: { known: false, because } }], {
      ...few,
      after: "2020-01-01",
    });
    expect(unknown.cutOff).toMatchObject({ kept: 0, undated: 12 });
    expect(renderBoardTable(unknown)).toContain("no longer the set that was played");
  });
});

describe("difficulties", () => {
  const board = makeBoard([source], few);

  it("are slices of their own; issues without one are in none", () => {
    expect(board.facts).toEqual({ dated: 10, withDifficulty: 11, missing: [] });
    const gold = board.contestants.find(({ id }) => id === "gold");
    expect(gold?.difficulties.easy?.winRate?.n).toBe(6);
    expect(gold?.difficulties.hard?.winRate?.n).toBe(5);
  });

  it("stand in Markdown and CSV", () => {
    expect(renderBoardMarkdown(board)).toContain("### By difficulty");
    expect(
      renderBoardMarkdown(board)
        .split("\n")
        .filter((line) => line.startsWith("| easy |")),
    ).toHaveLength(5);
    const [header = "", ...lines] = renderBoardCsv(board).split("\r\n");
    const place = header.split(",").indexOf("difficulty");
    expect(new Set(lines.slice(0, -1).map((line) => line.split(",")[place]))).toEqual(
      new Set(["all", "easy", "hard"]),
    );
  });
});
