// What the environment says: folders, sockets, keys, the time.
import { randomBytes, randomUUID } from "node:crypto";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runFolderNamed, type SessionOptions } from "../arena/index.ts";
import { UsageError } from "../domain/fault.ts";
import { type Contestant, systemClock } from "../inference/index.ts";

export interface WireContext {
  readonly out: { note(line: string): void; progress(line: string): void };
  readonly signal: AbortSignal;
  /** The process is ours alone, so its temporary files may be moved to where a reaper finds them. */
  readonly ownsProcess?: boolean;
}

/** Trees, preparations and objects kept between runs. */
export function cacheFolder(): string {
  const { ARENA_CACHE, XDG_CACHE_HOME } = process.env;
  return resolve(ARENA_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "swing-arena"));
}

/** What is a person's own and must not be lost with a cache: the key that ledgers are signed with. */
function configFolder(): string {
  const { ARENA_CONFIG, XDG_CONFIG_HOME } = process.env;
  return resolve(ARENA_CONFIG ?? join(XDG_CONFIG_HOME ?? join(homedir(), ".config"), "swing-arena"));
}

export const ledgerKeyFile = (): string => join(configFolder(), "ledger-key.pem");

/** The engine's socket when the environment names one, as Docker's own client reads it. */
export function engineSocket(): { readonly socketPath?: string } {
  const host = process.env.DOCKER_HOST;
  return host?.startsWith("unix://") === true ? { socketPath: host.slice("unix://".length) } : {};
}

export const now = Date.now;
export const indexFolder = (): string => join(cacheFolder(), "index");

export const stateFolder = (): string => join(cacheFolder(), "open");

export const databaseOf = (run: string): string => join(run, "arena.db");
export const pairLedgerOf = (run: string, contestant: string): string => join(run, `a1-${contestant}.jsonl`);

export function runFolderOf(options: SessionOptions, setName: string): string {
  const stamp = `${new Date().toISOString().replace(/[:.]/g, "-")}-${randomBytes(2).toString("hex")}`;
  return resolve(runFolderNamed(options, { setName, stamp, temporary: tmpdir() }));
}

export function keyOf(contestant: Contestant): string | undefined {
  if (contestant.keyEnv === undefined) return undefined;
  const key = process.env[contestant.keyEnv];
  if (key === undefined || key === "") {
    throw new UsageError(
      `contestant ${contestant.id}: expected its key in ${contestant.keyEnv}, which is not set`,
    );
  }
  return key;
}

/** A secret by the name of its variable. */
export const secretIn = (variable: string): string | undefined => process.env[variable];

/** What telling a webhook takes from the world. */
export function webhookWorld() {
  const never = new AbortController().signal;
  return { now, sleep: (ms: number) => systemClock.sleep(ms, never), id: `run_${randomUUID()}` };
}

/** Keys that clients of our server must send: one, or several with commas between them. */
export function serverKeys(variable: string): string[] {
  return (process.env[variable] ?? "").split(",").flatMap((key) => (key.trim() === "" ? [] : [key.trim()]));
}
