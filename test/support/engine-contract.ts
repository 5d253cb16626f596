// What every engine must do, whatever is behind it: run for each kind with `engineContract(name, open)`.
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import {
  type CallKey,
  type Engine,
  type EngineCapabilities,
  type EngineContext,
  EngineFault,
  type Generated,
  type GenerateRequest,
} from "../../src/inference/a1/engine.ts";
import { faultContract } from "./engine-faults.ts";
import { scoringContract } from "./engine-scoring.ts";
import type { EngineServer } from "./engine-servers/server.ts";

export interface ContractSubject extends AsyncDisposable {
  readonly engine: Engine;
  /** Where it is scripted: what it is made to do and what it was seen to do. */
  readonly server?: EngineServer;
  /** Lets the deadlines of all requests under way pass. */
  readonly expire?: () => void;
}

export interface ContractOptions {
  /** Between two ways to the same logarithm; machines round. */
  readonly tolerance?: number;
  /** Some servers keep the first token's to themselves. */
  readonly firstScored?: number;
  /** False where text cannot come before it is whole. */
  readonly streams?: boolean;
  /** What it is known to be able to do: otherwise what is skipped for a mistake of ours would go unseen. */
  readonly expects?: Partial<EngineCapabilities>;
}

export const question = "Tell me about a ship with two lamps, and of the sea: ä€🙂.";

export const never = new AbortController().signal;
export const key: CallKey = { question: "q", sample: 0, turn: 0, attempt: 0 };
export const messages = [{ role: "user", content: question }] as const;

export async function contextOf(engine: Engine, text = question): Promise<EngineContext> {
  const asked = [{ role: "user", content: text }] as const;
  const ids = engine.capabilities.takesIds ? await engine.codec.prompt(asked) : [];
  return { ids, messages: asked, answer: "" };
}

export function request(context: EngineContext, more: Partial<GenerateRequest> = {}): GenerateRequest {
  return { key, context, maxTokens: 24, temperature: 0, seed: 7, ...more };
}

/** Where the model goes on after `generated`. */
export async function after(
  engine: Engine,
  context: EngineContext,
  generated: Generated,
): Promise<EngineContext> {
  const ids = generated.ids ?? (await engine.codec.encode(generated.text, context.answer));
  return { ...context, ids: [...context.ids, ...ids], answer: context.answer + generated.text };
}

/** The context in tokens also for engines that are asked in words: scores are of tokens. */
export async function scorable(engine: Engine): Promise<EngineContext> {
  return { ids: await engine.codec.prompt(messages), messages, answer: "" };
}

export function closeTo(found: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(found.length).toBe(expected.length);
  for (const [at, each] of found.entries())
    expect(Math.abs(each - (expected[at] ?? Number.NaN)), `at ${at}`).toBeLessThanOrEqual(tolerance);
}

export async function faultOf(work: Promise<unknown>): Promise<EngineFault> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof EngineFault) return error;
  throw new Error(`expected an EngineFault, found ${String(error)}`);
}

export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

const loneHalf = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

const noCharacter = new RegExp(`${loneHalf.source}|\\uFFFD`);

export function scores({ engine }: ContractSubject): boolean {
  return engine.capabilities.promptLogprobs !== "none";
}

export function needs(test: TestContext, name: string, has: boolean, what: string): void {
  if (!has) test.skip(`${name} has no ${what}`);
}

export type Plays = (
  title: string,
  play: (subject: ContractSubject, test: TestContext) => Promise<void>,
) => void;

export function engineContract(
  name: string,
  open: () => Promise<ContractSubject>,
  { tolerance = 1e-6, firstScored = 1, streams = true, expects = {} }: ContractOptions = {},
): void {
  describe(name, () => contract(name, open, { tolerance, firstScored, streams, expects }));
}

function contract(
  name: string,
  open: () => Promise<ContractSubject>,
  { tolerance, firstScored, streams, expects }: Required<ContractOptions>,
): void {
  let opened: ContractSubject | undefined;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  const plays: Plays = (title, play) => {
    it(title, async (test) => {
      if (opened === undefined) throw new Error("expected an engine, found none");
      await play(opened, test);
    });
  };

  plays("can do what is expected of it", async ({ engine }) => {
    expect(engine.capabilities).toMatchObject(expects);
  });

  describe("continuing a text", () => {
    plays("writes at most so many tokens and says that it was cut", async ({ engine }) => {
      const ends: string[] = [];
      for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const asked = request(await contextOf(engine), { maxTokens: 3, temperature: 1.3, seed });
        const { tokens, finish, promptTokens } = await engine.generate(asked, never);
        expect(tokens).toBeLessThanOrEqual(3);
        if (tokens < 3) expect(finish).toBe("stop");
        expect(promptTokens).toBeGreaterThan(0);
        ends.push(finish);
      }
      expect(ends).toContain("length");
    });

    plays(
      "tells the tokens of its text and no others, with a logarithm for each",
      async ({ engine }, test) => {
        needs(test, name, engine.capabilities.takesIds, "token ids");
        for (const seed of [1, 2, 3, 4]) {
          const asked = request(await contextOf(engine), { seed, temperature: 1, maxTokens: 200 });
          const { ids = [], text, logprobs = [], tokens } = await engine.generate(asked, never);
          expect(await engine.codec.decode(ids)).toBe(text);
          expect(tokens).toBeGreaterThanOrEqual(ids.length);
          if (!engine.capabilities.generatedLogprobs) continue;
          if (logprobs.length > 0) expect(logprobs.length).toBe(ids.length);
          for (const logprob of logprobs) expect(logprob).toBeLessThanOrEqual(0);
        }
      },
    );

    plays("never ends within a character", async ({ engine }, test) => {
      needs(test, name, engine.capabilities.takesIds, "token ids");
      const context = await contextOf(engine);
      const all = await engine.generate(request(context, { maxTokens: 40 }), never);
      for (let maxTokens = 1; maxTokens <= 40; maxTokens += 1) {
        const part = await engine.generate(request(context, { maxTokens }), never);
        expect(all.text.startsWith(part.text), `${maxTokens}: ${JSON.stringify(part.text)}`).toBe(true);
        expect(part.ids).toEqual(all.ids?.slice(0, part.ids?.length));
        expect(await engine.codec.decode(part.ids ?? [])).toBe(part.text);
      }
    });

    plays("goes on from its own tokens as if it had not been stopped", async ({ engine }, test) => {
      const context = await contextOf(engine);
      const first = await engine.generate(request(context, { maxTokens: 6 }), never);
      needs(test, name, first.finish === "length" && first.tokens === 6, "text of six tokens to go on from");
      const next = engine.capabilities.takesIds
        ? await after(engine, context, first)
        : { ...context, answer: first.text };
      const second = await engine.generate(request(next, { maxTokens: 6 }), never).catch((error: unknown) => {
        if (engine.capabilities.takesIds || !(error instanceof EngineFault)) throw error;
        // An endpoint may be unable to, if it says so.
        expect(error.code).toBe("unsupported");
        return undefined;
      });
      if (second === undefined) return;
      const whole = await engine.generate(request(context, { maxTokens: 12 }), never);
      if (first.ids === undefined || first.ids.length === 6)
        expect(whole.text.startsWith(first.text + second.text)).toBe(true);
    });

    plays("draws the same for the same seed and something else for others", async ({ engine }, test) => {
      needs(test, name, engine.capabilities.takesSeed, "seed");
      const context = await contextOf(engine);
      const draw = async (seed: number) =>
        (await engine.generate(request(context, { seed, temperature: 1 }), never)).text;
      expect(await draw(11)).toBe(await draw(11));
      const texts = await Promise.all([1, 2, 3, 4, 5].map(draw));
      expect(new Set(texts).size).toBeGreaterThan(2);
    });

    plays("ends before a stop text and says which it was", async ({ engine }) => {
      const context = await contextOf(engine);
      const all = await engine.generate(request(context, { maxTokens: 40 }), never);
      for (const [from, length] of [
        [3, 1],
        [6, 2],
        [9, 4],
      ] as const) {
        const stop = all.text.slice(from, from + length);
        if (stop === "" || loneHalf.test(stop) || stop.includes("\uFFFD")) continue;
        const asked = request(context, { maxTokens: 40, stop: [stop, "never to be seen"] });
        const cut = await engine.generate(asked, never);
        expect(cut.text).toBe(all.text.slice(0, all.text.indexOf(stop)));
        expect(cut.finish).toBe("stop");
        if (cut.stoppedBy !== undefined) expect(cut.stoppedBy).toBe(stop);
        if (cut.ids !== undefined) expect(await engine.codec.decode(cut.ids)).toBe(cut.text);
      }
    });

    plays("tells its text in pieces of whole characters that make the text", async ({ engine }) => {
      const context = await contextOf(engine);
      for (const seed of [1, 2, 3, 4, 5, 6]) {
        const pieces: string[] = [];
        const asked = request(context, {
          seed,
          temperature: 1,
          maxTokens: 120,
          stop: ["no"],
          onText: (piece) => pieces.push(piece),
        });
        const { text } = await engine.generate(asked, never);
        expect(pieces.join("")).toBe(text);
        const halves = text.includes("\uFFFD") ? loneHalf : noCharacter;
        expect(pieces.filter((piece) => halves.test(piece))).toEqual([]);
        if (streams && text.length > 20) expect(pieces.length).toBeGreaterThan(3);
      }
    });

    plays("streams and whole answers are the same answer", async ({ engine }) => {
      const context = await contextOf(engine);
      const asked = request(context, { temperature: engine.capabilities.takesSeed ? 1 : 0, maxTokens: 60 });
      const whole = await engine.generate(asked, never);
      const streamed = await engine.generate({ ...asked, onText: () => undefined }, never);
      expect(streamed.text).toBe(whole.text);
      expect(streamed.finish).toBe(whole.finish);
      if (streamed.ids !== undefined && whole.ids !== undefined) expect(streamed.ids).toEqual(whole.ids);
      if (streamed.logprobs !== undefined && whole.logprobs !== undefined)
        closeTo(streamed.logprobs, whole.logprobs, Math.max(tolerance, 1e-3));
    });

    plays("tells the likeliest tokens, most likely first, as many as it said", async ({ engine }, test) => {
      const { topLogprobs } = engine.capabilities;
      needs(test, name, topLogprobs > 0, "likeliest tokens");
      const count = Math.min(3, topLogprobs);
      const asked = request(await contextOf(engine), { topLogprobs: count, maxTokens: 8 });
      const { logprobs = [], topLogprobs: lists = [] } = await engine.generate(asked, never);
      expect(lists.length).toBe(logprobs.length);
      for (const [at, list] of lists.entries()) {
        expect(list.length).toBeLessThanOrEqual(count);
        // It always takes the likeliest here.
        closeTo([list[0]?.logprob ?? Number.NaN], [logprobs[at] ?? Number.NaN], Math.max(tolerance, 1e-3));
        expect(list.map(({ logprob }) => logprob)).toEqual(
          list.map(({ logprob }) => logprob).sort((a, b) => b - a),
        );
      }
      const more = request(await contextOf(engine), { topLogprobs: topLogprobs + 1 });
      expect((await faultOf(engine.generate(more, never))).code).toBe("unsupported");
    });

    plays("refuses to write nothing", async ({ engine }) => {
      const asked = request(await contextOf(engine), { maxTokens: 0 });
      expect((await faultOf(engine.generate(asked, never))).code).toBe("bad-request");
    });

    plays("says that a prompt is too long", async ({ engine, server }, test) => {
      needs(test, name, server !== undefined || engine.contextTokens !== undefined, "known limit");
      const words = (engine.contextTokens ?? 2048) * 2;
      const asked = request(await contextOf(engine, "a ship ".repeat(words)));
      const fault = await faultOf(engine.generate(asked, never));
      expect([fault.code, fault.retryable]).toEqual(["context-overflow", false]);
    });
  });

  scoringContract(name, plays, { tolerance, firstScored });

  describe("giving up", () => {
    plays("rejects at once where nobody wants it any more", async ({ engine }) => {
      const gone = AbortSignal.abort(new Error("not wanted"));
      await expect(engine.generate(request(await contextOf(engine)), gone)).rejects.toThrow("not wanted");
    });

    for (const isStreamed of [true, false]) {
      plays(
        `stops the work of its server ${isStreamed ? "in a stream" : "before an answer"}`,
        async (subject, test) => {
          const { engine, server } = subject;
          needs(test, name, streams || !isStreamed, "streams");
          const leave = new AbortController();
          const before = server?.tokensMade ?? 0;
          const more = {
            maxTokens: 1500,
            temperature: 1.5,
            ...(isStreamed ? { onText: () => leave.abort(new Error("enough")) } : {}),
          };
          const work = engine.generate(request(await contextOf(engine), more), leave.signal);
          const outcome = work.then(
            () => "finished",
            (error: unknown) => error,
          );
          if (!isStreamed) {
            needs(test, name, server !== undefined, "server that can be watched");
            await until(() => server === undefined || server.running > 0);
            leave.abort(new Error("enough"));
          }
          expect(await outcome).toBe(leave.signal.reason);
          if (server === undefined) return;
          await until(() => server.running === 0);
          const made = server.tokensMade;
          await new Promise((resolve) => setTimeout(resolve, 30));
          expect(server.tokensMade).toBe(made);
          expect(made - before).toBeLessThan(1500);
        },
      );
    }
  });

  describe("how busy it is", () => {
    plays("says how much is under way, or that it does not know", async ({ engine, server }) => {
      if (server !== undefined) await until(() => server.running === 0);
      const idle = await engine.load(never);
      if (idle === undefined || server === undefined) return;
      expect(idle).toMatchObject({ running: 0, queued: 0 });
      const leave = new AbortController();
      const more = { maxTokens: 1500, temperature: 1.5 };
      const work = engine
        .generate(request(await contextOf(engine), more), leave.signal)
        .catch(() => undefined);
      await until(() => server.running > 0);
      expect((await engine.load(never))?.running).toBe(1);
      leave.abort();
      await work;
    });
  });

  faultContract(plays);
}
