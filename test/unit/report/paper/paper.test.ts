// The paper's tables from made-up rounds: counts by hand, and every format on the small tournament.
import { describe, expect, it } from "vitest";
import {
  type BoardSource,
  boardTitle,
  makeBoard,
  makePaper,
  renderPaperCsv,
  renderPaperMarkdown,
  renderPaperTable,
} from "../../../../src/report/index.ts";
import { tournament } from "../fixture.ts";
import { type Played, record, round, settings, shown } from "../rows.ts";

const few = { resamples: 50 };
const small = tournament(12);

function source(rounds: BoardSource["rounds"], temperature = 1): BoardSource {
  const ids = [...new Set(rounds.flatMap(({ submitter, reviewer }) => [submitter, reviewer]))];
  const sampling = ids.map((id) => ({ id, temperature }));
  return { ...small, settings: { ...settings, contestants: ids }, rounds, sampling, calls: [], battles: [] };
}

const on = (issue: number, over: Parameters<typeof round>[0] & { readonly played?: Played } = {}) => {
  const { played, ...rest } = over;
  return round({ instanceId: `one__issue-${issue}`, record: record(played), ...rest });
};

describe("pairs", () => {
  const lost = { cause: "engine-lost", side: "submitter", detail: "" } as const;
  const paper = makePaper(
    [
      source([
        on(1, { submitterJobs: { passed: 1, total: 2 }, reviewerJobs: { passed: 1, total: 1 } }),
        on(2, { played: { effect: "killed" }, submitterJobs: { passed: 2, total: 2 } }),
        on(3, { record: record({}, { void: lost }) }),
        on(1, { submitter: "beta", reviewer: "alpha", played: { submission: "invalid" } }),
      ]),
    ],
    few,
  );

  it("hold RPR, SPR and Win Rate of each direction, void rounds apart", () => {
    expect(paper.pairs.map(({ submitter, reviewer }) => `${submitter} ${reviewer}`)).toEqual([
      "alpha beta",
      "beta alpha",
    ]);
    const [first, second] = paper.pairs;
    expect(first).toMatchObject({ rounds: 2, void: 1 });
    expect(first?.metrics.winRate).toMatchObject({ value: 0.5, n: 2 });
    expect(first?.metrics.spr?.value).toBe(0.75);
    expect(second?.metrics.winRate?.value).toBe(0);
  });
});

describe("Best@k", () => {
  const tries = [true, false, false, true].map((resolved, place) =>
    on(1, { round: 2 * place + 1, played: { label: resolved ? "resolved" : "unresolved" } }),
  );

  it("is the unbiased estimate, by language and for each k of the curve", () => {
    const paper = makePaper([source(tries)], few);
    const all = paper.bestByLanguage.find(({ role, language }) => role === "submitter" && language === "all");
    expect(all?.best?.value).toBeCloseTo(1, 12);
    const curve = paper.curves.find(({ contestant, role }) => contestant === "alpha" && role === "submitter");
    expect(curve?.points.map(({ k }) => k)).toEqual([1, 2, 3, 4]);
    expect(curve?.points.map(({ best }) => best?.value)).toEqual([
      0.5,
      expect.closeTo(5 / 6, 12),
      expect.closeTo(1, 12),
      1,
    ]);
    expect(curve?.points[1]?.all?.value).toBeCloseTo(1 / 6, 12);
  });

  it("is nobody's who is not sampled, and the table says so", () => {
    const paper = makePaper([source(tries, 0)], few);
    expect(paper.curves).toEqual([]);
    expect(renderPaperTable("set", paper)).toContain("No contestant has independent tries");
  });
});

describe("retrieval twins", () => {
  const rounds = Array.from({ length: 6 }, (_, issue) => [
    on(issue, { submitter: "x", submitterContext: shown(100, { passed: 1, total: 1 }) }),
    on(issue, { submitter: "x@none", played: { label: issue < 3 ? "resolved" : "unresolved" } }),
    on(issue, { submitter: "y@z", played: { label: "unresolved" } }),
  ]).flat();
  const { twins } = makePaper([source(rounds)], few);

  it("are told by their name, and compared issue by issue", () => {
    expect(twins.map(({ contestant, twin, mode }) => [contestant, twin, mode])).toEqual([
      ["x", "x@none", "none"],
    ]);
    const resolved = twins[0]?.figures.find(({ metric }) => metric === "resolvedRate");
    expect(resolved?.whole?.value).toBe(1);
    expect(resolved?.twin?.value).toBe(0.5);
    expect(resolved?.paired).toMatchObject({ one: "x", other: "x@none", difference: 0.5, n: 6, p: 0.25 });
  });
});

describe("with and without a reviewer", () => {
  it("tells what CI alone lets through, and what of it tests catch", () => {
    const wrong = { label: "unresolved" } as const;
    const { reviewing } = makePaper(
      [source([on(1), on(2, { played: { ...wrong, effect: "killed" } }), on(3, { played: wrong })])],
      few,
    );
    const alpha = reviewing.find(({ contestant }) => contestant === "alpha")?.metrics;
    expect(alpha?.validRate?.value).toBe(1);
    expect(alpha?.winRate?.value).toBeCloseTo(2 / 3, 12);
    expect(alpha?.wrongLetThrough?.value).toBeCloseTo(2 / 3, 12);
    expect(alpha?.wrongCaught?.value).toBe(0.5);
    expect(alpha?.rightRejected?.value).toBe(0);
  });
});

describe("round by round", () => {
  it("counts a contestant's turns in a role, not the battle's rounds", () => {
    const rounds = [1, 2, 3, 4].map((number) =>
      on(1, {
        round: number,
        submitter: number % 2 === 1 ? "alpha" : "beta",
        reviewer: number % 2 === 1 ? "beta" : "alpha",
        played: { label: number > 2 ? "resolved" : "unresolved" },
      }),
    );
    const { turns } = makePaper([source(rounds)], few);
    const beta = turns.filter(({ contestant, role }) => contestant === "beta" && role === "submitter");
    expect(beta.map(({ turn, metrics }) => [turn, metrics.resolvedRate?.value])).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });
});

describe("failures", () => {
  it("count each round once, by its first cause, void ones apart", () => {
    const lost = { cause: "disk-full", side: "reviewer", detail: "" } as const;
    const { failures } = makePaper(
      [
        source([
          on(1, { played: { submission: "invalid" }, submitterContext: shown(9, { passed: 0, total: 2 }) }),
          on(2, { played: { submission: "invalid", review: "none" } }),
          on(3, { played: { label: "unresolved", effect: "killed" } }),
          on(4),
          on(5, { record: record({}, { void: lost }) }),
        ]),
      ],
      few,
    );
    const own = failures.filter(({ contestant, role }) => contestant === "alpha" && role === "submitter");
    expect(own).toEqual([
      {
        ...{ contestant: "alpha", role: "submitter", kind: "invalid", code: "does-not-apply" },
        ...{ rounds: 2, share: 0.5, goldNotShown: 1 },
      },
      expect.objectContaining({ kind: "killed", rounds: 1, share: 0.25 }),
      expect.objectContaining({ kind: "void", code: "disk-full", rounds: 1, share: 0.2 }),
    ]);
    const reviewer = failures.filter(({ contestant, role }) => contestant === "beta" && role === "reviewer");
    expect(reviewer.map(({ kind }) => kind)).toEqual(["no-tests", "void"]);
  });
});

describe("the formats", () => {
  const title = boardTitle(makeBoard([small], few));
  const paper = makePaper([small]);

  it("are test/golden/paper.txt in a terminal, at most 100 columns wide", async () => {
    const text = renderPaperTable(title, paper);
    expect(Math.max(...text.split("\n").map((line) => [...line].length))).toBeLessThanOrEqual(100);
    await expect(text).toMatchFileSnapshot("../../../golden/paper.txt");
  });

  it("hold every section in Markdown, no name more than a name", () => {
    const rounds = small.rounds.map((row) =>
      row.submitter === "gold" ? { ...row, submitter: "<img src=x>|" } : row,
    );
    const text = renderPaperMarkdown("set", makePaper([{ ...small, rounds }], few));
    expect(text.match(/^### /gm)).toHaveLength(10);
    expect(text).toContain("\\<img src=x\\>\\|");
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("hold one line a figure in CSV, each as long as the header", () => {
    const lines = renderPaperCsv(paper).split("\r\n").slice(0, -1);
    const width = lines[0]?.split(",").length;
    expect(lines.every((line) => line.split(",").length === width)).toBe(true);
    const sections = new Set(lines.slice(1).map((line) => line.split(",")[0]));
    expect([...sections]).toEqual([
      ...["pair", "best-by-language", "curve", "reviewing", "turn", "use", "failure"],
    ]);
  });
});
