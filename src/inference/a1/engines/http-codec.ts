// A tokenizer behind a server's doors: the text of a continuation is cut as if it stood behind what it goes on from.
import type { ChatMessage, Codec } from "../engine.ts";

export interface TokenizerDoors {
  prompt(messages: readonly ChatMessage[]): Promise<readonly number[]>;
  /** Without tokens of beginning and end, and what looks like one of those is taken for text. */
  tokenize(text: string): Promise<readonly number[]>;
  detokenize(ids: readonly number[]): Promise<string>;
}

function isPrefix(prefix: readonly number[], ids: readonly number[]): boolean {
  return prefix.length <= ids.length && prefix.every((id, index) => ids[index] === id);
}

export function textCodec(doors: TokenizerDoors): Codec {
  return {
    prompt: (messages) => doors.prompt(messages),
    async encode(text, before) {
      if (text === "") return [];
      // Where a token would reach over the seam a line break stands in for what is before: no token reaches over that.
      for (const head of before === "" ? [] : [before, "\n"]) {
        const headIds = await doors.tokenize(head);
        const ids = await doors.tokenize(head + text);
        if (isPrefix(headIds, ids) && ids.length > headIds.length) return ids.slice(headIds.length);
      }
      return doors.tokenize(text);
    },
    decode: async (ids) => (ids.length === 0 ? "" : doors.detokenize(ids)),
  };
}
