// What a pair keeps of questions that are over: levels and banks, and of its ledger only what may be asked for again.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import type { Backend, QuestionRequest } from "../../../../src/inference/a1/backend.ts";
import { Calibrator } from "../../../../src/inference/a1/calibrator.ts";
import { meanNllScorer } from "../../../../src/inference/a1/chunk-scorers.ts";
import { replay } from "../../../../src/inference/a1/decision-book.ts";
import { EngineFault } from "../../../../src/inference/a1/engine.ts";
import { type LedgerEvent, LedgerFault } from "../../../../src/inference/a1/ledger.ts";
import {
  defaultPairSettings,
  openPair,
  type PairDeps,
  type PairSettings,
} from "../../../../src/inference/a1/pair.ts";
import { VirtualTime } from "../../../../src/inference/a1/simulation/virtual-time.ts";
import { type Script, ScriptedEngine } from "../../../support/engine-script.ts";

const never = new AbortController().signal;
const calibrator = { ...defaultPairSettings.calibrator, auditShare: 0 };

interface Stage {
  readonly draft?: Partial<Script>;
  readonly deps?: Partial<PairDeps>;
  readonly settings?: Partial<PairSettings>;
}

function stage({ draft = {}, deps = {}, settings = {} }: Stage = {}) {
  const time = new VirtualTime();
  const engines = {
    draft: new ScriptedEngine({ name: "draft", write: ({ key }) => `one ${key.sample}`, ...draft }, time),
    target: new ScriptedEngine({ name: "target", write: () => "other" }, time),
  };
  const own = { ...defaultPairSettings, calibrator, ...settings };
  const pair = openPair(
    { ...engines, scorer: meanNllScorer, clock: time, random: seededRandom("forget"), ...deps },
    own,
  );
  return { time, pair, engines };
}

const ask = (pair: Backend, more: Partial<QuestionRequest> = {}, signal = never) => {
  const request: QuestionRequest = {
    ...{ id: "q", messages: [{ role: "user", content: "what?" }], task: "chat" },
    ...{ samples: 2, maxTokens: 40, temperature: 0.8, seed: 7, ...more },
  };
  return pair.ask(request, signal);
};

function recorded() {
  const events: LedgerEvent[] = [];
  return {
    events,
    ledger: { append: (event: LedgerEvent) => events.push(JSON.parse(JSON.stringify(event))) },
  };
}

describe("a question that failed", () => {
  it("is gone on with alike in the same process and in another: no text stands behind another life's", async () => {
    const { ledger, events } = recorded();
    let life = 1;
    /** A served engine is not exact: asked again, it writes another text; from `failsAt` on it cannot be reached. */
    const living = (failsAt: () => number, before: readonly LedgerEvent[] = []) =>
      stage({
        draft: {
          write: ({ key }) => {
            if (key.turn >= failsAt()) throw new EngineFault("unreachable", "gone", { retryable: false });
            return key.turn === 3 ? "<end>" : `L${life}T${key.turn}`.padEnd(50, ".");
          },
        },
        deps: { ledger, before },
        settings: {
          calibrator: { ...calibrator, interventionRate: 0 },
          sample: { ...defaultPairSettings.sample, draftTokens: 40, turns: 6 },
        },
      });
    let failsAt = 2;
    const first = living(() => failsAt);
    const once = { samples: 1, maxTokens: 400 };
    await expect(first.time.run(ask(first.pair, once))).rejects.toThrow("gone");
    [life, failsAt] = [2, 3];
    await expect(first.time.run(ask(first.pair, once))).rejects.toThrow("gone");
    const keys = events.flatMap((event) => (event.kind === "decided" ? [JSON.stringify(event.key)] : []));
    expect(new Set(keys).size).toBe(keys.length);
    life = 3;
    const third = living(() => Number.POSITIVE_INFINITY, [...events]);
    const { text } = await third.time.run(ask(third.pair, once));
    expect(text.match(/L\dT\d/g)).toEqual(["L1T0", "L1T1", "L2T2"]);
  });
});

describe("a question's name", () => {
  it("stands for it as long as a ledger tells of it, and else until it is answered", async () => {
    const kept = stage({ deps: { ledger: recorded().ledger } });
    await kept.time.run(ask(kept.pair));
    await expect(ask(kept.pair, { seed: 8 })).rejects.toThrow(LedgerFault);
    for (const deps of [{}, { ledger: recorded().ledger, asksOnce: true }]) {
      const { time, pair } = stage({ deps });
      await time.run(ask(pair));
      await expect(time.run(ask(pair, { seed: 8 }))).resolves.toMatchObject({ finish: "stop" });
    }
  });
});

describe("a question that nobody waits for any more", () => {
  const bankAfter = (events: readonly LedgerEvent[]) => {
    const again = new Calibrator(calibrator);
    replay(again, events);
    const place = { pair: "draft > target", task: "chat", question: "q", sample: 9, turn: 0, attempt: 0 };
    return again.decide(again.issue(), { ...place, nonconformity: 1 }).bank?.key;
  };

  it("leaves no bank of its own, in this process or in one that goes on from the ledger", async () => {
    const { events, ledger } = recorded();
    const { time, pair } = stage({
      ...{ deps: { ledger }, settings: { ownBankDrafts: 4 } },
      draft: { write: ({ key }) => (key.sample < 0 ? "short" : "x".repeat(40)), msPerToken: 10 },
    });
    const client = new AbortController();
    time.after(150, () => client.abort(new Error("gone")));
    await expect(time.run(ask(pair, {}, client.signal))).rejects.toThrow("gone");
    expect(events.map(({ kind }) => kind)).toContain("own-bank");
    expect(events.at(-1)).toEqual({ kind: "abandoned", question: "q" });
    expect(bankAfter(events)).toBeUndefined();
    expect(bankAfter(events.slice(0, -1))).toBe("question q");
  });

  it("is on record where its engines have failed it", async () => {
    const { events, ledger } = recorded();
    const write = (): string => {
      throw new EngineFault("unauthorized", "no key");
    };
    const { time, pair } = stage({ draft: { write }, deps: { ledger } });
    await expect(time.run(ask(pair))).rejects.toThrow(EngineFault);
    expect(events.at(-1)).toEqual({ kind: "abandoned", question: "q" });
  });
});

describe("a pair that goes on from a ledger", () => {
  it("where names come once knows levels and banks, and asks everything anew", async () => {
    const { events, ledger } = recorded();
    const first = stage({ deps: { ledger } });
    await first.time.run(ask(first.pair));
    const again = stage({ deps: { before: events, asksOnce: true } });
    const ratesOf = ({ pair }: typeof again) => [...pair.interventions().kinds];
    expect(ratesOf(again)).toEqual(ratesOf(first));
    expect(ratesOf(again)[0]?.[1].decisions).toBe(2);
    await again.time.run(ask(again.pair));
    expect(again.engines.draft.requests).toHaveLength(2);
  });

  it("reads it once, event by event", () => {
    let passes = 0;
    const before: Iterable<LedgerEvent> = {
      *[Symbol.iterator]() {
        passes += 1;
        yield { kind: "run", schemaVersion: 1, fingerprint: "f", atMs: 0 };
      },
    };
    stage({ deps: { before } });
    expect(passes).toBe(1);
  });

  it("of another version says so as a fault", () => {
    const key = { question: "q", sample: 0, turn: 0, attempt: 0 };
    const bent: LedgerEvent[] = [
      { kind: "issued", key },
      {
        ...{ kind: "decided", key, facts: { ...key, pair: "p", task: "t", nonconformity: 1 } },
        decision: { intervene: true, level: 0.123, u: 0.5, isAudit: false },
      },
    ];
    expect(() => stage({ deps: { before: bent } })).toThrow(LedgerFault);
    expect(() => stage({ deps: { before: bent.slice(1) } })).toThrow(LedgerFault);
  });
});
