// One engine of a pair asked by itself: in the lanes and the cache that the pair's own calls share, so that none goes unseen.
import type { CacheRoom } from "./cache-room.ts";
import type { Engine } from "./engine.ts";
import { engineWith } from "./engine-with.ts";
import { inPlace } from "./in-place.ts";
import type { Lane } from "./lanes.ts";

export interface SharedPlaces {
  readonly writing: Lane;
  readonly scoring: Lane;
  /** Where the engine's cache is known. */
  readonly room: CacheRoom | undefined;
  /** Around each call, its wait included. */
  during<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** The same engine, whose calls wait for a place like any of the pair's; the pair's own must not go through it. */
export function alone(engine: Engine, { writing, scoring, room, during }: SharedPlaces): Engine {
  return engineWith(engine, {
    generate: ({ key, context, maxTokens, ...request }, given) => {
      const tokens = context.ids.length + maxTokens;
      return during(given, (signal) =>
        inPlace({ lane: writing, room }, { key, tokens, isShort: false, signal }, (onFault) =>
          engine.generate({ ...request, key, context, maxTokens, onFault }, signal),
        ),
      );
    },
    score: ({ key, context, ...request }, given) => {
      const tokens = context.ids.length;
      return during(given, (signal) =>
        inPlace({ lane: scoring, room }, { key, tokens, isShort: true, signal }, (onFault) =>
          engine.score({ ...request, key, context, onFault }, signal),
        ),
      );
    },
  });
}
