// Starts this engine's thread alike from sources and from the compiled build.
import { Worker } from "node:worker_threads";

/** What {@link startThread} hands over; the thread reads `data` from its `workerData`. */
export interface ThreadStart<Data> {
  readonly entry: string;
  readonly data: Data;
}

/** @param entry the module's URL without its ending: `new URL("./model-thread", import.meta.url)` */
export function startThread<Data>(entry: URL, data: Data): Worker {
  const fromSources = import.meta.url.endsWith(".ts");
  const workerData: ThreadStart<Data> = { entry: `${entry.href}${fromSources ? ".ts" : ".js"}`, data };
  // The process's own arguments may name loaders that do not work in a thread.
  const options = { workerData, execArgv: [] };
  return fromSources
    ? new Worker(new URL("./thread.mjs", import.meta.url), options)
    : new Worker(new URL(workerData.entry), options);
}
