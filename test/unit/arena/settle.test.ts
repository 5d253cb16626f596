// Contested kills are put to other contestants' resolved submissions once all is played, and judged again with them.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Evidence } from "../../../src/arena/evidence.ts";
import { rejudgeRound } from "../../../src/arena/rejudge.ts";
import { BattleGate } from "../../../src/arena/running/gate.ts";
import { DiskRoom, defaultWatermarks } from "../../../src/arena/running/room.ts";
import { playTournament, type TournamentDeps } from "../../../src/arena/tournament.ts";
import { Fault } from "../../../src/domain/fault.ts";
import { scoreOf } from "../../../src/domain/record.ts";
import { planned, type ToyArena, toyArena, toyRunner } from "../../support/toy-arena.ts";

let arena: ToyArena;
afterEach(() => arena[Symbol.asyncDispose]());

/** ann's right patch is killed by bob; the others submit right patches of their own, which T meets afterwards. */
async function prepared(values: Readonly<Record<string, string>>, needs: string): Promise<TournamentDeps> {
  const battles = Object.keys(values).map((first, ordinal) =>
    planned({ battleId: first, ordinal, first, second: "bob", rounds: 1 }),
  );
  arena = await toyArena(battles);
  const script = {
    submit: ({ call }: { call: { battleId: string } }) => {
      const value = values[call.battleId];
      return arena.files.patch({ "app.py": `old = ${value}\nfixed = ${value}\n` });
    },
    review: ({ call }: { call: { battleId: string } }) =>
      call.battleId === "ann"
        ? arena.files.patch({ "tests/test_new.py": `# needs ${needs}\nassert word\n` })
        : "",
  };
  return {
    ...arena.deps(script),
    workers: 1,
    openCase: async () => arena.of,
    onBattle: () => {},
    onUnsettled: (_, message) => {
      throw new Error(message);
    },
    onUnsound: (_, message) => {
      throw new Error(message);
    },
  };
}

function contested() {
  const [row] = arena.store.rounds("ann");
  if (row === undefined) throw new Error("a round was to be played");
  return row;
}

async function played(values: Readonly<Record<string, string>>, needs: string, meanwhile = () => {}) {
  const deps = await prepared(values, needs);
  await playTournament({ ...deps, onBattle: () => meanwhile() });
  return contested();
}

const again = (row: Awaited<ReturnType<typeof played>>) =>
  rejudgeRound(row, arena.of.instance, {
    evidence: new Evidence(arena.folder),
    runnerFor: () => toyRunner(),
  });

describe("a contested kill", () => {
  it("by tests that most right patches fail is over-fitted, and rejudging keeps that", async () => {
    // Only gold holds the number 1.
    const row = await played({ ann: "2", cal: "3", dee: "4" }, "1");
    expect(row.record).toMatchObject({
      label: "resolved",
      effect: "killed",
      contested: true,
      panel: [],
      settlement: { rejected: 2, of: 3, kind: "over-fitted" },
    });
    expect(scoreOf(row.record, "strict")).toEqual({ submitter: 1, reviewer: -1 });
    expect(await again(row)).toEqual(row.record);
  });

  it("is not judged again without its jury, gone or damaged", async () => {
    const row = await played({ ann: "2", cal: "3", dee: "4" }, "1");
    const jury = join(arena.folder, "battles/ann/round-1.jury.json.gz");
    await writeFile(jury, "no gzip");
    await expect(again(row)).rejects.toMatchObject({ code: "evidence-damaged" });
    await rm(jury);
    await expect(again(row)).rejects.toMatchObject({ code: "evidence-missing" });
  });

  it("by tests that other right patches pass is a true kill", async () => {
    const row = await played({ ann: "2", cal: "31", dee: "41" }, "1");
    expect(row.record.settlement).toEqual({ rejected: 0, of: 3, kind: "true-kill" });
    expect(scoreOf(row.record, "strict")).toEqual({ submitter: -1, reviewer: 1 });
  });

  it("stays open on an instance in quarantine: its host would decide, not its tests", async () => {
    const row = await played({ ann: "2", cal: "3", dee: "4" }, "1", () => {
      const { instanceId } = arena.of.instance;
      const canary = { instanceId, atMs: 1, controls: [], evidence: "canaries/1.json", evidenceHash: "0" };
      arena.store.recordCanary({ ...canary, reason: "gold came out invalid" });
    });
    expect(row.record.contested).toBe(true);
    expect(row.record).not.toHaveProperty("settlement");
  });

  it("stays open where too few right patches are there, the same tree counting once", async () => {
    const row = await played({ ann: "2", cal: "3", dee: "3" }, "1");
    expect(row.record.contested).toBe(true);
    expect(row.record).not.toHaveProperty("settlement");
    expect(scoreOf(row.record, "strict")).toEqual({ submitter: 0, reviewer: 0 });
  });
});

describe("a fault while kills are settled", () => {
  /** Met by whoever opens the instance once all is played. */
  async function meeting(code: string, times = Number.POSITIVE_INFINITY) {
    const deps = await prepared({ ann: "2", cal: "3", dee: "4" }, "1");
    let met = 0;
    const openCase: TournamentDeps["openCase"] = async () => {
      if (arena.store.unplayed().length > 0 || met >= times) return arena.of;
      met += 1;
      throw new Fault(code, "words", { retryable: false });
    };
    return { ...deps, openCase };
  }

  it("that would keep every further one open ends the run, and the next session settles", async () => {
    const deps = await meeting("engine-unreachable", 1);
    await expect(playTournament(deps)).rejects.toMatchObject({ code: "engine-unreachable" });
    expect(contested().record).not.toHaveProperty("settlement");
    expect(await playTournament(deps)).toMatchObject({ played: 0, interrupted: false });
    expect(contested().record.settlement).toMatchObject({ kind: "over-fitted" });
  });

  it("of that kill alone leaves it open and says so", async () => {
    const told: string[] = [];
    const deps = await meeting("git-failed");
    await playTournament({ ...deps, onUnsettled: (_, message) => told.push(message) });
    expect(told).toEqual(["git-failed: words"]);
    expect(contested().record).not.toHaveProperty("settlement");
  });

  it("of a full disk is waited for", async () => {
    const deps = await meeting("host-disk-full", 2);
    const said: string[] = [];
    const room = new DiskRoom({
      ...{ folders: [], marks: defaultWatermarks, freeBytes: async () => 0, note: (line) => said.push(line) },
      ...{ lookAgainMs: 1, clock: { after: () => () => {} } },
    });
    const gate = new BattleGate({ workers: 1, signal: deps.signal, watches: [room] });
    expect(await playTournament({ ...deps, gate })).toMatchObject({ played: 3 });
    expect(said.filter((line) => line.startsWith("the disk was full"))).toHaveLength(2);
    expect(contested().record.settlement).toMatchObject({ kind: "over-fitted" });
  });
});
