// Whether an answer to a question is right: of a multiple choice its letter or its text, of all others its value.
import { choiceLetter } from "./answers.ts";
import { type Comparison, compareAnswers } from "./equality.ts";
import { choiceLetters, type Question } from "./questions.ts";

/** What one answer is called in votes: the letter it names, where the question has choices. */
export function grade({ answer: right, choices }: Question, answer: string): Comparison {
  if (choices === undefined) return compareAnswers(answer, right);
  const letter = letterOf(choices, answer);
  if (letter === undefined) return "unknown";
  return letter === right ? "equal" : "different";
}

/** The letter that an answer names, or that of the only choice whose value it states. */
export function letterOf(choices: readonly string[], answer: string): string | undefined {
  const named = choiceLetter(answer, choiceLetters.slice(0, choices.length));
  if (named !== undefined) return named;
  const stated = choices.flatMap((choice, place) =>
    compareAnswers(answer, choice) === "equal" ? [choiceLetters[place]] : [],
  );
  return stated.length === 1 ? stated[0] : undefined;
}
