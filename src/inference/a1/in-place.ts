// Where a call waits before it reaches its engine: for a place in its lane, then for room in the cache, never the other way.
import type { CacheRoom } from "./cache-room.ts";
import type { CallKey } from "./engine.ts";
import type { Lane, OnFault } from "./lanes.ts";

export interface CallPlace {
  readonly lane: Lane;
  /** Where the engine's cache is known. */
  readonly room: CacheRoom | undefined;
}

export interface WaitingCall {
  readonly key: CallKey;
  /** That its prompt and answer may take in the cache. */
  readonly tokens: number;
  readonly isShort: boolean;
  readonly signal: AbortSignal;
}

/** Throws what `work` throws; rejects with the signal's reason while it waits. */
export function inPlace<T>(
  { lane, room }: CallPlace,
  { key, tokens, isShort, signal }: WaitingCall,
  work: (onFault: OnFault) => Promise<T>,
): Promise<T> {
  return lane.run(key, signal, (onFault) =>
    room === undefined ? work(onFault) : room.run({ tokens, isShort }, signal, () => work(onFault)),
  );
}
