// The two routes that generate: a request's answers whole or streamed, in the protocol it was asked in.
import type { ServerResponse } from "node:http";
import type { Clock } from "../../clock.ts";
import { toApiError } from "./api-error.ts";
import { EventStream } from "./event-stream.ts";
import { type Format, type Naming, usageOf } from "./formats.ts";
import type { Metrics } from "./metrics.ts";
import { type Ask, askAll, type Reply } from "./replies.ts";
import type { Wanted } from "./requests.ts";
import type { ServerLimits } from "./settings.ts";
import type { Visit } from "./visit.ts";

export interface Generation {
  readonly id: string;
  readonly wanted: Wanted;
  readonly ask: Ask;
  readonly formatOf: (naming: Naming) => Format;
  readonly outgoing: ServerResponse;
  readonly visit: Visit;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

function lastChunks(format: Format, replies: readonly Reply[], includeUsage: boolean): unknown[] {
  const ends = replies.flatMap((reply, choice) => {
    const last = format.last(choice, reply);
    return reply.tokens === undefined ? [last] : [format.logprobs(choice, reply.tokens), last];
  });
  return includeUsage ? [...ends, format.usage(usageOf(replies))] : ends;
}

async function stream(format: Format, generation: Generation): Promise<undefined> {
  const { wanted, ask, outgoing, visit, limits, clock, metrics } = generation;
  const giveUp = (): void => visit.end("slow-reader");
  const what = { format, choices: wanted.choices };
  const events = new EventStream(outgoing, what, { limits, clock }, { signal: visit.signal, giveUp });
  /** Of each choice's text, so much is told: nothing of several candidates' before it is chosen. */
  const told = Array.from({ length: wanted.choices }, () => 0);
  const startedMs = clock.now();
  let isFirst = true;
  const onText = (choice: number, piece: string): void => {
    if (isFirst) metrics.firstText(wanted.model, clock.now() - startedMs);
    isFirst = false;
    told[choice] = (told[choice] ?? 0) + piece.length;
    events.text(choice, piece);
  };
  try {
    const askings = told.map((_, choice) => ({ choice, onText: (piece: string) => onText(choice, piece) }));
    const replies = await askAll(ask, askings, visit.signal);
    metrics.answered(replies);
    for (const [choice, { text }] of replies.entries()) events.text(choice, text.slice(told[choice]));
    events.finish(lastChunks(format, replies, wanted.includeUsage));
  } catch (error) {
    // Thrown on: where the stream has begun, only the log and the figures hear of it.
    events.fail(toApiError(error));
    throw error;
  }
}

/** The whole answer, or undefined once it was streamed. @throws ApiError, EngineFault, the visit's reason */
export async function generate(generation: Generation): Promise<unknown> {
  const { id, wanted, ask, formatOf, visit, clock, metrics } = generation;
  const created = Math.floor(clock.now() / 1000);
  const format = formatOf({ id, created, model: wanted.model, tellsUsage: wanted.includeUsage });
  if (wanted.isStreamed) return await stream(format, generation);
  const askings = Array.from({ length: wanted.choices }, (_, choice) => ({ choice }));
  const replies = await askAll(ask, askings, visit.signal);
  metrics.answered(replies);
  return format.whole(replies);
}
