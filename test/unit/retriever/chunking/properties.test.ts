// Chunks tile any bytes whatever, keep their terms, and come out the same again; hostile files end as blocks, soon.
import { describe, expect, it } from "vitest";
import { Digester } from "../../../../retriever/chunking/digest-of.ts";
import { loadGrammar } from "../../../../retriever/chunking/grammar.ts";
import { languages } from "../../../../retriever/chunking/languages.ts";
import { largestChunkBytes } from "../../../../retriever/chunking/split.ts";
import { decodeBlob, encodeBlob, type IndexedBlob } from "../../../../retriever/indexing/codec.ts";
import { BlobReader, byFirstLine } from "../../../../retriever/indexing/reader.ts";
import { seededRandom } from "../../../../src/domain/random.ts";
import { digestOf, fuzzProblems, grammarsOf } from "../../../support/chunk-fuzz.ts";
import { termProblems, tilingProblems } from "../../../support/chunk-rules.ts";
import { allFixtures } from "../../../support/fixtures.ts";
import { mutants } from "../../../support/mutations.ts";

const named = (name: string) => {
  const found = languages().all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no language ${name}`);
  return found;
};

const encoded = (digest: ReturnType<typeof digestOf>): Buffer =>
  Buffer.from(encodeBlob({ traits: [], digest }));

async function blobOf(bytes: Buffer, language: string): Promise<IndexedBlob> {
  const found = decodeBlob(await new BlobReader().read({ bytes, language }));
  if (found === undefined) throw new Error("expected the blob that was just encoded");
  return found;
}

describe("chunks of broken sources", () => {
  it("tile 600 mutants of every language's fixtures and keep their terms", async () => {
    expect(await fuzzProblems("a sample", 600)).toEqual([]);
  });

  it("are the same when the same digester has read others in between", async () => {
    const grammars = await grammarsOf("native");
    const used = new Digester();
    for (const mutant of mutants("again", 60)) {
      const { digest } = used.digest(mutant.bytes, mutant.language, grammars.get(mutant.language.name));
      expect(encoded(digest).equals(encoded(digestOf(mutant, grammars)))).toBe(true);
    }
  });

  it("tile 300 files of random bytes and lines, with and without a grammar", async () => {
    const grammars = await grammarsOf("native");
    const random = seededRandom("bytes");
    const alphabet = Buffer.from('\n\n  \t{}()"/*#;a_Z9é\r');
    for (let round = 0; round < 300; round += 1) {
      const isText = random.next() < 0.6;
      const bytes = Buffer.from(
        Array.from({ length: random.integer(9_000) }, () =>
          isText ? (alphabet[random.integer(alphabet.length)] ?? 0) : random.integer(256),
        ),
      );
      const language = languages().all[random.integer(languages().all.length)];
      const grammar = random.next() < 0.5 ? undefined : grammars.get(language?.name ?? "");
      const { digest } = new Digester().digest(bytes, language, grammar);
      expect([...tilingProblems(bytes, digest), ...termProblems(bytes, digest)]).toEqual([]);
    }
  });

  it.each([
    ["nothing", ""],
    ["one line break", "\n"],
    ["a byte order mark alone", "\ufeff"],
    ["no last line break", "def f():\n    return 1"],
    ["carriage returns only", "a = 1\rb = 2\r"],
    ["blank lines behind a line too long", `${"x".repeat(largestChunkBytes - 1)}\n\n\n\n\ny = 1\n`],
    ["a line of ten megabytes between others", `a = 1\n${"é, ".repeat(2_500_000)}\nb = 2\n`],
  ])("tile %s", async (_, text) => {
    const bytes = Buffer.from(text);
    const { digest } = new Digester().digest(
      bytes,
      named("python"),
      await loadGrammar(named("python"), "native"),
    );
    expect([...tilingProblems(bytes, digest), ...termProblems(bytes, digest)]).toEqual([]);
    expect(digest.bytes).toBe(bytes.length);
  });
});

describe("a file that a grammar must not be asked about", () => {
  it("is cut at blank lines, and it is said, where its tree is too wide for a query", async () => {
    const bytes = Buffer.from(`[\n`.repeat(100_000));
    const { digest, fallback } = await blobOf(bytes, "python");
    expect(fallback).toMatch(/^the parser failed: Error: \d+ nodes side by side, more than 30000$/);
    expect(digest && tilingProblems(bytes, digest)).toEqual([]);
  });
});

describe("the wasm build", () => {
  it("gives the chunks, names and terms that the native one gives, for what parses without errors", async () => {
    const [native, wasm] = [await grammarsOf("native"), await grammarsOf("wasm")];
    const sound = allFixtures().filter(({ name }) => !/^broken\./i.test(name));
    for (const fixture of sound) {
      const each = { ...fixture, number: 0 };
      expect(digestOf(each, wasm), fixture.name).toEqual(digestOf(each, native));
    }
    expect(sound.length).toBeGreaterThan(10);
  });

  it("tiles 100 mutants", async () => {
    const wasm = await grammarsOf("wasm");
    for (const mutant of mutants("wasm", 100))
      expect(tilingProblems(mutant.bytes, digestOf(mutant, wasm)), `${mutant.number}`).toEqual([]);
  });
});

it("a script without an ending is read by its first line", async () => {
  const bytes = Buffer.from("#!/usr/bin/env python3\ndef main():\n    return 1\n");
  const { digest, language } = await blobOf(bytes, byFirstLine);
  expect([language, digest?.definitions.map(({ name }) => name)]).toEqual(["python", ["main"]]);
});
