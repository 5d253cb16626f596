// Rules for answers that a program can check: a patch that does not parse or apply is written anew, and of the rest one is taken.
import type { AnswerCheck, AnswerTrial } from "../model.ts";
import type { Candidate } from "./backend.ts";
import { type Chosen, meanNonconformity, type Task } from "./task.ts";

/** Who wrote the end of it, and how bad its drafts looked: better first. */
function rankOf(candidate: Candidate): readonly [number, number] {
  const last = candidate.chunks.findLast(({ isKept }) => isKept);
  return [last?.author === "target" ? 0 : 1, meanNonconformity(candidate) ?? Infinity];
}

/**
 * @param check the cheap gates: does it parse, does it apply; `key` tells answers apart that differ only in words
 * @param trial what a sandbox says of one that passed them
 * Chosen is the answer that most candidates have come to; among equally many the one whose last words are the target's,
 * then the one that looks best to it (research/a1.md section 7).
 */
export function patchTask(name: string, check: AnswerCheck, trial?: AnswerTrial): Task {
  return {
    name,
    ...(trial === undefined ? {} : { trial }),
    async gate(text, isEnded) {
      if (!isEnded) return { kind: "open" };
      const checked = await check(text);
      return checked.isUsable
        ? { kind: "answered", answer: checked.key }
        : { kind: "refused", because: checked.because };
    },
    ...{ scoresAnswers: true, onIntervention: "regenerate", exchangesDuplicates: true },
    isDecided: () => false,
    choose: chosenPatch,
  };
}

function chosenPatch(candidates: readonly Candidate[]): Chosen | undefined {
  const answered = candidates.flatMap((candidate) =>
    candidate.end.kind === "answered" ? [{ candidate, answer: candidate.end.answer }] : [],
  );
  const votes = (key: string): number => answered.filter(({ answer }) => answer === key).length;
  const [best] = answered.toSorted((one, other) => {
    const [a, b] = [rankOf(one.candidate), rankOf(other.candidate)];
    const byScore = a[1] === b[1] ? 0 : a[1] - b[1];
    return (
      votes(other.answer) - votes(one.answer) ||
      a[0] - b[0] ||
      byScore ||
      one.candidate.sample - other.candidate.sample
    );
  });
  return best === undefined ? undefined : { sample: best.candidate.sample, answer: best.answer };
}
