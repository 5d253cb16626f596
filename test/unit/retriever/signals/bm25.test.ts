// Words of the issue in files and in their chunks: the formula to the digit, identifier parts, rare words, paths.
import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../../retriever/index.ts";
import { wordsOf } from "../../../../retriever/signals/words.ts";
import { seededRandom } from "../../../../src/domain/random.ts";
import { given, pointsOf, smallRepository } from "../../../support/small-repository.ts";

describe("plain BM25", () => {
  const words = ["bag", "putItem", "load_bag", "parseHTTPHeader", "x", "the", "row2col", "größe", "item"];
  const random = seededRandom("bm25");
  const textOf = (length: number): string =>
    Array.from({ length }, () => words[random.integer(words.length)]).join(" ");
  const texts: Record<string, string> = Object.fromEntries(
    Array.from({ length: 30 }, (_, at) => [`notes/${at}.txt`, textOf(1 + random.integer(200))]),
  );

  /** Robertson's formula over whole texts with Lucene's idf, nothing remembered between terms or files. */
  function reference(query: string): Map<string, number> {
    const terms = (text: string): string[] => wordsOf(text).flatMap((word) => word.terms);
    const documents = Object.entries(texts).map(([path, text]) => ({ path, terms: terms(text) }));
    const mean = documents.reduce((sum, each) => sum + each.terms.length, 0) / documents.length;
    const scores = documents.map(({ path, terms: own }): [string, number] => {
      const points = terms(query).map((term) => {
        const count = own.filter((each) => each === term).length;
        const containing = documents.filter((each) => each.terms.includes(term)).length;
        const idf = Math.log(1 + (documents.length - containing + 0.5) / (containing + 0.5));
        return (idf * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * own.length) / mean));
      });
      return [path, points.reduce((sum, each) => sum + each, 0)];
    });
    return new Map(scores);
  }

  it("is the formula of the books, to nine digits", async () => {
    using repository = await smallRepository({ files: texts });
    for (const query of ["load_bag fails", "größe of a Row2Col, putItem putItem", "parseHTTPHeader x"]) {
      const expected = reference(query);
      const { files } = repository.ranker.search({ text: query }, { mode: "bm25" });
      expect(files.length).toBe([...expected.values()].filter((score) => score > 0).length);
      for (const { file, score } of files) expect(score).toBeCloseTo(expected.get(file.path) ?? 0, 9);
    }
  });
});

describe("fileBm25", () => {
  it("finds the issue's words inside names, in other forms, and in the path, and says which", async () => {
    using repository = await smallRepository({
      files: {
        "lib/clock.py": "def parse_duration(text):\n    return text\n",
        "lib/sieve.py": "def filtering():\n    return 1\n",
        "lib/duration.py": "seconds = 3\n",
        "lib/other.py": "def render():\n    return 2\n",
      },
    });
    const ranking = repository.ranker.search({ text: "Durations: filters drop the duration" });
    expect(given(ranking, "lib/clock.py", "fileBm25")?.found).toBe("duration");
    expect(given(ranking, "lib/sieve.py", "fileBm25")?.found).toBe("filters");
    expect(given(ranking, "lib/duration.py", "fileBm25")?.found).toBe("duration");
    expect(given(ranking, "lib/other.py", "fileBm25")).toBeUndefined();
  });

  it("counts rare words more than common ones, and a word in a long file less", async () => {
    const common = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`common/${at}.py`, "value = table\n"]),
    );
    const long = `table = quill\n${Array.from({ length: 300 }, (_, at) => `v${at}x = ${at}\n`).join("")}`;
    using repository = await smallRepository({
      files: { ...common, "short.py": "table = quill\n", "long.py": long },
    });
    const points = pointsOf(repository.ranker.search({ text: "table and quill" }), "fileBm25");
    expect(points["short.py"]).toBeGreaterThan(points["long.py"] ?? 0);
    expect(points["short.py"]).toBeGreaterThan(3 * (points["common/0.py"] ?? 0));
    const { found } = given(repository.ranker.search({ text: "table quill" }), "short.py", "fileBm25") ?? {};
    expect(found).toBe("quill, table");
  });

  it("says nothing for words that every issue has", async () => {
    using repository = await smallRepository({ files: { "a.py": "expected = behavior(version)\n" } });
    const ranking = repository.ranker.search({ text: "Expected behavior: please reproduce this version" });
    expect(pointsOf(ranking, "fileBm25")).toEqual({});
  });
});

describe("chunkBm25", () => {
  const filler = (name: string): string =>
    Array.from({ length: 40 }, (_, at) => `    ${name}${at}x = ${name}${at}y + ${at}\n`).join("");
  const together = `def first(q):\n${filler("a")}\n\ndef anchor_rope_knot(q):\n    anchor = rope = knot = q\n${filler("b")}\n\ndef third(q):\n${filler("c")}`;
  const apart = `def first(q):\n    anchor = q\n${filler("a")}\n\ndef second(q):\n    rope = q\n${filler("b")}\n\ndef third(q):\n    knot = q\n${filler("c")}`;

  it("prefers words that stand together, and names the chunk", async () => {
    using repository = await smallRepository({
      files: { "together.py": together, "apart.py": apart, "none.py": filler("d") },
    });
    const ranking = repository.ranker.search({ text: "anchor, rope and knot" });
    const points = pointsOf(ranking, "chunkBm25");
    expect(Object.keys(points)).toEqual(["together.py", "apart.py"]);
    expect(given(ranking, "together.py", "chunkBm25")?.found).toBe("anchor_rope_knot");
    expect(ranking.chunks[0]?.chunk.name).toBe("anchor_rope_knot");
  });

  it("names the lines of a chunk that is no definition", async () => {
    using repository = await smallRepository({ files: { "notes.txt": "one\ntwo\nquill\n" } });
    const { found } = given(repository.ranker.search({ text: "quill" }), "notes.txt", "chunkBm25") ?? {};
    expect(found).toBe("lines 1-3");
  });

  it("counts the first chunk of all and the last like any other", async () => {
    using repository = await smallRepository({
      files: { "a.txt": "quill\n", "b.txt": "quill\n", "c.txt": "quill\n" },
    });
    const points = pointsOf(repository.ranker.search({ text: "quill" }), "chunkBm25");
    expect(points).toEqual({ "a.txt": 1, "b.txt": 1, "c.txt": 1 });
  });

  it("does not let a file win by the number of its chunks alone", async () => {
    const many = Array.from({ length: 60 }, (_, at) => `def f${at}x(q):\n${filler(`k${at}z`)}    rope = q\n`);
    using repository = await smallRepository({
      files: { "many.py": many.join("\n\n"), "one.py": "def rope_rope(rope):\n    return rope + rope\n" },
    });
    const points = pointsOf(repository.ranker.search({ text: "rope" }), "chunkBm25");
    // Five chunks count, 1 + 1/2 + 1/3 + 1/4 + 1/5 of one.
    expect((points["many.py"] ?? 0) / (points["one.py"] ?? 1)).toBeLessThan(2.3);
  });
});

it("ranks nothing of a snapshot without files, and nothing for a query without words", async () => {
  using repository = await smallRepository({ files: {} });
  const { files }: Snapshot = repository.snapshot;
  expect(files).toEqual([]);
  expect(repository.ranker.search({ text: "anything" })).toEqual({ files: [], chunks: [] });
  expect(repository.ranker.search({ text: "" }, { mode: "bm25" })).toEqual({ files: [], chunks: [] });
});
