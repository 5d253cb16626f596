// Scores of first drafts that were made for one question alone: what conditional coverage ranks its candidates among.
import type { QuestionRequest } from "./backend.ts";
import { chunkEnd, hasEnded } from "./chunk-end.ts";
import { type Engine, EngineFault } from "./engine.ts";
import { uniformOf } from "./keyed-random.ts";
import type { SampleDeps } from "./sample.ts";
import type { Wish } from "./spending.ts";
import { Transcript } from "./transcript.ts";

export interface OwnBankWork {
  readonly prompts: Readonly<Record<"draft" | "target", readonly number[]>>;
  readonly drafts: number;
  readonly signal: AbortSignal;
}

/**
 * As many first drafts as the question is to have, under the conditions of its candidates' first turn (research/a1.md
 * section 1.4: one stop text more in calibration than in use made the two unlike). They cost what drafts cost, and are no
 * candidates: a bank that holds the score it is asked about says nothing of it.
 * @returns infinite for one that was not made in time; none for one that an engine failed at, that would not have been
 * scored in use, or that nothing was left for. Rejects with the signal's reason, once no call is under way
 */
export async function firstDraftScores(
  deps: Omit<SampleDeps, "ledger"> & { readonly engines: Readonly<Record<"draft" | "target", Engine>> },
  request: QuestionRequest,
  { prompts, drafts, signal }: OwnBankWork,
): Promise<number[]> {
  const { calls, engines, scorer, settings, spending, task } = deps;
  const { id: question, messages, temperature, seed, stop = [] } = request;
  const tokens = Math.min(settings.draftTokens, request.maxTokens);
  const one = async (at: number): Promise<number | undefined> => {
    // Below 0: no candidate has such a number.
    const key = { question, sample: -1 - at, turn: 0, attempt: 0 };
    const { context } = new Transcript(engines.draft.codec, { messages, ids: prompts.draft });
    const target = new Transcript(engines.target.codec, { messages, ids: prompts.target });
    const drafting: Wish = { author: "draft", tokens, promptTokens: context.ids.length };
    const drafted = spending.within(drafting, signal, async (maxTokens) => {
      const drawn = Math.floor(2 ** 31 * uniformOf(seed, question, key.sample, "own bank"));
      const asked = { key, context, maxTokens, temperature, seed: drawn };
      const written = await calls.generate(
        "draft",
        { ...asked, stop: [...stop, ...settings.chunkStop] },
        signal,
      );
      spending.wrote("draft", written);
      return written;
    });
    const generated = await drafted.catch(unlessTimedOut);
    if (generated === "timed-out") return Infinity;
    if (generated === undefined) return undefined;
    const text = generated.text + chunkEnd(generated, settings.chunkStop);
    // What is never scored in use has no place among what is: neither silence, nor what a gate ends or refuses.
    const verdict = text === "" ? undefined : await task.gate(text, hasEnded(generated, settings.chunkStop));
    if (verdict === undefined || verdict.kind === "refused") return undefined;
    if (verdict.kind === "answered" && !task.scoresAnswers) return undefined;
    const { from } = await target.append(text);
    const chunk = { key, context: target.context, from, text, draft: generated };
    const scoring: Wish = { author: "target", tokens: 0, promptTokens: target.tokens };
    return await spending.within(scoring, signal, async () => {
      const scored = await calls.score(chunk, scorer, signal);
      spending.read(scored);
      return scored.nonconformity;
    });
  };
  // What an engine failed at says nothing of how drafts look; whoever asks is told once no call is under way.
  const all = await Promise.allSettled(
    Array.from({ length: drafts }, (_, at) =>
      one(at).catch((error: unknown) => {
        if (error instanceof EngineFault) return undefined;
        throw error;
      }),
    ),
  );
  return all.flatMap((each) => {
    if (each.status === "rejected") throw each.reason;
    return each.value ?? [];
  });
}

/** What is never made in time looks worse than anything that was. */
function unlessTimedOut(error: unknown): "timed-out" {
  if (error instanceof EngineFault && error.code === "timed-out") return "timed-out";
  throw error;
}
