// Questions with one right answer: a candidate ends with its first answer, candidates vote, and a decided vote ends the rest.
import type { Candidate } from "../backend.ts";
import type { Chosen, Task } from "../task.ts";
import { answerOf } from "./answers.ts";
import { letterOf } from "./grading.ts";
import type { StopRule } from "./stopping.ts";
import { Votes } from "./voting.ts";

export interface ReasoningSettings {
  /** For calibration: the dataset's name. */
  readonly name: string;
  /** Of a multiple choice, in the order shown. */
  readonly choices?: readonly string[];
  readonly stop: StopRule;
  /** Whether a draft that holds an answer is scored, and handed over where it is bad. */
  readonly scoresAnswers: boolean;
}

export function reasoningTask({ name, choices, stop, scoresAnswers }: ReasoningSettings): Task {
  return {
    name,
    gate: (text, isEnded) => {
      const stated = answerOf(text, { isEnded });
      const answer = stated === undefined || choices === undefined ? stated : letterOf(choices, stated);
      return answer === undefined ? { kind: "open" } : { kind: "answered", answer };
    },
    ...{ scoresAnswers, onIntervention: "continue", exchangesDuplicates: false },
    isDecided: (ended, remaining) => {
      const votes = votesOf(ended);
      return stop({ counts: votes.counts(), unanswered: votes.unanswered, remaining });
    },
    choose: majority,
  };
}

function votesOf(candidates: readonly Candidate[]): Votes {
  const votes = new Votes();
  for (const { sample, end } of candidates)
    if (end.kind !== "cancelled") votes.add(sample, end.kind === "answered" ? end.answer : undefined);
  return votes;
}

function majority(candidates: readonly Candidate[]): Chosen | undefined {
  const [leader] = votesOf(candidates).groups();
  const [sample] = leader?.samples ?? [];
  return leader === undefined || sample === undefined ? undefined : { sample, answer: leader.answer };
}
