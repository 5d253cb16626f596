// Boards: order, honest ranks, and the four formats, two of them against golden files.
import { describe, expect, it } from "vitest";
import {
  boardJson,
  makeBoard,
  rankAmong,
  renderBattle,
  renderBoardCsv,
  renderBoardMarkdown,
  renderBoardTable,
} from "../../../src/report/index.ts";
import { tournament } from "./fixture.ts";
import { answer, battle, call, record, round, settings } from "./rows.ts";

const source = tournament(12);
const board = makeBoard([source]);
const width = (text: string) => Math.max(...text.split("\n").map((line) => [...line].length));

describe("a board", () => {
  it("ranks by the reading that was asked for and shows the other", () => {
    expect(board.reading).toBe("strict");
    expect(board.contestants[0]?.id).toBe("gold");
    const paper = makeBoard([source], { reading: "paper" });
    expect(paper.contestants[0]?.id).toBe("overfit");
    expect(paper.contestants[0]?.metrics.scoreStrict).toBeDefined();
  });

  it("is the same whatever order the rounds were played in", () => {
    const reversed = { ...source, rounds: source.rounds.toReversed(), battles: source.battles.toReversed() };
    expect(boardJson(makeBoard([reversed]))).toEqual(boardJson(board));
  });

  it("takes rounds of two runs on one instance as one cluster", () => {
    const both = makeBoard([source, { ...source, name: "again" }]);
    expect(both.instances).toBe(12);
    expect(both.rounds.recorded).toBe(2 * board.rounds.recorded);
    expect(both.contestants[0]?.metrics.winRate).toMatchObject({ n: 12 });
    expect(both.runs.map((run) => run.name)).toEqual(["arena-runs/fixture", "again"]);
  });

  it("says when issues are too few, for all or for one", () => {
    expect(board.tooFewIssues).toBe(false);
    expect(renderBoardTable(board)).not.toContain("TOO FEW");
    expect(renderBoardTable(makeBoard([tournament(9)]))).toContain("TOO FEW ISSUES: 9 of the 10");
    const late = round({ submitter: "late", reviewer: "gold" });
    const withLate = makeBoard([{ ...source, rounds: [...source.rounds, late] }]);
    expect(renderBoardTable(withLate)).toContain("TOO FEW ISSUES (under 10) for: late.");
    expect(renderBoardTable(withLate).replace("\n ", "")).toContain(
      "Not ranked, one role or both unplayed, or compared with nobody: late.",
    );
    expect(withLate.contestants.at(-1)).not.toHaveProperty("rank");
  });

  it("shows contestants that have not played, and rounds not yet played", () => {
    const unplayed = makeBoard([{ ...source, rounds: [], calls: [] }]);
    expect(unplayed.contestants).toHaveLength(5);
    expect(unplayed).not.toHaveProperty("weakShare");
    expect(renderBoardTable(unplayed)).toContain("0 rounds of 240 planned");
    expect(renderBoardTable(unplayed)).not.toMatch(/NaN|undefined|Infinity/);
    expect(renderBoardTable(makeBoard([]))).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("ranks", () => {
  const estimate = (low: number, high: number) => ({ value: (low + high) / 2, low, high, n: 20 });

  it("claim no order between intervals that touch", () => {
    const all = [estimate(0.8, 0.9), estimate(0.4, 0.8), estimate(0.1, 0.3), estimate(0.2, 0.5)];
    expect(all.map((one) => rankAmong(one, all))).toEqual([
      { best: 1, worst: 2 },
      { best: 1, worst: 3 },
      { best: 3, worst: 4 },
      { best: 2, worst: 4 },
    ]);
  });

  it("claim a place where nothing touches", () => {
    const all = [estimate(0.8, 0.9), estimate(0.1, 0.3)];
    expect(all.map((one) => rankAmong(one, all))).toEqual([
      { best: 1, worst: 1 },
      { best: 2, worst: 2 },
    ]);
  });
});

describe("the table", () => {
  it("is test/golden/board.txt", async () => {
    await expect(renderBoardTable(board)).toMatchFileSnapshot("../../golden/board.txt");
  });

  it("fits 100 columns and holds no escape sequence, whatever names come", () => {
    const hostile = "\u001b[31mred\u202e\n| @name <b>".repeat(4);
    const rounds = source.rounds.map((row) => ({
      ...row,
      submitter: row.submitter === "gold" ? hostile : row.submitter,
      reviewer: row.reviewer === "gold" ? hostile : row.reviewer,
    }));
    const named = makeBoard([{ ...source, rounds }]);
    const table = renderBoardTable(named);
    const rows = table.split("\n").slice(0, 11).join("\n");
    expect(width(rows)).toBeLessThanOrEqual(100);
    for (const text of [table, renderBoardMarkdown(named), renderBoardCsv(named).replaceAll("\r\n", "\n")])
      expect(text).not.toMatch(/[^\P{C}\n]/u);
  });
});

describe("Markdown", () => {
  it("has one row a contestant, rows by language, and the notes", () => {
    const text = renderBoardMarkdown(board);
    expect(text.split("\n").filter((line) => /^\| [\d–-]+ \|/.test(line))).toHaveLength(5);
    expect(text.split("\n").filter((line) => /^\| (cpp|go|python|rust) \|/.test(line))).toHaveLength(20);
    expect(text).toContain("- Trust: 25% of rounds are weak");
    expect(text).toContain("sandbox docker");
  });

  it("lets no name break out of its cell", () => {
    const rounds = [round({ submitter: "a|b [x](http://y) <img> @z" })];
    expect(renderBoardMarkdown(makeBoard([{ ...source, rounds }]))).toContain(
      "| a\\|b \\[x\\](http://y) \\<img\\> &#64;z |",
    );
  });
});

describe("CSV", () => {
  const lines = renderBoardCsv(board).split("\r\n");

  it("has a line a metric, each saying where it is from", () => {
    const header = lines[0]?.split(",") ?? [];
    const line =
      lines.find((one) => one.includes(",gold,") && one.includes(",all,winRate,"))?.split(",") ?? [];
    const cells = Object.fromEntries(header.map((name, place) => [name, line[place]]));
    expect(cells).toMatchObject({
      sets: `smoke/1@${settings.setHash}`,
      sandboxes: "docker",
      instances: "12",
      contestant: "gold",
      metric: "winRate",
      role: "submitter",
      reading: "paper",
      value: String(board.contestants[0]?.metrics.winRate?.value),
      n: "12",
    });
    expect(lines.slice(0, -1).every((one) => one.split(",").length === header.length)).toBe(true);
  });

  it("keeps a name a name", () => {
    const rounds = [round({ submitter: '=HYPERLINK("x"),a' })];
    expect(renderBoardCsv(makeBoard([{ ...source, rounds }]))).toContain(`,"'=HYPERLINK(""x""),a",`);
  });
});

describe("JSON", () => {
  it("has the shape others rely on, and names each metric's reading", () => {
    const json = JSON.parse(JSON.stringify(boardJson(board)));
    expect(json.schemaVersion).toBe(1);
    expect(json.contestants[0]).toMatchObject({
      id: "gold",
      metrics: {
        winRate: { value: expect.any(Number), low: expect.any(Number), high: expect.any(Number), n: 12 },
      },
    });
    expect(json.glossary.winRate).toMatchObject({ role: "submitter", reading: "paper" });
    expect(json.runs[0]).toMatchObject({ set: "smoke/1", setHash: settings.setHash, sandbox: "docker" });
    expect(json.intervals).toEqual({
      method: "BCa bootstrap over instances",
      level: 0.95,
      resamples: 2000,
      seed: "board",
    });
  });
});

describe("a battle in full", () => {
  const contested = record(
    { effect: "killed" },
    {
      settlement: { rejected: 3, of: 4, kind: "over-fitted" },
      panel: [
        { candidate: "right-1", label: "resolved", effect: "killed" },
        { candidate: "wrong-1", label: "unresolved", effect: "survived" },
      ],
    },
  );
  const rounds = [
    round({
      round: 1,
      record: { ...contested, review: { ...contested.review, failsOnBase: true } },
      submitterJobs: { passed: 2, total: 2 },
      reviewerJobs: { passed: 1, total: 1 },
      failToPass: { passed: 3, total: 3 },
      reusedRuns: ["P", "P+H"],
    }),
    round({
      round: 2,
      submitter: "beta",
      reviewer: "alpha",
      record: record({ submission: "invalid", review: "none" }),
    }),
    round({
      round: 3,
      record: record(
        {},
        { void: { cause: "engine-lost", side: "submitter", detail: "the engine went away" } },
      ),
    }),
  ];

  it("is test/golden/battle.txt", async () => {
    const text = renderBattle(battle(1, { rounds: 4 }), rounds.toReversed());
    await expect(text).toMatchFileSnapshot("../../golden/battle.txt");
  });

  it("prints nothing a model wrote as it is", () => {
    const reasons = [{ code: "regression" as const, detail: "\u001b]0;title\u0007\nfake line\u202e" }];
    const hostile = record({}, { submission: { status: "invalid", reasons }, killedBy: ["\u001b[2J"] });
    const text = renderBattle(battle(1), [round({ record: { ...hostile, effect: "killed" } })]);
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(text).not.toContain("\nfake line");
  });

  it("tells a draft that chance decided about from one that was ranked, and what became of it", () => {
    const draft = { turn: 0, author: "draft", characters: 8, isKept: true, nonconformity: 0.5 } as const;
    const chunks = [
      { ...draft, level: 0.4, isHandedOver: false },
      { ...draft, level: 0.4, p: 0.1, isHandedOver: true, isKept: false },
      {
        ...draft,
        level: 0.4,
        p: 0.7,
        u: 0.3,
        bank: { key: "b", size: 12 },
        isAudit: true,
        isHandedOver: true,
      },
    ];
    const candidate = { sample: 0, isChosen: true, end: "answered", isUnchecked: false, text: "x", chunks };
    const calls = [{ ...call(), id: 1, finish: answer({ candidates: [candidate] }) }];
    const text = renderBattle(battle(1), [round()], calls);
    expect(text).toContain("draft 8 characters, score 0.500, by chance at 0.400 (cold start)");
    expect(text).toContain("draft 8 characters, score 0.500, p 0.100 against 0.400, written anew");
    const audit = "p 0.700 (of 12 scores) against 0.400, turned round as an audit, gone on with";
    expect(text).toContain(audit);
  });

  it("shows a battle that was not played", () => {
    expect(renderBattle(battle(1), [])).toContain("2 rounds of 2 not played yet.");
  });
});
