// Paths against an issue: their words, and the paths, modules, frames and addresses it quotes.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pathMentionsOf } from "../../../../retriever/signals/path-mentions.ts";
import { given, pointsOf, type SmallRepository, smallRepository } from "../../../support/small-repository.ts";

let repository: SmallRepository;

beforeAll(async () => {
  const twins = Object.fromEntries(
    Array.from({ length: 21 }, (_, at) => [`twins/n${at}/util.py`, "q = 1\n"]),
  );
  repository = await smallRepository({
    files: {
      ...twins,
      "bag/store.py": "q = 1\n",
      "bag/store.rs": "// q\n",
      "bag/__init__.py": "q = 1\n",
      "shop/store.py": "q = 1\n",
      "src/parser/lex.rs": "// q\n",
      "src/parser/mod.rs": "// q\n",
      "src/rope_client.cpp": "// q\n",
      "client.go": "package main\n",
    },
  });
});
afterAll(() => repository[Symbol.dispose]());

const quoted = (text: string) => pointsOf(repository.ranker.search({ text: `t\n\n${text}` }), "quotedPaths");
const names = (text: string): string[] => Object.keys(quoted(text)).sort();

describe("quotedPaths", () => {
  it.each([
    ["a path", "see bag/store.py please", ["bag/store.py"]],
    ["with a line", "bag/store.py:12:3: error", ["bag/store.py"]],
    ["of a frame", 'File "/usr/lib/site/bag/store.py", line 3, in put', ["bag/store.py"]],
    ["as Windows writes it", "C:\\work\\bag\\store.py", ["bag/store.py"]],
    ["at its address", "https://h.example/o/n/blob/v1.2/bag/store.py#L3-L9", ["bag/store.py"]],
    ["of another extension", "bag/store.rs and src/rope_client.cpp", ["bag/store.rs", "src/rope_client.cpp"]],
    ["a file's name that two files have", "store.py is wrong", ["bag/store.py", "shop/store.py"]],
    ["a module with its member", "`bag.store.BagStore.put` fails", ["bag/store.py", "bag/store.rs"]],
    ["a module of Rust", "crate::src::parser::lex::Token", ["src/parser/lex.rs"]],
    ["a folder's own file", "x::src::parser::Parser", ["src/parser/mod.rs"]],
  ])("names %s: %s", (_, text, files) => {
    expect(names(text)).toEqual(files);
  });

  it.each([
    ["prose", "the store of a bag."],
    ["an address that is no file", "https://bag.store.example/bag/store/"],
    ["a path there is none of", "cart/basket.py"],
    ["a name that too many files have", "util.py"],
    ["a version", "1.2.3 and v0.4"],
  ])("names nothing for %s: %s", (_, text) => {
    expect(names(text)).toEqual([]);
  });

  it("gives more to a path than to the same name alone, and says what was quoted", () => {
    const ranking = repository.ranker.search({ text: "t\n\nbag/store.py, not shop" });
    expect(given(ranking, "bag/store.py", "quotedPaths")?.found).toBe("bag/store.py");
    const alone = quoted("store.py")["bag/store.py"] ?? 0;
    expect(quoted("bag/store.py")["bag/store.py"]).toBeGreaterThan(2 * alone);
  });
});

describe("path", () => {
  it("finds the issue's words in the path, most where they are all of it, and says which", () => {
    const ranking = repository.ranker.search({ text: "the rope client hangs, as does the parser" });
    expect(given(ranking, "src/rope_client.cpp", "path")?.found).toBe("rope, client");
    expect(given(ranking, "src/parser/lex.rs", "path")?.found).toBe("parser");
    expect(given(ranking, "bag/store.py", "path")).toBeUndefined();
    const points = pointsOf(repository.ranker.search({ text: "client" }), "path");
    expect(Object.keys(points)).toEqual(["client.go", "src/rope_client.cpp"]);
    expect(points["client.go"]).toBeGreaterThan(1.2 * (points["src/rope_client.cpp"] ?? 1));
  });
});

describe("mentions of paths", () => {
  it("are read as segments, each once, in order", () => {
    const found = pathMentionsOf("(src/A/b.rs:3), src/a/B.rs `pkg.mod.name` ./x/y.h. a::b");
    expect(found.map(({ segments, extension }) => [segments.join("/"), extension])).toEqual([
      ["src/a/b", "rs"],
      ["pkg/mod/name", undefined],
      ["x/y", "h"],
      ["a/b", undefined],
    ]);
    expect(found.map(({ weight }) => weight)).toEqual([1, 0.5, 1, 0.5]);
  });

  it.each([
    ["nothing", ""],
    ["dots and slashes", "..../////....::::....".repeat(9_000)],
    ["one endless path", `${"a/".repeat(100_000)}b.py`],
    ["one endless module", `${"a.".repeat(100_000)}b`],
    ["line numbers without end", `x.py${":1".repeat(100_000)}`],
    ["a scheme without end", `${"a+".repeat(100_000)}://b`],
  ])("are none in %s", (_, text) => {
    expect(pathMentionsOf(text)).toEqual([]);
  });

  it("are at most as many as an issue needs", () => {
    const paste = Array.from({ length: 100_000 }, (_, at) => `src/file${at}.rs`).join("\n");
    expect(pathMentionsOf(paste)).toHaveLength(200);
  });
});
