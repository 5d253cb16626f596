// Whether a prompt can fit its model at all, told by its characters: cutting megabytes into tokens takes long, and all wait.
import { type ChatMessage, type Engine, EngineFault } from "./engine.ts";

/** Of a token in the mean over a whole prompt. Prose has four, code three, blanks alone more than this. */
const mostCharacters = 16;

/** @throws EngineFault context-overflow; nothing was cut into tokens yet */
export function mustFit(
  { name, contextTokens }: Pick<Engine, "name" | "contextTokens">,
  texts: readonly (string | ChatMessage)[],
): void {
  if (contextTokens === undefined) return;
  const characters = texts.reduce(
    (sum, text) => sum + (typeof text === "string" ? text : text.content).length,
    0,
  );
  if (characters <= mostCharacters * contextTokens) return;
  const message = `${name}: expected a prompt for ${contextTokens} tokens, found ${characters} characters: shorten it`;
  throw new EngineFault("context-overflow", message, { retryable: false });
}
