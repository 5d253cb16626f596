// What is said of reviewers: shares with their denominators, absent where there is none; flags of triviality and vendors.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import type { MutantResult, RoundRecord } from "../../../src/domain/record.ts";
import type { RoundRow } from "../../../src/domain/run.ts";
import { Bootstrap } from "../../../src/rating/index.ts";
import {
  type BoardSource,
  collusionIn,
  makeBoard,
  metricsOf,
  renderBattle,
  renderBoardMarkdown,
  renderBoardTable,
  renderReviewers,
  reviewersJson,
} from "../../../src/report/index.ts";
import { battle, record, round, settings } from "./rows.ts";

const bootstrap = new Bootstrap({ random: seededRandom("m"), resamples: 200 });
const leftOut = { notCompiling: 0, endsOthers: 0, notShownToDiffer: 2 };
const mutants = (...effects: readonly MutantResult["effect"][]) => ({
  met: effects.map((effect, at) => ({
    mutant: `m${at}`,
    noticedBy: at === 0 ? ("hidden" as const) : ("visible" as const),
    effect,
  })),
  leftOut,
});

/** Reviews of beta that met nobody's submission, one an instance. */
function graded(...records: readonly Partial<RoundRecord>[]): RoundRow[] {
  return records.map((over, at) =>
    round({
      ...{ battleId: `b${at}`, instanceId: `one__issue-${at}`, submitter: "empty" },
      record: record({ submission: "invalid" }, over),
    }),
  );
}

const review = (over: Partial<RoundRecord["review"]>): Partial<RoundRecord> => ({
  review: { ...record().review, ...over },
});
const metrics = (...rows: readonly RoundRow[]) =>
  metricsOf(
    "beta",
    rows.map((row) => ({ row, independent: new Set<string>() })),
    { bootstrap, k: 2 },
  );

describe("metrics", () => {
  it("count killed mutants over those that were met, wavering ones in the denominator", () => {
    const found = metrics(
      ...graded({ mutants: mutants("killed", "survived", "flaky") }, { mutants: mutants("killed") }, {}),
    );
    expect(found.mutationScore).toMatchObject({ value: 2 / 4, n: 2 });
    expect(found.subtleMutationScore).toMatchObject({ value: 1, n: 2 });
  });

  it("count checks that execute a changed line, gold's and a submission's apart", () => {
    const gold = review({ reach: { changeOf: "gold", reached: ["test::new"], known: 4 } });
    const own = review({ reach: { changeOf: "submission", reached: ["test::new"], known: 1 } });
    const found = metrics(...graded(gold, own, {}));
    expect(found.executesGoldChange).toMatchObject({ value: 1 / 4, n: 1 });
    expect(found.executesChange).toMatchObject({ value: 1, n: 1 });
  });

  it("are absent where there is nothing to divide by", () => {
    const none = metrics(...graded({ mutants: mutants() }, review({ failsOnBase: true })));
    for (const name of ["mutationScore", "executesChange", "executesGoldChange", "trivialRate"])
      expect(none).not.toHaveProperty(name);
    expect(none.revealsIssue).toMatchObject({ value: 1, n: 1 });
  });

  it("call tests trivial that pass on base and on every mutant, and only those", () => {
    const base = (failsOnBase: boolean, ...effects: readonly MutantResult["effect"][]) => ({
      ...review({ failsOnBase }),
      mutants: mutants(...effects),
    });
    const found = metrics(
      ...graded(
        base(false, "survived", "survived"),
        base(true, "survived"),
        base(false, "killed"),
        base(false, "flaky"),
        base(false),
        { mutants: mutants("survived") },
      ),
    );
    expect(found.trivialRate).toMatchObject({ value: 1 / 4, n: 4 });
  });
});

const source = (rounds: readonly RoundRow[], over: Partial<BoardSource> = {}): BoardSource => ({
  ...{ name: "run", settings, sandbox: "docker", sampling: [], rounds, calls: [], battles: [] },
  ...over,
});
const options = { resamples: 200 };

describe("a table of reviewers", () => {
  const strong = graded({
    ...review({ failsOnBase: true, reach: { changeOf: "gold", reached: ["test::new"], known: 1 } }),
    mutants: mutants("killed", "killed"),
    panel: [
      { candidate: "w", label: "unresolved", effect: "killed" },
      { candidate: "r", label: "resolved", effect: "survived" },
    ],
  });
  const weak = graded({ ...review({ failsOnBase: false }), mutants: mutants("survived", "survived") }).map(
    (row) => ({ ...row, battleId: "w", reviewer: "al\u202epha" }),
  );
  const board = makeBoard([source([...weak, ...strong])], options);

  it("puts the best first, shows what there is to divide by, and names nobody in a way that misleads", () => {
    const [header = "", first = "", second = ""] = renderReviewers(board).split("\n");
    expect(header).toMatch(
      /^reviewer +valid +reveal +panel kills +false kills +mutants killed +subtle +execute +trivial/,
    );
    expect(first).toMatch(/^beta +100% +100% +100% \[.*\] +0% \[.*\] +100% \[.*\] +100% +100% +0% +1 +0$/);
    expect(second).toMatch(/^al\\u\{202e\}pha +100% +0% +– +– +0% \[.*\] +0% +– +100% +1 +0$/);
    expect(renderReviewers(board)).toContain("too few to tell");
  });

  it("gives machines every review", () => {
    expect(reviewersJson(board, [...weak, ...strong])).toMatchObject([
      { id: "beta", metrics: { mutationScore: { value: 1, n: 1 } }, reviews: [{ trivial: false }] },
      { id: "al\u202epha", reviews: [{ trivial: true, mutants: { leftOut } }] },
    ]);
  });

  it("stands on no board with battles", () => {
    const grading = source(strong, { name: "g", settings: { ...settings, grading: true } });
    expect(() => makeBoard([grading, source([round()])], options)).toThrow(/g grades reviewers/);
    expect(() => makeBoard([grading, grading], options)).not.toThrow();
  });
});

/** beta reviews wrong patches of a submitter, one an issue. */
function wrongOf(submitter: string, kills: readonly boolean[]): RoundRow[] {
  return kills.map((isKilled, at) =>
    round({
      ...{ battleId: `${submitter}${at}`, instanceId: `one__issue-${at}`, submitter },
      record: record({ label: "unresolved", effect: isKilled ? "killed" : "survived" }),
    }),
  );
}

describe("vendors", () => {
  const vendorOf = new Map([
    ["beta", "acme"],
    ["sister", "acme"],
    ["stranger", "other"],
  ]);
  const found = (rows: readonly RoundRow[]) =>
    collusionIn(rows, { vendorOf, bootstrap, random: seededRandom("v") });
  const all = (value: boolean) => Array.from({ length: 12 }, () => value);

  it("flag a reviewer that spares its own on the very issues where it kills others", () => {
    const collusion = found([...wrongOf("sister", all(false)), ...wrongOf("stranger", all(true))]);
    expect(collusion).toMatchObject({
      sameVendorRounds: { same: 12, known: 24 },
      biases: [
        {
          ...{ reviewer: "beta", vendor: "acme", metric: "killRateOnUnresolved" },
          ...{ difference: -1, n: 12, isFlagged: true },
        },
      ],
    });
  });

  it("flag nobody who treats all alike, nor whoever met only one kind", () => {
    const mixed = all(true).map((_, at) => at % 2 === 0);
    const alike = found([...wrongOf("sister", mixed), ...wrongOf("stranger", mixed)]);
    expect(alike?.biases).toMatchObject([{ difference: 0, isFlagged: false }]);
    expect(found(wrongOf("sister", mixed))).toEqual({
      sameVendorRounds: { same: 12, known: 12 },
      biases: [],
    });
  });

  it("say nothing of whoever's vendor is not known, of void rounds, or of a contestant against itself", () => {
    const lost = { void: { cause: "x", side: "reviewer", detail: "" } } as const;
    const rows = [
      ...wrongOf("gold", all(true)),
      ...wrongOf("beta", all(true)),
      ...wrongOf("sister", all(true)).map((row) => ({ ...row, record: { ...row.record, ...lost } })),
    ];
    expect(found(rows)).toBeUndefined();
  });

  it("are the ones the runs say, and a flag is told below the board", () => {
    const sampling = [...vendorOf].map(([id, vendor]) => ({ id, vendor }));
    const rows = [...wrongOf("sister", all(false)), ...wrongOf("stranger", all(true))];
    const board = makeBoard([source(rows, { sampling })], options);
    expect(board.collusion?.biases[0]?.isFlagged).toBe(true);
    const told = renderBoardTable(board).replace(/\s+/g, " ");
    expect(told).toContain(
      "Look at beta: it kills wrong submissions of its own vendor (acme) 100% less often",
    );
    const torn = [...sampling, { id: "sister", vendor: "elsewhere" }];
    expect(makeBoard([source(rows, { sampling: torn })], options).collusion?.sameVendorRounds.same).toBe(0);
  });
});

describe("boards of battles", () => {
  const reach = { changeOf: "submission", reached: ["test::new"], known: 1 } as const;
  const rows = wrongOf("sister", [true]).map((row) => ({
    ...row,
    record: {
      ...row.record,
      review: { ...row.record.review, reach },
      mutants: mutants("killed", "survived"),
    },
  }));

  it("tell of reviewers where something was measured, and are silent where not", () => {
    const told = (kept: readonly RoundRow[]) => {
      const board = makeBoard([source(kept)], options);
      return [renderBoardTable(board).replace(/\s+/g, " "), renderBoardMarkdown(board)] as const;
    };
    const [table, markdown] = told(rows);
    expect(table).toContain(
      "Reviewers, mutants killed and checks that execute a changed line: beta 50%, 100%.",
    );
    expect(markdown).toMatch(
      /### Reviewers\n\n\| reviewer \| valid .*\n.*\n\| beta \| 100% .*50% \[.*\] \| 100% \| 100% /,
    );
    for (const text of told(wrongOf("sister", [true]))) expect(text).not.toContain("Reviewers");
  });
});

describe("one battle in full", () => {
  it("names the mutants that were spared, what was left out, and how many checks execute a changed line", () => {
    const reach = { changeOf: "gold", reached: ["test::new"], known: 2 } as const;
    const [row] = graded({ ...review({ reach }), mutants: mutants("killed", "survived") });
    const own = round({ ...row, battleId: battle(0).battleId });
    const told = renderBattle(battle(0), [own]);
    expect(told).toMatch(
      /mutants +1 of 2 killed, not: m1 \(left out: 2 not shown to differ, 0 not compiling, 0 ending other tests\)/,
    );
    expect(told).toMatch(/reach +1 of 2 checks execute a line gold changes/);
  });
});
