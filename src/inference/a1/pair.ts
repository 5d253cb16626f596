// Draft and target as one backend: all that questions share, lanes, calibration, ledger, in one place.
import type { Clock } from "../clock.ts";
import type { SlotLimits } from "../slots.ts";
import { alone } from "./alone.ts";
import type { Backend, BackendLoad, QuestionAnswer, QuestionRequest } from "./backend.ts";
import { CacheRoom } from "./cache-room.ts";
import { Calibrator, type CalibratorSettings, defaultCalibratorSettings } from "./calibrator.ts";
import { Calls, type CallsDeps } from "./calls.ts";
import type { ChunkScorer } from "./chunk-scorers.ts";
import { DecisionBook } from "./decision-book.ts";
import type { Engine } from "./engine.ts";
import { type LaneName, type Lanes, lanesOf, PressureWatch } from "./lanes.ts";
import {
  fingerprintOf,
  type Gated,
  type Ledger,
  type LedgerEvent,
  LedgerFault,
  nameOfCall,
  noLedger,
} from "./ledger.ts";
import { answerQuestion } from "./question.ts";
import { retrying } from "./retrying.ts";
import { defaultSampleSettings, type SampleSettings } from "./sample.ts";
import { Siblings } from "./siblings.ts";
import { type EnginePrices, narrower, type QuestionLimits, Spending } from "./spending.ts";
import { chatTask, type Task } from "./task.ts";
import { withTokens } from "./text-engine.ts";
import { defaultTrialSettings, TrialBook, type TrialSettings } from "./trials.ts";
import { TurnBudgets } from "./turn-budgets.ts";
import { PrefixWarmth } from "./warmth.ts";

export interface PairSettings {
  readonly sample: SampleSettings;
  readonly calibrator: CalibratorSettings;
  readonly lanes: Readonly<Record<LaneName, SlotLimits>>;
  readonly limits: QuestionLimits;
  readonly trials: TrialSettings;
  /** First drafts of each question that its candidates are ranked among (conditional coverage); 0: among all (marginal). */
  readonly ownBankDrafts: number;
  /** So many of a turn's candidates at most go to the target; no such limit when absent. */
  readonly topB?: number;
  readonly prices?: { readonly draft: EnginePrices; readonly target: EnginePrices };
  readonly deadlineMs?: number;
  /** What the engines' key/value caches hold; nothing is put off for their sake where absent. */
  readonly cacheTokens: { readonly draft?: number; readonly target?: number };
}

export const defaultPairSettings: PairSettings = {
  sample: defaultSampleSettings,
  calibrator: defaultCalibratorSettings,
  lanes: {
    draft: { initial: 32, max: 256 },
    score: { initial: 32, max: 256 },
    takeover: { initial: 16, max: 256 },
  },
  limits: {},
  trials: defaultTrialSettings,
  ownBankDrafts: 0,
  cacheTokens: {},
};

export interface PairDeps {
  readonly draft: Engine;
  readonly target: Engine;
  readonly scorer: ChunkScorer;
  /** By name; what is asked for under another is chat. */
  readonly tasks?: readonly Task[];
  readonly clock: Clock;
  /** Jitter of pauses: uniform in [0, 1). */
  readonly random: { next(): number };
  readonly ledger?: Ledger;
  /** What another process has written to the ledger, in order. */
  readonly before?: Iterable<LedgerEvent>;
  /** No question is ever asked under its name again: what was learned from it is kept, and nothing else. */
  readonly asksOnce?: boolean;
}

/** @throws LedgerFault where the ledger of before does not fit these settings */
export function openPair(deps: PairDeps, settings: PairSettings = defaultPairSettings): Backend {
  return new Pair(deps, settings);
}

class Pair implements Backend {
  /** For whoever asks one of them by itself. */
  readonly engines: { readonly draft: Engine; readonly target: Engine };
  readonly #engines: { readonly draft: Engine; readonly target: Engine };
  readonly #deps: PairDeps;
  readonly #settings: PairSettings;
  readonly #ledger: Ledger;
  readonly #lanes: Lanes;
  readonly #calibrator: Calibrator;
  readonly #book: DecisionBook;
  readonly #calls: Calls;
  readonly #warmth: PrefixWarmth;
  readonly #trials: TrialBook;
  readonly #tasks: ReadonlyMap<string, Task>;
  readonly #gates = new Map<string, Map<string, Gated>>();
  readonly #asked = new Map<string, string>();
  readonly #answers = new Map<string, QuestionAnswer>();
  #watches: readonly PressureWatch[] | undefined;
  readonly #over = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  /** Calls of whoever asks an engine by itself. */
  readonly #alone = new Set<Promise<unknown>>();

  constructor(deps: PairDeps, settings: PairSettings) {
    this.#deps = deps;
    this.#settings = settings;
    this.#ledger = deps.ledger ?? noLedger;
    const again = { clock: deps.clock, random: deps.random };
    const ready = (engine: Engine): Engine => retrying(withTokens(engine), again);
    this.#engines = { draft: ready(deps.draft), target: ready(deps.target) };
    this.#lanes = lanesOf(settings.lanes, deps.clock);
    this.#warmth = new PrefixWarmth(deps.clock);
    this.#calibrator = new Calibrator(settings.calibrator);
    this.#book = new DecisionBook(this.#calibrator, this.#ledger, deps.clock);
    const rooms = roomsOf(settings.cacheTokens);
    this.engines = this.#aloneEach(rooms);
    this.#calls = new Calls({
      ...{ engines: this.#engines, lanes: this.#lanes, ledger: this.#ledger },
      ...{ clock: deps.clock, warmth: this.#warmth, rooms },
    });
    this.#tasks = new Map((deps.tasks ?? []).map((task) => [task.name, task]));
    this.#trials = new TrialBook(this.#ledger);
    this.#book.restore(this.#restored(deps.before ?? []));
  }

  async ask(request: QuestionRequest, signal: AbortSignal): Promise<QuestionAnswer> {
    this.#begin(request);
    const known = this.#answers.get(request.id);
    if (known !== undefined) return known;
    return await this.#during(this.#underWay, signal, (own) => this.#answered(request, own));
  }

  load(): BackendLoad {
    return {
      questions: this.#underWay.size,
      lanes: Object.values(this.#lanes).map((lane) => lane.load()),
    };
  }

  interventions(): ReturnType<Backend["interventions"]> {
    return { kinds: this.#calibrator.rates(), alarms: this.#calibrator.alarms };
  }

  async close(): Promise<void> {
    this.#over.abort(new Error("the pair was closed"));
    await Promise.allSettled([...this.#underWay, ...this.#alone]);
    await Promise.all([this.#engines.draft.close(), this.#engines.target.close()]);
  }

  /** Ends with the pair; meanwhile the servers' pressure is watched. */
  async #during<T>(
    among: Set<Promise<unknown>>,
    signal: AbortSignal,
    begin: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const work = begin(AbortSignal.any([signal, this.#over.signal]));
    among.add(work);
    if (this.#busy === 1) this.#watch();
    try {
      return await work;
    } finally {
      among.delete(work);
    }
  }

  get #busy(): number {
    return this.#underWay.size + this.#alone.size;
  }

  #aloneEach(rooms: NonNullable<CallsDeps["rooms"]>): Backend["engines"] {
    const { draft, score, takeover } = this.#lanes;
    const during = <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
      this.#during(this.#alone, signal, work);
    return {
      draft: alone(this.#engines.draft, { writing: draft, scoring: draft, room: rooms.draft, during }),
      target: alone(this.#engines.target, { writing: takeover, scoring: score, room: rooms.target, during }),
    };
  }

  async #answered(request: QuestionRequest, signal: AbortSignal): Promise<QuestionAnswer> {
    const { limits, prices, deadlineMs, sample, ownBankDrafts, topB, trials } = this.#settings;
    const { draft, target } = this.#engines;
    try {
      const answer = await answerQuestion(
        {
          ...{ engines: this.#engines, clock: this.#deps.clock, calls: this.#calls, book: this.#book },
          ...{ ledger: this.#ledger, settings: sample, scorer: this.#deps.scorer },
          targetContinues: target.capabilities.continuesAnswers,
          task: request.rules ?? this.#tasks.get(request.task) ?? { ...chatTask, name: request.task },
          pair: `${draft.name} > ${target.name}`,
          spending: new Spending({
            limits: narrower(limits, request.limits ?? {}),
            ...(prices === undefined ? {} : { prices }),
          }),
          trials: { settings: trials, book: this.#trials },
          siblings: new Siblings(this.#gates.get(request.id)),
          ...(deadlineMs === undefined ? {} : { deadlineMs }),
          ...(topB === undefined ? {} : { turnBudgets: new TurnBudgets(topB, request.samples) }),
          ...(ownBankDrafts === 0 ? {} : { ownBank: this.#ownBankOf(request.id, ownBankDrafts) }),
        },
        request,
        signal,
      );
      this.#ledger.append({ kind: "answered", question: request.id, answer });
      this.#forget(request.id);
      return answer;
    } catch (error) {
      this.#ledger.append({ kind: "abandoned", question: request.id });
      if (!this.#mayGoOn) this.#forget(request.id);
      throw error;
    } finally {
      if (!this.#mayGoOn) this.#asked.delete(request.id);
      this.#calibrator.questionDone(request.id);
      this.#warmth.questionDone(request.id, [draft.name, target.name]);
    }
  }

  #ownBankOf(question: string, drafts: number) {
    return {
      drafts,
      keep: (nonconformities: readonly number[]): void => {
        // Infinity is no JSON.
        const finite = nonconformities.map((each) => (Number.isFinite(each) ? each : Number.MAX_VALUE));
        this.#ledger.append({ kind: "own-bank", question, nonconformities: finite });
        this.#calibrator.ownBank(question, finite);
      },
    };
  }

  /** @throws LedgerFault where the name stands for another question */
  #begin({ onText: _, rules: __, ...request }: QuestionRequest): void {
    const fingerprint = fingerprintOf(request);
    const known = this.#asked.get(request.id);
    if (known === fingerprint) return;
    if (known !== undefined)
      throw new LedgerFault(
        "ledger-of-another-run",
        `question ${request.id}: expected what was asked under this name before, found another question`,
      );
    this.#asked.set(request.id, fingerprint);
    this.#ledger.append({ kind: "question", question: request.id, fingerprint });
  }

  /** Whether an abandoned question is gone on with under its name, here or by whoever reads the ledger: alike in both. */
  get #mayGoOn(): boolean {
    return !this.#asksOnce && this.#ledger !== noLedger;
  }

  get #asksOnce(): boolean {
    return this.#deps.asksOnce === true;
  }

  /** Calls, decisions, gates and trials of a question that will not be gone on with. */
  #forget(question: string): void {
    for (const known of [this.#calls, this.#book, this.#trials]) known.forget(question);
    this.#gates.delete(question);
  }

  /** Of each event after the calibrator has lived through it; one by one, since nobody has room for all. */
  *#restored(before: Iterable<LedgerEvent>): Generator<LedgerEvent> {
    for (const event of before) {
      yield event;
      if (event.kind === "tried") this.#trials.restore(event);
      if (event.kind === "trials-planned" && !this.#asksOnce) this.#trials.restorePlan(event);
      if (!this.#asksOnce) this.#restoreQuestion(event);
      else if (event.kind === "tried") this.#trials.forget(event.question);
      else if (event.kind === "decided") this.#book.forget(event.key.question);
    }
  }

  #restoreQuestion(event: LedgerEvent): void {
    if (event.kind === "question") this.#asked.set(event.question, event.fingerprint);
    if (event.kind === "call") this.#calls.remember(event);
    if (event.kind === "answered") {
      this.#answers.set(event.question, event.answer);
      this.#forget(event.question);
    }
    if (event.kind !== "gated") return;
    const { question } = event.key;
    const own = this.#gates.get(question) ?? new Map<string, Gated>();
    this.#gates.set(question, own.set(nameOfCall(event.key), event.gated));
  }

  #watch(): void {
    const { draft, target } = this.#engines;
    const told = {
      ...{ clock: this.#deps.clock, signal: this.#over.signal },
      isBusy: () => this.#busy > 0,
    };
    const { draft: drafting, score, takeover } = this.#lanes;
    this.#watches ??= [
      new PressureWatch(draft, [drafting], told),
      new PressureWatch(target, [score, takeover], told),
    ];
    for (const watch of this.#watches) this.#keep(watch.whileBusy());
  }

  /** A watcher that breaks is a bug of ours: it ends what is under way instead of being lost. */
  #keep(watching: Promise<void>): void {
    watching.catch((error: unknown) => this.#over.abort(error));
  }
}

function roomsOf({ draft, target }: PairSettings["cacheTokens"]): NonNullable<CallsDeps["rooms"]> {
  return {
    ...(draft === undefined ? {} : { draft: new CacheRoom(draft) }),
    ...(target === undefined ? {} : { target: new CacheRoom(target) }),
  };
}
