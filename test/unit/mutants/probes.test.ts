// Aborts on changed lines: where they are put, as golden files, and what stays as it was. `vitest -u` accepts a change.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { languages } from "../../../src/domain/instance.ts";
import { openSyntax, probed, type Syntax } from "../../../src/mutants/index.ts";
import { withTree } from "../../../src/mutants/syntax.ts";
import { tables } from "../../../src/mutants/tables.ts";
import { root } from "../../support/source.ts";

const files = { cpp: "ledger.cpp", python: "ledger.py", rust: "ledger.rs", go: "ledger.go" } as const;
const everywhere = (text: string) => new Set(text.split("\n").map((_, index) => index + 1));

describe.each(languages)("%s", (language) => {
  const text = readFileSync(join(root, "test", "fixtures", "mutants", files[language]), "utf8");
  const { abort } = tables[language];
  let syntax: Syntax;
  beforeAll(async () => {
    syntax = await openSyntax(language);
  });
  const textOf = (lines: ReadonlySet<number>): string | undefined => {
    const found = probed(syntax, text, lines);
    return found.kind === "probed" ? found.text : undefined;
  };

  it("puts an abort before every statement of a function", async () => {
    const all = textOf(everywhere(text)) ?? "";
    await expect(all).toMatchFileSnapshot(join(root, "test", "golden", "mutants", `${language}-probed.txt`));
    expect(withTree(syntax, all, ({ hasError }) => hasError)).toBe(false);
  });

  it("takes nothing away, and adds aborts and braces alone", () => {
    const bare = (each: string) => each.replace(/[{}\s]/g, "");
    const without = (textOf(everywhere(text)) ?? "").replaceAll(abort, "");
    expect(bare(without)).toBe(bare(text));
  });

  it("puts none where no call leads: outside functions, in comments, on no line", () => {
    for (const lines of [new Set([1, 2, 3, 4]), new Set<number>(), new Set([9999])]) {
      expect(probed(syntax, text, lines)).toEqual({ kind: "nothing" });
    }
  });

  it("reaches a statement by its head, not by what is within its blocks", () => {
    const at = text.split("\n").findIndex((line) => /\bfor\b/.test(line)) + 1;
    const once = textOf(new Set([at])) ?? "";
    expect(once.split(abort)).toHaveLength(2);
    const line = once.split("\n").findIndex((each) => each.includes(abort)) + 1;
    expect(line).toBe(at);
    // A closing brace, an `else`, a comment: lines that are not run by themselves.
    const quiet = text.split("\n").findIndex((each) => /^\s*(\}|# nothing to do)$/.test(each)) + 1;
    expect(probed(syntax, text, new Set([quiet]))).toEqual({ kind: "nothing" });
  });
});

it("says what it cannot read", async () => {
  const long = "def f():\n    x = 1\n".repeat(30_000);
  expect(probed(await openSyntax("python"), long, new Set([2]))).toEqual({ kind: "unparsed" });
});

it.each([
  [
    "cpp",
    "int f(int x) {\n  if (x)\n    return 1;\n  else g();h();\n}\n",
    3,
    "int f(int x) {\n  if (x)\n    { A return 1; }\n  else g();h();\n}\n",
  ],
  [
    "cpp",
    "int f(int x) {\n  if (x) return 1;\n  else g();h();\n}\n",
    3,
    "int f(int x) {\n  if (x) return 1;\n  else { A g(); }A h();\n}\n",
  ],
  [
    "rust",
    "fn f(x: u8) -> u8 {\n    match x {\n        0 => 1,\n        _ => g(x),\n    }\n}\n",
    4,
    "fn f(x: u8) -> u8 {\n    match x {\n        0 => 1,\n        _ => { A g(x) },\n    }\n}\n",
  ],
  [
    "go",
    "func f() {\n\tx := 1\n\tif y := g(); y {\n\t\th()\n\t}\n}\n",
    3,
    "func f() {\n\tx := 1\n\tA if y := g(); y {\n\t\th()\n\t}\n}\n",
  ],
  ["python", "def f(x):\n    if x:\n        g()\n    else:\n        h()\n", 4, "nothing"],
] as const)("%s: %j, line %i", async (language, text, line, expected) => {
  const found = probed(await openSyntax(language), text, new Set([line]));
  const told = found.kind === "probed" ? found.text.replaceAll(tables[language].abort, "A") : found.kind;
  expect(told).toBe(expected);
});

it("leaves a statement that shares its line with what comes before, in Python", async () => {
  const python = await openSyntax("python");
  const text = "def f(x):\n    if x: return 1\n";
  expect(probed(python, text, new Set([2]))).toMatchObject({ probes: 1 });
});
