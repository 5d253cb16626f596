// Candidates are tried best first until one passes; what verdicts show to be hopeless is not tried, but by chance.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import type { Candidate } from "../../../../src/inference/a1/backend.ts";
import { type LedgerEvent, noLedger } from "../../../../src/inference/a1/ledger.ts";
import { patchTask } from "../../../../src/inference/a1/patch-task.ts";
import {
  chosenByTrial,
  defaultTrialSettings,
  TrialBook,
  type TrialDeps,
  trialPlanOf,
} from "../../../../src/inference/a1/trials.ts";
import type { Trial } from "../../../../src/inference/model.ts";

const never = new AbortController().signal;

const candidate = (sample: number, answer: string, nonconformity: number): Candidate => ({
  ...{ sample, text: answer, end: { kind: "answered", answer }, isUnchecked: false },
  chunks: [{ turn: 0, author: "draft", text: answer, isKept: true, nonconformity }],
});

/** Best first: b, a, c. */
const three = [candidate(0, "a", 2), candidate(1, "b", 1), candidate(2, "c", 3)];

function trials(say: (text: string) => Trial, over: Partial<TrialDeps> = {}) {
  const ran: string[] = [];
  const trial = async (text: string): Promise<Trial> => {
    ran.push(text);
    return say(text);
  };
  const check = async (key: string) => ({ isUsable: true, key }) as const;
  const deps: TrialDeps = {
    ...{ settings: defaultTrialSettings, book: new TrialBook(noLedger) },
    ...{ task: patchTask("patch", check, trial), question: "q", pair: "d > t", ...over },
  };
  return { ran, deps };
}

const failed: Trial = { kind: "failed", because: "a check broke" };
const passes =
  (...right: readonly string[]) =>
  (text: string): Trial =>
    right.includes(text) ? { kind: "passed" } : failed;

/** A book in which so many candidates, ever worse, have failed. */
function bookOfFailures(count: number, from: number): TrialBook {
  const book = new TrialBook(noLedger);
  for (let at = 0; at < count; at += 1)
    book.note({
      ...{ question: `past ${at}`, sample: 0, text: `${at}`, of: JSON.stringify(["d > t", "patch"]) },
      ...{ trial: failed, nonconformity: from + at, isAudit: true },
    });
  return book;
}

describe("trials", () => {
  it("take the first that passes, best first, and try no more", async () => {
    const { ran, deps } = trials(passes("a", "c"));
    const { chosen, trials: told } = await chosenByTrial(three, deps, never);
    expect(chosen?.sample).toBe(0);
    expect(ran).toEqual(["b", "a"]);
    expect(told.map(({ sample, trial }) => [sample, trial.kind])).toEqual([
      [1, "failed"],
      [0, "passed"],
    ]);
  });

  it("leave the best of those that did not fail, and the best of all where all did", async () => {
    const two = { ...defaultTrialSettings, most: 2 };
    expect((await chosenByTrial(three, trials(passes(), { settings: two }).deps, never)).chosen?.sample).toBe(
      2,
    );
    expect((await chosenByTrial(three, trials(passes()).deps, never)).chosen?.sample).toBe(1);
  });

  it("end where the host cannot tell, which is said and teaches nothing", async () => {
    const book = new TrialBook(noLedger);
    const { ran, deps } = trials(() => ({ kind: "unknown", because: "disk full" }), { book });
    const { chosen, trials: told } = await chosenByTrial(three, deps, never);
    expect([chosen?.sample, ran, told[0]?.trial]).toEqual([
      1,
      ["b"],
      { kind: "unknown", because: "disk full" },
    ]);
    expect(book.past(JSON.stringify(["d > t", "patch"]), "other")).toEqual([]);
  });

  it("are not spent on what looks like those that failed, once enough have", async () => {
    const settings = { ...defaultTrialSettings, failureShare: 0.1, auditShare: 0 };
    const hopeless = trials(passes("b"), { settings, book: bookOfFailures(40, 0) });
    expect((await chosenByTrial(three, hopeless.deps, never)).chosen?.sample).toBe(1);
    expect(hopeless.ran).toEqual([]);
    const hopeful = trials(passes("b"), { settings, book: bookOfFailures(40, 10) });
    const { trials: told } = await chosenByTrial(three, hopeful.deps, never);
    expect(told).toMatchObject([{ sample: 1, p: 1 / 41, isAudit: false }]);
    const audited = trials(passes("b"), {
      ...{ settings: { ...settings, auditShare: 1 }, book: bookOfFailures(40, 0) },
    });
    expect((await chosenByTrial(three, audited.deps, never)).trials[0]).toMatchObject({ isAudit: true });
    expect(
      (await chosenByTrial(three, trials(passes("b"), { book: bookOfFailures(19, 0) }).deps, never))
        .trials[0],
    ).not.toHaveProperty("p");
  });

  it("are measured by candidates drawn by lot alone, which are tried after the others and never stand in for them", async () => {
    const written: LedgerEvent[] = [];
    const append = (event: LedgerEvent) => written.push(event);
    const settings = { ...defaultTrialSettings, auditShare: 1 };
    const drawn = new Set<string>();
    for (let at = 0; at < 40; at += 1) {
      const { ran, deps } = trials(passes("b", "c"), { settings, book: new TrialBook({ append }) });
      const { chosen, trials: told } = await chosenByTrial(three, { ...deps, question: `q${at}` }, never);
      expect([chosen?.sample, ran[0]]).toEqual([1, "b"]);
      const [lot, more] = told.filter(({ isAudit }) => isAudit);
      expect(more).toBeUndefined();
      drawn.add(String(lot?.sample));
      expect(told.length).toBe(lot?.sample === 1 ? 1 : 2);
    }
    expect([...drawn].sort()).toEqual(["0", "1", "2"]);
    const of = JSON.stringify(["d > t", "patch"]);
    const book = new TrialBook(noLedger);
    for (const event of written) if (event.kind === "tried") book.restore(event);
    expect(book.past(of, "q0")).toHaveLength(39);
  });

  it("let candidates in as often as they deserve it, since what is let in is not what they are measured by", async () => {
    const random = seededRandom("admission");
    const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    const book = new TrialBook(noLedger);
    let [admittedCount, failedCount, emptyHanded, questions] = [0, 0, 0, 0];
    for (let at = 0; at < 800; at += 1) {
      const right = Array.from({ length: 8 }, () => random.next() < 0.3);
      const all = right.map((isRight, n) => candidate(n, `${at} ${n}`, (isRight ? -2 : 0) + normal() + 10));
      const { deps } = trials(passes(...all.flatMap(({ text }, n) => (right[n] === true ? [text] : []))), {
        book,
      });
      const { trials: told } = await chosenByTrial(all, { ...deps, question: `q${at}` }, never);
      if (at < 300) continue;
      questions += 1;
      const ordinary = told.filter(({ isAudit }) => !isAudit);
      if (ordinary.length === 0) emptyHanded += 1;
      admittedCount += ordinary.length;
      failedCount += ordinary.filter(({ trial }) => trial.kind === "failed").length;
    }
    // Of a question's eight, none passes in one of seventeen; measured by what was let in, nothing is in half of them.
    expect(emptyHanded / questions).toBeLessThan(0.2);
    expect(failedCount / admittedCount).toBeLessThan(defaultTrialSettings.failureShare);
  });

  it("are not made twice of one text by whoever goes on", async () => {
    const written: LedgerEvent[] = [];
    const append = (event: LedgerEvent) => written.push(event);
    const first = trials(passes("a"), { book: new TrialBook({ append }) });
    await chosenByTrial(three, first.deps, never);
    expect(written.map(({ kind }) => kind)).toEqual(["trials-planned", "tried", "tried"]);
    const book = new TrialBook(noLedger);
    for (const event of written) if (event.kind === "tried") book.restore(event);
    const second = trials(passes("a"), { book });
    expect((await chosenByTrial(three, second.deps, never)).chosen?.sample).toBe(0);
    expect(second.ran).toEqual([]);
    book.forget("q");
    expect(book.known("q", "a")).toBeUndefined();
  });

  it("stand in the ledger before they are made, so that they can be decided again and are gone on with alike", async () => {
    const written: LedgerEvent[] = [];
    const append = (event: LedgerEvent) => void written.push(event);
    const book = new TrialBook({ append });
    const random = seededRandom("plans");
    for (let at = 0; at < 80; at += 1) {
      const all = [0, 1, 2, 3].map((n) => candidate(n, `${at} ${n}`, random.next()));
      await chosenByTrial(all, { ...trials(passes(`${at} 0`), { book }).deps, question: `q${at}` }, never);
    }
    const past: { question: string; nonconformity: number; hasPassed: boolean }[] = [];
    let plans = 0;
    for (const event of written) {
      if (event.kind === "tried" && event.isAudit === true)
        past.push({
          ...{ question: event.question, nonconformity: event.nonconformity ?? Infinity },
          hasPassed: event.trial.kind === "passed",
        });
      if (event.kind !== "trials-planned") continue;
      plans += 1;
      const { kind: _, of: __, question, ...plan } = event;
      const known = plan.contenders.map((each) => ({
        sample: each.sample,
        nonconformity: each.nonconformity ?? Infinity,
      }));
      expect(trialPlanOf(known, { past, settings: defaultTrialSettings, question })).toEqual(plan);
    }
    expect(plans).toBe(80);
    expect(
      written.some((event) => event.kind === "trials-planned" && event.contenders[0]?.p !== undefined),
    ).toBe(true);
    // Verdicts that came later do not change what was decided.
    const [first] = written;
    if (first?.kind !== "trials-planned") throw new Error("expected a plan first");
    const later = bookOfFailures(40, -10);
    later.restorePlan(first);
    const again = trials(passes(), { book: later });
    const four = [0, 1, 2, 3].map((n) => candidate(n, `0 ${n}`, n));
    await chosenByTrial(four, { ...again.deps, question: "q0" }, never);
    expect(again.ran.length).toBe(4);
  });

  it("are none where none is asked for", async () => {
    const { ran, deps } = trials(passes(), { settings: { ...defaultTrialSettings, most: 0 } });
    expect(await chosenByTrial(three, deps, never)).toEqual({
      chosen: { sample: 1, answer: "b" },
      trials: [],
    });
    expect(ran).toEqual([]);
  });
});
