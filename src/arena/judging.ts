// Runs the states of DESIGN 4 in fresh sandboxes: preparation once, every judged run from a pristine tree.
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Sandbox,
  SandboxFault,
  type SandboxLimits,
  type SandboxProvider,
  type SandboxSpec,
} from "../../sandboxes/index.ts";
import { isFault } from "../domain/fault.ts";
import type { Job } from "../domain/instance.ts";
import { seededRandom } from "../domain/random.ts";
import type { JobReport, RunReport } from "../domain/report.ts";
import {
  aloneIn,
  type JudgedRun,
  type Runner,
  type RunnerContext,
  type RunVariation,
  showsNothing,
  silentJobs,
  Variety,
} from "../grading/index.ts";
import { type Case, testFilesOf } from "./case.ts";
import { type Driven, drive, type Exchange } from "./drive.ts";
import { deltaLayer, madeOnce, treeLayer } from "./layers.ts";
import { Meter, type VariedRun } from "./metered.ts";
import { freeBytesOf } from "./running/room.ts";
import type { Slots } from "./slots.ts";

/** Part of every cache key: results of another harness version are never reused. */
export const harnessVersion = "2";

/** With less a run's failure may be the disk's. A quarter of what must be there before one: others write meanwhile. */
const leastBytesAfterRun = 64_000_000;

export interface JudgingDeps {
  readonly sandboxes: SandboxProvider;
  readonly runnerFor: (job: Job) => Runner;
  /** Trees, preparations and objects live here between runs. */
  readonly cache: string;
  readonly limits: SandboxLimits;
  /** Label of the run that owns every sandbox. */
  readonly run: string;
  /** Canary names are drawn from it; it must not be guessable by a contestant. */
  readonly seed: string;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** At most this many sandboxes at once. */
  readonly slots: Slots;
  /** Of a folder's file system; as it tells it unless given. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** One state to run, e.g. `P+T`, repeat 2. */
export interface State {
  /** For people and evidence; no part of what makes two runs identical. */
  readonly name: string;
  readonly tree: string;
  /**
   * The side of a repeated comparison this run stands on: G+T and P+T of the same tree are never one run, nor are two
   * repeats. `single` runs (B, G, P, +H) of the same tree may be.
   */
  readonly comparison: "single" | "control" | "treatment";
  readonly repeat: number;
  /** Lint jobs run only where lint is judged. */
  readonly withLint: boolean;
  /** One test function, by the id of its checks: nothing else is run. */
  readonly only?: string;
  /** What it differs in from its repeats: curation's alone. Nobody is judged by such a run. */
  readonly variation?: RunVariation;
}

export interface StateEvidence {
  readonly state: State;
  readonly seed: string;
  /** What the twins of all runs on this instance are drawn from. */
  readonly twinSeed: string;
  readonly image: string;
  readonly imageDigest: string;
  readonly limits: SandboxLimits;
  readonly jobs: readonly {
    readonly job: Job;
    readonly context: DrawnContext;
    readonly exchanges: readonly Exchange[];
  }[];
  readonly report: RunReport;
  /** Of a varied run alone. */
  readonly varied?: VariedRun;
}

/** What is stored of a runner's context: its draws are made again from the seeds. */
type DrawnContext = Omit<RunnerContext, "random" | "twins" | "variety">;

/** What may come of an engine that has gone. */
const engineFaults = new Set(["engine-unreachable", "engine-error", "engine-timeout", "supervisor-lost"]);

/** What every sandbox of an instance starts from. */
export interface Prepared {
  readonly layers: readonly string[];
  /** Those of them in which nothing was built: tests of ours have left their traces in the others. */
  readonly unbuilt: readonly string[];
  readonly imageDigest: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What a sandbox is opened on; who owns it and what it may use up is the run's. */
export type Place = Pick<SandboxSpec, "image" | "layers" | "network">;

export interface RunSeeds {
  readonly seed: string;
  readonly twinSeed: string;
}

/** The two streams a runner draws from: one of the run, one that all runs on the instance share. */
export function drawsOf(
  { name }: Job,
  { seed, twinSeed }: RunSeeds,
): Pick<RunnerContext, "random" | "twins"> {
  return { random: seededRandom(`${seed} ${name}`), twins: seededRandom(`${twinSeed} ${name}`) };
}

function digestOf(...parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

export class PreparationFault extends Error {
  readonly isFault = true;
  readonly code = "preparation-failed";
  readonly retryable = false;
}

export class Judging {
  readonly #deps: JudgingDeps;
  readonly #prepared = new Map<string, Promise<Prepared>>();

  constructor(deps: JudgingDeps) {
    this.#deps = deps;
  }

  /** Everything that determines a run's result: identical runs may be reused, repeats of one comparison never are. */
  async runKey(of: Case, state: State): Promise<string> {
    const digest = await this.#deps.sandboxes.imageDigest(of.instance.ci.image);
    const { tree, comparison, repeat, withLint, only, variation } = state;
    const { prepare, jobs } = of.instance.ci;
    const { limits, sandboxes } = this.#deps;
    return digestOf(harnessVersion, sandboxes.name, of.baseTree, tree, comparison, repeat, withLint, [
      jobs,
      prepare,
      digest,
      limits,
      ...(only === undefined ? [] : [only]),
      ...(variation === undefined ? [] : [variation]),
    ]);
  }

  /** Runs one state. @throws SandboxFault, PreparationFault, GitFault */
  async run(of: Case, state: State): Promise<StateEvidence> {
    const prepared = await this.prepared(of);
    const delta = await deltaLayer(of.repository, of.baseTree, state.tree);
    try {
      const layers = [...prepared.layers, delta.layer];
      const files = (await of.repository.entries(state.tree)).map((entry) => entry.path);
      const seed = digestOf(this.#deps.seed, of.instance.instanceId, state);
      const twinSeed = digestOf(this.#deps.seed, of.instance.instanceId, "twins");
      const jobs: StateEvidence["jobs"][number][] = [];
      const reports: JobReport[] = [];
      const { variation } = state;
      const meter = new Meter();
      const notVaried = new Set<string>();
      for (const job of this.#jobs(of, state)) {
        const context = this.#context(of, job, files, prepared.env);
        const variety = variation === undefined ? undefined : new Variety(variation, job.name);
        const place = { image: of.instance.ci.image, layers, network: "none" } as const;
        const driven = await this.inSandbox(place, async (sandbox) => {
          for (const path of delta.removed) await sandbox.remove(`/work/${path}`);
          if (variety === undefined) return this.#drive(context, { seed, twinSeed }, sandbox);
          const varied = { ...context, variety, timeoutMs: context.timeoutMs * variety.timeFactor };
          const ran = await this.#drive(varied, { seed, twinSeed }, meter.over(sandbox));
          await meter.read(sandbox, this.#deps.signal);
          return ran;
        });
        for (const what of variety?.notVaried ?? []) notVaried.add(what);
        jobs.push({ job, context, exchanges: driven.exchanges });
        reports.push(driven.report);
      }
      const { image } = of.instance.ci;
      const { imageDigest } = prepared;
      return {
        state,
        seed,
        twinSeed,
        image,
        imageDigest,
        limits: this.#deps.limits,
        jobs,
        report: { jobs: reports },
        ...(variation === undefined
          ? {}
          : { varied: { resources: meter.resources, notVaried: [...notVaried] } }),
      };
    } finally {
      await delta.dispose();
    }
  }

  /**
   * The void rule (DESIGN 4.6): a job that shows nothing is somebody's outcome unless its control, run on this host now,
   * shows nothing either. The control is gold with the hidden tests: where a repository has no visible ones gold alone
   * never shows anything, and whoever broke the build could choose to be void.
   */
  async judged(of: Case, evidence: StateEvidence): Promise<JudgedRun> {
    const { report, state } = evidence;
    const silent = silentJobs(report);
    if (silent.length === 0) return { kind: "ran", report };
    const tree = await of.repository.withFiles(of.goldTree, of.hidden);
    // A test that only the review has is not in gold.
    const { only: _, ...whole } = state;
    const control = await this.run(of, { ...whole, name: `control of ${state.name}`, tree });
    if (showsNothing(report))
      return { kind: "unjudgeable", report, control: showsNothing(control.report) ? "failed" : "passed" };
    const alsoSilent = new Set(silentJobs(control.report));
    const lostJobs = silent.filter((job) => alsoSilent.has(job));
    return { kind: "ran", report, ...(lostJobs.length === 0 ? {} : { lostJobs }) };
  }

  #jobs(of: Case, { withLint, only }: State): readonly Job[] {
    const jobs = of.instance.ci.jobs.filter((job) => withLint || !job.tags.includes("lint"));
    return only === undefined ? jobs : jobs.flatMap((job) => aloneIn(job, only) ?? []);
  }

  #context(
    of: Case,
    job: Job,
    files: readonly string[],
    env: Readonly<Record<string, string>>,
  ): DrawnContext {
    const trustedTestFiles = testFilesOf(files, of.instance);
    return {
      job,
      files,
      trustedTestFiles,
      timeoutMs: job.timeoutSeconds * 1000,
      env: { ...env, ...job.env },
    };
  }

  #drive(
    context: DrawnContext & Pick<RunnerContext, "variety">,
    seeds: RunSeeds,
    sandbox: Parameters<typeof drive>[1],
  ): Promise<Driven> {
    const program = this.#deps.runnerFor(context.job).program({ ...context, ...drawsOf(context.job, seeds) });
    return drive(program, sandbox, this.#deps.signal);
  }

  /** Opens a sandbox within the run's limits and slots, and closes it. @throws SandboxFault, and what `use` throws */
  inSandbox<T>(place: Place, use: (sandbox: Sandbox) => Promise<T>): Promise<T> {
    const { sandboxes, limits, run, signal, slots: free } = this.#deps;
    const used = async (): Promise<T> => {
      await using sandbox = await sandboxes.open({ run, limits, ...place }, signal);
      return await use(sandbox);
    };
    return free.run(async () => {
      const ran = await used().catch(async (error: unknown) => {
        await this.#mustHaveRoom();
        await this.#mustHaveEngine(error);
        throw error;
      });
      await this.#mustHaveRoom();
      return ran;
    });
  }

  /**
   * Asked once the sandbox is gone with all that the judged code wrote: a disk that is still full made it fail, or may
   * have, and nobody is charged with that. @throws SandboxFault host-disk-full
   */
  async #mustHaveRoom(): Promise<void> {
    const { cache, freeBytes = freeBytesOf } = this.#deps;
    const bytes = await freeBytes(cache);
    if (bytes >= leastBytesAfterRun) return;
    const found = `${Math.floor(bytes / 1e6)} MB are free under ${cache} after a sandbox has closed`;
    const message = `${found}, expected at least ${leastBytesAfterRun / 1e6}: what ran there shows nothing. Free some, then go on`;
    throw new SandboxFault("host-disk-full", message, { retryable: false });
  }

  /** What an engine says while it goes, and a sandbox that goes with it, are of it. @throws SandboxFault engine-unreachable */
  async #mustHaveEngine(error: unknown): Promise<void> {
    if (!isFault(error) || !engineFaults.has(error.code)) return;
    try {
      await this.#deps.sandboxes.ping();
    } catch (cause) {
      if (!isFault(cause)) throw cause;
      const message = `${cause.message}; before that: ${error.message}`;
      throw new SandboxFault("engine-unreachable", message, { retryable: false, cause });
    }
  }

  /** Base with what its plan prepares: once an instance, and kept. @throws PreparationFault, SandboxFault, GitFault */
  prepared(of: Case): Promise<Prepared> {
    const known = this.#prepared.get(of.instance.instanceId);
    if (known !== undefined) return known;
    const fresh = this.#prepareOnce(of);
    this.#prepared.set(of.instance.instanceId, fresh);
    fresh.catch(() => this.#prepared.delete(of.instance.instanceId));
    return fresh;
  }

  /** Preparation sees the trusted base tree only, before any contestant's code exists, and is snapshotted. */
  async #prepareOnce(of: Case): Promise<Prepared> {
    const { sandboxes, cache } = this.#deps;
    const { ci } = of.instance;
    const imageDigest = await sandboxes.imageDigest(ci.image);
    const env = await sandboxes.imageEnv(ci.image);
    const tree = await treeLayer(of.repository, of.baseTree, cache);
    const key = digestOf(harnessVersion, of.baseTree, ci, imageDigest);
    const folder = join(cache, "prepared", key);
    await mkdir(join(cache, "prepared"), { recursive: true });
    await madeOnce(folder, async (aside) => {
      await this.#fetchDependencies(of, [tree], join(aside, "fetched"), env);
      await this.#warmUp(of, [tree, join(aside, "fetched")], join(aside, "warm"), env);
    });
    const unbuilt = [tree, join(folder, "fetched")];
    return { layers: [...unbuilt, join(folder, "warm")], unbuilt, imageDigest, env };
  }

  async #fetchDependencies(
    of: Case,
    layers: readonly string[],
    snapshot: string,
    env: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { prepare } = of.instance.ci;
    const network = prepare.length === 0 ? "none" : "registries";
    await this.inSandbox({ image: of.instance.ci.image, layers, network }, async (sandbox) => {
      for (const command of prepare) {
        const result = await sandbox.exec(
          {
            argv: ["sh", "-e", "-c", command],
            cwd: "/work",
            env: { ...env, ...onlineEnv },
            timeoutMs: 1_800_000,
            maxOutputBytes: 200_000,
          },
          this.#deps.signal,
        );
        if (result.outcome.kind !== "exited" || result.outcome.code !== 0) {
          const output = `${result.stdout.toString("utf8")}${result.stderr.toString("utf8")}`.slice(-2000);
          throw new PreparationFault(
            `${of.instance.instanceId}: the prepare command "${command}" did not succeed (${JSON.stringify(result.outcome)}). Its last output:\n${output}`,
          );
        }
      }
      await sandbox.snapshot(snapshot);
    });
  }

  /** Builds the base tree once so that later runs compile only what differs; what the tests say is not kept. */
  async #warmUp(
    of: Case,
    layers: readonly string[],
    snapshot: string,
    env: Readonly<Record<string, string>>,
  ): Promise<void> {
    const files = (await of.repository.entries(of.baseTree)).map((entry) => entry.path);
    await this.inSandbox({ image: of.instance.ci.image, layers, network: "none" }, async (sandbox) => {
      for (const job of of.instance.ci.jobs) {
        const context = this.#context(of, job, files, env);
        const seed = digestOf(this.#deps.seed, "warm-up");
        await this.#drive(context, { seed, twinSeed: seed }, sandbox);
      }
      await sandbox.snapshot(snapshot);
    });
  }
}

/** Preparation may reach registries: the switches that keep judged runs offline are taken back. */
export const onlineEnv: Readonly<Record<string, string>> = {
  CARGO_NET_OFFLINE: "false",
  // Empty means Go's own default.
  GOPROXY: "",
  GOFLAGS: "-mod=mod",
  PIP_NO_INDEX: "0",
};
