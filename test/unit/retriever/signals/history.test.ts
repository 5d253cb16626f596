// What the commits before the base say: what changed lately, what changes together, whose messages sound like the issue.
import { describe, expect, it } from "vitest";
import { corpusOf } from "../../../../retriever/signals/corpus.ts";
import { coChange, historyOf } from "../../../../retriever/signals/history.ts";
import { given, pointsOf, type SmallRepository, smallRepository } from "../../../support/small-repository.ts";

const day = 24 * 3600;
const start = 1_700_000_000;
const files = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, at) => [name, `q${at}x = ${Math.abs(name.length - at)}\n`]));

describe("recency", () => {
  it("halves in ninety days, and is shared among the files of a commit", async () => {
    using repository = await smallRepository(
      { files: files("old.py", "older.py"), time: start },
      { files: { "late.py": "a = 1\n" }, time: start + 90 * day },
      { files: {}, time: start + 180 * day },
    );
    const points = pointsOf(repository.ranker.search({ text: "" }), "recency");
    expect((points["old.py"] ?? 0) / (points["late.py"] ?? 1)).toBeCloseTo(0.5 / Math.SQRT2, 9);
    expect(points["older.py"]).toBe(points["old.py"]);
  });

  it("takes no notice of a commit that touches everything", async () => {
    const many = Array.from({ length: 51 }, (_, at) => `f${at}.py`);
    using repository = await smallRepository({ files: files(...many) }, { files: { "f0.py": "b = 2\n" } });
    expect(Object.keys(pointsOf(repository.ranker.search({ text: "" }), "recency"))).toEqual(["f0.py"]);
  });

  it("believes no clock that runs ahead of the base commit", async () => {
    using repository = await smallRepository(
      { files: { "a.py": "a = 1\n" }, time: start + 900 * day },
      { files: { "b.py": "b = 1\n" }, time: start },
    );
    const points = pointsOf(repository.ranker.search({ text: "" }), "recency");
    expect(points["a.py"]).toBe(points["b.py"]);
  });
});

describe("messages", () => {
  const asked = (repository: SmallRepository, text: string) => repository.ranker.search({ text });

  it("finds files by what was said when they changed, and names the commit", async () => {
    using repository = await smallRepository(
      { message: "begin", files: files("a.py", "b.py", "c.py") },
      { message: "Quills dry too early\n\nThe inkwell leaked.", files: { "b.py": "b = 2\n" } },
      { message: "unrelated", files: { "c.py": "c = 2\n" } },
    );
    const ranking = asked(repository, "the inkwell of a quill");
    expect(given(ranking, "b.py", "messages")?.found).toMatch(/^[0-9a-f]{8} Quills dry too early$/);
    expect(given(ranking, "a.py", "messages")).toBeUndefined();
    expect(given(ranking, "c.py", "messages")).toBeUndefined();
  });

  it("shares a commit among its files, and counts a file's further commits less", async () => {
    using repository = await smallRepository(
      { message: "begin", files: files("a.py", "b.py", "c.py", "d.py") },
      { message: "inkwell", files: { "a.py": "a = 2\n" } },
      { message: "inkwell", files: { "b.py": "b = 2\n", "c.py": "c = 2\n", "d.py": "d = 2\n" } },
      { message: "inkwell", files: { "b.py": "b = 3\n" } },
    );
    const points = pointsOf(asked(repository, "inkwell"), "messages");
    const [one = 0, two = 0, shared = 0] = [points["a.py"], points["b.py"], points["c.py"]];
    expect(shared / one).toBeCloseTo(1 / Math.sqrt(3), 9);
    expect(two / one).toBeCloseTo(1 + 1 / Math.sqrt(3) / 2, 9);
  });
});

describe("co-change", () => {
  it("goes to what changed with the likely files, less to what changes with everything", async () => {
    using repository = await smallRepository(
      { files: files("seed.py", "mate.py") },
      { files: { "seed.py": "s = 2\n", "mate.py": "m = 2\n", "busy.py": "y = 2\n" } },
      ...[3, 4, 5, 6].map((at) => ({ files: { "busy.py": `y = ${at}\n`, [`x${at}.py`]: "x = 1\n" } })),
    );
    const corpus = corpusOf(repository.snapshot);
    const seeds = new Float64Array(corpus.files.length);
    const place = (path: string): number => corpus.fileOfPath.get(path) ?? -1;
    seeds[place("seed.py")] = 1;
    const { scores } = coChange(historyOf(repository.snapshot, corpus), seeds);
    expect(scores[place("mate.py")]).toBeGreaterThan(2 * (scores[place("busy.py")] ?? 0));
    expect(scores[place("busy.py")]).toBeGreaterThan(0);
    expect([scores[place("seed.py")], scores[place("x3.py")]]).toEqual([0, 0]);
  });
});
