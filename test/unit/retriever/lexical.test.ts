// The plain search: identifiers are split, order is stable, and a budget is never exceeded.
import { describe, expect, it } from "vitest";
import { lexicalIndex, packFiles } from "../../../retriever/index.ts";

const sources = [
  { path: "src/parser.py", text: "def parseDuration(text):\n    return text\n" },
  { path: "src/render.py", text: "def render_table(rows):\n    return rows\n" },
  { path: "README.md", text: "A library about tables\n" },
];

describe("lexicalIndex", () => {
  it("finds camelCase by its words and ranks the best file first", () => {
    const ranked = lexicalIndex(sources).search("the duration is parsed wrongly", 5);
    expect(ranked.map((file) => file.path)).toEqual(["src/parser.py"]);
  });

  it("finds a file by its path", () => {
    expect(lexicalIndex(sources).search("render", 1)[0]?.path).toBe("src/render.py");
  });

  it("gives nothing for a query that shares no word", () => {
    expect(lexicalIndex(sources).search("quaternion", 5)).toEqual([]);
  });
});

describe("packFiles", () => {
  const text = Array.from({ length: 200 }, (_, line) => (line === 100 ? "needle here" : `line ${line}`)).join(
    "\n",
  );
  const ranked = [{ path: "big.txt", text, score: 1 }];
  const count = (snippet: string): number => snippet.length;

  it("keeps a whole file that fits", () => {
    expect(packFiles(ranked, { query: "needle", maxTokens: 10_000, count })).toMatchObject([
      { firstLine: 1, lastLine: 200 },
    ]);
  });

  it("keeps the lines around the query's words when it does not, and stays in the budget", () => {
    const packed = packFiles(ranked, { query: "needle", maxTokens: 400, count });
    expect(packed).toMatchObject([{ firstLine: 89, lastLine: 113 }]);
    expect(packed.reduce((sum, snippet) => sum + snippet.text.length, 0)).toBeLessThanOrEqual(400);
  });

  it("keeps nothing when nothing fits", () => {
    expect(packFiles(ranked, { query: "needle", maxTokens: 10, count })).toEqual([]);
  });
});
