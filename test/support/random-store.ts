// Writes of every kind to a run's store, drawn from a seed: what properties of stores and ledgers are tried on.
import { seededRandom } from "../../src/domain/random.ts";
import type { RunStore } from "../../src/domain/run.ts";
import { answer, battle, call, record, round, settings, usage } from "../unit/report/rows.ts";

/** A run as it is begun: settings, a judging seed, and so many battles. */
export function beginRun(store: RunStore, battles: number): void {
  store.saveSettings(settings);
  store.judgingSeed("a secret of the run");
  store.planBattles(Array.from({ length: battles }, (_, index) => battle(index + 1)));
  const drawn = battle(100);
  const draw = { battleId: drawn.battleId, propensity: 0.5, informationPerUsd: 1.5, expectedUsd: 0.25 };
  store.openIssue({ ordinal: 0, instanceId: drawn.instanceId, seen: 0, draws: [draw] }, [drawn]);
}

/** Of the instance that every round is on, so that each is recorded under the last good one. */
function vouch(store: RunStore, number: number): void {
  const of = { instanceId: "one__issue-1", atMs: number, evidence: `canaries/${number}.json` };
  const gold = { control: "gold", name: "gold", passed: true, found: "valid, resolved" } as const;
  store.recordCanary({ ...of, controls: [gold], evidenceHash: "c" });
  if (number % 5 === 0)
    store.recordCanary({
      ...of,
      controls: [{ ...gold, passed: false }],
      reason: "broken",
      evidenceHash: "d",
    });
  if (number % 10 === 0) store.retryQuarantined();
  store.recordDropout({ contestant: "alpha", atMs: number, code: "budget-exhausted", reason: "no more" });
  if (number % 7 === 0) store.returnDropouts();
}

const voided = record({}, { void: { cause: "endpoint-down", side: "reviewer", detail: "gone" } });

/** Numbered writes: number n is always the same one, whatever came before. */
export function write(store: RunStore, number: number): void {
  vouch(store, number);
  const random = seededRandom(`write ${number}`);
  const id = store.beginCall(call({ attempt: number }));
  if (random.integer(3) === 0) store.loseAnswer(id, { usd: 0.25, tokens: 100 });
  if (random.integer(5) > 0) store.finishCall(id, answer({ text: `answer ${number} ✓`.repeat(20) }));
  const isVoid = random.integer(6) === 0;
  store.recordRound(round({ round: number, submitterUsage: usage, ...(isVoid ? { record: voided } : {}) }));
  store.addPlayedSeconds(0.1 * number);
  if (random.integer(4) === 0) store.replaceRecord("battle-1", number, record({ effect: "killed" }));
  if (random.integer(8) === 0) store.reopenVoids();
  if (random.integer(4) === 0) store.finishBattle("battle-1");
  store.cacheRun({ key: `run ${number}`, report: "{}", evidence: `evidence/one/${number}.json.gz` });
  store.beginFile(`evidence/one/${number}.json.gz`, "a".repeat(64));
  store.settleFile(`evidence/one/${number}.json.gz`, "a".repeat(64));
  store.recordJudgement({
    ...{ instanceId: "one__issue-1", contestant: "ann", patchHash: `${number}` },
    ...{ record: record(), seconds: 1.5, evidenceHash: "e" },
  });
}
