// The contestants that need no key: what they answer, on real trees and on the bundled issues.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { controlPlayer, replayPlayer } from "../../../src/arena/controls/index.ts";
import { newTestPath, overfitTest, trivialTest } from "../../../src/arena/controls/test-files.ts";
import { withoutOneAssertion } from "../../../src/arena/controls/weaken.ts";
import type { Player } from "../../../src/arena/player.ts";
import { reviewOfFiles } from "../../../src/arena/review.ts";
import { languages } from "../../../src/domain/instance.ts";
import { isTestPath } from "../../../src/domain/paths.ts";
import { seededRandom } from "../../../src/domain/random.ts";
import { noRetrieval } from "../../../src/domain/run.ts";
import { type Files, type TestCase, testCase } from "../../support/arena-case.ts";

const random = () => seededRandom("controls");

describe("withoutOneAssertion", () => {
  it.each([
    ["python", "def test_a():\n    x = 1\n    assert x == 1\n", "def test_a():\n    x = 1\n    pass\n"],
    ["python", "    self.assertEqual(f(1), 2)\n", "    pass\n"],
    ["rust", "    assert_eq!(f(1), 2);\n    g();\n", "\n    g();\n"],
    ["rust", "    assert!(f(1));\n", "\n"],
    ["go", '\tif got != 1 {\n\t\tt.Fatalf("got %d", got)\n\t}\n', "\tif got != 1 {\n\t\t_ = t\n\t}\n"],
    ["cpp", "  CHECK(f(1) == 2);\n", "\n"],
    ["cpp", "  EXPECT_EQ(f(1), 2);\n", "\n"],
  ] as const)("%s: %j", (language, text, weaker) => {
    expect(withoutOneAssertion(text, language, random())).toBe(weaker);
  });

  it.each([
    ["python", "x = 1\n# assert x\nasserting(x)\n"],
    ["python", "assert f(\n    1)\n"],
    ["rust", "// assert!(a);\nmy_assert!(a);\nassert_eq!(a,\n  b);\n"],
    ["go", "t.Log(1)\nx.Fatal(1)\n"],
    ["cpp", "// CHECK(a);\nf(CHECK);\nCHECK(a,\n b);\n"],
  ] as const)("finds none in %s: %j", (language, text) => {
    expect(withoutOneAssertion(text, language, random())).toBeUndefined();
  });

  it("takes exactly one of several away, the same one for the same seed", () => {
    const text = Array.from({ length: 9 }, (_, index) => `    assert f(${index})`).join("\n");
    const weaker = withoutOneAssertion(text, "python", random());
    expect(weaker?.split("\n").filter((line) => line === "    pass")).toHaveLength(1);
    expect(weaker).toBe(withoutOneAssertion(text, "python", random()));
    const others = new Set(
      Array.from({ length: 30 }, (_, seed) => withoutOneAssertion(text, "python", seededRandom(`${seed}`))),
    );
    expect(others.size).toBeGreaterThan(4);
  });
});

const samples: Readonly<Record<(typeof languages)[number], { base: Record<string, string>; gold: Files }>> = {
  python: {
    base: { "pkg/a.py": "x = 1\n", "tests/test_a.py": "def test_a():\n    assert 1\n" },
    gold: { "pkg/a.py": "x = compute_everything(1)\n" },
  },
  rust: {
    base: {
      "src/lib.rs": "pub fn f() {}\n",
      "src/tests/deep.rs": "x\n",
      "tests/a.rs": "#[test]\nfn a() {}\n",
    },
    gold: { "src/lib.rs": "pub fn f() { compute_everything() }\n" },
  },
  go: {
    base: { "go.mod": "module toy\n", "sub/a.go": "package sub\n", "sub/a_test.go": "package sub\n" },
    gold: { "sub/a.go": "package sub\n\nvar Everything = computed(1)\n" },
  },
  cpp: {
    base: { "src/a.cpp": "int a;\n", "tests/test_a.cpp": "int main() {}\n" },
    gold: { "src/a.cpp": "int everything = computed(1);\n" },
  },
};

describe.each(languages)("test files written for %s", (language) => {
  let toy: TestCase;
  beforeAll(async () => {
    toy = await testCase({ language, ...samples[language] });
  });
  afterAll(() => toy[Symbol.asyncDispose]());

  it("are tests, new, beside the repository's own, and pass the review's own rules", async () => {
    for (const files of [await trivialTest(toy.of), await overfitTest(toy.of)]) {
      expect(files.size).toBe(1);
      for (const path of files.keys()) {
        expect(isTestPath(path, language)).toBe(true);
        expect(toy.of.baseEntries.map((entry) => entry.path)).not.toContain(path);
        expect(path.startsWith(language === "go" ? "sub/" : "tests/")).toBe(true);
      }
      expect((await reviewOfFiles(toy.of, files)).kind).toBe("applied");
    }
  });

  it("overfit looks for the longest line gold adds, by a path that leads there", async () => {
    const [[path = "", content] = []] = await overfitTest(toy.of);
    const text = content?.toString("utf8") ?? "";
    expect(text).toMatch(/compute_everything|computed\(1\)/);
    const gold = Object.keys(samples[language].gold)[0] ?? "";
    const relative = language === "go" ? "a.go" : `../${gold}`;
    expect(text).toContain(JSON.stringify(relative));
    expect(newTestPath(toy.of, "x")).not.toBe(path);
  });
});

const ask = {
  call: { battleId: "b", round: 1 },
  turn: 0,
  feedback: [],
  seed: "s",
  retrieval: noRetrieval,
} as const;
const reviewed = (player: Player, toy: TestCase) => player.review({ ...ask, of: toy.of, hintMode: "none" });

describe("controls", () => {
  const hidden = { "tests/test_h.py": "def test_h():\n    assert 1\n" };
  let toy: TestCase;
  beforeAll(async () => {
    toy = await testCase({ ...samples.python, hidden });
  });
  afterAll(() => toy[Symbol.asyncDispose]());
  const find = async () => "mutant-tree";

  it("gold gives the gold tree and H", async () => {
    const player = controlPlayer("gold", find);
    expect((await player.submit({ ...ask, of: toy.of })).answer).toEqual({
      kind: "tree",
      tree: toy.of.goldTree,
    });
    expect((await reviewed(player, toy)).answer).toEqual({
      kind: "files",
      files: toy.of.hidden,
      bounded: false,
    });
  });

  it("empty gives nothing, trivial and overfit review only", async () => {
    for (const name of ["empty", "trivial", "overfit"] as const) {
      const player = controlPlayer(name, find);
      expect((await player.submit({ ...ask, of: toy.of })).answer).toMatchObject({
        kind: "patch",
        patch: "",
      });
    }
    expect((await reviewed(controlPlayer("empty", find), toy)).answer).toMatchObject({ patch: "" });
    expect((await reviewed(controlPlayer("trivial", find), toy)).answer).toMatchObject({ bounded: true });
  });

  it("mutant gives what was found, H less one assertion, and nothing where it cannot", async () => {
    const player = controlPlayer("mutant", find);
    expect((await player.submit({ ...ask, of: toy.of })).answer).toMatchObject({ tree: "mutant-tree" });
    const none = controlPlayer("mutant", async () => undefined);
    expect((await none.submit({ ...ask, of: toy.of })).answer).toMatchObject({ kind: "patch", patch: "" });
    const { answer } = await reviewed(player, toy);
    const files = answer.kind === "files" ? answer.files : new Map();
    expect(files.get("tests/test_h.py")?.toString("utf8")).toBe("def test_h():\n    pass\n");
    await using bare = await testCase({ ...samples.python, hidden: { "tests/test_h.py": "import pkg\n" } });
    expect((await reviewed(player, bare)).answer).toMatchObject({ files: new Map() });
  });

  it("mutant finds an assertion to take away in every bundled issue", async () => {
    const home = new URL("../../../issues/smoke/1/instances/", import.meta.url);
    for (const name of await readdir(home)) {
      const patch = await readFile(new URL(`${name}/test.patch`, home), "utf8");
      const { language } = JSON.parse(await readFile(new URL(`${name}/instance.json`, home), "utf8"));
      const added = patch.split("\n").filter((line) => line.startsWith("+") && !line.startsWith("+++"));
      const text = added.map((line) => line.slice(1)).join("\n");
      expect([name, withoutOneAssertion(text, language, random())]).not.toContain(undefined);
    }
  });
});

describe("replay", () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "arena-replay-test-"));
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  const write = async (text: string): Promise<string> => {
    const file = join(home, "answers.jsonl");
    await writeFile(file, text);
    return file;
  };

  it("gives the lines of a key in turn, and abstains where there is none", async () => {
    await using toy = await testCase(samples.python);
    const line = (role: string, patch: string) => JSON.stringify({ instance_id: "toy-1", role, patch });
    const lines = [line("submitter", "p1"), "", line("reviewer", "t1"), line("submitter", "p2")];
    const player = await replayPlayer(await write(lines.join("\n")));
    const submitted = async (turn: number) => (await player.submit({ ...ask, of: toy.of, turn })).answer;
    expect(await submitted(0)).toMatchObject({ patch: "p1" });
    expect(await submitted(1)).toMatchObject({ patch: "p2" });
    expect(await submitted(2)).toMatchObject({ patch: "p1" });
    expect((await reviewed(player, toy)).answer).toMatchObject({ patch: "t1" });
    const empty = await replayPlayer(await write(""));
    expect((await reviewed(empty, toy)).answer).toMatchObject({ patch: "" });
  });

  it.each([
    ["{broken", /answers\.jsonl:1: expected one JSON object/],
    ['{"instance_id": "a", "role": "judge", "patch": ""}', /:1: field role/],
    ['{"instance_id": "a", "role": "reviewer"}', /:1: field patch/],
    ["[]", /:1: field \(line\)/],
  ])("refuses %j with the line and the field", async (text, message) => {
    await expect(write(text).then(replayPlayer)).rejects.toThrow(message);
  });

  it("refuses a file that cannot be read", async () => {
    await expect(replayPlayer(join(home, "nowhere"))).rejects.toThrow(/cannot read the replay file/);
  });
});
