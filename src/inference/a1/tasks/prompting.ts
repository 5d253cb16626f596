// What a model is asked: one system message and one question, the same at every turn, so that servers find their prefix again.
import { choiceLetters, type Question } from "./questions.ts";

export interface PromptMessage {
  readonly role: "system" | "user";
  readonly content: string;
}

const system =
  "You solve problems step by step. Separate the steps by blank lines. When you are done, put the final answer, and " +
  "nothing else, inside \\boxed{}.";

/**
 * Depends on the question alone: a turn's number or a sample's would make every history a new one.
 * @param style `bare`: the problem and nothing else, for models that know one kind of question
 */
export function messagesFor(
  { problem, choices }: Question,
  style: "instructed" | "bare" = "instructed",
): readonly PromptMessage[] {
  if (style === "bare") return [{ role: "user", content: problem }];
  const asked =
    choices === undefined
      ? `${problem}\n\nPut the final answer inside \\boxed{}.`
      : `${problem}\n\n${listed(choices)}\n\nPut the letter of the right choice inside \\boxed{}.`;
  return [
    { role: "system", content: system },
    { role: "user", content: asked },
  ];
}

const listed = (choices: readonly string[]): string =>
  choices.map((choice, place) => `(${choiceLetters[place]}) ${choice}`).join("\n");
