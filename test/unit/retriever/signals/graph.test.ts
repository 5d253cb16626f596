// From the files that match the words along references to definitions: who is needed by them, and who needs them.
import { describe, expect, it } from "vitest";
import { corpusOf } from "../../../../retriever/signals/corpus.ts";
import { definitionTable } from "../../../../retriever/signals/definitions.ts";
import { type FileGraph, fileGraph, walk } from "../../../../retriever/signals/graph.ts";
import { given, pointsOf, smallRepository } from "../../../support/small-repository.ts";

const files = {
  "quill.py": "from ink import pour_ink\n\ndef write_quill():\n    return pour_ink(1)\n",
  "ink.py": "def pour_ink(x):\n    return x\n",
  "desk.py": "from quill import write_quill\n\ndef sit():\n    return write_quill()\n",
  "lone.py": "def alone():\n    return 1\n",
};

describe("graph", () => {
  it("lifts what a likely file refers to, and less who refers to it", async () => {
    using repository = await smallRepository({ files });
    const ranking = repository.ranker.search({ text: "the quill is dry" });
    const points = pointsOf(ranking, "graph");
    expect(points["ink.py"]).toBeGreaterThan(points["desk.py"] ?? Number.NaN);
    expect(points["desk.py"]).toBeGreaterThan(0);
    expect(given(ranking, "ink.py", "fileBm25")).toBeUndefined();
    expect(given(ranking, "lone.py", "graph")).toBeUndefined();
  });

  it("goes nowhere by a name that many define, nor without a file to start from", async () => {
    const makers = Object.fromEntries(
      Array.from({ length: 6 }, (_, at) => [`m${at}.py`, "def make():\n    return 1\n"]),
    );
    using repository = await smallRepository({
      files: { ...makers, "quill.py": "def write_quill():\n    return make()\n" },
    });
    const points = pointsOf(repository.ranker.search({ text: "the quill is dry" }), "graph");
    expect(Object.keys(points)).toEqual(["quill.py"]);
    expect(pointsOf(repository.ranker.search({ text: "nothing of this" }), "graph")).toEqual({});
  });
});

describe("the walk", () => {
  const graphOf = async (): Promise<{ graph: FileGraph; count: number }> => {
    using repository = await smallRepository({ files });
    const corpus = corpusOf(repository.snapshot);
    return { graph: fileGraph(corpus, definitionTable(corpus)), count: corpus.files.length };
  };

  it("keeps what it started with: ranks sum to 1, and every file's edges do", async () => {
    const { graph, count } = await graphOf();
    for (const at of [0, 1, 2, 3]) {
      const seeds = new Float64Array(count);
      seeds[at] = 7;
      expect(walk(graph, seeds).reduce((sum, rank) => sum + rank, 0)).toBeCloseTo(1, 12);
      const leaving = graph.weights.filter((_, edge) => graph.sources[edge] === at);
      expect(graph.isDangling[at]).toBe(leaving.length === 0 ? 1 : 0);
      if (leaving.length > 0) expect(leaving.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    }
  });

  it("of nothing is nothing", async () => {
    const { graph, count } = await graphOf();
    expect([...walk(graph, new Float64Array(count))]).toEqual([0, 0, 0, 0]);
  });
});
