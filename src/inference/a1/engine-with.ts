// An engine as another one is, asked in another way: what stands before it (tries, lanes, counts) is written once.
import type { Engine } from "./engine.ts";

/** The same engine but for what `ways` say; closing it closes the one behind. */
export function engineWith(
  engine: Engine,
  ways: Partial<Pick<Engine, "codec" | "generate" | "score">>,
): Engine {
  return {
    name: engine.name,
    capabilities: engine.capabilities,
    codec: engine.codec,
    ...(engine.contextTokens === undefined ? {} : { contextTokens: engine.contextTokens }),
    generate: (request, signal) => engine.generate(request, signal),
    score: (request, signal) => engine.score(request, signal),
    load: (signal) => engine.load(signal),
    ...(engine.lost === undefined ? {} : { lost: () => engine.lost?.() }),
    close: () => engine.close(),
    ...ways,
  };
}
