// One engine of a pair asked by itself: in the lanes and the cache that the pair's own calls share, so that none goes unseen.
import type { CacheRoom } from "./cache-room.ts";
import type { CallKey, Engine } from "./engine.ts";
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
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> =>
    during(signal, (own) =>
      lane.run(key, own, () =>
        room === undefined ? call(own) : room.run({ tokens, isShort }, own, () => call(own)),
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
      return placed({ lane: writing, key, tokens, isShort: false }, signal, (own) =>
        engine.generate(request, own),
      );
    },
    score: (request, signal) => {
      const { key, context } = request;
      const tokens = context.ids.length;
      return placed({ lane: scoring, key, tokens, isShort: true }, signal, (own) =>
        engine.score(request, own),
      );
    },
    load: (signal) => engine.load(signal),
    close: () => engine.close(),
  };
}
