// Mutants of our own small sources: all of them as golden files, and what holds of every one. `vitest -u` accepts a change.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { languages } from "../../../src/domain/instance.ts";
import { seededRandom } from "../../../src/domain/random.ts";
import {
  type Mutant,
  mutantName,
  mutantsOf,
  mutated,
  openSyntax,
  operators,
  type Syntax,
} from "../../../src/mutants/index.ts";
import { withTree } from "../../../src/mutants/syntax.ts";
import { root } from "../../support/source.ts";

const files = { cpp: "ledger.cpp", python: "ledger.py", rust: "ledger.rs", go: "ledger.go" } as const;
const everywhere = (text: string) => new Set(text.split("\n").map((_, index) => index + 1));

describe.each(languages)("%s", (language) => {
  const path = files[language];
  const text = readFileSync(join(root, "test", "fixtures", "mutants", path), "utf8");
  let syntax: Syntax;
  beforeAll(async () => {
    syntax = await openSyntax(language);
  });
  const all = (over: Partial<Parameters<typeof mutantsOf>[1]> = {}): readonly Mutant[] =>
    mutantsOf(syntax, {
      ...{ text, lines: everywhere(text), random: seededRandom("s"), limit: 1000 },
      ...over,
    });

  it("has these mutants", async () => {
    const inOrder = [...all()].sort((one, other) => one.start - other.start || one.end - other.end);
    const told = inOrder.map((mutant) => mutantName(path, mutant));
    expect(new Set(told).size).toBe(told.length);
    await expect(`${told.join("\n")}\n`).toMatchFileSnapshot(
      join(root, "test", "golden", "mutants", `${language}.txt`),
    );
  });

  it("knows every operator", () => {
    expect(new Set(all().map(({ operator }) => operator))).toEqual(new Set(operators));
  });

  it("changes one place, on wanted lines, into a text that parses", () => {
    const found = all();
    expect(found.length).toBeGreaterThan(20);
    for (const mutant of found) {
      const changed = mutated(text, mutant);
      expect(changed).not.toBe(text);
      expect(changed.slice(0, mutant.start)).toBe(text.slice(0, mutant.start));
      expect(changed.slice(mutant.start + mutant.after.length)).toBe(text.slice(mutant.end));
      expect(withTree(syntax, changed, ({ hasError }) => hasError)).toBe(false);
    }
    expect(new Set(found.map((mutant) => mutated(text, mutant))).size).toBe(found.length);
  });

  it("keeps to the lines it is given", () => {
    for (const line of everywhere(text)) {
      const own = all({ lines: new Set([line]) });
      for (const { start, end, line: at } of own) {
        expect(at).toBe(line);
        expect(text.slice(start, end)).not.toContain("\n");
      }
    }
    expect(all({ lines: new Set([1, 9999]) })).toEqual([]);
  });

  it("comes in the seed's order, one of every line before a second of any", () => {
    const order = (seed: string) =>
      all({ random: seededRandom(seed) }).map(({ start, after }) => [start, after]);
    expect(order("a")).toEqual(order("a"));
    expect(order("a")).not.toEqual(order("b"));
    const few = all({ limit: 8 });
    expect(few).toEqual(all().slice(0, 8));
    expect(new Set(few.map(({ line }) => line)).size).toBe(8);
  });

  it("parses with errors only what had them before", () => {
    const broken = `${text}\n)))((\n`;
    expect(withTree(syntax, broken, ({ hasError }) => hasError)).toBe(true);
    expect(
      mutantsOf(syntax, { text: broken, lines: everywhere(broken), random: seededRandom("s"), limit: 9 }),
    ).toHaveLength(9);
  });
});

it("gives up a text that is too long", async () => {
  const text = "x = 1 < 2\n".repeat(60_000);
  const request = { text, lines: new Set([1]), random: seededRandom("s"), limit: 9 };
  expect(mutantsOf(await openSyntax("python"), request)).toEqual([]);
});

it("gives up a text made to be slow by what it costs, not by how long that takes, and reads on", async () => {
  const mutantsAfter = async (language: "rust" | "cpp", start: string) => {
    const text = `${start}\nfn f() { 1 < 2; }\n`;
    const lines = new Set([text.split("\n").length - 1]);
    return mutantsOf(await openSyntax(language), { text, lines, random: seededRandom("s"), limit: 9 }).length;
  };
  // The native parser takes more than 2 s for these: a clock would give them up on one host and not on another.
  expect(await mutantsAfter("rust", "'''\n".repeat(15_000))).toBeGreaterThan(0);
  expect(await mutantsAfter("cpp", "a<b<".repeat(15_000))).toBe(0);
  expect(await mutantsAfter("cpp", "")).toBeGreaterThan(0);
});

it("follows nesting as deep as source goes, and no deeper", async () => {
  const text = `${"if x:\n".repeat(1)}    y = ${"(".repeat(5000)}1 < 2${")".repeat(5000)}\n`;
  const request = { text, lines: new Set([2]), random: seededRandom("s"), limit: 9 };
  expect(mutantsOf(await openSyntax("python"), request).map(({ operator }) => operator)).toEqual([
    "removed-statement",
  ]);
});
