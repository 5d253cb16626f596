// Every call to an engine on its way: remembered if it was made before, in its lane, behind its prefix, and written down.
import type { Clock } from "../clock.ts";
import type { CacheRoom } from "./cache-room.ts";
import type { ChunkScore, ChunkScorer, ChunkToScore } from "./chunk-scorers.ts";
import { type CallKey, type Engine, EngineFault, type Generated, type GenerateRequest } from "./engine.ts";
import { engineWith } from "./engine-with.ts";
import { inPlace } from "./in-place.ts";
import type { Lanes, OnFault } from "./lanes.ts";
import { type CallResult, type CallRole, type Ledger, type LedgerEvent, nameOfCall } from "./ledger.ts";
import type { PrefixWarmth } from "./warmth.ts";

type CallEvent = Extract<LedgerEvent, { kind: "call" }>;

export interface CallsDeps {
  readonly engines: { readonly draft: Engine; readonly target: Engine };
  readonly lanes: Lanes;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly warmth: PrefixWarmth;
  /** Of engines whose caches are known. */
  readonly rooms?: { readonly draft?: CacheRoom; readonly target?: CacheRoom };
}

/** The same engine, for a scorer that asks it as it likes: of what goes wrong meanwhile the call's lane is told. */
function telling(engine: Engine, onFault: OnFault): Engine {
  return engineWith(engine, {
    generate: (request, signal) => engine.generate({ ...request, onFault }, signal),
    score: (request, signal) => engine.score({ ...request, onFault }, signal),
  });
}

export class Calls {
  readonly #deps: CallsDeps;
  /** By question. */
  readonly #remembered = new Map<string, Map<string, CallResult>>();

  constructor(deps: CallsDeps) {
    this.#deps = deps;
  }

  /** What was written down, by this process or another, is not asked for again. */
  remember({ key, role, result }: CallEvent): void {
    const own = this.#remembered.get(key.question) ?? new Map<string, CallResult>();
    this.#remembered.set(key.question, own.set(nameOfCall(key, role), result));
  }

  /** It will not be asked again. */
  forget(question: string): void {
    this.#remembered.delete(question);
  }

  /** @throws EngineFault; rejects with the signal's reason */
  async generate(
    role: "draft" | "takeover",
    request: GenerateRequest,
    signal: AbortSignal,
  ): Promise<Generated> {
    const known = this.#known(request.key, role);
    if (known !== undefined && "generated" in known) {
      if (known.generated.text !== "") request.onText?.(known.generated.text);
      return known.generated;
    }
    const { engines, warmth } = this.#deps;
    const engine = role === "draft" ? engines.draft : engines.target;
    return await warmth.behindLeader(engine.name, request.key.question, signal, (begun) => {
      const onText = (piece: string): void => {
        begun();
        request.onText?.(piece);
      };
      const tokens = request.context.ids.length + request.maxTokens;
      return this.#made({ role, key: request.key, tokens }, signal, async (onFault) => {
        const isShown = request.onText !== undefined;
        const generated = await engine.generate({ ...request, onText, isShown, onFault }, signal);
        return { value: generated, result: { generated } };
      });
    });
  }

  /** @throws EngineFault; rejects with the signal's reason */
  async score(chunk: ChunkToScore, scorer: ChunkScorer, signal: AbortSignal): Promise<ChunkScore> {
    const known = this.#known(chunk.key, "score");
    if (known !== undefined && "scored" in known) return known.scored;
    // Its decision has been taken on this fault; another answer today would not fit it.
    if (known !== undefined && "fault" in known)
      throw new EngineFault(known.fault.code, known.fault.message, { retryable: false });
    const { engines, warmth } = this.#deps;
    return await warmth.behindLeader(engines.target.name, chunk.key.question, signal, () =>
      this.#made(
        { role: "score", key: chunk.key, tokens: chunk.context.ids.length },
        signal,
        async (onFault) => {
          const scored = await scorer.score(chunk, telling(engines.target, onFault), signal);
          return { value: scored, result: { scored } };
        },
      ),
    );
  }

  #known(key: CallKey, role: CallRole): CallResult | undefined {
    return this.#remembered.get(key.question)?.get(nameOfCall(key, role));
  }

  async #made<T>(
    { role, key, tokens }: { readonly role: CallRole; readonly key: CallKey; readonly tokens: number },
    signal: AbortSignal,
    work: (onFault: OnFault) => Promise<{ readonly value: T; readonly result: CallResult }>,
  ): Promise<T> {
    const { lanes, ledger, clock, rooms } = this.#deps;
    const askedMs = clock.now();
    const place = { lane: lanes[role], room: role === "draft" ? rooms?.draft : rooms?.target };
    return await inPlace(place, { key, tokens, isShort: role === "score", signal }, async (onFault) => {
      const startedMs = clock.now();
      const write = (result: CallResult): void => {
        const event: CallEvent = {
          ...{ kind: "call", role, key, waitedMs: startedMs - askedMs },
          ...{ startedMs, endedMs: clock.now(), result },
        };
        ledger.append(event);
        this.remember(event);
      };
      try {
        const { value, result } = await work(onFault);
        write(result);
        return value;
      } catch (error) {
        if (error instanceof EngineFault) write({ fault: { code: error.code, message: error.message } });
        throw error;
      }
    });
  }
}
