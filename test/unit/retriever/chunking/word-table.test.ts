// The table that counts words without making strings of them counts what the plain functions over strings would.
import { describe, expect, it } from "vitest";
import { slotSeed, slotStep, WordTable } from "../../../../retriever/chunking/word-table.ts";
import { hashOf, termsOf } from "../../../../retriever/signals/words.ts";
import { type Random, seededRandom } from "../../../../src/domain/random.ts";

const pieces = ["a", "b", "foo", "Bar", "HTTP", "X", "9", "42", "_", "__", "é", "Ü", "日", "ſ", "K", "İ"];

function identifier(random: Random): string {
  const count = 1 + Math.floor(random.next() * 5);
  const made = Array.from({ length: count }, () => pieces[Math.floor(random.next() * pieces.length)]).join(
    "",
  );
  return /^\d/.test(made) ? `n${made}` : made;
}

const sorted = (counts: ReadonlyMap<number, number>): [number, number][] =>
  [...counts].sort(([one], [other]) => one - other);

function count(table: WordTable, text: string, [start, end]: readonly [number, number]): number {
  table.load(text);
  let hash = slotSeed;
  for (let at = start; at < end; at += 1) hash = slotStep(hash, text.charCodeAt(at));
  return table.count(start, end, hash);
}

describe("a word table", () => {
  it("counts the terms of 20,000 identifiers, and refers to them, as termsOf and hashOf say", () => {
    const random = seededRandom("words");
    const table = new WordTable();
    for (let round = 0; round < 20; round += 1) {
      const terms = new Map<number, number>();
      const references = new Map<number, number>();
      for (let each = 0; each < 1_000; each += 1) {
        const word = identifier(random);
        for (const term of termsOf(word).map(hashOf)) terms.set(term, (terms.get(term) ?? 0) + 1);
        const place = [2, 2 + word.length] as const;
        const number = count(table, `( ${word} )`, place);
        if (word === "foo" || random.next() < 0.5) continue;
        table.refer(number, place, new Set(["foo", "a"]));
        if (word !== "a") references.set(hashOf(word), (references.get(hashOf(word)) ?? 0) + 1);
      }
      const found = table.takeTerms();
      expect(Array.from(found.hashes, (hash, at) => [hash, found.counts[at]])).toEqual(sorted(terms));
      const referred = table.takeReferences();
      const pairs = Array.from(referred.hashes, (hash, at) => [hash, referred.counts[at]]);
      expect(pairs).toEqual(sorted(references));
    }
  });

  it("keeps counting right when it has grown, begun anew, and met words that all lead to one slot", () => {
    const table = new WordTable();
    for (let round = 0; round < 2; round += 1) {
      const text = Array.from({ length: 150_000 }, (_, at) => `w${at}`).join(" ");
      table.load(text);
      let at = 0;
      for (const word of text.split(" ")) {
        // One hash in a hundred for all: the table must tell them apart by their letters.
        table.count(at, at + word.length, Number(word.slice(1)) % 100);
        at += word.length + 1;
      }
      const { hashes, counts } = table.takeTerms();
      expect(hashes.length).toBe(new Set(text.split(" ").map(hashOf)).size);
      expect(counts.reduce((sum, each) => sum + each, 0)).toBe(150_000);
      table.forget();
    }
  });

  it("stops counting at 65,535", () => {
    const table = new WordTable();
    for (let each = 0; each < 70_000; each += 1) count(table, "same", [0, 4]);
    expect([...table.takeTerms().counts]).toEqual([65_535]);
  });
});
