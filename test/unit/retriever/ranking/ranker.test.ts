// The file comes first, for reasons that add up, and the same way every time.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openIndex, type Ranker, rankerOf } from "../../../../retriever/index.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-ranker-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = {
  "bag/store.py":
    'class BagStore:\n    def put_item(self, item):\n        raise ValueError("the bag is full now")\n',
  "bag/cli.py": "from bag.store import BagStore\n\ndef main():\n    BagStore().put_item(1)\n",
  "bag/colour.py": "def red():\n    return 1\n",
  "tests/test_store.py":
    "from bag.store import BagStore\n\ndef test_put_item():\n    BagStore().put_item(2)\n",
  "docs/guide.md": "Call put_item of BagStore to fill the bag.\n",
};
const text =
  "put_item fails\n\n`BagStore.put_item` says `the bag is full now` in bag/store.py when it is empty";
let ranker: Ranker;

beforeAll(async () => {
  const git = (...words: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@t", ...words]);
  git("init", "-q");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  git("add", "-A");
  git("commit", "-q", "-m", "bags");
  const index = await openIndex({ workers: 1 });
  ranker = rankerOf((await index.snapshot(folder, "HEAD")).snapshot);
  await index.close();
});

describe("a ranking", () => {
  it("puts the file that the issue is about first, tests and prose after their source", () => {
    const paths = ranker.search({ text }).files.map(({ file }) => file.path);
    expect(paths[0]).toBe("bag/store.py");
    expect(paths.indexOf("bag/cli.py")).toBeLessThan(paths.indexOf("tests/test_store.py"));
  });

  it("says what each signal gave, and that is the score", () => {
    const { files: ranked, chunks } = ranker.search({ text });
    for (const { score, why } of [...ranked, ...chunks]) {
      expect(why.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(score, 9);
    }
    const signals = ranked[0]?.why.map(({ signal }) => signal);
    expect(signals).toEqual(expect.arrayContaining(["quotedPaths", "definitions", "phrases", "fileBm25"]));
  });

  it("leaves a signal out when asked to, and by plain BM25 has no other", () => {
    const without = ranker.search({ text }, { without: ["quotedPaths"] });
    expect(without.files.flatMap(({ why }) => why.map(({ signal }) => signal))).not.toContain("quotedPaths");
    const bm25 = ranker.search({ text }, { mode: "bm25" });
    expect(new Set(bm25.files.flatMap(({ why }) => why.map(({ signal }) => signal)))).toEqual(
      new Set(["fileBm25"]),
    );
  });

  it("is the same again, and of nothing finds nothing", () => {
    expect(ranker.search({ text })).toEqual(ranker.search({ text }));
    const nothing = ranker.search({ text: "" }).files;
    expect(
      nothing.every(({ why }) => why.every(({ signal }) => signal === "recency" || signal === "demotion")),
    ).toBe(true);
  });
});
