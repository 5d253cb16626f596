// A battle: roles swap, feedback stays with its side and role, what is stored is not played again, faults void or end.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { playBattle } from "../../../src/arena/battle.ts";
import { Fault } from "../../../src/domain/fault.ts";
import { planned, type Script, type ToyArena, toyArena } from "../../support/toy-arena.ts";

const battle = planned({ rounds: 4 });

let arena: ToyArena;
let patches: { wrong: string; right: string };
beforeEach(async () => {
  arena = await toyArena([battle]);
  patches = {
    wrong: await arena.files.patch({ "app.py": "old = 2\n" }),
    right: await arena.files.patch({ "app.py": "old = 1\nfixed = 2\n" }),
  };
});
afterEach(() => arena[Symbol.asyncDispose]());

/** Each answer says its round, so that whose answer came back as feedback can be read from it. */
function script(over: Partial<Script> = {}): Script {
  const text = (round: number) => `# needs fixed\nassert round_${round}\n`;
  return {
    submit: ({ call }) => arena.files.patch({ "app.py": `old = 1\nround_${call.round} = 1\n` }),
    review: ({ call }) => arena.files.patch({ [`tests/test_${call.round}.py`]: text(call.round) }),
    ...over,
  };
}

const asks = (id: string, role: string) =>
  arena.asked.filter((each) => each.id === id && each.role === role).map((each) => each.ask);

describe("roles", () => {
  it("swap after every round, beginning with the side that was drawn first", async () => {
    await playBattle(arena.of, battle, arena.deps(script()));
    const sides = arena.store.rounds("b1").map((row) => [row.round, row.submitter, row.reviewer]);
    expect(sides).toEqual([
      [1, "ann", "bob"],
      [2, "bob", "ann"],
      [3, "ann", "bob"],
      [4, "bob", "ann"],
    ]);
    expect(arena.rows.map((row) => row.round)).toEqual([1, 2, 3, 4]);
    expect(arena.store.unplayed()).toEqual([]);
    expect(arena.sandboxes.openNow).toBe(0);
  });

  it("count how often a side has played each of them", async () => {
    await playBattle(arena.of, battle, arena.deps(script()));
    expect(asks("ann", "submitter").map((ask) => [ask.call.round, ask.turn])).toEqual([
      [1, 0],
      [3, 1],
    ]);
    expect(asks("ann", "reviewer").map((ask) => [ask.call.round, ask.turn])).toEqual([
      [2, 0],
      [4, 1],
    ]);
  });

  it("count every round of a contestant that meets itself", async () => {
    const self = { ...battle, second: "ann" };
    await playBattle(arena.of, self, arena.deps(script()));
    expect(asks("ann", "submitter").map((ask) => ask.turn)).toEqual([0, 1, 2, 3]);
  });
});

describe("verdicts", () => {
  it("a wrong patch is killed by a good test, a right one stands, a repeated run is said to be reused", async () => {
    const { wrong, right } = patches;
    const deps = arena.deps(script({ submit: ({ call }) => (call.round === 1 ? wrong : right) }));
    await playBattle(arena.of, { ...battle, rounds: 2 }, deps);
    const [first, second] = arena.rows;
    expect(first?.record).toMatchObject({ label: "unresolved", effect: "killed" });
    expect(first?.record.killedBy).toEqual(["test::tests/test_1.py"]);
    expect(second?.record).toMatchObject({ label: "resolved", effect: "survived" });
    expect(first?.reusedRuns).toEqual([]);
  });

  it("a run of an identical tree is taken from the store, the repeats of one comparison are not", async () => {
    const { right } = patches;
    const tests = await arena.files.patch({ "tests/test_new.py": "# needs fixed\nassert 1\n" });
    await playBattle(
      arena.of,
      { ...battle, rounds: 1 },
      arena.deps({ submit: () => right, review: () => tests }),
    );
    const opened = arena.sandboxes.opened.length;
    // Preparation and warm-up, B G B+H G+H, P P+H, twice G+T and P+T, B+T.
    expect(opened).toBe(2 + 4 + 2 + 4 + 1);
    expect(arena.rows[0]?.reusedRuns).toEqual([]);
  });
});

describe("feedback", () => {
  it("is not given unless the run asks for it", async () => {
    await playBattle(arena.of, battle, arena.deps(script()));
    expect(arena.asked.flatMap(({ ask }) => ask.feedback)).toEqual([]);
  });

  it("holds only a side's own earlier answers in the same role, and nothing of the hidden tests", async () => {
    await playBattle(arena.of, battle, arena.deps(script(), { feedback: true }));
    const told = (id: string, role: string) =>
      asks(id, role).map((ask) => ask.feedback.map((each) => each.round));
    expect(told("ann", "submitter")).toEqual([[], [1]]);
    expect(told("bob", "submitter")).toEqual([[], [2]]);
    expect(told("bob", "reviewer")).toEqual([[], [1]]);
    expect(told("ann", "reviewer")).toEqual([[], [2]]);
    const [, third] = asks("ann", "submitter");
    expect(third?.feedback[0]?.answer).toContain("round_1 = 1");
    expect(third?.feedback[0]?.answer).not.toContain("assert");
    const [, review] = asks("bob", "reviewer");
    expect(review?.feedback[0]?.answer).toContain("assert round_1");
    expect(review?.feedback[0]?.answer).not.toContain("round_1 = 1");
    const everything = JSON.stringify(arena.asked.map(({ ask }) => ask.feedback));
    expect(everything).not.toMatch(/hidden|resolved/);
  });
});

describe("after a crash", () => {
  const crash = (from: number): Partial<Script> => ({
    submit: ({ call }) => {
      if (call.round >= from) throw new Error("the machine died");
      return arena.files.patch({ "app.py": `old = 1\nround_${call.round} = 1\n` });
    },
  });

  it("stored rounds are not played again", async () => {
    await expect(playBattle(arena.of, battle, arena.deps(script(crash(3))))).rejects.toThrow("machine died");
    const before = arena.store.rounds("b1");
    expect(before.map((row) => row.round)).toEqual([1, 2]);
    expect(arena.store.unplayed()).toHaveLength(1);
    arena.asked.length = 0;
    await playBattle(arena.of, battle, arena.deps(script()));
    expect(new Set(arena.asked.map(({ ask }) => ask.call.round))).toEqual(new Set([3, 4]));
    expect(arena.store.rounds("b1").slice(0, 2)).toEqual(before);
    expect(arena.store.rounds("b1")).toHaveLength(4);
    expect(arena.store.unplayed()).toEqual([]);
  });

  it("with feedback each side is told again what it was told, and no round is stored twice", async () => {
    const feedback = true;
    await expect(playBattle(arena.of, battle, arena.deps(script(crash(3)), { feedback }))).rejects.toThrow();
    const before = arena.store.rounds("b1");
    const opened = arena.sandboxes.opened.length;
    arena.asked.length = 0;
    arena.rows.length = 0;
    await playBattle(arena.of, battle, arena.deps(script(), { feedback }));
    const [, third] = asks("ann", "submitter");
    expect(third?.call.round).toBe(3);
    expect(third?.feedback[0]?.answer).toContain("round_1 = 1");
    expect(arena.rows.map((row) => row.round)).toEqual([3, 4]);
    expect(arena.store.rounds("b1").slice(0, 2)).toEqual(before);
    // Rounds 3 and 4 only: P, P+H, twice G+T and P+T, B+T.
    expect(arena.sandboxes.opened.length - opened).toBe(2 * 7);
  });
});

class ToyFault extends Fault<"endpoint-down" | "budget-exhausted"> {}

describe("a fault", () => {
  const failing = (code: "endpoint-down" | "budget-exhausted") =>
    script({
      review: ({ call }) => {
        if (call.round === 2) throw new ToyFault(code, "no answer", { retryable: true });
        return "";
      },
    });

  it("that may not repeat voids its round, and names whose it was", async () => {
    await playBattle(arena.of, battle, arena.deps(failing("endpoint-down")));
    const voids = arena.rows.map((row) => row.record.void);
    expect(voids).toEqual([
      undefined,
      { cause: "endpoint-down", side: "reviewer", detail: "no answer" },
      undefined,
      undefined,
    ]);
  });

  it("that would void every other round too ends the battle, which stays unplayed", async () => {
    const playing = playBattle(arena.of, battle, arena.deps(failing("budget-exhausted")));
    await expect(playing).rejects.toMatchObject({ code: "budget-exhausted" });
    expect(arena.store.rounds("b1").map((row) => row.round)).toEqual([1]);
    expect(arena.store.unplayed()).toHaveLength(1);
  });
});
