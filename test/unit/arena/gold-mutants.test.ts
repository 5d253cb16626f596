// Mutants of gold by what became of them, and reviews that meet them: real trees and parsers, toy tests that look for words.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ScriptedHandler } from "../../../sandboxes/index.ts";
import { playBattle } from "../../../src/arena/battle.ts";
import { findMutant } from "../../../src/arena/controls/find-mutant.ts";
import { Evidence } from "../../../src/arena/evidence.ts";
import { goldMutants, judgedMutants } from "../../../src/arena/gold-mutants.ts";
import { probedTree } from "../../../src/arena/probe.ts";
import { rejudgeRound } from "../../../src/arena/rejudge.ts";
import { testCase } from "../../support/arena-case.ts";
import {
  planned,
  type Script,
  type ToyArena,
  toyArena,
  toyRunner,
  toyTests,
} from "../../support/toy-arena.ts";

const base = "old = 1\nkeep = 30\n\n\ndef f(a):\n    return a\n";
const gold = [
  ...["old = 1", "keep = 30", "", "", "def f(a):"],
  // Seen by H, by a visible test, by none, and one that does not build.
  ...["    b = a + 41", "    c = a + 30", "    d = a + 77", "    e = 999", "    return b", ""],
].join("\n");

/** A file passes when app.py has its words; one with an abort in it fails whoever `reaches`, 1000 breaks the build. */
const tests: ScriptedHandler = (request, world) => {
  const app = world.files.get("/work/app.py")?.toString("utf8") ?? "";
  if (app.includes("1000")) return { outcome: { kind: "exited", code: 1 }, stdout: "build-failed" };
  const answer = toyTests(request, world);
  if (!app.includes("BaseException") || typeof answer !== "object" || !("stdout" in answer)) return answer;
  const reaching = [...world.files]
    .filter(([, content]) => content.includes("# reaches"))
    .map(([path]) => path);
  const stdout = String(answer.stdout)
    .split("\n")
    .map((line) =>
      reaching.includes(`/work/${line.split(" ")[1]}`) ? line.replace("passed", "failed") : line,
    );
  return { ...answer, stdout: stdout.join("\n") };
};

let arena: ToyArena;
beforeEach(async () => {
  const files = testCase({
    base: { "app.py": base, "tests/test_old.py": "# needs 30\nassert old\n" },
    gold: { "app.py": gold.replace("keep = 30", "keep = 31") },
    hidden: { "tests/test_hidden.py": "# needs 41\nassert hidden_word\n" },
  });
  arena = await toyArena([planned({ rounds: 1 })], { files, tests });
});
afterEach(() => arena[Symbol.asyncDispose]());

const runs = () => arena.deps({ submit: () => "", review: () => "" }).runs;

async function all(limit = 100) {
  const found = [];
  for await (const mutant of judgedMutants(arena.of, runs(), { seed: "s", limit })) found.push(mutant);
  return found;
}

describe("mutants of gold", () => {
  it("are noticed by what is visible or by H alone, or left out by why", async () => {
    const fates = new Map((await all()).map(({ name, fate }) => [name.replace(/^app\.py:/, ""), fate]));
    const fateOf = (end: string) => [...fates].filter(([name]) => name.endsWith(end)).map(([, fate]) => fate);
    expect(fateOf("41 -> 42")).toEqual(["hidden"]);
    expect(fateOf("b = a + 41 -> pass")).toEqual(["hidden"]);
    expect(fateOf("30 -> 31")).toEqual(["visible"]);
    expect(fateOf("77 -> 78")).toEqual(["notShownToDiffer"]);
    expect(fateOf("999 -> 1000")).toEqual(["notCompiling"]);
  });

  it("are the same for every review of a run, judged once", async () => {
    const wanted = { seed: "s", count: 6 };
    const first = await goldMutants(arena.of, runs(), wanted);
    const opened = arena.sandboxes.opened.length;
    expect(await goldMutants(arena.of, runs(), wanted)).toBe(first);
    expect(arena.sandboxes.opened.length).toBe(opened);
    expect(first.shown.map(({ fate }) => fate)).toEqual(["hidden", "hidden", "visible", "visible"]);
  });

  it("are left out where visible checks are gone, and mend nothing where this host lost them", async () => {
    const files = testCase({
      base: { "app.py": base, "tests/test_old.py": "# needs 30\nassert old\n" },
      gold: { "app.py": base.replace("return a", "return a + 555") },
      hidden: { "tests/test_hidden.py": "# needs 555\nassert hidden_word\n" },
    });
    let isBroken = false;
    const ending: ScriptedHandler = (request, world) => {
      const app = world.files.get("/work/app.py")?.toString("utf8") ?? "";
      const isSilent = app.includes("556") || isBroken;
      return isSilent ? { outcome: { kind: "exited", code: 1 }, stdout: "" } : toyTests(request, world);
    };
    await using world = await toyArena([planned({ rounds: 1 })], { files, tests: ending });
    const { runs: own } = world.deps({ submit: () => "", review: () => "" });
    const wanted = { seed: "s", count: 6 };
    await own.baseline(world.of);
    isBroken = true;
    await expect(goldMutants(world.of, own, wanted)).rejects.toMatchObject({ code: "baseline-lost" });
    isBroken = false;
    const { shown, leftOut } = await goldMutants(world.of, own, wanted);
    expect(leftOut).toMatchObject({ endsOthers: 1 });
    expect(shown.map(({ name }) => name).join()).not.toContain("556");
  });

  it("are what the mutant control submits, one no visible check notices before any", async () => {
    const tree = (await findMutant(arena.of, runs(), "s")) ?? "";
    const shown = (await all()).filter(({ fate }) => fate === "hidden");
    expect(shown.map((each) => each.tree)).toContain(tree);
  });
});

describe("a valid review", () => {
  const review = (text: string) => ({
    submit: () => "",
    review: () => arena.files.patch({ "tests/test_new.py": `${text}\nassert 1\n` }),
  });
  const played = async (script: Script, over: { mutants?: number } = { mutants: 6 }) => {
    await playBattle(arena.of, planned({ rounds: 1 }), arena.deps(script, over));
    const [row] = arena.rows;
    if (row === undefined) throw new Error("a round was to be played");
    return row;
  };

  it("that looks where H looks kills them, one that looks nowhere spares them, and rejudging agrees", async () => {
    const row = await played(review("# needs 41\n# reaches"));
    const { mutants, review: judged } = row.record;
    expect(mutants?.met.map(({ noticedBy, effect }) => [noticedBy, effect])).toEqual([
      ["hidden", "killed"],
      ["hidden", "killed"],
      ["visible", "survived"],
      ["visible", "survived"],
    ]);
    expect(mutants?.leftOut).toMatchObject({ notCompiling: 1 });
    expect(judged).toMatchObject({ failsOnBase: true });
    expect(judged.reach).toEqual({ changeOf: "gold", reached: ["test::tests/test_new.py"], known: 1 });
    const again = { evidence: new Evidence(arena.folder), runnerFor: () => toyRunner() };
    expect(await rejudgeRound(row, arena.of.instance, again)).toEqual(row.record);
  });

  it("that looks nowhere kills none and reaches nothing", async () => {
    const { mutants, review: judged } = (await played(review("# looks nowhere"))).record;
    expect(mutants?.met.map(({ effect }) => effect)).toEqual(Array.from({ length: 4 }, () => "survived"));
    expect(judged).toMatchObject({ failsOnBase: false, reach: { reached: [], known: 1 } });
  });

  it("meets none where the run makes none; what it reaches of a submission is known all the same", async () => {
    const right = await arena.files.patch({ "app.py": `${gold}` });
    const row = await played({ ...review("# reaches"), submit: () => right }, {});
    expect(row.record).not.toHaveProperty("mutants");
    expect(row.record.review.reach).toMatchObject({ changeOf: "submission", known: 1 });
    expect(row.record.review.reach?.reached).toHaveLength(1);
  });
});

describe("a probed tree", () => {
  it("aborts at every changed line of a function, and nowhere else", async () => {
    const tree = await probedTree(arena.of, arena.of.goldTree);
    const text = await arena.files.text(tree ?? "", "app.py");
    expect(text?.split("raise BaseException")).toHaveLength(6);
    expect(text).toMatch(/^old = 1\nkeep = 31\n/);
  });

  it("is none where only what is outside functions changes, where too much does, or where it cannot be read", async () => {
    const outside = await arena.files.tree({ "app.py": base.replace("keep = 30", "keep = 31") });
    expect(await probedTree(arena.of, outside)).toBeUndefined();
    const long = await arena.files.tree({
      "app.py": gold,
      "long.py": "def f():\n    return 1\n".repeat(30_000),
    });
    expect(await probedTree(arena.of, long)).toBeUndefined();
    const names = Array.from({ length: 21 }, (_, at) => [`m${at}.py`, "def f():\n    return 1\n"] as const);
    const many = await arena.files.tree(Object.fromEntries(names));
    expect(await probedTree(arena.of, many)).toBeUndefined();
  });
});
