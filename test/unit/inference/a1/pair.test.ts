// The pair end to end on scripted engines in virtual time: what is handed over, what is refused, what fails, what is called off.
import { describe, expect, it } from "vitest";
import type { CandidateChunk } from "../../../../src/inference/a1/backend.ts";
import { Calibrator } from "../../../../src/inference/a1/calibrator.ts";
import { yesScorer } from "../../../../src/inference/a1/chunk-scorers.ts";
import { pairConfigurationSchema, pairSettingsOf } from "../../../../src/inference/a1/configuration.ts";
import { DecisionBook, replay } from "../../../../src/inference/a1/decision-book.ts";
import { type CallKey, EngineFault } from "../../../../src/inference/a1/engine.ts";
import { type LedgerEvent, LedgerFault } from "../../../../src/inference/a1/ledger.ts";
import { openPair, type PairSettings } from "../../../../src/inference/a1/pair.ts";
import { VirtualTime } from "../../../../src/inference/a1/simulation/virtual-time.ts";
import type { Task } from "../../../../src/inference/a1/task.ts";
import { everything, type Script, ScriptedEngine } from "../../../support/engine-script.ts";
import { asked, bracketed, settings, stage } from "../../../support/pair-stage.ts";

const never = new AbortController().signal;

describe("a candidate", () => {
  it("keeps drafts that are not handed over, until one holds the answer", async () => {
    const { time, deps, engines } = stage({ write: ({ key }) => (key.turn < 2 ? "a step. …" : "<42>") }, {});
    const answer = await time.run(openPair(deps, settings({}, 0)).ask(asked(), never));
    expect(answer).toMatchObject({ text: "a step. a step. <42>", answer: "42", finish: "stop", chosen: 0 });
    expect(engines.target.requests).toHaveLength(0);
    expect(engines.draft.requests[2]?.context.answer).toBe("a step. a step. ");
  });

  it("goes on behind a draft that is handed over, each model's tokens as they were", async () => {
    const { time, deps, engines } = stage({}, {});
    const answer = await time.run(openPair(deps, settings({}, 1)).ask(asked(), never));
    expect(answer.text).toBe("a step. so <right>");
    expect(answer.candidates[0]?.chunks.map(({ author }) => author)).toEqual(["draft", "target"]);
    const [request] = engines.target.requests;
    expect(request?.context.answer).toBe("a step. ");
    const prompt = await engines.target.codec.prompt(asked().messages);
    expect(request?.context.ids).toEqual([...prompt, ...(await engines.target.codec.encode("a step. ", ""))]);
    expect(answer.usage).toMatchObject({ draftTokens: 8, targetTokens: 10, scoredTokens: 8 });
  });

  it("is written anew where its task says so, and the draft leaves no trace in the text", async () => {
    const anew: Task = { ...bracketed, onIntervention: "regenerate" };
    const { time, deps, engines } = stage({}, {}, { tasks: [anew] });
    const answer = await time.run(openPair(deps, settings({}, 1)).ask(asked(), never));
    expect(answer.text).toBe("so <right>");
    expect(engines.target.requests[0]?.context.answer).toBe("");
    expect(answer.candidates[0]?.chunks.map(({ text }) => text)).toEqual(["a step. ", "so <right>"]);
  });

  it("is asked for its answer before anything is scored", async () => {
    const { time, deps, engines, events } = stage({ write: () => "<1>" }, {});
    await time.run(openPair(deps, settings({}, 1)).ask(asked(), never));
    expect(engines.target.scores).toHaveLength(0);
    expect(events.map(({ kind }) => kind)).toEqual([
      ...["question", "issued", "call", "gated", "withdrawn", "ended", "answered"],
    ]);
  });

  it("that a gate refuses is drafted anew, hotter, and in the end written by the target", async () => {
    const { time, deps, engines } = stage({ write: () => "why? …" }, {});
    const answer = await time.run(openPair(deps, settings({}, 0)).ask(asked(), never));
    expect(engines.draft.requests.map(({ temperature }) => Number(temperature.toFixed(2)))).toEqual([
      ...[0.8, 0.9, 1],
    ]);
    expect(new Set(engines.draft.requests.map(({ seed }) => seed)).size).toBe(3);
    expect(answer).toMatchObject({ text: "so <right>", answer: "right" });
  });

  const repeating = {
    write: ({ key }: { key: CallKey }) => (key.attempt ? `other <${key.sample}>` : "same <1>"),
  };

  it("that repeats a sibling word for word draws again where the task would rather have another", async () => {
    const { time, deps, engines, events } = stage(
      repeating,
      {},
      { tasks: [{ ...bracketed, exchangesDuplicates: true }] },
    );
    const answer = await time.run(openPair(deps, settings({}, 0)).ask(asked({ samples: 3 }), never));
    expect(answer.candidates.map(({ text }) => text).toSorted()).toEqual([
      ...["other <1>", "other <2>", "same <1>"],
    ]);
    expect(engines.draft.requests).toHaveLength(5);
    expect(events.filter((each) => each.kind === "gated" && each.gated.kind === "duplicate")).toHaveLength(2);
  });

  it("that repeats a sibling counts as what was drawn where they vote", async () => {
    const { time, deps, engines } = stage(repeating, {});
    const answer = await time.run(openPair(deps, settings({}, 0)).ask(asked({ samples: 3 }), never));
    expect(answer.candidates.map(({ text }) => text)).toEqual(["same <1>", "same <1>", "same <1>"]);
    expect(engines.draft.requests).toHaveLength(3);
  });

  it("that says nothing at first is asked once more; later that is its end", async () => {
    const silent = stage({ write: ({ key }) => (key.turn === 0 && key.attempt === 1 ? "step. …" : "") }, {});
    const answer = await silent.time.run(openPair(silent.deps, settings({}, 0)).ask(asked(), never));
    expect(answer.candidates[0]?.end).toEqual({ kind: "unanswered", because: "ended" });
    expect(answer.text).toBe("step. ");
    expect(silent.engines.draft.requests).toHaveLength(3);
  });

  it("ends at its length, and says so", async () => {
    const { time, deps } = stage({ write: () => "x".repeat(100) }, {});
    const answer = await time.run(openPair(deps, settings({}, 0)).ask(asked({ maxTokens: 90 }), never));
    expect([answer.text.length, answer.finish]).toEqual([90, "length"]);
    expect(answer.candidates[0]?.end).toEqual({ kind: "unanswered", because: "length" });
  });

  it("keeps the stop text that ends a chunk, in both models' tokens", async () => {
    const lines = { ...settings({}, 0).sample, chunkStop: ["\n"] };
    const { time, deps, engines } = stage({ write: ({ key }) => (key.turn === 0 ? "one\ntwo" : "<2>") }, {});
    const answer = await time.run(openPair(deps, { ...settings({}, 0), sample: lines }).ask(asked(), never));
    expect(answer.text).toBe("one\n<2>");
    expect(engines.draft.requests[1]?.context.answer).toBe("one\n");
  });

  it("shows text only when it stays", async () => {
    const shown: string[] = [];
    const anew: Task = { ...bracketed, onIntervention: "regenerate" };
    const { time, deps } = stage({}, {}, { tasks: [anew] });
    const onText = (piece: string) => shown.push(piece);
    const answer = await time.run(openPair(deps, settings({}, 1)).ask(asked({ onText }), never));
    expect(shown.join("")).toBe(answer.text);
  });

  it.each(["continue", "regenerate"] as const)("shows a takeover as it is written (%s)", async (then) => {
    const shown: [atMs: number, piece: string][] = [];
    const rules: Task = { ...bracketed, onIntervention: then };
    const { time, deps } = stage({}, { write: () => "on\n<1>", msPerToken: 10 });
    const own = settings({}, 1);
    const pair = openPair(deps, { ...own, sample: { ...own.sample, chunkStop: ["\n"] } });
    const onText = (piece: string): void => {
      shown.push([time.now(), piece]);
    };
    const answer = await time.run(pair.ask(asked({ rules, onText, maxTokens: 40 }), never));
    expect(shown.map(([, piece]) => piece).join("")).toBe(answer.text);
    const [o, n, end] = shown.slice(then === "continue" ? 1 : 0);
    expect([o?.[1], n?.[1], end?.[1]]).toEqual(["o", "n", "\n"]);
    expect((n?.[0] ?? 0) - (o?.[0] ?? 0)).toBe(10);
  });

  it("whose takeover breaks off when some of it was shown is not written again", async () => {
    const shown: string[] = [];
    const { time, deps, engines } = stage({}, {});
    const generate = engines.target.generate.bind(engines.target);
    engines.target.generate = async (request, signal) => {
      await generate(request, signal);
      throw new EngineFault("unreachable", "reset");
    };
    const onText = (piece: string) => shown.push(piece);
    const asking = time.run(openPair(deps, settings({}, 1)).ask(asked({ onText }), never));
    await expect(asking).rejects.toMatchObject({ code: "unreachable" });
    expect(shown.join("")).toBe("a step. so <right>");
    expect(engines.target.requests).toHaveLength(1);
  });
});

describe("a chunk that cannot be scored", () => {
  const garbage = () => {
    throw new EngineFault("missing-logprobs", "expected numbers, found null");
  };

  it("is tried again, then handed over: never kept in silence", async () => {
    const { time, deps, engines, events } = stage({}, { nll: garbage });
    const answer = await time.run(openPair(deps, settings({}, 0)).ask(asked(), never));
    expect(engines.target.scores).toHaveLength(4);
    expect(answer.text).toBe("a step. so <right>");
    const decided = events.find((each) => each.kind === "decided");
    expect(decided?.facts.nonconformity).toBeNull();
  });

  it("stays where no takeover is left, and the candidate says that it is unchecked", async () => {
    const limits = { takeoverTokens: 0 };
    const { time, deps } = stage({}, { nll: garbage });
    const answer = await time.run(openPair(deps, settings({ limits }, 0)).ask(asked(), never));
    expect(answer.candidates[0]).toMatchObject({ isUnchecked: true, end: { because: "turns" } });
  });

  it("counts as infinitely bad in its bank", async () => {
    const { time, deps, events } = stage({}, { nll: garbage, write: () => "on. …" });
    const pair = openPair(deps, settings({}, 0.5));
    await time.run(pair.ask(asked(), never));
    const again = new Calibrator(settings({}, 0.5).calibrator);
    expect(() => replay(again, events)).not.toThrow();
  });
});

describe("an engine that fails", () => {
  it("is asked again for what may pass", async () => {
    let calls = 0;
    const { time, deps } = stage(
      {
        write: () => {
          calls += 1;
          if (calls < 3) throw new EngineFault("server-error", "500");
          return "<1>";
        },
      },
      {},
    );
    const answer = await time.run(openPair(deps, settings({}, 0)).ask(asked(), never));
    expect([answer.answer, calls]).toEqual(["1", 3]);
  });

  it("leaves a draft that is too slow in the bank as infinitely bad, and one that was refused out of it", async () => {
    const { time, deps, events } = stage(
      {
        write: ({ key }) => {
          if (key.sample === 0) throw new EngineFault("timed-out", "too slow", { retryable: false });
          if (key.sample === 1) throw new EngineFault("bad-request", "400");
          return "<1>";
        },
      },
      {},
    );
    await time.run(openPair(deps, settings({}, 0)).ask(asked({ samples: 3 }), never));
    const told = events.flatMap((each) =>
      each.kind === "timed-out" || each.kind === "withdrawn" ? [[each.kind, each.key.sample]] : [],
    );
    expect(told.toSorted()).toEqual([
      ["timed-out", 0],
      ["withdrawn", 1],
      ["withdrawn", 2],
    ]);
    const again = new Calibrator(settings({}, 0).calibrator);
    replay(again, events);
    again.endEpoch();
    expect(again.snapshot().banks.closed.flatMap(({ chunks }) => chunks)).toMatchObject([
      { nonconformity: Number.MAX_VALUE, question: "q" },
    ]);
  });

  it("fails its candidate alone; the question only where all fail", async () => {
    const broken = ({ key }: { key: { sample: number } }) => {
      if (key.sample === 0) throw new EngineFault("bad-request", "400: no such model");
      return "<1>";
    };
    const some = stage({ write: broken }, {});
    const answer = await some.time.run(
      openPair(some.deps, settings({}, 0)).ask(asked({ samples: 2 }), never),
    );
    expect(answer.candidates.map(({ end }) => end.kind)).toEqual(["failed", "answered"]);
    const all = stage({ write: broken }, {});
    await expect(all.time.run(openPair(all.deps, settings({}, 0)).ask(asked(), never))).rejects.toMatchObject(
      {
        code: "bad-request",
      },
    );
  });
});

describe("candidates of one question", () => {
  const firstWins: Task = {
    ...bracketed,
    isDecided: (ended) => ended.some(({ end }) => end.kind === "answered"),
  };

  it("are called off once it is decided, and leave their lanes within a step", async () => {
    const { time, deps, engines } = stage(
      { write: ({ key }) => (key.sample === 2 ? "<1>" : "x".repeat(1_000)), msPerToken: 10 },
      {},
      { tasks: [firstWins] },
    );
    const long = { ...settings({}, 0).sample, draftTokens: 1_000 };
    const pair = openPair(deps, { ...settings({}, 0), sample: long });
    const answer = await time.run(pair.ask(asked({ samples: 4, maxTokens: 2_000 }), never));
    expect(answer).toMatchObject({ answer: "1", chosen: 2 });
    expect(answer.candidates.map(({ end }) => end.kind)).toEqual([
      ...["cancelled", "cancelled", "answered", "cancelled"],
    ]);
    // Three tokens are written in 30 ms, and the siblings end with the step that is under way then.
    expect(time.now()).toBeLessThanOrEqual(50);
    expect(engines.draft.running).toBe(0);
    expect(pair.load()).toMatchObject({
      questions: 0,
      lanes: [{ running: 0 }, { running: 0 }, { running: 0 }],
    });
  });

  it("are all called off by their caller, with its reason, when their work has ended", async () => {
    const { time, deps, engines } = stage({ write: () => "x".repeat(100), msPerToken: 10 }, {});
    const pair = openPair(deps, settings({}, 0));
    const caller = new AbortController();
    const asking = pair.ask(asked({ samples: 3 }), caller.signal);
    time.after(55, () => caller.abort(new Error("gone")));
    await expect(time.run(asking)).rejects.toThrow("gone");
    expect(engines.draft.running).toBe(0);
    expect(pair.load().lanes.every(({ running, queued }) => running + queued === 0)).toBe(true);
  });

  it("follow the first one's prompt instead of reading it side by side", async () => {
    const starts: number[] = [];
    const { time, deps } = stage(
      {
        write: ({ key }) => {
          starts[key.sample] = time.now();
          return `<${key.sample}>`;
        },
        msPerToken: 7,
      },
      {},
    );
    await time.run(openPair(deps, settings({}, 0)).ask(asked({ samples: 3 }), never));
    expect(starts).toEqual([0, 7, 7]);
  });

  it("end at the deadline with what there is", async () => {
    const { time, deps } = stage(
      { write: ({ key }) => (key.sample === 0 ? "<1>" : "y".repeat(300)), msPerToken: 10 },
      {},
    );
    const pair = openPair(deps, settings({ deadlineMs: 200 }, 0));
    const answer = await time.run(pair.ask(asked({ samples: 2 }), never));
    expect([answer.answer, time.now()]).toEqual(["1", 200]);
  });
});

describe("how many are handed over", () => {
  const scores = (chunk: string) => 1 + (chunk.charCodeAt(1) % 7) / 10;
  const drafts = {
    write: ({ key }: { key: { sample: number; turn: number; attempt: number } }) =>
      `s${key.sample}t${key.turn}a${key.attempt}. …`,
  };

  it.each([0, 1, 3, 8])("is B of each turn's candidates, whatever the rate: %d of 8", async (topB) => {
    const { time, deps, events } = stage(drafts, { nll: scores, write: () => "on. …" });
    const pair = openPair(deps, settings({ topB }, 0.4));
    await time.run(pair.ask(asked({ samples: 8 }), never));
    const takeovers = events.flatMap((each) =>
      each.kind === "call" && each.role === "takeover" ? [each.key] : [],
    );
    for (let turn = 0; turn < 6; turn += 1)
      expect(takeovers.filter((key) => key.turn === turn)).toHaveLength(topB);
  });

  it.each([0, 1, 3])("is B of those whose drafts a gate refuses too: %d of 6", async (topB) => {
    const { time, deps, engines } = stage({ write: () => "why? …" }, { write: () => "on. …" });
    const short = { ...settings().sample, turns: 1 };
    const pair = openPair(deps, { ...settings({ topB }, 0.4), sample: short });
    const { candidates } = await time.run(pair.ask(asked({ samples: 6 }), never));
    expect(engines.target.requests).toHaveLength(topB);
    expect(candidates.filter(({ end }) => end.kind === "unanswered" && end.because === "refused")).toEqual(
      candidates.slice(topB).map((each) => ({ ...each, end: { ...each.end, detail: "it asks back" } })),
    );
  });

  it("leaves to scored drafts what refused ones have not taken", async () => {
    const { time, deps, events } = stage(
      { write: (request) => (request.key.sample < 2 ? "why? …" : drafts.write(request)) },
      { nll: scores, write: () => "on. …" },
    );
    const short = { ...settings().sample, turns: 1 };
    const pair = openPair(deps, { ...settings({ topB: 3 }, 0.4), sample: short });
    await time.run(pair.ask(asked({ samples: 8 }), never));
    const takeovers = events.filter((each) => each.kind === "call" && each.role === "takeover");
    expect(takeovers).toHaveLength(3);
  });

  it("is B of those that are left where candidates end early", async () => {
    const ending = ({ key }: { key: { sample: number; turn: number; attempt: number } }) =>
      key.sample < 5 && key.turn === 1 ? `<${key.sample}>` : drafts.write({ key });
    const { time, deps, events } = stage({ write: ending }, { nll: scores, write: () => "on. …" });
    await time.run(openPair(deps, settings({ topB: 2 }, 0.4)).ask(asked({ samples: 8 }), never));
    const late = events.filter(
      (each) => each.kind === "call" && each.role === "takeover" && each.key.turn === 3,
    );
    expect(late).toHaveLength(2);
  });

  it("judges first drafts beside others that end alike, and were scored as they are", async () => {
    const ends = ["a\nb", "why?", "<1>", ""];
    const { time, deps, engines, events } = stage(
      { write: ({ key }) => (key.sample < 0 ? (ends[-1 - key.sample] ?? "") : "a\nb") },
      { write: () => "on. …" },
    );
    const own = settings({ ownBankDrafts: 4 }, 0.4);
    const lines = { ...own.sample, chunkStop: ["\n"], turns: 1 };
    await time.run(openPair(deps, { ...own, sample: lines }).ask(asked({ samples: 2 }), never));
    const scored = engines.target.scores.map(({ context, from }) =>
      String.fromCodePoint(...context.ids.slice(from)),
    );
    expect(scored).toEqual(["a\n", "a\n", "a\n"]);
    expect(events.find((each) => each.kind === "own-bank")).toMatchObject({ nonconformities: [0.5] });
  });

  it("leaves out of a question's own bank what an engine failed at, and gives it up where nothing is left", async () => {
    const failing = (most: number) => {
      let asks = 0;
      return () => {
        asks += 1;
        if (asks <= most) throw new EngineFault("server-error", "away", { retryable: false });
        return 0.5;
      };
    };
    for (const [most, size] of [
      [3, 1],
      [4, 0],
    ] as const) {
      const { time, deps, events } = stage({}, { nll: failing(most), write: () => "on. …" });
      await time.run(openPair(deps, settings({ ownBankDrafts: 4 }, 0.4)).ask(asked(), never));
      const own = events.find((each) => each.kind === "own-bank");
      expect(own ?? { nonconformities: [] }).toMatchObject({ nonconformities: new Array(size).fill(0.5) });
    }
  });

  it("ends with the fault of a ledger that takes nothing more, whoever waits for what is held", async () => {
    const { time, deps } = stage({}, {});
    const ledger = {
      append: ({ kind }: { kind: string }): void => {
        if (kind === "decided") throw new LedgerFault("ledger-unusable", "disk full");
      },
    };
    const pair = openPair({ ...deps, ledger }, settings({ limits: { tokens: 60 } }, 1));
    await expect(time.run(pair.ask(asked({ samples: 4 }), never))).rejects.toThrow("disk full");
  });

  it("follows from the question's own first drafts under conditional coverage", async () => {
    const { time, deps, events, engines } = stage(drafts, { nll: scores, write: () => "on. …" });
    await time.run(openPair(deps, settings({ ownBankDrafts: 10 }, 0.4)).ask(asked({ samples: 4 }), never));
    const decided = events.flatMap((each) => (each.kind === "decided" ? [each] : []));
    expect(decided.some(({ key }) => key.turn > 0)).toBe(true);
    for (const { key, decision } of decided)
      if (key.turn === 0) expect(decision.bank).toEqual({ key: "question q", size: 10 });
      else expect(decision.bank?.key).not.toBe("question q");
    expect(engines.draft.requests.filter(({ key }) => key.sample < 0)).toHaveLength(10);
    expect(() => replay(new Calibrator(settings({}, 0.4).calibrator), events)).not.toThrow();
  });
});

describe("a pair as written down", () => {
  const onnx = { kind: "onnx", folder: "f" };
  const problem = (more: object) => {
    const parsed = pairConfigurationSchema.safeParse({ draft: onnx, target: onnx, ...more });
    return parsed.error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  };

  it("keeps as many drafts as its rate needs to be told from chance", () => {
    expect(problem({ epochDrafts: 5, interventionRate: 0.05 })).toEqual([
      expect.stringMatching(/^epochDrafts: expected at least 13 drafts: at a rate of 0\.05 .* chance/),
    ]);
    expect(problem({ epochDrafts: 13, interventionRate: 0.05 })).toBeUndefined();
    expect(problem({ topB: 4 })).toEqual([expect.stringMatching(/^topB: expected less than samples, 4/)]);
    expect(problem({ topB: 3 })).toBeUndefined();
    const served = { kind: "openai", baseUrl: "http://127.0.0.1:1/v1", model: "m" };
    expect(problem({ draft: served, chunkStop: ["\n"] })).toEqual([
      expect.stringMatching(/^chunkStop: expected engines that tell which text stopped them: that of draft/),
    ]);
    expect(problem({ interventionRate: 0.001 })).toHaveLength(1);
    for (const interventionRate of [0, 0.01, 1]) expect(problem({ interventionRate })).toBeUndefined();
  });
});

describe("a pair that has just begun", () => {
  it("tells bad drafts from good ones as soon as a few are known, and by chance until then", async () => {
    const { time, deps } = stage(
      { write: ({ key }) => (key.sample % 3 === 0 ? "bad" : `fine ${key.question}`) },
      { nll: (chunk) => (chunk.startsWith("bad") ? 9 : 0.1), write: () => "on" },
    );
    const own = settings({}, 0.4);
    const pair = openPair(deps, { ...own, sample: { ...own.sample, turns: 1 } });
    const chunks: CandidateChunk[] = [];
    for (let at = 0; at < 40; at += 1) {
      const { candidates } = await time.run(pair.ask(asked({ id: `q${at}`, samples: 6 }), never));
      chunks.push(...candidates.flatMap((candidate) => candidate.chunks));
    }
    const drafts = chunks.filter(({ decision }) => decision !== undefined);
    const handedOver = drafts.filter(
      ({ decision, isHandedOver }) => decision?.p !== undefined && isHandedOver,
    );
    expect(drafts).toHaveLength(240);
    expect(drafts.filter(({ decision }) => decision?.p === undefined).length).toBeLessThan(24);
    const bad = handedOver.filter(({ text }) => text.startsWith("bad")).length;
    expect(bad).toBeGreaterThan(68);
    expect(handedOver.length - bad).toBeLessThan(32);
  });
});

describe("a pair's further settings", () => {
  it("put off calls that the draft's cache cannot hold", async () => {
    const overlaps = async (cacheTokens: PairSettings["cacheTokens"]): Promise<number> => {
      const { time, deps, events } = stage({ write: () => "<1>" }, {});
      await time.run(openPair(deps, settings({ cacheTokens }, 0)).ask(asked({ samples: 4 }), never));
      const calls = events.flatMap((each) => (each.kind === "call" ? [each] : []));
      expect(calls).toHaveLength(4);
      return calls.filter((one) =>
        calls.some(
          (other) => other !== one && other.startedMs < one.endedMs && one.startedMs < other.endedMs,
        ),
      ).length;
    };
    expect(await overlaps({})).toBeGreaterThan(0);
    expect(await overlaps({ draft: 50 })).toBe(0);
  });

  it("may be written down: after how many drafts scores come to count", () => {
    const onnx = (folder: string) => ({ kind: "onnx", folder });
    const banksOf = (more: object) =>
      pairSettingsOf(pairConfigurationSchema.parse({ draft: onnx("d"), target: onnx("t"), ...more }))
        .calibrator.banks;
    expect(banksOf({ epochDrafts: 32 }).epochSize).toBe(32);
    expect(banksOf({}).epochSize).toBe(256);
  });

  it("tell drafts apart by length, in what can be decided again", async () => {
    const own = settings({}, 0.4);
    const { time, deps, events } = stage({}, { nll: () => 1 });
    const pair = openPair(deps, { ...own, sample: { ...own.sample, byLength: true } });
    await time.run(pair.ask(asked({ samples: 3 }), never));
    const facts = events.flatMap((each) => (each.kind === "decided" ? [each.facts] : []));
    expect(facts.length).toBeGreaterThan(2);
    expect(facts.every(({ tokens }) => tokens === 8)).toBe(true);
    expect(() => replay(new Calibrator(own.calibrator), events)).not.toThrow();
  });

  it("try answers that can be run, once, whoever goes on", async () => {
    const ran: string[] = [];
    const runnable: Task = {
      ...bracketed,
      trial: async (text) => {
        ran.push(text);
        return text.includes("<2>") ? { kind: "passed" } : { kind: "failed", because: "red" };
      },
    };
    const drafts: Partial<Script> = { write: ({ key }) => `<${key.sample}>` };
    const { time, deps, events } = stage(drafts, {}, { tasks: [runnable] });
    const answer = await time.run(openPair(deps, settings({}, 0)).ask(asked({ samples: 3 }), never));
    expect(answer).toMatchObject({ chosen: 2, answer: "2", text: "<2>" });
    expect(answer.trials?.map(({ trial }) => trial.kind)).toEqual(["failed", "failed", "passed"]);
    expect(ran).toEqual(["<0>", "<1>", "<2>"]);
    const before = events.filter(({ kind }) => kind !== "answered");
    const again = stage(drafts, {}, { tasks: [runnable], before });
    const pair = openPair(again.deps, settings({}, 0));
    expect(await again.time.run(pair.ask(asked({ samples: 3 }), never))).toMatchObject({ chosen: 2 });
    expect(ran).toHaveLength(3);
  });
});

describe("P(yes)", () => {
  it("is asked behind the chunk, of the words' common mass", async () => {
    const time = new VirtualTime();
    const engine = new ScriptedEngine({ name: "target", write: () => "y" }, time);
    const top = [
      ...[
        { text: " yes", logprob: Math.log(0.2) },
        { text: "Yes", logprob: Math.log(0.1) },
      ],
      { text: "no", logprob: Math.log(0.1) },
    ];
    const withTop = Object.assign(Object.create(engine), {
      codec: engine.codec,
      generate: async (request: Parameters<ScriptedEngine["generate"]>[0], signal: AbortSignal) => ({
        ...(await engine.generate(request, signal)),
        topLogprobs: [top],
      }),
    });
    const context = { ids: [1, 2, 3], messages: [], answer: "step" };
    const chunk = {
      key: { question: "q", sample: 0, turn: 0, attempt: 0 },
      ...{ context, from: 1, text: "step" },
      draft: { text: "step", finish: "length" as const, tokens: 4, promptTokens: 0 },
    };
    const score = await time.run(yesScorer().score(chunk, withTop, never));
    expect(score.nonconformity).toBeCloseTo(-Math.log(0.75), 9);
    expect(engine.requests[0]).toMatchObject({ maxTokens: 1, temperature: 0 });
    expect(engine.requests[0]?.context.answer.startsWith("step\n\nIs the last step")).toBe(true);
    const begins = { ...withTop, capabilities: { ...everything, continuesAnswers: false } };
    await time.run(yesScorer().score(chunk, begins, never));
    expect(engine.requests[1]?.context).toMatchObject({
      messages: [{ role: "assistant", content: "step" }, { role: "user" }],
      answer: "",
    });
  });
});

describe("a run that was killed", () => {
  /** Drafts and scores that depend on their call alone, so that a run undisturbed is one to be compared with. */
  const scripts = {
    draft: {
      write: ({
        key: { sample, turn, attempt },
      }: {
        key: { sample: number; turn: number; attempt: number };
      }) => (turn === 3 ? `<${sample % 2}>` : `s${sample}t${turn}a${attempt}. …`),
    },
    target: { nll: (chunk: string) => 1 + (chunk.charCodeAt(1) % 5), write: () => "on. …" },
  };
  const calibrator = { ...settings().calibrator, auditShare: 0.1, step: 0.05 };
  const banks = { ...calibrator.banks, epochSize: 4 };
  const own = { ...settings(), calibrator: { ...calibrator, banks } };
  const questions = Array.from({ length: 4 }, (_, at) => asked({ id: `q${at}`, samples: 4 }));

  const play = async (before: readonly LedgerEvent[]) => {
    const { time, deps, engines, events } = stage(scripts.draft, scripts.target, { before });
    const pair = openPair(deps, own);
    const answers = [];
    for (const question of questions) answers.push(await time.run(pair.ask(question, never)));
    return { answers, events, calls: engines.draft.requests.length + engines.target.requests.length };
  };

  it("goes on from any event of its ledger: nothing is asked twice, and whatever was decided stands", async () => {
    const whole = await play([]);
    expect(whole.events.length).toBeGreaterThan(150);
    const decisions = (events: readonly LedgerEvent[]) =>
      new Map(
        events.flatMap((each) =>
          each.kind === "decided" ? [[JSON.stringify(each.key), each.decision]] : [],
        ),
      );
    for (let at = 0; at <= whole.events.length; at += 7) {
      const before = whole.events.slice(0, at);
      const rest = await play(before);
      const asWhole = [...before, ...rest.events];
      const made = before.filter((each) => each.kind === "call" && each.role !== "score").length;
      const inAll = asWhole.filter((each) => each.kind === "call" && each.role !== "score").length;
      expect(rest.calls + made).toBe(inAll);
      const callNames = asWhole.flatMap((each) =>
        each.kind === "call" ? [JSON.stringify([each.key, each.role])] : [],
      );
      expect(new Set(callNames).size).toBe(callNames.length);
      for (const [key, decision] of decisions(before)) expect(decisions(asWhole).get(key)).toEqual(decision);
      expect(() => replay(new Calibrator(own.calibrator), asWhole)).not.toThrow();
      const finished = before.filter(({ kind }) => kind === "answered").length;
      expect(rest.answers.slice(0, finished)).toEqual(whole.answers.slice(0, finished));
    }
  });

  it("shows a ledger whose decisions do not follow from it", async () => {
    const { events } = await play([]);
    const bent = events.map((each) =>
      each.kind === "decided" ? { ...each, decision: { ...each.decision, level: 0.123 } } : each,
    );
    expect(() => replay(new Calibrator(own.calibrator), bent)).toThrow(
      /was decided .*0\.123.*, and would be/,
    );
  });

  it("is the same to the byte when played again", async () => {
    const [one, other] = [await play([]), await play([])];
    expect(JSON.stringify(one.events)).toBe(JSON.stringify(other.events));
  });

  it("refuses another question under a name that is taken", async () => {
    const { events } = await play([]);
    const { deps } = stage(scripts.draft, scripts.target, { before: events });
    await expect(openPair(deps, own).ask(asked({ id: "q1", samples: 3 }), never)).rejects.toThrow(
      /question q1: expected what was asked/,
    );
  });
});

describe("the decision book", () => {
  it("takes a decision once", () => {
    const events: LedgerEvent[] = [];
    const book = new DecisionBook(
      new Calibrator(),
      { append: (event) => events.push(event) },
      new VirtualTime(),
    );
    const key = { question: "q", sample: 0, turn: 0, attempt: 0 };
    const decision = book.issue(key).decide({ pair: "p", task: "t", nonconformity: 1 });
    expect(events.map(({ kind }) => kind)).toEqual(["issued", "decided"]);
    expect(decision.level).toBe(0.4);
  });

  it("ends an epoch after a minute, however few drafts were asked for, in what can be decided again", async () => {
    const events: LedgerEvent[] = [];
    const time = new VirtualTime();
    const calibrator = new Calibrator();
    const book = new DecisionBook(calibrator, { append: (event) => events.push(event) }, time);
    const decided = (sample: number): void => {
      const key = { question: "q", sample, turn: 0, attempt: 0 };
      book.issue(key).decide({ pair: "p", task: "t", nonconformity: sample });
    };
    const work = async (): Promise<void> => {
      decided(0);
      await time.sleep(59_999, never);
      decided(1);
      expect(calibrator.size).toBe(0);
      await time.sleep(1, never);
      decided(2);
    };
    await time.run(work());
    expect(calibrator.size).toBe(2);
    const again = new Calibrator();
    replay(again, events);
    expect(again.snapshot()).toEqual(calibrator.snapshot());
  });
});
