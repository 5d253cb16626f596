// Identifiers fall into the same terms whatever they are made of, and counting terms loses none.
import { describe, expect, it } from "vitest";
import { hashOf, shinglesOf, TermCounter, termsOf, wordsOf } from "../../../../retriever/signals/words.ts";
import { seededRandom } from "../../../../src/domain/random.ts";

describe("terms of an identifier", () => {
  it.each([
    ["parse_duration", ["parse_duration", "parse", "duration"]],
    ["getHTTPResponse", ["gethttpresponse", "get", "http", "response"]],
    ["utf8Decode", ["utf8decode", "utf8", "decode"]],
    ["X509Cert", ["x509cert", "x509", "cert"]],
    ["__init__", ["init"]],
    ["main", ["main"]],
    ["x", ["x"]],
    ["a_b", ["a_b"]],
    ["größteZahl", ["größtezahl", "größte", "zahl"]],
  ])("%s: %j", (identifier, terms) => {
    expect(termsOf(identifier)).toEqual(terms);
  });

  it("are those a pattern over all of Unicode finds", () => {
    const ends = /_+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
    const plain = (identifier: string): string[] => {
      const kept = identifier.split(ends).filter((part) => part.length > 1);
      const terms = kept.length === 1 ? kept : [identifier, ...kept];
      return terms.map((term) => term.toLowerCase());
    };
    const random = seededRandom("terms");
    const alphabets = ["abAB_1", "aB_", "aZ09_(:", "aBéÜß_1", "aİΣ\u{1d400}_"];
    for (let round = 0; round < 20_000; round += 1) {
      const letters = [...(alphabets[round % alphabets.length] ?? "")];
      const length = random.integer(12);
      const identifier = Array.from({ length }, () => letters[random.integer(letters.length)]).join("");
      expect(termsOf(identifier), identifier).toEqual(plain(identifier));
    }
  });
});

describe("words of a text", () => {
  it("are its identifiers, in order and with repeats; numbers alone are none", () => {
    expect(wordsOf("if (x1 == 2) goto größe_3; x1++").map(({ text }) => text)).toEqual([
      "if",
      "x1",
      "goto",
      "größe_3",
      "x1",
    ]);
    expect(wordsOf("1.5 + 3e7 -- !!")).toHaveLength(1);
    expect(wordsOf("")).toEqual([]);
  });

  it("make a triple of every three neighbours, whatever stands between and however they are written", () => {
    expect(shinglesOf("The bag: is FULL")).toEqual([hashOf("the bag is"), hashOf("bag is full")]);
    expect(shinglesOf("two words")).toEqual([]);
  });
});

describe("a counter of terms", () => {
  it("sums what was added, sorted by hash, and begins anew", () => {
    const counter = new TermCounter();
    counter.add("put_item(put)");
    counter.add("PUT");
    const { hashes, counts } = counter.take();
    expect([...hashes]).toEqual([...hashes].sort((one, other) => one - other));
    const found = new Map(Array.from(hashes, (hash, at) => [hash, counts[at]]));
    expect(found).toEqual(
      new Map([
        [hashOf("put_item"), 1],
        [hashOf("put"), 3],
        [hashOf("item"), 1],
      ]),
    );
    expect(counter.take().hashes).toHaveLength(0);
  });

  it("stops at the largest count it can store", () => {
    const counter = new TermCounter();
    counter.add("again ".repeat(70_000));
    expect([...counter.take().counts]).toEqual([65_535]);
  });
});
