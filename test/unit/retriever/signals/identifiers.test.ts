// Names that the issue quotes, as they are written; its sentences in string literals.
import { describe, expect, it } from "vitest";
import { given, pointsOf, smallRepository } from "../../../support/small-repository.ts";

describe("identifiers", () => {
  const files = {
    "strip.py": "def lstrip_blocks(x):\n    return lstrip_blocks(x)\n",
    "user.py": "from strip import lstrip_blocks\n",
    "parts.py": "lstrip = blocks = 1\n",
    "render.py": "def render(x):\n    return x\n",
  };

  it("finds a name that is written like code, and says how often it stands there", async () => {
    using repository = await smallRepository({ files });
    const ranking = repository.ranker.search({ text: "Option\n\nthe lstrip_blocks option does nothing" });
    expect(given(ranking, "strip.py", "identifiers")?.found).toBe("lstrip_blocks (2)");
    expect(given(ranking, "user.py", "identifiers")?.found).toBe("lstrip_blocks (1)");
    // Its words apart are no such name.
    expect(given(ranking, "parts.py", "identifiers")).toBeUndefined();
    expect(given(ranking, "render.py", "identifiers")).toBeUndefined();
  });

  it("takes a plain word for a name only where the issue quotes it as code", async () => {
    using repository = await smallRepository({ files });
    const asked = (text: string) => pointsOf(repository.ranker.search({ text }), "identifiers");
    expect(Object.keys(asked("t\n\ncalling `render` fails"))).toEqual(["render.py"]);
    expect(asked("t\n\ncalling render fails")).toEqual({});
    expect(asked("t\n\ncalling _render_ fails")).toEqual({});
  });

  it("weighs a rare name more than the one in every file", async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`f${at}.py`, "use_bag = 1\n"]));
    using repository = await smallRepository({ files: { ...many, "rare.py": "zip_bag = 1\n" } });
    const points = pointsOf(repository.ranker.search({ text: "use_bag and zip_bag" }), "identifiers");
    expect(points["rare.py"]).toBeGreaterThan(5 * (points["f0.py"] ?? 0));
  });
});

describe("phrases", () => {
  const files = {
    "says.py": 'def put(x):\n    raise ValueError(f"the bag {x} is already full")\n',
    "says.rs": 'fn put() {\n    panic!("the bag was never opened: {}", 1);\n}\n',
    "comment.py": "# the bag is already full\nx = 1\n",
    "other.py": 'print("nothing to see here at all")\n',
  };
  const issue = "Crash\n\n```\nValueError: the bag is already full\n```\n";

  it("finds an error message in the literal that makes it, whatever was filled in", async () => {
    using repository = await smallRepository({ files });
    const filled = issue.replace("bag is", "bag 17 is");
    for (const text of [issue, filled]) {
      const ranking = repository.ranker.search({ text });
      const phrase = given(ranking, "says.py", "phrases");
      expect(phrase?.found, text).toMatch(/^\d of the issue's word triples in string literals$/);
      expect(given(ranking, "comment.py", "phrases")).toBeUndefined();
      expect(given(ranking, "other.py", "phrases")).toBeUndefined();
    }
  });

  it("does not count one common triple as it does a sentence", async () => {
    using repository = await smallRepository({ files });
    const whole = pointsOf(repository.ranker.search({ text: "t\n\nthe bag was never opened: 3" }), "phrases");
    const part = pointsOf(repository.ranker.search({ text: "t\n\nbag was never" }), "phrases");
    expect(part["says.rs"]).toBeLessThan((whole["says.rs"] ?? 0) / 2);
  });

  it("reads no sentence across what the issue says of its environment", async () => {
    using repository = await smallRepository({ files });
    const text = "t\n\n### Environment\n\nthe bag is already full\n";
    expect(pointsOf(repository.ranker.search({ text }), "phrases")).toEqual({});
  });
});
