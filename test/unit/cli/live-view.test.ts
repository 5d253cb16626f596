// What a running run looks like on a terminal and in a pipe: fits its size, tells what it knows, obeys no control sign.
import { describe, expect, it } from "vitest";
import type { RunStatus } from "../../../src/arena/index.ts";
import { liveView } from "../../../src/cli/live-view.ts";
import { duration, spendText, standingRows, statusLine, timeLeftText } from "../../../src/cli/run-status.ts";
import type { Line } from "../../../src/cli/screen.ts";

const nothing = { usd: 0, tokens: 0 };

function status(over: Partial<RunStatus> = {}): RunStatus {
  return {
    state: "playing",
    workers: 2,
    battles: { planned: 40, played: 10 },
    unsound: [],
    rounds: { played: 21, void: 1 },
    seconds: 600,
    inPlay: [
      {
        ...{ battleId: "b1", instanceId: "python__dayrule-1", first: "gold", second: "local-32b" },
        ...{ round: 2, rounds: 4, seconds: 75 },
      },
    ],
    timeLeft: { kind: "about", seconds: 5400, lowSeconds: 4000, highSeconds: 7300, level: 0.8 },
    spent: { usd: 1.5, tokens: 2_345_678 },
    limit: { usd: 5 },
    contestants: [
      {
        ...{ id: "gold", submitter: { rounds: 10, meanScore: 1 }, reviewer: { rounds: 10, meanScore: 0.5 } },
        ...{ void: 1, spent: nothing, limit: {} },
      },
      {
        ...{ id: "local-32b", submitter: { rounds: 10, meanScore: -0.25 }, reviewer: { rounds: 0 } },
        ...{ void: 1, spent: { usd: 1.5, tokens: 2_345_678 }, limit: { usd: 2 } },
      },
    ],
    ...over,
  };
}

const texts = (lines: readonly Line[]) => lines.map((line) => line.map(({ text }) => text).join(""));
const seen = (of: RunStatus, rows = 24) => texts(liveView(of, { columns: 80, rows }));

describe("the view", () => {
  it("shows progress, the time left, spend against budget, what runs now and how everybody stands", () => {
    expect(seen(status())).toEqual([
      "playing, 2 workers",
      "[######..................] 10 of 40 battles, 21 rounds, 1 void (4.8 %)",
      "about 1 h 30 min left (8 in 10: 1 h 7 min to 2 h 2 min)",
      "spent 1.50 of 5.00 USD, 2.35 M tokens",
      "> python__dayrule-1: gold and local-32b, round 2 of 4, 1 min",
      "contestant  submits     reviews     void  spent",
      "gold        +1.00 (10)  +0.50 (10)  1     0.00 USD, 0 tokens",
      "local-32b   -0.25 (10)  -           1     1.50 of 2.00 USD, 2.35 M tokens",
    ]);
  });

  it.each([1, 2, 4, 5, 6, 7, 8, 12, 40])("never fills a terminal of %d rows", (rows) => {
    const crowded = status({
      contestants: Array.from({ length: 15 }, () => status().contestants).flat(),
      inPlay: Array.from({ length: 20 }, () => status().inPlay).flat(),
    });
    expect(seen(crowded, rows).length).toBeLessThanOrEqual(Math.max(1, rows - 1));
  });

  it("says how much it leaves out", () => {
    const [first] = status().contestants;
    if (first === undefined) throw new Error("no contestant");
    const contestants = Array.from({ length: 30 }, (_, k) => ({ ...first, id: `c${k}` }));
    const lines = seen(
      status({ contestants, inPlay: Array.from({ length: 9 }, () => status().inPlay).flat() }),
      16,
    );
    expect(lines).toContain("> and 5 more");
    expect(lines.at(-1)).toBe("... and 26 more: arena ctl <run> status");
  });

  it("spells out control signs of names that a model, a file or a set chose, in one line each", () => {
    const hostile = "a\u001b[2J\u202eb\nc\rd";
    const one = status().inPlay[0];
    const lines = seen(
      status({
        inPlay: one === undefined ? [] : [{ ...one, first: hostile, instanceId: hostile }],
        contestants: status().contestants.map((each) => ({ ...each, id: hostile })),
        state: "low-disk",
        because: hostile,
      }),
    );
    expect(lines.join("")).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(lines.join("")).toContain("a\\u{1b}[2J\\u{202e}b cd");
  });

  it("keeps its columns where names are wider than they are long", () => {
    const [first] = status().contestants;
    if (first === undefined) throw new Error("no contestant");
    const wide = { ...first, id: "日本語" };
    expect(seen(status({ contestants: [wide, first] })).slice(-2)).toEqual([
      "日本語      +1.00 (10)  +0.50 (10)  1     0.00 USD, 0 tokens",
      "gold        +1.00 (10)  +0.50 (10)  1     0.00 USD, 0 tokens",
    ]);
  });

  it("says what keeps battles from beginning", () => {
    expect(seen(status({ state: "low-disk", because: "1 GiB is free" }))[0]).toBe(
      "waiting for room on the disk: no battle begins (1 GiB is free)",
    );
    expect(liveView(status({ state: "paused" }), { columns: 80, rows: 24 })[0]?.[0]).toEqual({
      text: "paused: no battle begins",
      style: "alert",
    });
  });
});

describe("its words", () => {
  it.each([
    [0, "0 s"],
    [59.4, "59 s"],
    [59.6, "1 min"],
    [3600, "1 h"],
    [5400, "1 h 30 min"],
    [3599, "1 h"],
    [200_000, "2 d 7 h"],
  ])("%d s is %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it("call unknown what is unknown, and have no limit where there is none", () => {
    expect(timeLeftText({ kind: "unknown", because: "2 of 5 battles seen" })).toBe(
      "time left unknown (2 of 5 battles seen)",
    );
    expect(spendText({ usd: 0.0123, tokens: 900 }, { tokens: 50_000 })).toBe(
      "0.0123 USD, 900 of 0.05 M tokens",
    );
    expect(standingRows(status())[2]?.[2]).toBe("-");
  });

  it("make one line for a log", () => {
    expect(statusLine(status())).toBe(
      "playing, 2 workers: 10 of 40 battles, 21 rounds, 1 void (4.8 %); about 1 h 30 min left (8 in 10: 1 h 7 min to 2 h 2 min); spent 1.50 of 5.00 USD, 2.35 M tokens",
    );
  });
});
