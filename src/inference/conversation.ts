// Sending an answer back: the prompt grows by what was said and what was wrong with it.
import type { Prompt } from "./model.ts";

/** Providers refuse an empty message, and leaving the turn out would put two user messages in a row. */
const nothingSaid = "(no answer)";

/** The same prompt with the model's `answer` and our `reply` to it behind. */
export function continued(prompt: Prompt, answer: string, reply: string): Prompt {
  const content = answer.trim() === "" ? nothingSaid : answer;
  const turn = [
    { role: "assistant", content },
    { role: "user", content: reply },
  ] as const;
  return { ...prompt, messages: [...prompt.messages, ...turn] };
}
