// Where a thread begins when the sources run as they are: it registers the loader that a thread does not inherit.
import { workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
await import(workerData.entry);
