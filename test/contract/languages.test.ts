// What every language promises, checked on the sources in its own folder. After a wanted change: UPDATE_GOLDEN=1, and
// review the difference.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { Digester } from "../../retriever/chunking/digest-of.ts";
import { type Grammar, loadGrammar } from "../../retriever/chunking/grammar.ts";
import { languages } from "../../retriever/chunking/languages.ts";
import { tilingProblems } from "../support/chunk-rules.ts";
import { type Fixture, fixturesOf, goldenEnding, goldenOf } from "../support/fixtures.ts";

describe.each(languages().all)("$name", (language) => {
  const fixtures = fixturesOf(language);
  let grammar: Grammar;
  beforeAll(async () => {
    grammar = await loadGrammar(language, "native");
  });
  const digested = ({ bytes }: Fixture) => new Digester().digest(bytes, language, grammar);

  it("has sources that are known for its own, a broken one and a large definition among them", () => {
    expect(
      fixtures.map(({ name, bytes }) => [name, languages().of(name, bytes.subarray(0, 200))?.name]),
    ).toEqual(fixtures.map(({ name }) => [name, language.name]));
    expect(fixtures.some(({ name }) => name.toLowerCase().startsWith("broken."))).toBe(true);
    const names = fixtures.map((each) => digested(each).digest.chunks.map(({ name }) => name));
    // A definition in several chunks has its name on each.
    expect(names.some((each) => each.some((name, at) => name !== "" && name === each[at + 1]))).toBe(true);
  });

  it.each(fixtures)("is cut as its golden list says: $name", (fixture) => {
    const { digest, fallback } = digested(fixture);
    expect(fallback).toBeUndefined();
    expect(tilingProblems(fixture.bytes, digest)).toEqual([]);
    const golden = `${fixture.path}${goldenEnding}`;
    const found = goldenOf(fixture, digest, grammar);
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(golden, found);
    expect(existsSync(golden), `${golden} is missing: run once with UPDATE_GOLDEN=1`).toBe(true);
    expect(found).toBe(readFileSync(golden, "utf8"));
  });
});
