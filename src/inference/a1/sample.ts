// One candidate answer from its first draft to its end: drafted, gated, scored, kept or handed over, and waiting for no sibling.
import type { Candidate, CandidateChunk, CandidateEnd } from "./backend.ts";
import type { Calls } from "./calls.ts";
import { chunkEnd, hasEnded } from "./chunk-end.ts";
import type { ChunkScorer } from "./chunk-scorers.ts";
import { type DecisionBook, type DraftTicket, withdrawnIfThrown } from "./decision-book.ts";
import { type CallKey, EngineFault, type Generated } from "./engine.ts";
import { uniformOf } from "./keyed-random.ts";
import type { Gated, Ledger } from "./ledger.ts";
import { passedOn } from "./passed-on.ts";
import type { Siblings } from "./siblings.ts";
import { type Hold, releasedIfThrown, type Spending, type Wish } from "./spending.ts";
import { TakeoverPlaces } from "./takeover-places.ts";
import type { Task } from "./task.ts";
import type { Segment, Transcript } from "./transcript.ts";
import type { TurnBudgets } from "./turn-budgets.ts";

export interface SampleSettings {
  /** Drafts, and what follows from each, at most. */
  readonly turns: number;
  readonly draftTokens: number;
  readonly takeoverTokens: number;
  /** Ends a draft or a takeover as well, and stays in the text: a line, a hunk. Only for engines that tell which came. */
  readonly chunkStop: readonly string[];
  /** What the target does about a bad draft, where it is not left to the task. */
  readonly onIntervention?: Task["onIntervention"];
  /** Drafts written anew in one turn because a gate refused them or a sibling had written the same. */
  readonly regenerations: number;
  /** A draft that is written anew is hotter by this much. */
  readonly temperatureStep: number;
  /** Whether drafts are ranked among those of about their length: fairer to long ones, and blind to what length tells. */
  readonly byLength: boolean;
}

export const defaultSampleSettings: SampleSettings = {
  ...{ turns: 15, draftTokens: 500, takeoverTokens: 500 },
  ...{ chunkStop: [], regenerations: 2, temperatureStep: 0.1, byLength: false },
};

export interface SampleDeps {
  readonly calls: Calls;
  readonly book: Pick<DecisionBook, "issue">;
  readonly ledger: Ledger;
  readonly settings: SampleSettings;
  readonly scorer: ChunkScorer;
  /** Otherwise it writes what it takes over from the beginning, whatever the task says. */
  readonly targetContinues: boolean;
  readonly task: Task;
  /** Names of draft and target, for calibration. */
  readonly pair: string;
  readonly spending: Spending;
  readonly siblings: Siblings;
  /** Where at most so many of a turn's candidates may go to the target. */
  readonly turnBudgets?: TurnBudgets;
}

export interface SampleId {
  readonly question: string;
  readonly sample: number;
}

/** What the caller asked for, and both models' views of the text. */
export interface SampleWork {
  readonly draft: Transcript;
  readonly target: Transcript;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly stop: readonly string[];
  /** Told of text that stays. */
  readonly onText?: (piece: string) => void;
}

/** A draft that a gate has seen. */
interface Drafted {
  readonly key: CallKey;
  readonly ticket: DraftTicket;
  readonly generated: Generated;
  readonly pieces: Pieces;
  readonly isEnded: boolean;
  readonly gated: Gated;
}

/** What a chunk says of how it was decided about. */
type Told = Pick<CandidateChunk, "nonconformity" | "unscored" | "decision" | "isHandedOver">;

/** Where a piece of text begins in both transcripts. */
interface Pieces {
  readonly draft: Segment;
  readonly target: Segment;
}

/** Whether the target writes a bad draft anew, not behind it: an answer left standing would end its candidate. */
export function isWrittenAnew(
  { settings, task, targetContinues }: Pick<SampleDeps, "settings" | "task" | "targetContinues">,
  { hasAnswered }: { readonly hasAnswered: boolean },
): boolean {
  return hasAnswered || !targetContinues || (settings.onIntervention ?? task.onIntervention) === "regenerate";
}

/** The reason with which a candidate is called off whose siblings have decided the question. */
export class SiblingsDecided extends Error {}

/** Never throws an {@link EngineFault}: that is a candidate's end. Rejects with the signal's reason unless siblings decided. */
export async function runSample(
  deps: SampleDeps,
  id: SampleId,
  work: SampleWork,
  signal: AbortSignal,
): Promise<Candidate> {
  const run = new SampleRun(deps, id, work, signal);
  const end = await run.toEnd();
  deps.ledger.append({ kind: "ended", ...id, end });
  return run.candidate(end);
}

class SampleRun {
  readonly #deps: SampleDeps;
  readonly #id: SampleId;
  readonly #work: SampleWork;
  readonly #signal: AbortSignal;
  readonly #chunks: CandidateChunk[] = [];
  readonly #promptTokens: number;
  readonly #places: TakeoverPlaces;
  #isUnchecked = false;

  constructor(deps: SampleDeps, id: SampleId, work: SampleWork, signal: AbortSignal) {
    this.#deps = deps;
    this.#id = id;
    this.#work = work;
    this.#signal = signal;
    this.#promptTokens = work.draft.tokens;
    this.#places = new TakeoverPlaces(deps);
  }

  candidate(end: CandidateEnd): Candidate {
    const { sample } = this.#id;
    return {
      ...{ sample, text: this.#work.draft.text, chunks: this.#chunks },
      ...{ end, isUnchecked: this.#isUnchecked },
    };
  }

  async toEnd(): Promise<CandidateEnd> {
    try {
      for (let turn = 0; turn < this.#deps.settings.turns; turn += 1) {
        const end = await this.#turn(turn);
        if (end !== undefined) return end;
      }
      return { kind: "unanswered", because: "turns" };
    } catch (error) {
      if (error instanceof EngineFault) return { kind: "failed", code: error.code, message: error.message };
      if (this.#signal.aborted && this.#signal.reason instanceof SiblingsDecided)
        return { kind: "cancelled" };
      throw error;
    } finally {
      this.#places.end();
    }
  }

  /** Undefined where the candidate goes on. */
  async #turn(turn: number): Promise<CandidateEnd | undefined> {
    this.#places.begin(turn);
    if (this.#left === 0) return { kind: "unanswered", because: "length" };
    const drafted = await this.#drafted(turn);
    if ("kind" in drafted) return drafted;
    const { key, gated, isEnded, ticket, pieces } = drafted;
    if (gated.kind === "refused") {
      ticket.withdraw();
      // It needs no p-value to go first; it takes its place among the turn's B all the same.
      const hold = this.#places.settle(await this.#takeoverHold(pieces, { isAnew: true }), true);
      if (hold !== undefined) return await this.#takenOver(key, pieces, { isAnew: true, hold });
      return { kind: "unanswered", because: "refused", detail: gated.because };
    }
    if (gated.kind === "answered" && !this.#deps.task.scoresAnswers) {
      ticket.withdraw();
      this.#keep({ turn, author: "draft", text: pieces.draft.text });
      return gated;
    }
    const isAnew = isWrittenAnew(this.#deps, { hasAnswered: gated.kind === "answered" });
    const { told, hold } = await this.#decided(drafted, { isAnew });
    if (hold !== undefined && isAnew) {
      this.#chunks.push({ turn, author: "draft", text: pieces.draft.text, isKept: false, ...told });
      return await this.#takenOver(key, pieces, { isAnew, hold });
    }
    this.#keep({ turn, author: "draft", text: pieces.draft.text, ...told });
    if (gated.kind === "answered") return gated;
    if (hold !== undefined) return await this.#takenOver(key, pieces, { isAnew, hold });
    return isEnded ? { kind: "unanswered", because: "ended" } : undefined;
  }

  /** Drafts until one passes the gates, or as often as is allowed. */
  async #drafted(turn: number): Promise<Drafted | CandidateEnd> {
    const { book, pair, task } = this.#deps;
    for (let attempt = 0; ; attempt += 1) {
      const key = { ...this.#id, turn, attempt };
      const ticket = book.issue(key);
      try {
        const drafted = await this.#attempted(key, ticket);
        if (drafted !== undefined && "gated" in drafted) return drafted;
        ticket.withdraw();
        if (drafted !== undefined) return drafted;
      } catch (error) {
        if (error instanceof EngineFault && error.code === "timed-out")
          ticket.timedOut({ pair, task: task.name });
        else ticket.withdraw();
        throw error;
      }
    }
  }

  /** Undefined where another draft is to be written in place of this one. */
  async #attempted(key: CallKey, ticket: DraftTicket): Promise<Drafted | CandidateEnd | undefined> {
    const { regenerations, chunkStop } = this.#deps.settings;
    const generated = await this.#draft(key);
    if (generated === undefined) return { kind: "unanswered", because: "length" };
    // Once, and only at the beginning, silence may be an accident of the draw.
    if (generated.text === "" && generated.stoppedBy === undefined)
      return key.turn === 0 && key.attempt === 0 ? undefined : await this.#silent(generated);
    const pieces = await this.#append(generated, "draft");
    const isEnded = hasEnded(generated, chunkStop);
    const isLast = key.attempt >= regenerations;
    const gated = await this.#gate(key, isEnded, isLast);
    if (isLast || gated.kind === "open" || gated.kind === "answered")
      return { key, ticket, generated, pieces, isEnded, gated };
    this.#takeBack(pieces);
    return undefined;
  }

  /** The draft had nothing more to say: what stands may be all. */
  async #silent({ finish }: Generated): Promise<CandidateEnd> {
    if (finish !== "stop") return { kind: "unanswered", because: "empty" };
    const verdict = await this.#deps.task.gate(this.#work.draft.text, true);
    return verdict.kind === "answered" ? verdict : { kind: "unanswered", because: "ended" };
  }

  /** Undefined where nothing is left to write with. */
  async #draft(key: CallKey): Promise<Generated | undefined> {
    const { calls, settings, spending } = this.#deps;
    const { context } = this.#work.draft;
    const tokens = Math.min(settings.draftTokens, this.#left);
    const wish: Wish = { author: "draft", tokens, promptTokens: context.ids.length };
    const temperature = this.#work.temperature + key.attempt * settings.temperatureStep;
    return await spending.within(wish, this.#signal, async (maxTokens) => {
      const request = { key, context, temperature, maxTokens, ...this.#drawnFrom(key, "draft") };
      const generated = await calls.generate("draft", request, this.#signal);
      spending.wrote("draft", generated);
      return generated;
    });
  }

  async #gate(key: CallKey, isEnded: boolean, isLast: boolean): Promise<Gated> {
    const { task, siblings, ledger } = this.#deps;
    const { text } = this.#work.draft;
    const known = siblings.knownGate(key, text);
    if (known !== undefined) return known;
    const verdict = await task.gate(text, isEnded);
    // At temperature 0 all samples are alike by request; and a last attempt has nothing to be exchanged for.
    const mayRepeat =
      !task.exchangesDuplicates || isLast || verdict.kind === "refused" || this.#work.temperature === 0;
    const gated: Gated = mayRepeat || siblings.claim(key, text) ? verdict : { kind: "duplicate" };
    ledger.append({ kind: "gated", key, gated });
    return gated;
  }

  /**
   * A draft that cannot be scored is handed over; where nothing is left for that, it stays and the candidate says so.
   * @returns with what the target may write, where it is to
   */
  async #decided(
    { key, ticket, generated, pieces }: Drafted,
    { isAnew }: { readonly isAnew: boolean },
  ): Promise<{ readonly told: Told; readonly hold: Hold | undefined }> {
    const { pair, task, settings } = this.#deps;
    const scored = await withdrawnIfThrown(ticket, () => this.#scored(key, pieces, generated));
    if (scored === undefined) {
      ticket.withdraw();
      this.#isUnchecked = true;
      return { told: {}, hold: this.#places.settle(undefined, false) };
    }
    const held = await withdrawnIfThrown(ticket, () => this.#takeoverHold(pieces, { isAnew }));
    const topB = this.#places.left();
    const { nonconformity } = scored;
    const decision = releasedIfThrown(held, () =>
      ticket.decide({
        ...{ pair, task: task.name, nonconformity: nonconformity ?? Infinity },
        ...(settings.byLength ? { tokens: generated.tokens } : {}),
        ...(topB === undefined ? {} : { topB }),
        ...(nonconformity === undefined ? { isUnscored: true } : {}),
        ...(held === undefined ? { isSpent: true } : {}),
      }),
    );
    // A decision of before a restart may find less left than it was taken with.
    const hold = this.#places.settle(held, decision.intervene);
    const isHandedOver = hold !== undefined;
    if (nonconformity === undefined && !isHandedOver) this.#isUnchecked = true;
    return { told: { ...scored, decision, isHandedOver }, hold };
  }

  /** The score, or why there is none; undefined where nothing is left to have it read with. */
  async #scored(
    key: CallKey,
    pieces: Pieces,
    draft: Generated,
  ): Promise<Pick<Told, "nonconformity" | "unscored"> | undefined> {
    const { calls, scorer, spending } = this.#deps;
    const { context } = this.#work.target;
    const wish: Wish = { author: "target", tokens: 0, promptTokens: context.ids.length };
    const chunk = { key, context, from: pieces.target.from, text: pieces.draft.text, draft };
    try {
      return await spending.within(wish, this.#signal, async () => {
        const scored = await calls.score(chunk, scorer, this.#signal);
        spending.read(scored);
        return { nonconformity: scored.nonconformity };
      });
    } catch (error) {
      if (error instanceof EngineFault) return { unscored: error.code };
      throw error;
    }
  }

  async #takeoverHold(pieces: Pieces, { isAnew }: { readonly isAnew: boolean }): Promise<Hold | undefined> {
    const { draft, target } = this.#work;
    const room = this.#leftBehind(isAnew ? pieces.draft.from : draft.tokens);
    const tokens = Math.min(this.#deps.settings.takeoverTokens, room);
    const promptTokens = isAnew ? pieces.target.from : target.tokens;
    return await this.#places.hold({ tokens, promptTokens }, this.#signal);
  }

  /** The target goes on behind the draft, or in its place. */
  async #takenOver(
    key: CallKey,
    pieces: Pieces,
    { isAnew, hold }: { readonly isAnew: boolean; readonly hold: Hold },
  ): Promise<CandidateEnd | undefined> {
    const { calls, spending, task } = this.#deps;
    if (isAnew) this.#takeBack(pieces);
    const { temperature } = this.#work;
    const [{ context }, { maxTokens }] = [this.#work.target, hold];
    // Whatever comes of it, what the target writes stays: it is shown as it is written.
    const shown = passedOn(this.#work.onText);
    let generated: Generated;
    try {
      const request = { key, context, temperature, maxTokens, ...this.#drawnFrom(key, "takeover") };
      generated = await calls.generate("takeover", { ...request, ...shown.told }, this.#signal);
      spending.wrote("target", generated);
    } finally {
      hold.release();
    }
    const { target } = await this.#append(generated, "target");
    this.#chunks.push({ turn: key.turn, author: "target", text: target.text, isKept: true });
    shown.rest(target.text);
    const isEnded = hasEnded(generated, this.#deps.settings.chunkStop);
    const verdict = await task.gate(this.#work.target.text, isEnded);
    if (verdict.kind === "answered") return verdict;
    if (verdict.kind === "refused")
      return { kind: "unanswered", because: "refused", detail: verdict.because };
    return isEnded ? { kind: "unanswered", because: "ended" } : undefined;
  }

  #keep(chunk: Omit<CandidateChunk, "isKept">): void {
    this.#chunks.push({ ...chunk, isKept: true });
    if (chunk.text !== "") this.#work.onText?.(chunk.text);
  }

  /** Its writer's tokens as they were drawn, the other's by its own tokenizer; a chunk's stop text stays in the text. */
  async #append(generated: Generated, author: "draft" | "target"): Promise<Pieces> {
    const { text, ids } = generated;
    const end = chunkEnd(generated, this.#deps.settings.chunkStop);
    const own = this.#work[author];
    const other = author === "draft" ? this.#work.target : this.#work.draft;
    const first = await own.append(text, ids);
    if (end !== "") await own.append(end);
    const mine = { from: first.from, text: text + end };
    const theirs = await other.append(text + end);
    return author === "draft" ? { draft: mine, target: theirs } : { draft: theirs, target: mine };
  }

  #takeBack({ draft, target }: Pieces): void {
    this.#work.draft.withdraw(draft);
    this.#work.target.withdraw(target);
  }

  get #left(): number {
    return this.#leftBehind(this.#work.draft.tokens);
  }

  /** Counted in the draft's tokens, whoever writes. */
  #leftBehind(tokens: number): number {
    return Math.max(0, this.#work.maxTokens - (tokens - this.#promptTokens));
  }

  #drawnFrom({ question, sample, turn, attempt }: CallKey, role: string): { seed: number; stop?: string[] } {
    const seed = Math.floor(2 ** 31 * uniformOf(this.#work.seed, question, sample, turn, attempt, role));
    const stop = [...this.#work.stop, ...this.#deps.settings.chunkStop];
    return { seed, ...(stop.length === 0 ? {} : { stop }) };
  }
}
