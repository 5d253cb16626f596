// What was told is never taken back: not a stop text, not half a character.
import { describe, expect, it } from "vitest";
import { Pieces } from "../../../../../src/inference/a1/engines/pieces.ts";

function told(play: (pieces: Pieces) => void, stops: readonly string[] = []): string[] {
  const heard: string[] = [];
  play(new Pieces((piece) => heard.push(piece), stops));
  return heard;
}

describe("pieces of a text", () => {
  it("keep back what may become a stop text, and let it go when it does not", () => {
    const heard = told(
      (pieces) => {
        for (const piece of ["a", "E", "N", "x", "EN", "D", "b"]) pieces.add(piece);
      },
      ["END"],
    );
    expect(heard).toEqual(["a", "ENx"]);
  });

  it("tell at the end what was kept back and is no stop text", () => {
    const heard = told(
      (pieces) => {
        pieces.add("aEN");
        expect(pieces.end("aEN")).toBe(true);
      },
      ["END"],
    );
    expect(heard).toEqual(["a", "EN"]);
  });

  it("keep back a character until it is whole", () => {
    const heard = told((pieces) => {
      pieces.grow("a\uFFFD");
      pieces.grow("a\uFFFD\uFFFD");
      pieces.grow("a€");
      pieces.add("\uD83D");
      pieces.add("\uDE42");
    });
    expect(heard).toEqual(["a", "€", "🙂"]);
  });

  it("say so where the text turned out to be another", () => {
    told((pieces) => {
      pieces.add("abc");
      expect(pieces.end("abd")).toBe(false);
      expect(pieces.end("ab")).toBe(false);
      expect(pieces.end("abcd")).toBe(true);
    });
  });
});
