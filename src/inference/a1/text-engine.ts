// Engines that take text and no tokens, given a codec that counts: their texts are whole, their token numbers a guess.
import type { Codec, Engine } from "./engine.ts";
import { engineWith } from "./engine-with.ts";

/** What a token of English or code has on average in the tokenizers in use. */
const charactersPerToken = 4;

const counted = (characters: number): number[] =>
  new Array<number>(Math.ceil(characters / charactersPerToken)).fill(0);

/** Its tokens are all alike, so that nobody can send them: only how many there are means anything, and that roughly. */
const countingCodec: Codec = {
  prompt: (messages) =>
    Promise.resolve(counted(messages.reduce((sum, { content }) => sum + content.length, 0))),
  encode: (text) => Promise.resolve(counted(text.length)),
  decode: () => Promise.reject(new Error("bug: tokens that are only counted have no text")),
};

/** The engine itself where tokens mean anything to it; with a codec that counts where they do not. */
export function withTokens(engine: Engine): Engine {
  const { takesIds, promptLogprobs } = engine.capabilities;
  if (takesIds || promptLogprobs !== "none") return engine;
  return engineWith(engine, {
    codec: countingCodec,
    generate: async (request, signal) => {
      // Whatever ids it tells are of a tokenizer that is not known here.
      const { ids: _, ...generated } = await engine.generate(request, signal);
      return generated;
    },
  });
}
