// Names that a file defines: those the issue quotes, shared among their definers, and those made of its words.
import { describe, expect, it } from "vitest";
import { given, pointsOf, smallRepository } from "../../../support/small-repository.ts";

describe("definitions", () => {
  it("finds where a quoted name is defined, not where it is used, and says which name", async () => {
    using repository = await smallRepository({
      files: {
        "bag.py": "class BagStore:\n    def put_item(self):\n        return 1\n",
        "use.py": "BagStore().put_item()\nBagStore().put_item()\n",
        "lib.rs": "impl Bag {\n    fn put_item(&self) {}\n}\n",
        "lib.go": "package lib\n\nfunc (b *Bag) Weave() {}\n",
        "lib.cpp": "int Shop::sell_item(int x) {\n  return x;\n}\n",
      },
    });
    const ranking = repository.ranker.search({ text: "t\n\nBagStore.put_item, then `Weave` and sell_item" });
    expect(given(ranking, "bag.py", "definitions")?.found).toBe("BagStore, put_item");
    expect(given(ranking, "lib.rs", "definitions")?.found).toBe("put_item");
    expect(given(ranking, "lib.go", "definitions")?.found).toBe("Weave");
    expect(given(ranking, "lib.cpp", "definitions")?.found).toBe("sell_item");
    expect(given(ranking, "use.py", "definitions")).toBeUndefined();
    const points = pointsOf(ranking, "definitions");
    expect(points["bag.py"]).toBeGreaterThan(points["lib.rs"] ?? 0);
  });

  it("shares a name among all who define it: `to_text` everywhere says little", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 10 }, (_, at) => [`f${at}.py`, "def to_text():\n    return 1\n"]),
    );
    using repository = await smallRepository({
      files: { ...many, "rare.py": "def from_text():\n    return 1\n" },
    });
    const { chunks } = repository.ranker.search({ text: "t\n\nfrom_text and to_text" });
    const pointsIn = (path: string): number =>
      chunks
        .filter(({ file }) => file.path === path)
        .flatMap(({ why }) => why)
        .filter(({ signal }) => signal === "definitions")
        .reduce((sum, { points }) => sum + points, 0);
    expect(pointsIn("rare.py")).toBeGreaterThan(3 * pointsIn("f0.py"));
  });

  it("finds the issue's words in names: `stripping blocks` is answered by who defines strip_blocks", async () => {
    using repository = await smallRepository({
      files: {
        "strip.py": "def strip_blocks():\n    return 1\n",
        "mention.py": "# strip blocks\nx = 1\n",
        "other.py": "def render():\n    return 1\n",
      },
    });
    const points = pointsOf(
      repository.ranker.search({ text: "add an option for stripping blocks" }),
      "definitions",
    );
    expect(Object.keys(points)).toEqual(["strip.py"]);
  });

  it("damps what a file earns by the number of its names", async () => {
    const many = Array.from({ length: 80 }, (_, at) => `def thing${at}x():\n    return 1\n`).join("\n\n");
    using repository = await smallRepository({
      files: {
        "few.py": "def strip_blocks():\n    return 1\n",
        "many.py": `${many}\n\ndef strip_blocks_too():\n    return 1\n`,
      },
    });
    const points = pointsOf(repository.ranker.search({ text: "stripping blocks" }), "definitions");
    expect(points["few.py"]).toBeGreaterThan(1.2 * (points["many.py"] ?? 0));
  });
});
