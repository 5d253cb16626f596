// Ratings on boards: what ranks, both readings beside each other, and a fallback that is never silent.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import { eloOf, rate, ratedRound } from "../../../src/rating/index.ts";
import {
  type BoardSource,
  boardJson,
  makeBoard,
  renderBoardCsv,
  renderBoardMarkdown,
  renderBoardTable,
} from "../../../src/report/index.ts";
import { tournament } from "./fixture.ts";
import { record, round } from "./rows.ts";

const source = tournament(12);
const few = { resamples: 100 };
const board = makeBoard([source], few);

/** Two contestants, eleven issues, and always the same outcome. */
function played(over: Parameters<typeof record>[0]): BoardSource {
  const rounds = Array.from({ length: 11 }, (_, issue) => [
    round({ instanceId: `one__issue-${issue}`, submitter: "alpha", reviewer: "beta", record: record(over) }),
    round({ instanceId: `one__issue-${issue}`, submitter: "beta", reviewer: "alpha", record: record(over) }),
  ]).flat();
  return { ...source, settings: { ...source.settings, contestants: ["alpha", "beta"] }, rounds, calls: [] };
}

describe("the ratings of a board", () => {
  it("are the rating house's, in both readings, with Elo beside", () => {
    for (const reading of ["strict", "paper"] as const) {
      const rounds = source.rounds.map((row) => ratedRound(row, reading));
      const direct = rate(rounds, { random: seededRandom("any"), resamples: 0 });
      const shown = board.ratings[reading];
      expect(shown.reading).toBe(reading);
      for (const { id, overall } of direct.contestants) {
        const own = shown.contestants.find((one) => one.id === id)?.overall;
        expect(own?.value).toBeCloseTo(overall?.value ?? Number.NaN, 9);
        expect(own?.elo.value).toBeCloseTo(eloOf(own?.value ?? Number.NaN, "overall"), 9);
      }
    }
  });

  it("rank, and their places are those of the strengths", () => {
    expect(board.ranking).toEqual({ by: "strength" });
    const { contestants } = board.ratings.strict;
    expect(board.contestants.map(({ id }) => id)).toEqual(contestants.map(({ id }) => id));
    for (const { id, rank } of board.contestants) {
      expect(rank).toEqual(contestants.find((one) => one.id === id)?.overall?.rank);
    }
    const paper = makeBoard([source], { ...few, reading: "paper" });
    expect(paper.contestants[0]?.id).toBe(paper.ratings.paper.contestants[0]?.id);
  });

  it("have a rating of its own for each language, and effects of languages", () => {
    const { byLanguage, languages } = board.ratings.strict;
    expect(Object.keys(byLanguage)).toEqual(["cpp", "go", "python", "rust"]);
    expect(byLanguage.go?.issues).toBe(3);
    expect(byLanguage.go?.tooFewIssues).toBe(true);
    expect(languages.map(({ language }) => language)).toEqual(["cpp", "go", "python", "rust"]);
  });

  it("say how few issues a first place hangs on, and what void rounds could have changed", () => {
    const { rankFlip, voids } = board.ratings.strict;
    expect(rankFlip?.first).toBe(board.contestants[0]?.id);
    expect(voids.contestants.length).toBeGreaterThan(0);
    const text = renderBoardTable(board).replaceAll(/\n {2}/g, " ");
    expect(text).toMatch(/First place: (without \d+ of 12 issues|no removal of issues)/);
    expect(text).toContain("Overall strength were all void rounds lost, and were all won: ");
  });

  it("are the same for the same seed, in whatever order rounds were played", () => {
    const reversed = { ...source, rounds: source.rounds.toReversed() };
    expect(makeBoard([reversed], few).ratings).toEqual(board.ratings);
  });

  it("survive JSON: no figure that JSON cannot hold", () => {
    const text = JSON.stringify(boardJson(board));
    expect(JSON.parse(text).ratings).toEqual(board.ratings);
  });
});

describe("a board without a rating", () => {
  const flat = makeBoard([played({ submission: "invalid", review: "none" })], few);

  it("falls back to mean scores and says so aloud, in every text", () => {
    expect(flat.ranking).toEqual({ by: "score", because: expect.stringContaining("came out the same") });
    expect(flat.contestants.every(({ rank }) => rank?.best === 1 && rank.worst === 2)).toBe(true);
    for (const text of [renderBoardTable(flat), renderBoardMarkdown(flat)]) {
      expect(text).toContain("RANKED BY MEAN SCORES, NOT BY STRENGTH (strict)");
      expect(text).not.toMatch(/Elo|NaN|undefined/);
    }
  });

  it("has no strength in its CSV, which is no strength of 0", () => {
    expect(renderBoardCsv(flat)).not.toContain("Strength");
  });

  it("is told from one whose contestants never met", () => {
    const apart = ["a", "b", "c", "d"].map((submitter, place) =>
      round({ submitter, reviewer: `${submitter}2`, instanceId: `one__issue-${place}` }),
    );
    const lonely = makeBoard([{ ...source, rounds: apart }], few);
    expect(lonely.ranking.by).toBe("score");
  });
});

describe("open ends", () => {
  it("are shown as open, and the penalty behind the value is told", () => {
    const best = record({ review: "invalid" });
    const worst = record({ effect: "killed", label: "unresolved" });
    const rounds = source.rounds.map((row) =>
      row.submitter === "gold"
        ? { ...row, record: best }
        : row.reviewer === "gold"
          ? { ...row, record: worst }
          : row,
    );
    const text = renderBoardTable(makeBoard([{ ...source, rounds }], few));
    expect(text).toMatch(/gold +\d+ \[\d+, ∞\]/);
    expect(text).toContain("No finite strength: gold as reviewer (above), gold as submitter (above).");
  });
});

describe("the formats", () => {
  it("show strengths in Markdown, in both readings", () => {
    const lines = renderBoardMarkdown(board).split("\n");
    expect(lines).toContain("### Strengths in log-odds");
    expect(lines.filter((line) => /^\| (strict|paper) \| /.test(line))).toHaveLength(10);
  });

  it("hold one line a strength in CSV, with its places", () => {
    const [header = "", ...lines] = renderBoardCsv(board).split("\r\n");
    const names = header.split(",");
    const found = lines.filter((one) => one.includes(",gold,") && one.includes(",all,overallStrength,"));
    expect(found).toHaveLength(2);
    const cells = Object.fromEntries((found[0] ?? "").split(",").map((cell, place) => [names[place], cell]));
    const rated = board.ratings.strict.contestants.find(({ id }) => id === "gold")?.overall;
    expect(cells).toMatchObject({
      reading: "strict",
      role: "both",
      value: String(rated?.value),
      place_best: String(rated?.rank.best),
      place_worst: String(rated?.rank.worst),
    });
  });
});
