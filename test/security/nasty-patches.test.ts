// Hundreds of nasty patches: whatever a contestant writes is an answer, a tree that can be laid out, and never a fault.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { candidateOfPatch, candidateOfTree } from "../../src/arena/candidate.ts";
import { deltaLayer } from "../../src/arena/layers.ts";
import { reviewOfFiles, reviewOfPatch } from "../../src/arena/review.ts";
import { type Random, seededRandom } from "../../src/domain/random.ts";
import { buffers, type TestCase, testCase } from "../support/arena-case.ts";

const base = {
  "pkg/core.py": "def f():\n    return 1\n",
  "pkg/sub/a.py": "a = 1\n",
  "run.sh": "echo\n",
  "tests/test_core.py": "def test_f():\n    assert True\n",
  "data.bin": "\0\u0001",
};
const gold = { "pkg/core.py": "def f():\n    return 2\n" };

let toy: TestCase;
beforeAll(async () => {
  toy = await testCase({ base, gold, links: { link: "pkg", dangling: "/nowhere" } });
});
afterAll(() => toy[Symbol.asyncDispose]());

const pick = <T>(random: Random, list: readonly T[]): T => {
  const chosen = list[random.integer(list.length)];
  if (chosen === undefined) throw new Error("expected something to pick from");
  return chosen;
};

const names: readonly string[] = [
  ...Object.keys(base),
  "link",
  "link/core.py",
  "dangling",
  "pkg",
  "pkg/core.py/below.py",
  "pkg/sub/test_a.py",
  "pkg//core.py",
  "./pkg/core.py",
  "../up.py",
  "/abs.py",
  ".git/config",
  ".GIT/config",
  "git~1/config",
  ".git /config",
  ".git./test_a.py",
  "tests",
  "tests/",
  "tests/test_core.py/test_b.py",
  "tests/.git/test_a.py",
  "tests/git~1/test_a.py",
  "tests/test_trailing. ",
  "con",
  "aux.py",
  "a b.py",
  " ",
  "",
  ".",
  "..",
  "-",
  "--help",
  "tests/-k_test.py",
  ":(glob)*",
  "*.py",
  '"quoted.py',
  "tests/\u202etest_a.py",
  "ünï/ç.py",
  "tests/e\u0301_test.py",
  "A".repeat(255),
  "A".repeat(256),
  `tests/${"ü".repeat(127)}.py`,
  `tests/test_${"ü".repeat(127)}.py`,
  Array.from({ length: 300 }, () => "d").join("/"),
  Array.from({ length: 3000 }, () => "d").join("/"),
  `tests/${"d/".repeat(250)}test_a.py`,
  '"z\\377.py"',
  '"tests/test_\\377.py"',
  '"a\\nb.py"',
  '"tests/a\\000b.py"',
  '"\\400.py"',
  '"pkg\\\\core.py"',
  "CON:stream",
  "tests/a::$INDEX_ALLOCATION/test_a.py",
];
const modes: readonly string[] = [
  "100644",
  "100755",
  "120000",
  "160000",
  "040000",
  "000000",
  "100666",
  "107777",
  "777777",
  "1",
  "-1",
  "x",
  "",
  "99999999999999999999",
];
const counts: readonly string[] = [
  "1",
  "0",
  "1,1",
  "0,0",
  "1,2",
  "1,99999999999999999999",
  "4294967295",
  "-1",
  "1,-1",
  "x",
];
const zeros = "0".repeat(40);
const objects: readonly string[] = [
  zeros,
  "1".repeat(40),
  "0",
  "",
  "HEAD",
  "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
];
const bodies: readonly string[] = [
  "-def f():\n+def g():\n",
  "+x = 1\n",
  "-a = 1\n+a = 2\n",
  "+\0\n",
  "+\u0001\u001b[31m\r\n",
  "+x\n\\ No newline at end of file\n",
  "\\ No newline at end of file\n",
  `+Subproject commit ${zeros}\n`,
  `+Subproject commit ${"1".repeat(40)}\n`,
  "+Subproject commit\n",
  "+/etc/passwd\n\\ No newline at end of file\n",
  " \n",
  "\n",
  "",
  "garbage\n",
];
const packed: readonly string[] = [
  "literal 0\nHcmV?d00001\n\nliteral 0\nHcmV?d00001\n",
  "literal 3\nKcmZQzU|?fm00IC4\n\n",
  "literal 3\nzzzz\n\n",
  "literal -1\nHcmV?d00001\n\n",
  "literal 99999999999999999999999\nHcmV?d00001\n\n",
  "delta 3\nHcmV?d00001\n\n",
  "literal\n",
  "",
];

/** A path with git's prefix, inside its quotes where it has them. */
const side = (prefix: string, path: string): string =>
  path.startsWith('"') && path.endsWith('"') ? `"${prefix}${path.slice(1)}` : `${prefix}${path}`;

type Shape = (random: Random, from: string, to: string) => string;

const header: Shape = (_, from, to) => `diff --git ${side("a/", from)} ${side("b/", to)}\n`;
const text = (random: Random): string => (random.next() < 0.6 ? "+x = 1\n" : pick(random, bodies));
const mode = (random: Random): string => (random.next() < 0.5 ? "100755" : pick(random, modes));
/** Parts that are well-formed for themselves; what they say may be absurd. */
const shapes: readonly Shape[] = [
  (random, _, to) => adds(to, "100644").replace("+x = 1\n", text(random)),
  (random, _, to) => adds(to, mode(random)).replace("+x = 1\n", text(random)),
  (random, from) =>
    `--- ${side("a/", from)}\n+++ ${side("b/", from)}\n@@ -1,2 +1,2 @@\n-def f():\n+def g():\n     return 1\n`.repeat(
      1 + random.integer(2),
    ),
  (random, from, to) =>
    `--- ${side("a/", from)}\n+++ ${side("b/", to)}\n@@ -${pick(random, counts)} +${pick(random, counts)} @@\n${text(random)}`,
  (random, from, to) => {
    const verb = pick(random, ["copy", "rename"]);
    const similarity = pick(random, ["100%", "100%", "0%", "-5%", "999%"]);
    return `${header(random, from, to)}similarity index ${similarity}\n${verb} from ${from}\n${verb} to ${to}\n`;
  },
  (random, from) => `${header(random, from, from)}old mode 100644\nnew mode ${mode(random)}\n`,
  (random, from) =>
    `${header(random, from, from)}deleted file mode 100644\n--- ${side("a/", from)}\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-def f():\n-    return 1\n`,
  (random, _, to) =>
    `${header(random, to, to)}new file mode ${mode(random)}\nindex ${zeros}..${pick(random, objects)}\nGIT binary patch\n${pick(random, packed)}`,
];

function nasty(random: Random): string {
  const known = (): string => pick(random, random.next() < 0.85 ? Object.keys(base) : names);
  const part = (): string => pick(random, shapes)(random, known(), pick(random, names));
  const patch = Array.from({ length: 1 + random.integer(2) }, part).join("");
  const fate = random.next();
  if (fate < 0.1) return patch.slice(0, random.integer(patch.length));
  if (fate < 0.15) return patch.replaceAll("\n", "\r\n");
  const lines = patch.split("\n");
  if (fate < 0.25) lines.splice(random.integer(lines.length), 1, pick(random, patch.split("\n")));
  return lines.join("\n");
}

/** A valid addition under a nasty name: what gets furthest. */
const adds = (name: string, mode: string): string =>
  `diff --git ${side("a/", name)} ${side("b/", name)}\nnew file mode ${mode}\n--- /dev/null\n+++ ${side("b/", name)}\n@@ -0,0 +1 @@\n+x = 1\n`;

const seen = new Map<string, number>();

async function mustAnswer(patch: string): Promise<void> {
  const candidate = await candidateOfPatch(toy.of, patch);
  const review = await reviewOfPatch(toy.of, patch);
  for (const answer of [candidate, review]) {
    const code = answer.kind === "rejected" ? (answer.reasons[0]?.code ?? "none") : answer.kind;
    seen.set(code, (seen.get(code) ?? 0) + 1);
  }
  const { repository, baseTree, goldTree } = toy.of;
  const trees = candidate.kind === "applied" ? [candidate.tree] : [];
  if (review.kind === "applied") {
    for (const under of [...trees, goldTree]) trees.push(await repository.withFiles(under, review.files));
  }
  for (const tree of trees) {
    await repository.diff(baseTree, tree);
    await (await deltaLayer(repository, baseTree, tree)).dispose();
  }
}

async function all(patches: readonly string[]): Promise<void> {
  for (const patch of patches) {
    await mustAnswer(patch).catch((cause: unknown) => {
      throw new Error(`a fault for the patch ${JSON.stringify(patch.slice(0, 2000))}: ${String(cause)}`, {
        cause,
      });
    });
  }
}

describe("a nasty patch", () => {
  it("is answered, whatever name it adds", async () => {
    await all(names.map((name) => adds(name, "100644")));
  }, 120_000);

  it("is answered, whatever mode it gives", async () => {
    await all(modes.flatMap((mode) => [adds("pkg/new.py", mode), adds("tests/test_new.py", mode)]));
  }, 120_000);

  it.each(["a", "b"])(
    "is answered, whatever it is put together of (%s)",
    async (seed) => {
      const random = seededRandom(`nasty ${seed}`);
      await all(Array.from({ length: 100 }, () => nasty(random)));
    },
    180_000,
  );

  it("takes many shapes: refused and applied ones are among them", () => {
    for (const code of ["applied", "does-not-apply", "unsafe-path", "protected-path", "not-a-test-path"]) {
      expect(seen.get(code) ?? 0, code).toBeGreaterThan(0);
    }
  });

  it("is no worse when it is given as files", async () => {
    for (const name of names) {
      const path = `tests/${name}`;
      const review = await reviewOfFiles(toy.of, buffers({ [path]: "x = 1\n" }));
      if (review.kind !== "applied") continue;
      const tree = await toy.of.repository.withFiles(toy.of.goldTree, review.files);
      expect(await toy.text(tree, path), path).toBe("x = 1\n");
      expect((await candidateOfTree(toy.of, tree)).kind).toBe("applied");
    }
  }, 60_000);
});
