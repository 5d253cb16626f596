// What a pair really did, as the simulator takes it: how long every draft and takeover was, and what came of it.

import type { Candidate } from "../backend.ts";
import type { LedgerEvent } from "../ledger.ts";
import type { TracedSample } from "../simulation/trace.ts";
import { groupAnswers } from "../tasks/voting.ts";
import type { AnsweredQuestion } from "./experiment.ts";

interface Turn {
  draftTokens: number;
  nll: number;
  takeoverTokens: number;
  isHandedOver: boolean;
}

/**
 * Candidates that came to an end of their own; drafts that were written anew count with the last one alone.
 * @param events of the same run as `questions`
 */
export function asTraces(
  questions: readonly AnsweredQuestion[],
  events: readonly LedgerEvent[],
): TracedSample[] {
  const turns = new Map<string, Turn[]>();
  for (const event of events) {
    if (event.kind !== "call" || event.key.sample < 0) continue;
    const { question, sample, turn } = event.key;
    const name = JSON.stringify([question, sample]);
    const own = turns.get(name) ?? [];
    turns.set(name, own);
    const now = own[turn] ?? { draftTokens: 0, nll: 0, takeoverTokens: 0, isHandedOver: false };
    own[turn] = now;
    if ("scored" in event.result) now.nll = event.result.scored.nonconformity;
    if (!("generated" in event.result)) continue;
    if (event.role === "draft") now.draftTokens = event.result.generated.tokens;
    else {
      now.takeoverTokens = event.result.generated.tokens;
      now.isHandedOver = true;
    }
  }
  return questions.flatMap(({ id, candidates }) => {
    const answerOf = new Map<number, string>();
    const texts = candidates.map(({ end }) => (end.kind === "answered" ? end.answer : undefined));
    for (const { answer, samples } of groupAnswers(texts)) for (const at of samples) answerOf.set(at, answer);
    return candidates.flatMap(({ sample, end, chunks }, at) => {
      const own = turns.get(JSON.stringify([id, sample])) ?? [];
      if (end.kind === "cancelled" || end.kind === "failed" || own.length === 0) return [];
      const answer = answerOf.get(at);
      return [
        {
          ...{
            question: id,
            sample,
            turns: own.map((turn, index) => ({
              ...turn,
              hasAnswer: index === own.length - 1,
              ...(isWrittenAnew(chunks, index) ? { isWrittenAnew: true } : {}),
            })),
          },
          ...(answer === undefined ? {} : { answer }),
        },
      ];
    });
  });
}

/** The target's text is kept and the draft's is not. */
function isWrittenAnew(chunks: Candidate["chunks"], turn: number): boolean {
  const own = chunks.filter((chunk) => chunk.turn === turn);
  const kept = own.filter(({ isKept }) => isKept).map(({ author }) => author);
  return kept.includes("target") && !kept.includes("draft");
}
