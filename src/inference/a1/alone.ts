// One engine of a pair asked by itself: in the lanes and the cache that the pair's own calls share, so that none goes unseen.
import type { CacheRoom } from "./cache-room.ts";
import type { CallKey, Engine, EngineFault } from "./engine.ts";
import type { Lane } from "./lanes.ts";

export interface SharedPlaces {
  readonly writing: Lane;
  readonly scoring: Lane;
  /** Where the engine's cache is known. */
  readonly room: CacheRoom | undefined;
  /** Around each call, its wait included. */
  during<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

interface AloneCall {
  readonly lane: Lane;
  readonly key: CallKey;
  readonly tokens: number;
  readonly isShort: boolean;
}

/** The same engine, whose calls wait for a place like any of the pair's; the pair's own must not go through it. */
export function alone(engine: Engine, { writing, scoring, room, during }: SharedPlaces): Engine {
  const placed = <T>(
    { lane, key, tokens, isShort }: AloneCall,
    signal: AbortSignal,
    call: (signal: AbortSignal, onFault: (fault: EngineFault) => void) => Promise<T>,
  ): Promise<T> =>
    during(signal, (own) =>
      lane.run(key, own, (onFault) =>
        room === undefined
          ? call(own, onFault)
          : room.run({ tokens, isShort }, own, () => call(own, onFault)),
      ),
    );
  return {
    name: engine.name,
    capabilities: engine.capabilities,
    codec: engine.codec,
    ...(engine.contextTokens === undefined ? {} : { contextTokens: engine.contextTokens }),
    generate: (request, signal) => {
      const { key, context, maxTokens } = request;
      const tokens = context.ids.length + maxTokens;
      return placed({ lane: writing, key, tokens, isShort: false }, signal, (own, onFault) =>
        engine.generate({ ...request, onFault }, own),
      );
    },
    score: (request, signal) => {
      const { key, context } = request;
      const tokens = context.ids.length;
      return placed({ lane: scoring, key, tokens, isShort: true }, signal, (own, onFault) =>
        engine.score({ ...request, onFault }, own),
      );
    },
    load: (signal) => engine.load(signal),
    close: () => engine.close(),
  };
}
