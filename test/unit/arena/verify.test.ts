// Evidence looked at with suspicion: whoever changes a byte of it is found, and so is who records what it does not give.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { playBattle } from "../../../src/arena/battle.ts";
import { Evidence } from "../../../src/arena/evidence.ts";
import { usageOf } from "../../../src/arena/usage.ts";
import { type VerifyDeps, verifyEvidence } from "../../../src/arena/verify.ts";
import { seededRandom } from "../../../src/domain/random.ts";
import type { RoundRow } from "../../../src/domain/run.ts";
import { auditRun, openStore, type RunReader } from "../../../src/storage/index.ts";
import { planned, type ToyArena, toyArena, toyRunner } from "../../support/toy-arena.ts";
import { answer, call } from "../report/rows.ts";

const battle = planned({ rounds: 2 });

let arena: ToyArena;
let spoilt: string;
/** The run as its ledger has it. */
let ledger: RunReader;
beforeAll(async () => {
  arena = await toyArena([battle], { open: (run) => openStore(join(run, "arena.db")) });
  const wrong = await arena.files.patch({ "app.py": "old = 2\n" });
  const tests = await arena.files.patch({ "tests/test_new.py": "# needs fixed\nassert 1\n" });
  await playBattle(arena.of, battle, arena.deps({ submit: () => wrong, review: () => tests }));
  await new Evidence(arena.folder, arena.store).writeJson("manifest.json", { schemaVersion: 1 });
  arena.store.close();
  const { fromLedger, differences } = auditRun(join(arena.folder, "arena.db"));
  if (fromLedger === undefined) throw new Error("the run was to have a ledger");
  expect(differences).toEqual([]);
  ledger = fromLedger;
  spoilt = join(await mkdtemp(join(tmpdir(), "arena-verify-")), "run");
});
afterAll(async () => {
  ledger.close();
  await arena[Symbol.asyncDispose]();
  await rm(join(spoilt, ".."), { recursive: true, force: true });
});

function verified(folder = arena.folder, over: Partial<VerifyDeps> = {}) {
  const evidence = new Evidence(folder);
  const signal = new AbortController().signal;
  const known = { instance: () => arena.of.instance, runnerFor: () => toyRunner() };
  return verifyEvidence({ run: ledger, evidence, signal, onProgress: () => {}, ...known, ...over });
}

async function copied(): Promise<void> {
  await rm(spoilt, { recursive: true, force: true });
  await cp(arena.folder, spoilt, { recursive: true });
}

const reader = (over: (row: RoundRow) => RoundRow): Pick<VerifyDeps, "run"> => {
  const rows = ledger.rounds().map(over);
  const [files, calls, judgements] = [ledger.files(), ledger.calls(), ledger.judgements()];
  return {
    run: { rounds: () => rows, files: () => files, calls: () => calls, judgements: () => judgements },
  };
};

describe("the evidence of a run", () => {
  it("is as its ledger has it, every file of it, and gives the same verdicts", async () => {
    const found = await verified();
    expect(found).toMatchObject({ differences: [], unchecked: [], rejudged: 2 });
    const names = await new Evidence(arena.folder).names();
    expect(names.some((name) => name.startsWith("evidence/"))).toBe(true);
    expect(found.files).toBe(names.filter((name) => !name.startsWith("arena.db")).length);
  });

  it("cannot be changed by a byte", async () => {
    await copied();
    const random = seededRandom("evidence bytes");
    for (const name of (await new Evidence(arena.folder).names()).filter(
      (each) => !each.startsWith("arena.db"),
    )) {
      const whole = await readFile(join(arena.folder, name));
      // A file with nothing in it has no byte to change: one is put there.
      for (const at of new Set([0, random.integer(whole.length), Math.max(0, whole.length - 1)])) {
        const other = Buffer.from(whole.length === 0 ? "x" : whole);
        if (whole.length > 0) other.writeUInt8((whole.readUInt8(at) + 1 + random.integer(255)) % 256, at);
        await writeFile(join(spoilt, name), other);
        const { differences } = await verified(spoilt);
        expect(differences, `${name}, byte ${at}`).not.toEqual([]);
        expect(
          differences.some(({ where }) => name.startsWith(where)),
          `${name}, byte ${at}`,
        ).toBe(true);
      }
      await writeFile(join(spoilt, name), whole);
    }
    expect((await verified(spoilt)).differences).toEqual([]);
  });

  it("cannot lose a file, and a file too many in a round's folder is one too many", async () => {
    for (const name of await new Evidence(arena.folder).names()) {
      if (name.startsWith("arena.db")) continue;
      await copied();
      await rm(join(spoilt, name));
      expect((await verified(spoilt)).differences, name).not.toEqual([]);
    }
    await copied();
    await writeFile(join(spoilt, "battles/b1/round-1/more.txt"), "");
    expect((await verified(spoilt)).differences).toHaveLength(1);
  });

  it("says which files nothing covers", async () => {
    await copied();
    await writeFile(join(spoilt, "notes.txt"), "mine");
    const found = await verified(spoilt);
    expect(found.differences).toEqual([]);
    expect(found.unchecked.join()).toMatch(/^1 files .*: notes\.txt$/);
  });

  it("gives another record than one that was made up, whoever signed that", async () => {
    const lie = (row: RoundRow): RoundRow =>
      row.round === 1 ? { ...row, record: { ...row.record, label: "resolved" } } : row;
    const { differences } = await verified(arena.folder, reader(lie));
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatchObject({
      where: "arena.db, battles/b1/round-1",
      expected: expect.stringContaining("unresolved"),
      found: expect.stringContaining("resolved"),
    });
  });

  it("gives other counts than those that were made up", async () => {
    for (const change of [
      { submitterJobs: { passed: 0, total: 9 } },
      { reviewerJobs: { passed: 0, total: 9 } },
      { failToPass: { passed: 9, total: 9 } },
      { trust: "weak" as const },
    ]) {
      const lie = (row: RoundRow): RoundRow => (row.round === 1 ? { ...row, ...change } : row);
      const { differences } = await verified(arena.folder, reader(lie));
      expect(differences.map(({ expected }) => expected).join()).toContain(Object.keys(change)[0]);
    }
  });

  it("is not judged again without the set, and that is said", async () => {
    const { run } = reader((row) => row);
    const evidence = new Evidence(arena.folder);
    const signal = new AbortController().signal;
    const deps = { run, evidence, signal, onProgress: () => {}, runnerFor: () => toyRunner() };
    const found = await verifyEvidence(deps);
    expect(found).toMatchObject({ rejudged: 0, differences: [] });
    expect(found.unchecked.join()).toContain("verdicts on 1 instances");
  });

  it("may come from anybody: no name in it leads out of its folder", async () => {
    const over = reader((row) => ({ ...row, battleId: "../../elsewhere" }));
    const files = () => [{ path: "/etc/hostname", sha256: "0".repeat(64), isWritten: true }];
    const { differences } = await verified(arena.folder, { run: { ...over.run, files } });
    expect(
      differences.filter(({ expected }) => expected === "names of files inside the run folder"),
    ).toHaveLength(3);
  });
});

describe("what a side used", () => {
  it("is the sum of the answers it was given", async () => {
    const finishes = [answer({ costUsd: 0.1, seconds: 0.2 }), answer({ costUsd: 0.2, seconds: 0.1 })];
    const used = usageOf(finishes);
    expect(used).toMatchObject({ attempts: 2, seconds: 0.30000000000000004 });
    const calls = () =>
      finishes.map((finish, index) => ({
        ...call({ battleId: "b1", attempt: index + 1 }),
        id: index + 1,
        finish,
      }));
    const stated = (inputTokens: number) => {
      const row = (one: RoundRow): RoundRow =>
        one.round === 1 ? { ...one, submitterUsage: { ...used, inputTokens } } : one;
      const { run } = reader(row);
      return verified(arena.folder, { run: { ...run, calls } });
    };
    expect((await stated(used.inputTokens)).differences).toEqual([]);
    expect((await stated(used.inputTokens - 1)).differences).toMatchObject([
      { where: "arena.db, round 1 of b1", expected: "the sum of the submitter's calls" },
    ]);
  });
});

describe("a file that was about to be written when its session was killed", () => {
  const name = "manifest.json";
  const killed = async (before: string | undefined, now: string) => {
    const folder = await mkdtemp(join(tmpdir(), "arena-killed-"));
    const store = openStore(join(folder, "arena.db"));
    const evidence = new Evidence(folder, store);
    if (before !== undefined) await evidence.writeText(name, before);
    store.beginFile(name, "f".repeat(64));
    await writeFile(join(folder, name), now);
    return { folder, store, evidence };
  };

  it("may be as it was, and is put on record so by the next session", async () => {
    const { folder, store, evidence } = await killed("old", "old");
    const deps = { run: store, evidence, signal: new AbortController().signal, onProgress: () => {} };
    const found = await verifyEvidence({ ...deps, runnerFor: () => toyRunner() });
    expect(found.differences).toEqual([]);
    expect(found.unchecked.join()).toContain("is as it was before");
    await evidence.settle();
    expect(store.files()).toMatchObject([{ path: name, isWritten: true }]);
    expect((await verifyEvidence({ ...deps, runnerFor: () => toyRunner() })).unchecked).toEqual([]);
    store.close();
    await rm(folder, { recursive: true });
  });

  it("is in doubt for good when it is neither as it was nor as it was to be", async () => {
    const { folder, store, evidence } = await killed("old", "mine");
    await evidence.settle();
    expect(store.files()).toMatchObject([{ path: name, isWritten: false }]);
    const deps = { run: store, evidence, signal: new AbortController().signal, onProgress: () => {} };
    const { differences } = await verifyEvidence({ ...deps, runnerFor: () => toyRunner() });
    expect(differences).toMatchObject([{ where: name, expected: `SHA-256 ${"f".repeat(64)}` }]);
    store.close();
    await rm(folder, { recursive: true });
  });
});
