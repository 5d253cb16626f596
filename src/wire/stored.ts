// Stored runs, opened without a sandbox: for boards, for showing, for judging again.
import { existsSync } from "node:fs";
import { Evidence, type Manifest, mustBeSameSet, orClosed, readManifest } from "../arena/index.ts";
import { readSet } from "../curation/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { Instance, Job } from "../domain/instance.ts";
import type { RunStore } from "../domain/run.ts";
import { type Runner, runnerFor } from "../grading/index.ts";
import { type BoardSource, boardSource, issueFacts, type RunFacts } from "../report/index.ts";
import { openSigner, openStore, openStoreReadOnly, type RunReader } from "../storage/index.ts";
import { databaseOf, ledgerKeyFile } from "./environment.ts";
import { required } from "./required.ts";

/** @throws UsageError when the folder holds no run */
export function openRunReadOnly(run: string): RunReader {
  if (!existsSync(databaseOf(run))) throw new UsageError(`${run} is no run folder: expected arena.db in it`);
  return openStoreReadOnly(databaseOf(run));
}

/** What the set at `path` says of its issues, as long as it is the set that was played. */
export async function factsOf(path: string, setHash: string): Promise<RunFacts> {
  try {
    const { instances, set } = await readSet(path);
    if (set.sha256 === setHash) return { known: true, issues: instances.map(issueFacts) };
    return { known: false, because: `${path} is no longer the set that was played` };
  } catch (error) {
    if (error instanceof UsageError) return { known: false, because: error.message };
    throw error;
  }
}

/** A run as a board takes it, whoever reads its rows. @throws UsageError when nothing was planned in it */
export async function sourceOf(run: string, manifest: Manifest, store: RunReader): Promise<BoardSource> {
  const { sandbox, contestants: sampling, options } = manifest;
  const source = boardSource({ name: run, sandbox, sampling }, store);
  return { ...source, facts: await factsOf(options.set, source.settings.setHash) };
}

/** @throws UsageError when the folder holds no run, or nothing was planned in it */
export async function readBoardSource(run: string): Promise<BoardSource> {
  const store = openRunReadOnly(run);
  try {
    return await sourceOf(run, await readManifest(run), store);
  } finally {
    store.close();
  }
}

export interface StoredSession extends AsyncDisposable {
  readonly store: RunStore;
  readonly evidence: Evidence;
  readonly runnerFor: (job: Job) => Runner;
  instance(instanceId: string): Instance;
}

/** A stored run with its set, no sandbox behind it. */
export async function openStoredSession(run: string): Promise<StoredSession> {
  const { options } = await readManifest(run);
  const { instances, set } = await readSet(options.set);
  if (!existsSync(databaseOf(run))) throw new UsageError(`${run} is no run folder: expected arena.db in it`);
  const store = openStore(databaseOf(run), { signer: openSigner(ledgerKeyFile()) });
  await orClosed(
    () => store.close(),
    () => {
      if (store.settings !== undefined) mustBeSameSet(store.settings, { set: set.name, setHash: set.sha256 });
    },
  );
  return {
    store,
    evidence: new Evidence(run, store),
    runnerFor: (job) => runnerFor(job.runner),
    instance: (id) =>
      required(
        instances.find((instance) => instance.instanceId === id),
        id,
      ),
    [Symbol.asyncDispose]: async () => store.close(),
  };
}
