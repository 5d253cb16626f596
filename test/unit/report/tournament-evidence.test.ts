// Evidence on boards: what counts while a run is played, what is claimed, and what a board says where nothing can be.
import { describe, expect, it } from "vitest";
import { defaultPairing } from "../../../src/domain/adaptive.ts";
import { tournamentState } from "../../../src/rating/index.ts";
import { ratedRound } from "../../../src/rating/outcome.ts";
import type { BoardSource, KnownEvidence } from "../../../src/report/index.ts";
import { boardSource, makeBoard, renderBoardMarkdown, renderBoardTable } from "../../../src/report/index.ts";
import { openStore } from "../../../src/storage/index.ts";
import { planSimulation, playSimulation, type Simulation } from "../../support/simulated-run.ts";
import { usualWorld } from "../../support/tournaments.ts";

const ladder = (count: number, gap: number) => ({
  ...usualWorld,
  contestants: Array.from({ length: count }, (_, i) => ({
    id: `model-${i}`,
    submitter: (gap * i) / 2,
    reviewer: (gap * i) / 2,
  })),
});

async function played(of: Simulation): Promise<BoardSource> {
  const store = openStore(":memory:");
  planSimulation(store, of);
  await playSimulation(store, of);
  return boardSource({ name: "run", sandbox: "none", sampling: [] }, store);
}

const simulation: Simulation = {
  ...{ world: ladder(4, 3), seed: "evidence", issues: 120 },
  pairing: { ...defaultPairing, stop: { error: 0.1 } },
};
const adaptive = await played(simulation);
const { pairing, ...everybody } = { ...simulation, issues: 6 };
const planned = await played(everybody);

const boardOf = (source: BoardSource) => makeBoard([source], { resamples: 0 });

function known(source: BoardSource): KnownEvidence {
  const { evidence } = boardOf(source);
  if (evidence.known) return evidence;
  throw new Error(evidence.because);
}

describe("the evidence of an adaptive run", () => {
  const evidence = known(adaptive);
  const opened = adaptive.opened ?? [];

  it("is that of its issues in the order of opening, at the error that the run stops at", () => {
    const rows = new Map(opened.map(({ instanceId }) => [instanceId, [] as ReturnType<typeof ratedRound>[]]));
    for (const row of adaptive.rounds) rows.get(row.instanceId)?.push(ratedRound(row, "strict"));
    const { contestants } = adaptive.settings;
    const issues = [...rows].map(([instanceId, rounds]) => ({ instanceId, rounds }));
    const state = tournamentState(issues, { contestants, level: 0.9 });
    expect(evidence).toMatchObject({ ...state, winner: "model-3", leader: "model-3", stopsAt: 0.1 });
    expect(evidence).toMatchObject({ pairing: "adaptive", holdsAtAnyPeek: true, leftOut: 0 });
  });

  it("says what it took against everybody meeting everybody, and the least chance of a pair", () => {
    expect(evidence.battles).toEqual({ played: adaptive.battles.length, uniform: opened.length * 6 });
    expect(evidence.leastPropensity).toBeCloseTo(0.1 / 6, 12);
  });

  it("ends before the first issue that is being played, whatever later ones are done", () => {
    const cut = opened.map((issue) => (issue.ordinal === 7 ? { ...issue, isClosed: false } : issue));
    expect(known({ ...adaptive, opened: cut })).toMatchObject({ issues: 7, battles: { played: 14 } });
    const none = opened.map((issue) => ({ ...issue, isClosed: false }));
    expect(known({ ...adaptive, opened: none })).toMatchObject({ issues: 0, discoveries: [] });
    expect(known({ ...adaptive, opened: none })).not.toHaveProperty("leader");
  });

  it("counts an issue that is left out for nothing, and goes on behind it", () => {
    const without = opened.map((issue) =>
      issue.ordinal === 7 ? { ...issue, leftOut: "gold does not apply" } : issue,
    );
    const found = known({ ...adaptive, opened: without });
    expect(found).toMatchObject({ issues: opened.length - 1, leftOut: 1 });
    expect(renderBoardTable(boardOf({ ...adaptive, opened: without }))).toContain("1 issue left out.");
  });

  it("is of the issues that a board is of", () => {
    const battles = adaptive.battles.slice(0, 20);
    expect(known({ ...adaptive, battles }).issues).toBe(10);
  });

  it("stands in the table and in Markdown, whoever is ahead first", () => {
    const board = boardOf(adaptive);
    const table = renderBoardTable(board);
    expect(table).toMatch(/^model-3 +model-\d +\+\d\.\d\d +\[.*\] +\[.*\] +\S+ +claimed +\d+$/m);
    expect(table.replace(/\n +/g, " ")).toContain(
      `Evidence (strict): model-3 is proven to be first on ${opened.length} issues, wrong with chance 10% at most.`,
    );
    expect(table.replace(/\n +/g, " ")).toContain(
      `${adaptive.battles.length} battles where everybody against everybody takes ${opened.length * 6}`,
    );
    expect(renderBoardMarkdown(board)).toMatch(/^\| model-3 \| model-\d \| \+.* \| claimed \| \d+ \|$/m);
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it("is the same in whatever order its rows come", () => {
    const { rounds, battles } = adaptive;
    const turned = { ...adaptive, rounds: rounds.toReversed(), battles: battles.toReversed() };
    expect(known(turned)).toEqual(evidence);
  });
});

describe("the evidence of a run in which everybody meets everybody", () => {
  it("holds once its issues are played whole", () => {
    expect(known(planned)).toMatchObject({
      ...{ pairing: "everybody", holdsAtAnyPeek: false, issues: 6, leftOut: 0, level: 0.95 },
      battles: { played: 36, uniform: 36 },
    });
    expect(known(planned)).not.toHaveProperty("leastPropensity");
    const [first] = planned.battles;
    const rest = planned.rounds.filter(({ instanceId }) => instanceId !== first?.instanceId);
    expect(known({ ...planned, rounds: rest })).toMatchObject({ issues: 5, leftOut: 1 });
  });

  it("is none while an issue is played in part, and says why", () => {
    const board = boardOf({ ...planned, rounds: planned.rounds.slice(1) });
    expect(board.evidence).toMatchObject({
      known: false,
      because: expect.stringContaining("1 of 6 issues are played in part"),
    });
    expect(renderBoardTable(board)).toContain("No evidence for pairs: 1 of 6 issues");
  });
});

describe("a board of several runs, or of one contestant", () => {
  it("has no evidence, and says why", () => {
    expect(makeBoard([planned, planned], { resamples: 0 }).evidence).toMatchObject({
      because: "evidence is of one run, and this board is of 2",
    });
    const alone = { ...planned.settings, contestants: ["model-0"] };
    expect(boardOf({ ...planned, settings: alone, rounds: [], battles: [] }).evidence).toMatchObject({
      because: "one contestant alone can be compared with nobody",
    });
  });
});
