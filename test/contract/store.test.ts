// What every RunStore must do, run against each implementation.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Canary } from "../../src/domain/canary.ts";
import { seededRandom } from "../../src/domain/random.ts";
import type { JudgementRow, RoundRow, RunSettings, RunStore } from "../../src/domain/run.ts";
import { openStore } from "../../src/storage/index.ts";
import { answer, battle, call, record, round, settings, shown, usage } from "../unit/report/rows.ts";

const storeFailed = expect.objectContaining({ isFault: true, code: "store-failed" });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arena-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Implementation {
  readonly name: string;
  open(): RunStore;
  /** Closes and opens again; absent for a store that dies with its process. */
  reopen?(store: RunStore): RunStore;
}

const implementations: Implementation[] = [
  { name: "in memory", open: () => openStore(":memory:") },
  {
    name: "on disk",
    open: () => openStore(join(folder, "arena.db")),
    reopen: (store) => {
      store.close();
      return openStore(join(folder, "arena.db"));
    },
  },
];

const fullRow = round({
  record: record(
    { effect: "killed" },
    {
      settlement: { rejected: 2, of: 3, kind: "over-fitted" },
      panel: [{ candidate: "right-1", label: "resolved", effect: "killed" }],
      review: {
        status: "valid",
        reasons: [{ code: "breaks-visible", detail: "a", undisclosed: " (b)" }],
        eligible: ["test::new"],
        failsOnBase: true,
      },
    },
  ),
  submitterJobs: { passed: 1, total: 2 },
  reviewerJobs: { passed: 2, total: 2 },
  failToPass: { passed: 3, total: 3 },
  reusedRuns: ["P"],
  trust: "weak",
});

describe.each(implementations)("a store $name", (implementation) => {
  let store: RunStore;
  beforeEach(() => {
    store = implementation.open();
    store.planBattles([battle(1), battle(2)]);
  });
  afterEach(() => store.close());
  const reopen = () => {
    if (implementation.reopen !== undefined) store = implementation.reopen(store);
  };

  it("keeps which model ranked again, where it ran and where it was asked to", () => {
    const reranker = { fingerprint: "f".repeat(64), device: "cpu", asked: "cuda" } as const;
    const again: RunSettings = { ...settings, retrieval: { ...settings.retrieval, reranker } };
    store.saveSettings(again);
    const row = round({ submitterContext: { ...shown(100), reranker } });
    store.planBattles([battle(1)]);
    store.recordRound(row);
    store = implementation.reopen?.(store) ?? store;
    expect(store.settings).toEqual(again);
    expect(store.rounds()).toEqual([row]);
  });

  it("keeps settings, once and for all", () => {
    expect(store.settings).toBeUndefined();
    store.saveSettings(settings);
    store.saveSettings({ ...settings });
    reopen();
    expect(store.settings).toEqual(settings);
    expect(() => store.saveSettings({ ...settings, seed: "other" })).toThrow(storeFailed);
    expect(store.settings).toEqual(settings);
  });

  it("keeps how pairs are drawn", () => {
    const pairing = {
      battlesPerIssue: 2,
      issuesAtOnce: 3,
      floor: 0.1,
      battleUsd: 0.01,
      stop: { error: 0.05 },
    };
    store.saveSettings({ ...settings, pairing });
    reopen();
    expect(store.settings).toStrictEqual({ ...settings, pairing });
  });

  it("keeps the first judging seed it is given", () => {
    expect(store.judgingSeed("first")).toBe("first");
    expect(store.judgingSeed("second")).toBe("first");
    reopen();
    expect(store.judgingSeed("third")).toBe("first");
  });

  it("adds up how long it was played, and tells nothing on record from no time", () => {
    expect(store.playedSeconds()).toBeUndefined();
    store.addPlayedSeconds(0);
    expect(store.playedSeconds()).toBe(0);
    store.addPlayedSeconds(1.5);
    reopen();
    store.addPlayedSeconds(2);
    expect(store.playedSeconds()).toBe(3.5);
  });

  const canary = (instanceId: string, reason?: string): Canary => ({
    ...{ instanceId, atMs: 1000, evidence: `canaries/${instanceId}/1.json`, evidenceHash: "a".repeat(64) },
    controls: [{ control: "gold", name: "gold", passed: reason === undefined, found: "valid" }],
    ...(reason === undefined ? {} : { reason }),
  });

  it("keeps canaries in their order, and which good one every round was recorded under", () => {
    const { instanceId } = battle(1);
    store.recordRound(round({ round: 1 }));
    store.recordCanary(canary(instanceId));
    store.recordCanary(canary("another"));
    store.recordRound(round({ round: 2 }));
    store.recordCanary(canary(instanceId, "gold came out invalid"));
    // The same again is fine, and keeps its place.
    store.recordRound(round({ round: 2 }));
    reopen();
    expect(store.canaries()).toEqual([
      { ...canary(instanceId), id: 1, isRetried: false },
      { ...canary("another"), id: 2, isRetried: false },
      { ...canary(instanceId, "gold came out invalid"), id: 3, isRetried: false },
    ]);
    expect(store.roundMarks()).toEqual([{ battleId: "battle-1", round: 2, canary: 1 }]);
  });

  it("tries quarantined instances again: doubtful rounds and what was run there are gone, calls stay", () => {
    const [{ instanceId }, other] = [battle(1), battle(2)];
    store.recordCanary(canary(instanceId));
    store.recordCanary(canary(other.instanceId));
    const id = store.beginCall(call());
    store.finishCall(id, answer());
    store.recordRound(round({ round: 1 }));
    store.recordRound(round({ battleId: other.battleId, instanceId: other.instanceId }));
    for (const { battleId } of [battle(1), other]) store.finishBattle(battleId);
    const run = (key: string, of: string) => ({
      key,
      report: "{}",
      evidence: `evidence/${of}/${key}.json.gz`,
    });
    store.cacheRun(run("k1", instanceId));
    store.cacheRun(run("k2", `${instanceId}0`));
    expect(store.retryQuarantined()).toEqual({ instanceIds: [], rounds: 0 });
    store.recordCanary(canary(instanceId, "gold came out invalid"));
    expect(store.retryQuarantined()).toEqual({ instanceIds: [instanceId], rounds: 1 });
    reopen();
    expect(store.rounds().map((row) => row.battleId)).toEqual([other.battleId]);
    expect(store.unplayed()).toEqual([battle(1)]);
    expect(store.cachedRun("k1")).toBeUndefined();
    expect(store.cachedRun("k2")).toEqual(run("k2", `${instanceId}0`));
    expect(store.calls()).toHaveLength(1);
    expect(store.canaries().map(({ isRetried }) => isRetried)).toEqual([false, false, true]);
    expect(store.retryQuarantined()).toEqual({ instanceIds: [], rounds: 0 });
  });

  it("keeps who has left until everybody returns", () => {
    const left = { contestant: "alpha", atMs: 5, code: "budget-exhausted", reason: "no more" };
    store.recordDropout(left);
    reopen();
    expect(store.dropouts()).toEqual([left]);
    store.returnDropouts();
    reopen();
    expect(store.dropouts()).toEqual([]);
  });

  it("keeps battles in the order of their ordinals and knows which are unplayed", () => {
    store.planBattles([battle(4), battle(3), battle(1)]);
    store.finishBattle("battle-2");
    store.finishBattle("battle-2");
    reopen();
    expect(store.battles()).toEqual([battle(1), battle(2), battle(3), battle(4)]);
    expect(store.unplayed().map((one) => one.ordinal)).toEqual([1, 3, 4]);
    expect(() => store.finishBattle("nowhere")).toThrow(storeFailed);
  });

  it("plans all battles or none", () => {
    expect(() => store.planBattles([battle(3), battle(1, { second: "gamma" })])).toThrow(storeFailed);
    expect(() => store.planBattles([battle(3), battle(1, { battleId: "twin" })])).toThrow(storeFailed);
    expect(store.battles()).toEqual([battle(1), battle(2)]);
  });

  const drawnIssue = {
    ...{ ordinal: 0, instanceId: "one__issue-3", seen: 0 },
    draws: [
      { battleId: "battle-3", propensity: 0.925, informationPerUsd: 1.5, expectedUsd: 0.25 },
      { battleId: "battle-4", propensity: 0.05, informationPerUsd: 0, expectedUsd: 0.5 },
    ],
  };
  const drawnBattles = [battle(3), battle(4, { instanceId: "one__issue-3" })];

  it("keeps an opened issue with its draws and the battles they made, all or nothing", () => {
    store.openIssue(drawnIssue, drawnBattles);
    store.openIssue(structuredClone(drawnIssue), drawnBattles);
    reopen();
    expect(store.openedIssues()).toStrictEqual([{ ...drawnIssue, isClosed: false }]);
    expect(store.unplayed()).toEqual([battle(1), battle(2), ...drawnBattles]);
    const next = { ...drawnIssue, ordinal: 1, instanceId: "one__issue-5" };
    const draw = { battleId: "battle-5", propensity: 0.5, informationPerUsd: 1, expectedUsd: 1 };
    const wrong = [
      { ...drawnIssue, seen: 1 },
      { ...drawnIssue, ordinal: 1 },
      { ...next, draws: [{ ...draw, propensity: 0 }] },
      { ...next, draws: [{ ...draw, battleId: "nowhere" }] },
    ];
    for (const issue of wrong) expect(() => store.openIssue(issue, [battle(5)])).toThrow(storeFailed);
    expect(store.battles()).toHaveLength(4);
    expect(store.openedIssues()).toHaveLength(1);
  });

  it("closes an opened issue once its battles are played, and opens it again for void rounds", () => {
    store.openIssue(drawnIssue, drawnBattles);
    const isClosed = () => store.openedIssues().map((issue) => issue.isClosed);
    store.finishBattle("battle-3");
    expect(isClosed()).toEqual([false]);
    store.finishBattle("battle-4");
    reopen();
    expect(isClosed()).toEqual([true]);
    const lost = record({}, { void: { cause: "x", side: "reviewer", detail: "d" } });
    store.recordRound(round({ battleId: "battle-3", instanceId: "one__issue-3", record: lost }));
    store.reopenVoids();
    expect(isClosed()).toEqual([false]);
  });

  it("keeps why an opened issue is left out, until it is played after all", () => {
    store.openIssue(drawnIssue, drawnBattles);
    store.leaveOut("one__issue-3", "gold does not apply");
    reopen();
    const leftOut = { isClosed: true, leftOut: "gold does not apply" };
    expect(store.openedIssues()).toStrictEqual([{ ...drawnIssue, ...leftOut }]);
    for (const { battleId } of drawnBattles) store.finishBattle(battleId);
    expect(store.openedIssues()).toStrictEqual([{ ...drawnIssue, isClosed: true }]);
    expect(() => store.leaveOut("one__issue-9", "why")).toThrow(storeFailed);
  });

  it("gives rounds back as they were, in the order of the plan", () => {
    const rows: RoundRow[] = [
      round({ battleId: "battle-2", instanceId: "one__issue-2", round: 1 }),
      round({ round: 2, record: record({}, { void: { cause: "x", side: "baseline", detail: "d" } }) }),
      fullRow,
    ];
    for (const row of rows) store.recordRound(row);
    reopen();
    expect(store.rounds()).toStrictEqual([rows[2], rows[1], rows[0]]);
    expect(store.rounds("battle-1")).toStrictEqual([rows[2], rows[1]]);
    expect(store.rounds("nowhere")).toEqual([]);
  });

  it("takes many rounds at once, all of them or none", () => {
    const rows = [round(), round({ round: 2 })];
    expect(() => store.recordRounds([...rows, round({ round: 3, battleId: "nowhere" })])).toThrow(
      storeFailed,
    );
    expect(store.rounds()).toEqual([]);
    store.recordRounds(rows);
    reopen();
    expect(store.rounds()).toEqual(rows);
  });

  it("keeps what files of the run must hold, and what they held before while they are written", () => {
    const path = "manifest.json";
    store.beginFile(path, "a");
    expect(store.files()).toEqual([{ path, sha256: "a", isWritten: false }]);
    store.settleFile(path, "a");
    store.beginFile(path, "b");
    store.beginFile(path, "c");
    reopen();
    expect(store.files()).toEqual([{ path, sha256: "c", isWritten: false, earlier: "a" }]);
    store.settleFile(path, undefined);
    expect(store.files()).toEqual([]);
  });

  it("takes the same round again, and refuses another in its place", () => {
    store.recordRound(fullRow);
    store.recordRound(structuredClone(fullRow));
    expect(() => store.recordRound({ ...fullRow, judgingSeconds: 1 })).toThrow(storeFailed);
    expect(() => store.recordRound({ ...fullRow, record: record() })).toThrow(/already recorded/);
    expect(store.rounds()).toStrictEqual([fullRow]);
  });

  it("refuses rounds of no planned battle, and of another instance than planned", () => {
    expect(() => store.recordRound(round({ battleId: "nowhere" }))).toThrow(storeFailed);
    expect(() => store.recordRound(round({ instanceId: "one__issue-2" }))).toThrow(storeFailed);
    expect(store.rounds()).toEqual([]);
  });

  it("refuses what it could not read back", () => {
    const wrong = [
      round({ judgingSeconds: Number.NaN }),
      round({ submitterUsage: { ...usage, inputTokens: 1.5 } }),
      round({ submitterUsage: { ...usage, costUsd: Number.POSITIVE_INFINITY } }),
      { ...round(), unheardOf: 1 },
      round({ submitterJobs: Object.assign({ passed: 1, total: 1 }, { unheardOf: 1 }) }),
    ];
    for (const row of wrong) expect(() => store.recordRound(row)).toThrow(/could not be read back/);
    expect(store.rounds()).toEqual([]);
  });

  it("records a round whole or not at all, whatever is tried", () => {
    const random = seededRandom("rounds");
    const accepted = new Map<string, RoundRow>();
    for (let step = 0; step < 300; step += 1) {
      const number = 1 + random.integer(4);
      const row = round({
        battleId: `battle-${random.integer(3)}`,
        instanceId: `one__issue-${random.integer(3)}`,
        round: number,
        judgingSeconds: [1, 2, -1][random.integer(3)] ?? 0,
        record: random.integer(2) === 0 ? record() : record({ effect: "killed" }),
      });
      const key = `${row.battleId}/${row.round}`;
      try {
        store.recordRound(row);
        expect(accepted.get(key) ?? row).toStrictEqual(row);
        accepted.set(key, row);
      } catch (error) {
        expect(error).toEqual(storeFailed);
      }
    }
    expect(accepted.size).toBe(8);
    const stored = new Map(store.rounds().map((row) => [`${row.battleId}/${row.round}`, row]));
    expect(stored).toEqual(accepted);
  });

  it("replaces a record and nothing else of a round", () => {
    store.recordRound(fullRow);
    const again = record({ label: "unresolved", effect: "killed" });
    store.replaceRecord("battle-1", 1, again);
    reopen();
    expect(store.rounds()).toStrictEqual([{ ...fullRow, record: again }]);
    expect(() => store.replaceRecord("battle-1", 9, again)).toThrow(storeFailed);
  });

  it("takes void rounds back, and only those, so that their battles are played again", () => {
    const lost = record({}, { void: { cause: "x", side: "reviewer", detail: "d" } });
    const other = round({ battleId: "battle-2", instanceId: "one__issue-2" });
    for (const row of [fullRow, round({ round: 2, record: lost }), other]) store.recordRound(row);
    for (const id of ["battle-1", "battle-2"]) store.finishBattle(id);
    expect(store.reopenVoids()).toBe(1);
    reopen();
    expect(store.rounds()).toStrictEqual([fullRow, other]);
    expect(store.unplayed()).toEqual([battle(1)]);
    store.recordRound(round({ round: 2 }));
    expect(store.reopenVoids()).toBe(0);
  });

  it("keeps a call from before it is made", () => {
    const { worstCaseUsd: _, ...unpriced } = call({ attempt: 2 });
    const ids = [store.beginCall(call()), store.beginCall(unpriced)];
    reopen();
    expect(store.calls()).toStrictEqual([
      { id: ids[0], ...call() },
      { id: ids[1], ...unpriced },
    ]);
    expect(store.callAt(call())).toStrictEqual({ id: ids[0], ...call() });
    expect(store.callAt(call({ role: "reviewer" }))).toBeUndefined();
  });

  it("adds up what answers were lost on the way, until the call has its end", () => {
    const id = store.beginCall(call());
    store.loseAnswer(id, { usd: 0.25, tokens: 100 });
    store.loseAnswer(id, { usd: 0.5, tokens: 20 });
    reopen();
    const lost = { usd: 0.75, tokens: 120 };
    expect(store.calls()).toStrictEqual([{ id, ...call(), lost }]);
    store.finishCall(id, answer());
    expect(store.callAt(call())).toStrictEqual({ id, ...call(), lost, finish: answer() });
    expect(() => store.loseAnswer(id, lost)).toThrow(storeFailed);
    expect(() => store.loseAnswer(id + 1, lost)).toThrow(storeFailed);
  });

  it("adds up what the requests of an agent cost while it runs, apart from lost answers", () => {
    const id = store.beginCall(call());
    store.chargeCall(id, { usd: 0.25, tokens: 100 });
    store.chargeCall(id, { usd: 0, tokens: 20 });
    reopen();
    const charged = { usd: 0.25, tokens: 120 };
    expect(store.calls()).toStrictEqual([{ id, ...call(), charged }]);
    store.finishCall(id, answer());
    expect(store.callAt(call())).toStrictEqual({ id, ...call(), charged, finish: answer() });
    expect(() => store.chargeCall(id, charged)).toThrow(storeFailed);
  });

  it("keeps an answer, and never lets it be asked for again", () => {
    const id = store.beginCall(call());
    store.finishCall(id, answer());
    store.finishCall(id, answer());
    reopen();
    expect(store.callAt(call())).toStrictEqual({ id, ...call(), finish: answer() });
    expect(() => store.beginCall(call())).toThrow(/not paid for again/);
    expect(() => store.finishCall(id, answer({ text: "another" }))).toThrow(storeFailed);
    expect(() => store.finishCall(id + 1, answer())).toThrow(storeFailed);
    expect(store.calls()).toHaveLength(1);
  });

  it.each(["refusal", "truncated", "context-overflow", "answer-too-large"] as const)(
    "counts %s as an answer",
    (status) => {
      store.finishCall(store.beginCall(call()), answer({ status }));
      expect(() => store.beginCall(call())).toThrow(storeFailed);
    },
  );

  it("lets a call that died or met a fault be made again, and keeps both", () => {
    const died = store.beginCall(call());
    reopen();
    const failed = store.beginCall(call());
    store.finishCall(failed, answer({ status: "fault", text: "", error: "connection lost" }));
    const received = store.beginCall(call());
    store.finishCall(received, answer());
    expect(store.calls().map((one) => [one.id, one.finish?.status])).toEqual([
      [died, undefined],
      [failed, "fault"],
      [received, "answered"],
    ]);
    expect(store.callAt(call())?.id).toBe(received);
  });

  it("lets only one of two calls in flight for one answer deliver it", () => {
    const [one, two] = [store.beginCall(call()), store.beginCall(call())];
    store.finishCall(two, answer());
    expect(() => store.finishCall(one, answer({ text: "a second answer" }))).toThrow(storeFailed);
    expect(store.callAt(call())?.id).toBe(two);
  });

  it("refuses calls of no planned battle", () => {
    expect(() => store.beginCall(call({ battleId: "nowhere" }))).toThrow(storeFailed);
  });

  const judgement: JudgementRow = {
    instanceId: "one__issue-1",
    contestant: "alpha",
    patchHash: "ef",
    record: record(),
    seconds: 3.5,
    evidenceHash: "01",
  };

  it("keeps judgements by instance, contestant and patch", () => {
    const rows = [
      judgement,
      { ...judgement, patchHash: "other" },
      { ...judgement, contestant: "beta" },
      { ...judgement, instanceId: "one__issue-2" },
    ];
    for (const row of [...rows].reverse()) store.recordJudgement(row);
    store.recordJudgement(structuredClone(judgement));
    reopen();
    expect(store.judgements()).toStrictEqual(rows);
    expect(() => store.recordJudgement({ ...judgement, seconds: 4 })).toThrow(storeFailed);
    expect(store.judgements()).toStrictEqual(rows);
  });

  it("lets a judgement take the place of a void, never a void that of a judgement", () => {
    const nothing = record({}, { void: { cause: "engine-unreachable", side: "baseline", detail: "gone" } });
    store.recordJudgement({ ...judgement, record: nothing, evidenceHash: "00" });
    store.recordJudgement({ ...judgement, record: nothing, evidenceHash: "02" });
    store.recordJudgement(judgement);
    reopen();
    expect(store.judgements()).toStrictEqual([judgement]);
    expect(() => store.recordJudgement({ ...judgement, record: nothing })).toThrow(/already recorded/);
    expect(store.judgements()).toStrictEqual([judgement]);
  });

  it("replaces a record and nothing else of a judgement", () => {
    store.recordJudgement(judgement);
    store.recordJudgement({ ...judgement, patchHash: "other" });
    const again = record({ label: "unresolved" });
    store.replaceJudgement(judgement, again);
    reopen();
    expect(store.judgements()).toStrictEqual([
      { ...judgement, record: again },
      { ...judgement, patchHash: "other" },
    ]);
    expect(() => store.replaceJudgement({ ...judgement, contestant: "beta" }, again)).toThrow(storeFailed);
  });

  it("keeps finished runs by their key", () => {
    const run = { key: "k", report: "{}", evidence: "evidence/k.json.gz" };
    store.cacheRun(run);
    store.cacheRun(run);
    reopen();
    expect(store.cachedRun("k")).toEqual(run);
    expect(store.cachedRun("other")).toBeUndefined();
    expect(() => store.cacheRun({ ...run, report: "[]" })).toThrow(storeFailed);
  });

  it("may be closed twice", () => {
    store.close();
    expect(() => store.close()).not.toThrow();
  });
});
