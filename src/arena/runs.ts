// Judged runs with memory: an identical run is done once and said to be reused, its evidence written before its report.
import { createHash } from "node:crypto";
import { isFault } from "../domain/fault.ts";
import type { RunReport } from "../domain/report.ts";
import type { CachedRun, RunStore } from "../domain/run.ts";
import {
  type Baseline,
  type BaselineRuns,
  baselineProblem,
  explain,
  isLost,
  type JudgedRun,
  parseJudgedRun,
  readBaseline,
  speakingIn,
} from "../grading/index.ts";
import { type Case, CaseFault } from "./case.ts";
import type { Evidence } from "./evidence.ts";
import type { Judging, State } from "./judging.ts";

export interface DoneRun {
  readonly judged: JudgedRun;
  /** Evidence file, relative to the run folder. */
  readonly evidence: string;
  readonly reused: boolean;
}

/** How the runs of an instance's own trees are had: from memory where they may be, or anew. */
export type DoRun = (state: State) => Promise<DoneRun>;

/** A fault that may pass by itself is worth this many further tries before the round is void. */
const faultRetries = 2;

const digestOf = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);

export class Runs {
  readonly #judging: Judging;
  readonly #store: RunStore;
  readonly #evidence: Evidence;
  readonly #inFlight = new Map<string, Promise<DoneRun>>();
  readonly #baselines = new Map<string, Promise<Baseline>>();
  /** By instance: jobs that gold with the hidden tests shows something in. */
  readonly #speaking = new Map<string, ReadonlySet<string>>();
  readonly #baselineFiles = new Map<string, Readonly<Record<string, string>>>();

  constructor(judging: Judging, store: RunStore, evidence: Evidence) {
    this.#judging = judging;
    this.#store = store;
    this.#evidence = evidence;
  }

  /** Runs a state, or takes an identical run's result. @throws a fault after its retries */
  async run(of: Case, state: State): Promise<DoneRun> {
    const key = await this.#judging.runKey(of, state);
    const stored = this.#store.cachedRun(key);
    if (stored !== undefined) {
      return { judged: parseJudgedRun(JSON.parse(stored.report)), evidence: stored.evidence, reused: true };
    }
    const running = this.#inFlight.get(key);
    if (running !== undefined) {
      const done = await running;
      return this.#isLost(of, done.judged) ? this.run(of, state) : { ...done, reused: true };
    }
    const fresh = this.#runFresh(of, state, key);
    this.#inFlight.set(key, fresh);
    try {
      return await fresh;
    } finally {
      this.#inFlight.delete(key);
    }
  }

  /** Runs a state on this host now, whatever is in memory. @throws a fault after its retries */
  async anew(of: Case, state: State): Promise<DoneRun> {
    return this.#runFresh(of, state, await this.#judging.runKey(of, state), "anew");
  }

  async #runFresh(of: Case, state: State, key: string, why?: "anew"): Promise<DoneRun> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const done = await this.#judging.run(of, state);
        const judged = await this.#judging.judged(of, done);
        const kind = this.#isLost(of, judged) ? "lost" : why;
        const transcript = { schemaVersion: 1, ...done, judged };
        // A run that is not kept, or done again, has a file of its own, which its round's verdict names.
        const name = `${key.slice(0, 16)}${kind === undefined ? "" : `.${kind}-${digestOf(transcript)}`}`;
        const evidence = `evidence/${of.instance.instanceId}/${name}.json.gz`;
        await this.#evidence.writeTranscript(evidence, transcript);
        // What this host lost it may not lose the next time.
        if (kind !== "lost") this.#keep({ key, report: JSON.stringify(judged), evidence });
        return { judged, evidence, reused: false };
      } catch (error) {
        if (!isFault(error) || !error.retryable || attempt >= faultRetries) throw error;
      }
    }
  }

  /** The first result of identical runs is the one that is reused. */
  #keep(run: CachedRun): void {
    if (this.#store.cachedRun(run.key) === undefined) this.#store.cacheRun(run);
  }

  /** Before gold has shown which jobs speak at all, a silent one is taken for a quiet one. */
  #isLost({ instance }: Case, judged: JudgedRun): boolean {
    return isLost(judged, { speaking: this.#speaking.get(instance.instanceId) ?? new Set() });
  }

  /**
   * B, G, B+H and G+H, `repeats` times each. Gold with the hidden tests first: it is what the others are controlled by.
   * @throws CaseFault unsound-instance when that shows nothing, baseline-lost when this host lost one of the others
   */
  async baselineRuns(of: Case, repeats: number): Promise<BaselineRuns> {
    const files: Record<string, string> = {};
    this.#baselineFiles.set(of.instance.instanceId, files);
    return this.baselineBy(of, repeats, async (state) => {
      const done = await this.run(of, state);
      if (state.repeat === 1) files[state.name] = done.evidence;
      return done;
    });
  }

  /** The same, each run had as the caller says. @throws as {@link baselineRuns} */
  async baselineBy(of: Case, repeats: number, run: DoRun): Promise<BaselineRuns> {
    const hidden = (tree: string) => of.repository.withFiles(tree, of.hidden);
    const several = async (name: string, tree: string, withLint: boolean): Promise<RunReport[]> => {
      const reports: RunReport[] = [];
      for (let repeat = 1; repeat <= repeats; repeat += 1) {
        const done = await run({ name, tree, comparison: "single", repeat, withLint });
        if (this.#isLost(of, done.judged)) throw nothingShown(of, name, done.judged);
        reports.push(done.judged.report);
      }
      return reports;
    };
    const hasHidden = of.instance.oracle === "tests";
    const goldHidden = hasHidden ? await several("G+H", await hidden(of.goldTree), false) : [];
    if (hasHidden) this.#speaking.set(of.instance.instanceId, speakingIn(goldHidden));
    const gold = await several("G", of.goldTree, true);
    if (!hasHidden) this.#speaking.set(of.instance.instanceId, speakingIn(gold));
    return {
      goldHidden,
      gold,
      base: await several("B", of.baseTree, true),
      baseHidden: hasHidden ? await several("B+H", await hidden(of.baseTree), false) : [],
    };
  }

  /** The evidence files of B, G, B+H and G+H, as far as they were run. */
  baselineEvidence(of: Case): Readonly<Record<string, string>> {
    return this.#baselineFiles.get(of.instance.instanceId) ?? {};
  }

  /**
   * What the instance's own runs establish; done once per instance.
   * @throws CaseFault unsound-instance when gold is not strictly better than base: nothing can be judged on it
   */
  baseline(of: Case): Promise<Baseline> {
    const known = this.#baselines.get(of.instance.instanceId);
    if (known !== undefined) return known;
    const fresh = this.#soundBaseline(of);
    this.#baselines.set(of.instance.instanceId, fresh);
    fresh.catch(() => this.#baselines.delete(of.instance.instanceId));
    return fresh;
  }

  async #soundBaseline(of: Case): Promise<Baseline> {
    const baseline = readBaseline(of.instance, await this.baselineRuns(of, 1));
    const problem = baselineProblem(of.instance, baseline)?.text;
    if (problem === undefined) return baseline;
    const message = `${of.instance.instanceId}: ${problem}; run \`arena issues check\` on the set to see why`;
    throw new CaseFault("unsound-instance", message, { retryable: false });
  }
}

/** What a run of an instance's own that shows nothing, beside a control that shows nothing either, means. */
function nothingShown(of: Case, name: string, judged: JudgedRun): CaseFault {
  const { instanceId, oracle } = of.instance;
  const where = judged.kind === "ran" ? `the jobs ${judged.lostJobs?.join(", ")} of ${name}` : name;
  const nothing = `${instanceId}: no check was executed in ${where}${explain(judged.report)}`;
  if (name === (oracle === "tests" ? "G+H" : "G")) {
    const message = `${nothing}: mend the plan, the image or the patches`;
    return new CaseFault("unsound-instance", message, { retryable: false });
  }
  const message = `${nothing}, nor in gold beside it, which did run before: this host lost them; free memory and disk, then go on`;
  return new CaseFault("baseline-lost", message, { retryable: true });
}
