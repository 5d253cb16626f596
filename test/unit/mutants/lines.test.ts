// Lines that a diff adds, against git's own diffs of texts whose added lines are known, and against hostile ones.
import { expect, it } from "vitest";
import { addedLines } from "../../../src/mutants/index.ts";
import { testCase } from "../../support/arena-case.ts";

it("finds what git says was added, in every hunk of every file", async () => {
  const base = Array.from({ length: 60 }, (_, index) => `line ${index + 1}`);
  const changed = base.flatMap((line, index) => {
    if (index === 4) return [];
    if (index === 9) return ["+++ b/other.py", "@@ -1,1 +1,99 @@"];
    if (index === 50) return [line, "new"];
    return [line];
  });
  await using toy = await testCase({
    base: { "a.py": `${base.join("\n")}\n`, "b.py": "x\n", "gone.py": "y\n" },
    gold: { "a.py": changed.join("\n"), "b.py": "-- x\n-- y\n", "new.py": "z\n", "gone.py": undefined },
  });
  const { of } = toy;
  const found = addedLines(await of.repository.diff(of.baseTree, of.goldTree));
  const isNew = (line: string) => !base.includes(line);
  // The last line lost its end, which git counts as a change.
  const expected = changed.flatMap((line, index) =>
    isNew(line) || index === changed.length - 1 ? [index + 1] : [],
  );
  expect([...(found.get("a.py") ?? [])]).toEqual(expected);
  expect([...(found.get("b.py") ?? [])]).toEqual([1, 2]);
  expect([...(found.get("new.py") ?? [])]).toEqual([1]);
  expect([...found.keys()].sort()).toEqual(["a.py", "b.py", "new.py"]);
});

it("reads nothing from what is no diff", () => {
  expect(addedLines("").size).toBe(0);
  expect(addedLines("+++ b/a.py\n+x\n").size).toBe(0);
  expect(addedLines("@@ -1 +1 @@\n-a\n+b\n").size).toBe(0);
});
