// The door to the wiring, which alone names concrete classes and reads the environment: for the command line and the library alike.
import { randomBytes, randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { type SandboxProvider, scratchFolder } from "../sandboxes/index.ts";
import {
  budgetLimits,
  type CanaryIntervals,
  CaseIndexes,
  canaryIntervals,
  chosenInstances,
  fieldPlayers,
  filteredInstances,
  type HourLimits,
  hourLimits,
  identityOf,
  isPassing,
  keepResumed,
  limitsOf,
  type Manifest,
  makeRunFolder,
  manifestIn,
  manifestOf,
  modesOf,
  mustBeSameContestants,
  mustBeSameSet,
  openSession,
  optionsKept,
  orClosed,
  type Player,
  patienceMs,
  type ReadyField,
  readyField,
  rerankerOfRun,
  resumed,
  retryPolicy,
  type Session,
  type SessionOptions,
  slots,
  spentSoFar,
} from "./arena/index.ts";
import { type IssueSet, locateRepository, readSet, type SetProblem } from "./curation/index.ts";
import type { Instance } from "./domain/instance.ts";
import { seededRandom } from "./domain/random.ts";
import type { RerankerIdentity, RunSettings, RunStore } from "./domain/run.ts";
import { runnerFor } from "./grading/index.ts";
import {
  Budget,
  type BudgetLimits,
  type Contestant,
  type EndpointLoad,
  Endpoints,
  endpointEventText,
  type OpenPairDeps,
  type OpenPairs,
  openAnyEngine,
  openLedgerOnUse,
  openPairs,
  type Spend,
  systemClock,
} from "./inference/index.ts";
import { type BoardSource, boardSource, issueFacts } from "./report/index.ts";
import { openSigner, openStore, type Signer } from "./storage/index.ts";
import {
  cacheFolder,
  databaseOf,
  indexFolder,
  keyOf,
  ledgerKeyFile,
  now,
  pairLedgerOf,
  runFolderOf,
  stateFolder,
  type WireContext,
} from "./wire/environment.ts";
import { required } from "./wire/required.ts";
import { sandboxesOf } from "./wire/sandboxes.ts";

export { type AuditedRun, auditStored, ledgerKey } from "./wire/audit.ts";
export {
  type CurationOptions,
  claimCuration,
  curationScratch,
  linkClone,
  locateForCuration,
  openClone,
  openContainerReader,
  openTreeRuns,
} from "./wire/curation.ts";
export {
  cacheFolder,
  indexFolder,
  now,
  secretIn,
  serverKeys,
  terminalTakes,
  type WireContext,
  webhookWorld,
} from "./wire/environment.ts";
export { gitHubMark, openGitHub, pullRequestClones } from "./wire/github.ts";
export { type JudgeOptions, type OpenedJudge, openJudge } from "./wire/judge.ts";
export { type PanelOptions, panelDeps } from "./wire/panel.ts";
export { lifeOfProcess, monotonicMs, thisProcess, uptimeSeconds } from "./wire/process.ts";
export { diagnoseMachine, mendMachine } from "./wire/sandboxes.ts";
export { readSiteRun } from "./wire/site.ts";
export { openRunReadOnly, openStoredSession, readBoardSource, type StoredSession } from "./wire/stored.ts";
export type { SessionOptions };

export interface SetSession extends AsyncDisposable, Omit<Session, "sandboxes" | "instances"> {
  readonly setName: string;
  readonly setHash: string;
  readonly seed: string;
  readonly runFolder: string;
  readonly problems: readonly SetProblem[];
  readonly instanceIds: readonly string[];
  readonly contestantIds: readonly string[];
  /** Those of them behind models, as they will play. */
  readonly models: readonly Contestant[];
  /** Of the model that ranks once more what contestants behind models are shown. */
  readonly reranker?: RerankerIdentity;
  /** Money and tokens of model calls. */
  readonly limits: BudgetLimits;
  /** That may be played at most, earlier sessions included. */
  readonly hours: HourLimits;
  readonly canaries: CanaryIntervals;
  /** How long what has gone away, a provider or an engine, is waited for. */
  readonly patienceMs: number;
  /** @throws SandboxFault while what opens sandboxes does not answer */
  readonly pingSandboxes: () => Promise<void>;
  /** What every provider's endpoint takes now, and when that was cut. */
  endpoints(): readonly EndpointLoad[];
  /** Whether a contestant's endpoint was asked and has answered nothing since. */
  readonly isSilent: (contestant: string) => boolean;
  /** Of model calls so far, by one contestant or by all. */
  spent(contestant?: string): Spend;
  readonly now: () => number;
  instance(instanceId: string): Instance;
  player(id: string): Player;
  boardSource(): BoardSource;
  writeManifest(settings: RunSettings): Promise<void>;
}

/** What opening a pair of engines takes from the world. */
export function pairDeps({ out, signal }: WireContext): OpenPairDeps {
  const deps = {
    ...{ clock: systemClock, uniqueId: randomUUID, onNote: out.note },
    apiKeyOf: (name: string) => process.env[name],
  };
  return {
    openEngine: (spec) => openAnyEngine(spec, deps, signal),
    ...{ clock: systemClock, note: out.note, random: seededRandom(randomUUID()) },
  };
}

interface SessionParts {
  readonly store: RunStore;
  readonly signer: Signer;
  readonly sandboxes: SandboxProvider;
  readonly runFolder: string;
  readonly signal: AbortSignal;
}

function sessionOver(
  { repos, ...options }: SessionOptions,
  { set, instances }: Pick<Opening, "set" | "instances">,
  parts: SessionParts,
): Session {
  const cache = cacheFolder();
  return openSession({
    ...parts,
    runnerFor: (job) => runnerFor(job.runner),
    cache,
    limits: limitsOf(options),
    run: parts.runFolder,
    // Never the run's own seed, which may be published: canary names must not be known beforehand.
    seed: randomBytes(16).toString("hex"),
    now,
    slots: slots(options.sandboxes ?? availableParallelism()),
    instances,
    locate: (instance) =>
      locateRepository(instance, { set: set.set, cache, ...(repos === undefined ? {} : { repos }) }),
  });
}

/** Opens a set with everything that runs it. Closing it closes the database; sandboxes close with their runs. */
export async function openSetSession(given: SessionOptions, context: WireContext): Promise<SetSession> {
  const set = await readSet(given.set);
  const seed = given.seed ?? randomBytes(16).toString("hex");
  const chosen = chosenInstances(set.instances, given);
  const { taken: instances, notes } = filteredInstances(chosen, given, seededRandom(seed).fork("instances"));
  for (const note of notes) context.out.note(note);
  // What was drawn is kept by name: who goes on with the run draws nothing.
  const options = given.filters === undefined ? given : { ...given, only: idsOf(instances).join(",") };
  const { ARENA_CONTESTANTS: defaultFile = "contestants.yaml" } = process.env;
  const field = await readyField(options, { defaultFile, keyOf, cache: cacheFolder() });
  const runFolder = runFolderOf(options, set.set.name);
  const begun = options.contestants === undefined ? undefined : await manifestIn(runFolder);
  if (begun !== undefined) mustBeSameContestants(runFolder, begun.contestants, field.configured);
  // Before anything of the run is touched: its database changes by being opened, its options by being resumed.
  if (begun?.settings !== undefined)
    mustBeSameSet(begun.settings, { set: set.set.name, setHash: set.set.sha256 });
  const modes = modesOf(field.models, options.retrieval);
  const places = { cacheFolder: indexFolder(), note: context.out.note };
  const reranker = await rerankerOfRun(options, { run: runFolder, begun, modes }, places);
  const opening = { set, instances, seed, field, runFolder, begun, reranker, places };
  return orClosed(
    () => reranker?.close(),
    () => opened(options, context, opening),
  );
}

const idsOf = (instances: readonly Instance[]): string[] => instances.map(({ instanceId }) => instanceId);

interface Opening {
  readonly set: IssueSet;
  readonly instances: readonly Instance[];
  /** Of a new run. */
  readonly seed: string;
  readonly field: ReadyField;
  readonly runFolder: string;
  readonly begun: Manifest | undefined;
  readonly reranker: Awaited<ReturnType<typeof rerankerOfRun>>;
  readonly places: { readonly cacheFolder: string; readonly note: (sentence: string) => void };
}

/** The store first: whoever else plays the run has it, and must not find other lines in its pairs' ledgers. */
async function opened(options: SessionOptions, context: WireContext, opening: Opening): Promise<SetSession> {
  const { runFolder, field } = opening;
  const sandboxes = await sandboxesOf(options, runFolder, context);
  if (context.ownsProcess === true) process.env.TMPDIR = await scratchFolder(stateFolder());
  await makeRunFolder(runFolder);
  const signer = openSigner(ledgerKeyFile());
  const store = openStore(databaseOf(runFolder), { signer });
  const parts = { store, signer, sandboxes, runFolder, signal: context.signal };
  const withPairs = async (): Promise<SetSession> => {
    const pairs = await openPairs(options.dryRun === true ? [] : field.models, {
      ...pairDeps(context),
      ledgerOf: (id, fingerprint) => openLedgerOnUse(pairLedgerOf(runFolder, id), fingerprint, systemClock),
    });
    return orClosed(pairs.close, () => openedOver(parts, options, { ...opening, pairs }));
  };
  return orClosed(() => store.close(), withPairs);
}

async function openedOver(
  parts: SessionParts,
  options: SessionOptions,
  opening: Opening & { readonly pairs: OpenPairs },
): Promise<SetSession> {
  const { store, signer, sandboxes, runFolder, signal } = parts;
  const { set, instances, field, begun, reranker, pairs, places } = opening;
  const kept = begun === undefined ? options : resumed(options, begun.options);
  const limits = budgetLimits(kept);
  const images = [...new Set(instances.map((instance) => instance.ci.image))];
  const seed = store.settings?.seed ?? opening.seed;
  const session = sessionOver(options, opening, parts);
  if (begun !== undefined && options.dryRun !== true) {
    await session.evidence.settle();
    await keepResumed(session.evidence, optionsKept(options));
  }
  const indexes = new CaseIndexes({ ...places, signal, ...(reranker === undefined ? {} : { reranker }) });
  const { replays } = field;
  // A plan asks nobody, and no pair of models was opened for it.
  const ready = options.dryRun === true ? [] : field.ready;
  const endpoints = new Endpoints(systemClock, (event) => places.note(endpointEventText(event)));
  const budget = new Budget(limits, spentSoFar(store));
  const players = fieldPlayers({
    ...{ replays, ready, backends: pairs.backends, store, session, indexes, budget, signal, endpoints },
    ...{ clock: systemClock, policy: retryPolicy(kept), uniqueId: randomUUID, cache: cacheFolder() },
    note: places.note,
    randomOf: (contestant) => seededRandom(`${seed} retries ${contestant}`),
  });
  return {
    ...session,
    ...{
      limits,
      hours: hourLimits(kept),
      spent: (contestant) => budget.spent(contestant),
      canaries: canaryIntervals(kept),
      patienceMs: patienceMs(kept),
      pingSandboxes: () => sandboxes.ping(),
    },
    endpoints: () => endpoints.load(),
    isSilent: (contestant) => endpoints.isSilent(contestant),
    ...(reranker === undefined ? {} : { reranker: identityOf(reranker) }),
    setName: set.set.name,
    setHash: set.set.sha256,
    seed,
    runFolder,
    problems: set.problems,
    instanceIds: idsOf(instances),
    contestantIds: field.ids,
    now,
    instance: (instanceId) => required(session.instances.get(instanceId), instanceId),
    player: (id) => required(players.get(id), id),
    boardSource: () => ({
      ...boardSource({ name: runFolder, sandbox: sandboxes.name, sampling: field.configured }, store),
      facts: { known: true, issues: [...session.instances.values()].map(issueFacts) },
    }),
    writeManifest: async (settings) => {
      const limited = { options: optionsKept(options), limits: limitsOf(options), node: process.version };
      const written = {
        settings,
        images,
        contestants: field.configured,
        sandboxes,
        ledgerKey: signer.key,
        ...limited,
      };
      await session.evidence.writeJson("manifest.json", await manifestOf(written));
    },
    models: field.models,
    [Symbol.asyncDispose]: async () => {
      store.close();
      await indexes[Symbol.asyncDispose]();
      await pairs.close();
      await reranker?.close();
      if (isPassing(options)) await rm(runFolder, { recursive: true, force: true });
    },
  };
}
