// One candidate answer from its first draft to its end: drafted, scored, handed over or kept, and waiting for no sibling.
import type { Slots } from "../slots.ts";
import type { ChunkFacts, Decision } from "./calibrator.ts";
import type { CallKey, Engine } from "./engine.ts";
import type { ScoreFunction } from "./scores.ts";
import type { Transcript } from "./transcript.ts";

/** What may run at once: scoring is short and never waits behind takeovers. */
export interface Lanes {
  readonly draft: Slots;
  readonly score: Slots;
  readonly takeover: Slots;
}

export interface SampleSettings {
  readonly turns: number;
  readonly draftTokens: number;
  readonly takeoverTokens: number;
  readonly temperature: number;
}

export interface SampleDeps {
  readonly draft: Engine;
  readonly target: Engine;
  readonly lanes: Lanes;
  readonly settings: SampleSettings;
  readonly score: ScoreFunction;
  /** Names of the pair and of the task or language. */
  readonly pair: string;
  readonly task: string;
  /** A draft is asked for. What it returns is told of the chunk, or that there will be none. */
  issue(): DraftTicket;
  /** The answer in a text; undefined as long as there is none. */
  answerOf(text: string): string | undefined;
}

export interface DraftTicket {
  decide(facts: ChunkFacts): Pick<Decision, "intervene">;
  withdraw(): void;
}

export interface SampleId {
  readonly question: string;
  readonly sample: number;
}

export type SampleEnd =
  | { readonly kind: "answered"; readonly answer: string; readonly turns: number }
  /** `turns`: none in all of them; `empty`: the draft had nothing more to say. */
  | { readonly kind: "unanswered"; readonly because: "turns" | "empty"; readonly turns: number };

/** The texts of one sample as both models' tokens. */
export interface SampleTexts {
  readonly draft: Transcript;
  readonly target: Transcript;
}

/** @throws EngineFault; rejects with the signal's reason */
export async function runSample(
  deps: SampleDeps,
  id: SampleId,
  { texts, signal }: { readonly texts: SampleTexts; readonly signal: AbortSignal },
): Promise<SampleEnd> {
  const run = new SampleRun(deps, id, texts, signal);
  for (let turn = 0; turn < deps.settings.turns; turn += 1) {
    const end = await run.turn(turn);
    if (end !== undefined) return end;
  }
  return { kind: "unanswered", because: "turns", turns: deps.settings.turns };
}

class SampleRun {
  readonly #deps: SampleDeps;
  readonly #id: SampleId;
  readonly #texts: SampleTexts;
  readonly #signal: AbortSignal;

  constructor(deps: SampleDeps, id: SampleId, texts: SampleTexts, signal: AbortSignal) {
    this.#deps = deps;
    this.#id = id;
    this.#texts = texts;
    this.#signal = signal;
  }

  /** Undefined where the sample goes on. */
  async turn(turn: number): Promise<SampleEnd | undefined> {
    const { issue, answerOf } = this.#deps;
    const key = { ...this.#id, turn, attempt: 0 };
    const ticket = issue();
    let isTold = false;
    try {
      const { from, isEmpty } = await this.#draft(key);
      if (isEmpty) return { kind: "unanswered", because: "empty", turns: turn };
      // Before it is scored: an answer that is there costs no verification.
      const answer = answerOf(this.#texts.draft.text);
      if (answer !== undefined) return { kind: "answered", answer, turns: turn + 1 };
      const nonconformity = await this.#score(key, from);
      const { pair, task } = this.#deps;
      isTold = true;
      if (ticket.decide({ ...this.#id, pair, task, turn, nonconformity }).intervene)
        await this.#takeOver(key);
    } finally {
      if (!isTold) ticket.withdraw();
    }
    const answer = answerOf(this.#texts.draft.text);
    return answer === undefined ? undefined : { kind: "answered", answer, turns: turn + 1 };
  }

  /** Where the chunk begins among the target's tokens. */
  async #draft(key: CallKey): Promise<{ from: number; isEmpty: boolean }> {
    const { draft, lanes, settings } = this.#deps;
    const { ids, text } = await this.#in(lanes.draft, () =>
      draft.generate(
        {
          ...{ key, ids: this.#texts.draft.ids },
          ...{ maxTokens: settings.draftTokens, temperature: settings.temperature },
        },
        this.#signal,
      ),
    );
    if (ids.length === 0) return { from: 0, isEmpty: true };
    this.#texts.draft.append(text, ids);
    return { from: this.#texts.target.append(text).from, isEmpty: false };
  }

  async #score(key: CallKey, from: number): Promise<number> {
    const { target, lanes, score } = this.#deps;
    const { ids, text } = this.#texts.target;
    const { logprobs } = await this.#in(lanes.score, () => target.score({ key, ids, from }, this.#signal));
    return score({ target: logprobs, bytes: Buffer.byteLength(text) });
  }

  /** The chunk stays, and the target goes on behind it. */
  async #takeOver(key: CallKey): Promise<void> {
    const { target, lanes, settings } = this.#deps;
    const { ids, text } = await this.#in(lanes.takeover, () =>
      target.generate(
        {
          ...{ key, ids: this.#texts.target.ids },
          ...{ maxTokens: settings.takeoverTokens, temperature: settings.temperature },
        },
        this.#signal,
      ),
    );
    this.#texts.target.append(text, ids);
    this.#texts.draft.append(text);
  }

  async #in<T>(lane: Slots, work: () => Promise<T>): Promise<T> {
    const release = await lane.acquire(this.#signal, this.#id.question);
    try {
      return await work();
    } finally {
      release();
    }
  }
}
