// 5,000 mutated sources of every language: no crash, no byte lost, no term in another chunk; `npm test` has a sample.
import { expect, it } from "vitest";
import { Digester } from "../../retriever/chunking/digest-of.ts";
import { loadGrammar } from "../../retriever/chunking/grammar.ts";
import { languages } from "../../retriever/chunking/languages.ts";
import { fuzzProblems } from "../support/chunk-fuzz.ts";

it("5,000 mutated sources are cut into chunks that tile them and keep their terms", async () => {
  expect(await fuzzProblems("five thousand", 5_000)).toEqual([]);
});

it("a parser that has given up is no danger to the next text", async () => {
  const language = languages().all.find(({ name }) => name === "javascript");
  if (language === undefined) throw new Error("no javascript");
  const grammar = await loadGrammar(language, "native");
  expect(() => grammar.parse('"'.repeat(400_000))).toThrow("no tree after 30 s");
  const { digest } = new Digester().digest(Buffer.from("function f() {}\n"), language, grammar);
  expect(digest.chunks.map(({ name }) => name)).toEqual(["f"]);
});
