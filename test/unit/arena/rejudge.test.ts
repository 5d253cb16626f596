// Judging stored rounds again: the same rules give the same record, new rules another, new questions the stored answer.
import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { playBattle } from "../../../src/arena/battle.ts";
import { Evidence } from "../../../src/arena/evidence.ts";
import { rejudgeRound } from "../../../src/arena/rejudge.ts";
import { storedPlayers } from "../../../src/arena/stored-players.ts";
import { Fault } from "../../../src/domain/fault.ts";
import { noRetrieval, type RoundRow } from "../../../src/domain/run.ts";
import type { Runner } from "../../../src/grading/program.ts";
import { planned, type ToyArena, toyArena, toyRunner } from "../../support/toy-arena.ts";

const battle = planned({ rounds: 2 });

let arena: ToyArena;
let row: RoundRow;
let nothing: RoundRow;
beforeAll(async () => {
  arena = await toyArena([battle]);
  const wrong = await arena.files.patch({ "app.py": "old = 2\n" });
  const tests = await arena.files.patch({ "tests/test_new.py": "# needs fixed\nassert 1\n" });
  const script = {
    submit: ({ call }: { call: { round: number } }) => (call.round === 1 ? wrong : "no patch at all"),
    review: () => tests,
  };
  await playBattle(arena.of, battle, arena.deps(script));
  const [first, second] = arena.store.rounds("b1");
  if (first === undefined || second === undefined) throw new Error("two rounds were to be stored");
  row = first;
  nothing = second;
});
afterAll(() => arena[Symbol.asyncDispose]());

const again = (of: RoundRow, runner: Runner, folder = arena.folder) =>
  rejudgeRound(of, arena.of.instance, { evidence: new Evidence(folder), runnerFor: () => runner });

const asked = {
  call: { battleId: "b1", round: 1 },
  turn: 0,
  feedback: [],
  seed: "s",
  retrieval: noRetrieval,
};

describe("rejudgeRound", () => {
  it("gives the stored record again under the same rules", async () => {
    expect(row.record).toMatchObject({ effect: "killed", label: "unresolved" });
    expect(await again(row, toyRunner())).toEqual(row.record);
    expect(nothing.record.submission.status).toBe("invalid");
    expect(await again(nothing, toyRunner())).toEqual(nothing.record);
  });

  it("gives another record where today's runner reads the same answers otherwise", async () => {
    const record = await again(
      row,
      toyRunner("toy", () => "failed"),
    );
    // The instance's own runs are read again, too: nothing passes in them any more.
    expect(record.review.reasons.map(({ code }) => code)).toEqual(["fails-on-gold"]);
    expect(record.effect).toBe("not-run");
  });

  it("keeps the stored reports where today's runner would ask something else", async () => {
    const record = await again(
      row,
      toyRunner("another question", () => "failed"),
    );
    expect(record).toEqual(row.record);
  });

  it("leaves void what a fault of ours kept from being judged", async () => {
    const halted = await toyArena([planned({ rounds: 1 })]);
    try {
      const review = () => {
        throw new Fault("endpoint-down", "gone", { retryable: true });
      };
      const patch = await halted.files.patch({ "app.py": "old = 2\n" });
      await playBattle(halted.of, planned({ rounds: 1 }), halted.deps({ submit: () => patch, review }));
      const [lost] = halted.rows;
      if (lost === undefined) throw new Error("a round was to be stored");
      expect(lost.record.void).toMatchObject({ cause: "endpoint-down", side: "reviewer" });
      expect(await again(lost, toyRunner(), halted.folder)).toEqual(lost.record);
    } finally {
      await halted[Symbol.asyncDispose]();
    }
  });

  it("is a fault where the evidence is gone or damaged", async () => {
    const missing = { isFault: true, code: "evidence-missing" };
    await expect(again(row, toyRunner(), join(arena.folder, "nowhere"))).rejects.toMatchObject(missing);
    const verdict = join(arena.folder, "battles/b1/round-2/verdict.json");
    await writeFile(verdict, '{"runs":[]}');
    await expect(again(nothing, toyRunner())).rejects.toMatchObject({ code: "evidence-damaged" });
    await rm(verdict);
    await expect(again(nothing, toyRunner())).rejects.toMatchObject(missing);
  });
});

describe("storedPlayers", () => {
  it("give again what the evidence holds, and the same record comes of it", async () => {
    const replay = await toyArena([planned({ rounds: 1 })]);
    try {
      const players = storedPlayers(arena.folder, [row]);
      const deps = { ...replay.deps({ submit: () => "", review: () => "" }), player: players };
      await playBattle(replay.of, planned({ rounds: 1 }), deps);
      expect(replay.rows[0]?.record).toEqual(row.record);
    } finally {
      await replay[Symbol.asyncDispose]();
    }
  });

  it.each(["refusal", "does-not-apply", "unsafe-path"] as const)(
    "give an answer again that no patch came of, for %s, as the same rejection",
    async (code) => {
      const reasons = [{ code, detail: "why" }] as const;
      const refused = { status: "invalid", reasons } as const;
      const record = { ...row.record, submission: refused, review: { ...refused, eligible: [] } };
      const copy = `${arena.folder}-${code}`;
      await cp(arena.folder, copy, { recursive: true });
      for (const name of ["submission.patch", "review.patch"])
        await writeFile(join(copy, "battles", "b1", "round-1", name), "");
      const ask = { of: arena.of, ...asked };
      const answers = async (of: RoundRow) => {
        const player = storedPlayers(copy, [of])("ann");
        return [await player.submit(ask), await player.review({ ...ask, hintMode: "none" })].map(
          ({ answer }) => answer,
        );
      };
      const rejected = { kind: "rejected", reasons };
      expect(await answers({ ...row, record })).toEqual([rejected, rejected]);
      // An empty patch and an abstention are read again as what they are.
      const empty = { status: "invalid", reasons: [{ code: "no-change", detail: "" }] } as const;
      const abstained = { status: "none", reasons: [], eligible: [] } as const;
      const nothing = { ...row.record, submission: empty, review: abstained };
      expect(await answers({ ...row, record: nothing })).toMatchObject([
        { kind: "patch", patch: "" },
        { kind: "patch", patch: "" },
      ]);
    },
  );

  it("hold only the gold and mutant controls' tests exempt from the bounds", async () => {
    const players = storedPlayers(arena.folder, [row]);
    const ask = { of: arena.of, ...asked };
    const bounded = async (id: string) => (await players(id).review({ ...ask, hintMode: "none" })).answer;
    expect(await bounded("bob")).toMatchObject({ kind: "patch", bounded: true });
    expect(await bounded("gold")).toMatchObject({ kind: "patch", bounded: false });
    expect(await bounded("mutant")).toMatchObject({ kind: "patch", bounded: false });
  });

  it("are a fault when a patch is gone", async () => {
    const player = storedPlayers("/nowhere", [row])("ann");
    const ask = { of: arena.of, ...asked };
    await expect(player.submit(ask)).rejects.toMatchObject({ code: "evidence-missing" });
  });
});
