// What every function of the library takes, and how it becomes a session: the command line's options as typed values.
import type { SessionOptions, SetSession, WireContext } from "../wire.ts";

/** What every function takes: where the issues are, where they run, and who listens. */
export interface CommonOptions {
  /** A set's folder, or a file of instance lines. */
  readonly set: string;
  /** Instance ids; all of the set when absent. */
  readonly only?: readonly string[];
  /** Clones of repositories the set does not carry itself. */
  readonly repos?: string;
  /** `docker`, `bubblewrap`, or `auto` (the default): docker when an engine answers. */
  readonly sandbox?: string;
  /** Memory of one sandbox, MiB. */
  readonly memoryMb?: number;
  /** Sandboxes at once; the number of cores when absent. */
  readonly sandboxes?: number;
  /** Where the run is kept; the same folder again goes on where it stopped. A new one below `arena-runs` when absent. */
  readonly runFolder?: string;
  /** Battles, predictions or instances at once; 2 when absent. */
  readonly workers?: number;
  /** One sentence about something that happened: a bad line of the set, an image that is being built. */
  readonly onNote?: (sentence: string) => void;
  /** Stops gracefully: sandboxes are closed, what is finished is kept. */
  readonly signal?: AbortSignal;
}

export function contextOf(options: CommonOptions): WireContext {
  const note = options.onNote ?? (() => {});
  return { out: { note, progress: note }, signal: options.signal ?? new AbortController().signal };
}

export function sessionOptions(options: CommonOptions): SessionOptions {
  const { set, only, repos, sandbox, memoryMb, sandboxes, runFolder } = options;
  return {
    set,
    ...(only === undefined ? {} : { only: only.join(",") }),
    ...(repos === undefined ? {} : { repos }),
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(memoryMb === undefined ? {} : { memory: memoryMb }),
    ...(sandboxes === undefined ? {} : { sandboxes }),
    ...(runFolder === undefined ? {} : { run: runFolder }),
  };
}

export function noteProblems(session: SetSession, options: CommonOptions): void {
  for (const { file, line, field, expected, found } of session.problems) {
    options.onNote?.(`${file}:${line}: ${field}: expected ${expected}, found ${found}`);
  }
}

/** Works a list off with so many workers; an abort leaves the rest undone. */
export async function inTurn<T>(
  items: readonly T[],
  options: CommonOptions,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      if (options.signal?.aborted === true) return;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: options.workers ?? 2 }, worker));
}
