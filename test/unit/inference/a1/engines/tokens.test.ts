// Which tokens make a text, for tokenizers that split characters and for those that drop a first space.
import { describe, expect, it } from "vitest";
import type { Codec } from "../../../../../src/inference/a1/engine.ts";
import { tokensOfText } from "../../../../../src/inference/a1/engines/tokens.ts";
import { endId, tinyCodec } from "../../../../support/engine-servers/language.ts";

const bytes = (text: string): number[] => [...new TextEncoder().encode(text)];
const before = bytes("before");

describe("the tokens of a text", () => {
  it("are without that of the end", async () => {
    const ids = [...bytes("ab"), endId];
    expect(await tokensOfText({ before, ids, text: "ab" }, tinyCodec)).toEqual({
      text: "ab",
      count: 2,
      rest: "",
    });
  });

  it("are without those of a stop text", async () => {
    const ids = bytes("ab\n\nX");
    expect(await tokensOfText({ before, ids, text: "ab" }, tinyCodec)).toMatchObject({ count: 2, rest: "" });
  });

  it("are without those that only begin a character, however the server wrote it", async () => {
    for (const length of [1, 2, 3]) {
      const ids = [...bytes("ab"), ...bytes("🙂").slice(0, length)];
      for (const text of ["ab", "ab\uFFFD", "ab\uFFFD\uFFFD\uFFFD"])
        expect(await tokensOfText({ before, ids, text }, tinyCodec)).toEqual({
          text: "ab",
          count: 2,
          rest: "",
        });
    }
  });

  it("keep bytes in the middle that are no character", async () => {
    const ids = [...bytes("a"), 0xff, ...bytes("b")];
    const text = "a\uFFFDb";
    expect(await tokensOfText({ before, ids, text }, tinyCodec)).toEqual({ text, count: 3, rest: "" });
  });

  it("end within a token where the stop text begins there, and say what is left of it", async () => {
    // 257 is "ing".
    const ids = [...bytes("go"), 257, ...bytes("!")];
    expect(await tokensOfText({ before, ids, text: "goi" }, tinyCodec)).toEqual({
      text: "goi",
      count: 2,
      rest: "i",
    });
  });

  it("are counted behind what stood before: some tokenizers drop the space at the beginning of all", async () => {
    const trimming: Codec = {
      ...tinyCodec,
      decode: async (ids) => (await tinyCodec.decode(ids)).replace(/^ /, ""),
    };
    const ids = bytes(" sea");
    expect(await tokensOfText({ before, ids, text: " sea" }, trimming)).toEqual({
      text: " sea",
      count: 4,
      rest: "",
    });
  });

  it("are none of no text", async () => {
    expect(await tokensOfText({ before, ids: [endId], text: "" }, tinyCodec)).toEqual({
      text: "",
      count: 0,
      rest: "",
    });
  });
});
