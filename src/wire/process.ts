// What tells of this process and of others on this machine: who plays a run, and since when.
import { uptime } from "node:os";
import { lifeOf, type StoreOwner, thisProcess } from "../storage/index.ts";

export { type StoreOwner, thisProcess };

/** Whether a process lives; `unknown` on another machine. */
export const lifeOfProcess = (owner: StoreOwner): "alive" | "dead" | "unknown" =>
  lifeOf(owner, thisProcess().host);

/** Since the machine started: nobody sets it. */
export const uptimeSeconds = uptime;

/** Milliseconds of a clock that nobody sets; only differences mean anything. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);
