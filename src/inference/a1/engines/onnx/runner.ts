// The model's thread at work: requests come and go between steps, reading and writing take turns, nobody waits for all.
import type { TokenBytes } from "../../codec/token-bytes.ts";
import type { EngineFaultCode } from "../../engine.ts";
import { Group } from "./group.ts";
import { type Kv, placeIn } from "./kv.ts";
import {
  type GenerateResult,
  type GenerateWork,
  gauges,
  type ThreadAnswer,
  type ThreadRequest,
} from "./messages.ts";
import { type PrefillResult, type PrefillRow, prefill } from "./prefill.ts";
import { type Match, PrefixCache } from "./prefix-cache.ts";
import { drawn, likeliest, logprobOf, spreadOf, topOf, uniformAt } from "./sampling.ts";
import type { DecoderSession } from "./session.ts";
import { Writing, type WrittenToken } from "./writing.ts";

export interface RunnerSettings {
  readonly tokens: TokenBytes;
  readonly endIds: ReadonlySet<number>;
  /** Answers written at once. */
  readonly maxBatch: number;
  /** Tokens, padding included, that are read in one step. */
  readonly prefillTokens: number;
  /** Tokens whose keys and values are held, at work or kept. */
  readonly cacheTokens: number;
  readonly batches: boolean;
  readonly gauges: Int32Array;
}

interface Job {
  readonly request: ThreadRequest;
  /** Once reading has begun: keys and values of the first tokens. */
  kv: Kv | undefined;
  cachedTokens: number;
  /** Of a score: what is known so far. */
  readonly logprobs: number[];
  /** Of an answer: its tokens so far, and how many, the end included. */
  readonly writing: Writing | undefined;
  readonly written: number[];
}

class Broken extends Error {
  readonly code: EngineFaultCode;

  constructor(code: EngineFaultCode, message: string) {
    super(message);
    this.code = code;
  }
}

const needOf = ({ work }: ThreadRequest): number =>
  work.ids.length + (work.kind === "generate" ? work.maxTokens : 0);

/** Tokens to be read before anything is written or all is scored: of a score the last one predicts nothing. */
const readEnd = ({ request: { work } }: Job): number => work.ids.length - (work.kind === "score" ? 1 : 0);

/** Tokens that may come from the cache: whoever asks for what is likely behind a token has to read that one. */
const cacheEnd = ({ request: { work } }: Job): number =>
  (work.kind === "score" ? work.from : work.ids.length) - 1;

const isScore = ({ request }: Job): boolean => request.work.kind === "score";
const isStopped = ({ request }: Job): boolean => Atomics.load(request.stop, 0) !== 0;

/** Tokens that must be saved for one request to wait until another has read them. */
const worthWaiting = 8;

/** Tokens that `job` could take from the cache once `other` has been read. */
function wouldShare(job: Job, other: Job): number {
  const [one, two] = [job.request.work.ids, other.request.work.ids];
  const most = Math.min(cacheEnd(job), readEnd(other));
  let count = 0;
  while (count < most && one[count] === two[count]) count += 1;
  return count;
}

interface Reading {
  readonly job: Job;
  readonly row: PrefillRow;
  readonly from: number;
}

export class Runner {
  readonly #session: DecoderSession;
  readonly #settings: RunnerSettings;
  readonly #say: (answer: ThreadAnswer) => void;
  readonly #kept: PrefixCache;
  #waiting: Job[] = [];
  #reading: Job[] = [];
  #groups: Group<Job>[] = [];
  #work: Promise<void> | undefined;
  #scoresFirst = true;

  constructor(session: DecoderSession, settings: RunnerSettings, say: (answer: ThreadAnswer) => void) {
    this.#session = session;
    this.#settings = settings;
    this.#say = say;
    this.#kept = new PrefixCache(session.shapes);
  }

  add(request: ThreadRequest): void {
    const { work } = request;
    const writing = work.kind === "generate" ? new Writing(this.#settings.tokens, work.stop) : undefined;
    const job = { request, kv: undefined, cachedTokens: 0, logprobs: [], writing, written: [] };
    this.#waiting.push(job);
    this.#gauge();
    this.#work ??= this.#run().finally(() => {
      this.#work = undefined;
    });
  }

  /** Ends once the step at work has. */
  async close(): Promise<void> {
    for (const { request } of [...this.#waiting, ...this.#active()]) Atomics.store(request.stop, 0, 1);
    await this.#work;
    await this.#session.release();
  }

  async #run(): Promise<void> {
    for (;;) {
      this.#dropStopped();
      this.#admit();
      this.#gauge();
      if (this.#active().length === 0 && this.#waiting.length === 0) return;
      await this.#read();
      for (const group of this.#groups) await this.#write(group);
      this.#groups = this.#groups.filter((group) => !group.isEmpty);
    }
  }

  #writers(): readonly Job[] {
    return this.#groups.flatMap(({ owners }) => owners);
  }

  #active(): readonly Job[] {
    return [...this.#reading, ...this.#writers()];
  }

  #reserved(): number {
    return this.#active().reduce((sum, { request }) => sum + needOf(request), 0);
  }

  #gauge(): void {
    const values = this.#settings.gauges;
    Atomics.store(values, gauges.running, this.#active().length);
    Atomics.store(values, gauges.queued, this.#waiting.length);
    Atomics.store(values, gauges.reservedTokens, this.#reserved());
    Atomics.store(values, gauges.keptTokens, this.#kept.tokens);
  }

  #dropStopped(): void {
    for (const job of [...this.#waiting, ...this.#active()]) {
      if (!isStopped(job)) continue;
      this.#forget(job);
      this.#say({ kind: "stopped", id: job.request.id });
    }
  }

  #forget(job: Job): void {
    const others = (each: Job) => each !== job;
    this.#waiting = this.#waiting.filter(others);
    this.#reading = this.#reading.filter(others);
    for (const group of this.#groups) {
      group.leave(job);
      if (group.isEmpty) group.close();
    }
  }

  /** In the order they came. A score has room of its own: it never waits for answers to be written. */
  #admit(): void {
    const { maxBatch, cacheTokens } = this.#settings;
    const open = { score: true, generate: true };
    const active = this.#active();
    const scores = active.filter(isScore).length;
    const count = { score: scores, generate: active.length - scores };
    let reserved = this.#reserved();
    this.#waiting = this.#waiting.filter((job) => {
      const { kind } = job.request.work;
      const need = needOf(job.request);
      open[kind] &&= count[kind] < maxBatch && (reserved + need <= cacheTokens || count[kind] === 0);
      if (!open[kind]) return true;
      count[kind] += 1;
      reserved += need;
      this.#reading.push(job);
      return false;
    });
    this.#kept.trim(cacheTokens - this.#reserved());
  }

  async #read(): Promise<void> {
    const readings = this.#nextReadings();
    if (readings.length === 0) return;
    const jobs = readings.map(({ job }) => job);
    const results = await this.#guarded(jobs, () =>
      prefill(
        this.#session,
        readings.map(({ row }) => row),
      ),
    );
    results?.forEach((result, index) => {
      const reading = readings[index];
      if (reading !== undefined) this.#guardedSync(reading.job, () => this.#haveRead(reading, result));
    });
  }

  /** Those whose next tokens fit into one step. What another of them is about to read is waited for. */
  #nextReadings(): readonly Reading[] {
    const { prefillTokens, maxBatch, batches } = this.#settings;
    const scores = this.#scoresFirst ? this.#reading.filter(isScore) : [];
    // Every other time in the order they came, or scores without end would keep answers from beginning.
    this.#scoresFirst = !this.#scoresFirst;
    const chosen: Reading[] = [];
    let widest = 0;
    for (const job of new Set([...scores, ...this.#reading])) {
      if (chosen.length > 0 && (!batches || chosen.length >= maxBatch)) break;
      const known = this.#known(job);
      const isShared =
        job.kv === undefined &&
        chosen.some((other) => wouldShare(job, other.job) > known.length + worthWaiting);
      const count = Math.min(readEnd(job) - known.length, prefillTokens);
      const width = Math.max(widest, count);
      if (isShared || (chosen.length > 0 && width * (chosen.length + 1) > prefillTokens)) continue;
      widest = width;
      chosen.push({ job, from: known.length, row: this.#rowOf(job, known, count) });
    }
    return chosen;
  }

  #known(job: Job): Match {
    const { kv, request } = job;
    if (kv !== undefined) return { length: kv.length, pieces: [{ kv, count: kv.length }] };
    return this.#kept.match(request.work.ids, cacheEnd(job));
  }

  #rowOf({ request: { work } }: Job, { length, pieces }: Match, count: number): PrefillRow {
    const end = length + count;
    const wantsLogits = work.kind === "score" ? end >= work.from : end === work.ids.length;
    return { known: pieces, ids: work.ids.slice(length, end), wantsLogits };
  }

  #haveRead({ job, row, from }: Reading, { kv, logits }: PrefillResult): void {
    const { work } = job.request;
    if (job.kv === undefined) job.cachedTokens = from;
    job.kv = kv;
    if (work.kind === "score") {
      for (let at = Math.max(0, work.from - 1 - from); at < row.ids.length; at += 1) {
        job.logprobs.push(this.#scored(logits(at), work.ids[from + at + 1] ?? -1));
      }
    }
    if (kv.length < readEnd(job)) return;
    this.#keep(job.request.work.ids, kv.length, { ...placeIn(kv) });
    this.#reading = this.#reading.filter((each) => each !== job);
    if (work.kind === "score") this.#finishScore(job);
    else this.#takeToken(job, logits(row.ids.length - 1), (token) => this.#seat(job, kv, token));
  }

  #keep(ids: readonly number[], length: number, place: Parameters<PrefixCache["keep"]>[2]): void {
    this.#kept.keep(ids, length, place);
    this.#kept.trim(this.#settings.cacheTokens - this.#reserved());
  }

  #scored(logits: Float32Array, id: number): number {
    return finite(logprobOf(logits, id, spreadOf(logits)), id);
  }

  #finishScore({ request, logprobs, cachedTokens }: Job): void {
    this.#gauge();
    this.#say({ kind: "done", id: request.id, result: { kind: "scored", logprobs, cachedTokens } });
  }

  #seat(job: Job, kv: Kv, token: number): void {
    let group = this.#groups.find((each) => each.suits(kv.length));
    if (group === undefined) {
      group = new Group(this.#session, !this.#settings.batches);
      this.#groups.push(group);
    }
    group.join({ owner: job, length: kv.length, token }, kv);
    job.kv = undefined;
  }

  async #write(group: Group<Job>): Promise<void> {
    const { owners } = group;
    if (owners.length === 0) return;
    const rows = await this.#guarded(owners, () => group.step());
    for (const { seat, logits } of rows ?? []) {
      this.#guardedSync(seat.owner, () => {
        this.#takeToken(seat.owner, logits, (token) => {
          seat.token = token;
        });
      });
    }
  }

  /** The next token of an answer: goes on with it, or ends. */
  #takeToken(job: Job, logits: Float32Array, goOn: (token: number) => void): void {
    const { work, id } = job.request;
    const { writing, written } = job;
    if (work.kind !== "generate" || writing === undefined) return;
    const token = this.#draw(work, logits, written.length);
    written.push(token.id);
    const isEnd = this.#settings.endIds.has(token.id);
    if (!isEnd) writing.push(token);
    if (isEnd || writing.isStopped || written.length >= work.maxTokens) {
      this.#finishAnswer(job, isEnd || writing.isStopped ? "stop" : "length");
      return;
    }
    const piece = work.streams ? writing.news() : "";
    if (piece !== "") this.#say({ kind: "text", id, piece });
    goOn(token.id);
  }

  #draw({ temperature, seed, top }: GenerateWork, logits: Float32Array, position: number): WrittenToken {
    const spread = spreadOf(logits);
    const chance = { temperature, uniform: uniformAt(seed, position) };
    const id = temperature === 0 ? likeliest(logits, spread) : drawn(logits, spread, chance);
    const logprob = finite(logprobOf(logits, id, spread), id);
    if (top === 0) return { id, logprob };
    const likely = topOf(logits, top).map((each) => [each, logprobOf(logits, each, spread)] as const);
    return { id, logprob, top: likely };
  }

  #finishAnswer(job: Job, finish: "stop" | "length"): void {
    const { request, writing, written, cachedTokens } = job;
    const { work, id } = request;
    if (work.kind !== "generate" || writing === undefined) return;
    const piece = work.streams ? writing.lastNews() : "";
    if (piece !== "") this.#say({ kind: "text", id, piece });
    this.#keepAnswer(job);
    this.#forget(job);
    this.#gauge();
    const { text, ids, tokens, stoppedBy } = writing.written();
    const result: GenerateResult = {
      kind: "generated",
      text,
      ...(ids === undefined ? {} : { ids }),
      logprobs: tokens.map(({ logprob }) => logprob),
      ...(work.top === 0 ? {} : { top: tokens.map(({ top }) => top ?? []) }),
      finish,
      ...(stoppedBy === undefined ? {} : { stoppedBy }),
      tokens: written.length,
      cachedTokens,
    };
    this.#say({ kind: "done", id, result });
  }

  /** For the sample's next turn, which goes on behind this answer. */
  #keepAnswer(job: Job): void {
    for (const group of this.#groups) {
      const place = group.placeOf(job);
      if (place !== undefined) this.#keep([...job.request.work.ids, ...job.written], place.length, place);
    }
  }

  /** What the runtime throws ends the requests of this step, and no others. */
  async #guarded<Value>(jobs: readonly Job[], step: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await step();
    } catch (error) {
      for (const job of jobs) this.#fail(job, error);
      return undefined;
    }
  }

  #guardedSync(job: Job, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(job, error);
    }
  }

  #fail(job: Job, error: unknown): void {
    this.#forget(job);
    this.#gauge();
    const code = error instanceof Broken ? error.code : "server-error";
    const message = error instanceof Error ? error.message : String(error);
    this.#say({ kind: "failed", id: job.request.id, code, message });
  }
}

/** @throws Broken `missing-logprobs` */
function finite(logprob: number, id: number): number {
  if (Number.isFinite(logprob)) return logprob;
  throw new Broken("missing-logprobs", `expected a finite log-probability of token ${id}, found ${logprob}`);
}
