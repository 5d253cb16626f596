// Holds docs/path-policy.md and the code together: every example the document gives is enforced as it says.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Language, languages } from "../../../src/domain/instance.ts";
import { forbiddenManifestLines, isManifest } from "../../../src/domain/manifests.ts";
import { isProtectedPath, isTestPath, protectionOf, unsafePath } from "../../../src/domain/paths.ts";
import { shadowed } from "../../../src/domain/shadowing.ts";

const text = readFileSync(new URL("../../../docs/path-policy.md", import.meta.url), "utf8");
const headings: Readonly<Record<string, readonly Language[]>> = {
  "Every language": languages,
  Python: ["python"],
  Rust: ["rust"],
  Go: ["go"],
  "C++": ["cpp"],
};

interface Example {
  readonly language: Language;
  readonly rule: string;
  readonly manifest: string;
  readonly example: string;
}

function examples(): Example[] {
  return text.split(/^## /m).flatMap((section) => {
    const [heading = "", ...lines] = section.split("\n");
    return (headings[heading] ?? []).flatMap((language) =>
      lines.flatMap((line) => {
        const [, head = "", listed = ""] = /^- \*\*(.*?)\*\*: (.*)$/.exec(line) ?? [];
        const [, rule = head, manifest = ""] = /^(.*) in `(.*)`$/.exec(head) ?? [];
        const found = [...listed.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
        return found.map((example) => ({ language, rule, manifest, example }));
      }),
    );
  });
}

const all = examples();
const of = (rule: string): (readonly [Language, string])[] =>
  all.filter((each) => each.rule === rule).map(({ language, example }) => [language, example]);

/** `[section] line`, put below that section's header; a CMake section is an open command. */
function problemsOf({ language, manifest, example }: Example): string[] {
  const [, section, line = example] = /^(\[.*?\]+)\s(.*)$/.exec(example) ?? [];
  const header = language === "cpp" ? section?.slice(1, -1) : section;
  const tail = language === "cpp" && section !== undefined ? ")\n" : "";
  const before = header === undefined ? "\n" : `${header}\n${tail}`;
  const after = header === undefined ? `${line}\n` : `${header}\n${line}\n${tail}`;
  const basePaths = new Set([manifest]);
  return forbiddenManifestLines({ path: manifest, language, before, after, gold: undefined, basePaths });
}

describe("docs/path-policy.md", () => {
  it("gives examples of every rule", () => {
    const rules = new Map<string, number>();
    for (const { rule } of all) rules.set(rule, (rules.get(rule) ?? 0) + 1);
    expect([...rules.keys()].sort()).toEqual([
      "Build",
      "Free",
      "Lines free",
      "Lines refused",
      "Manifests",
      "No shadow",
      "Not tests",
      "Runner",
      "Shadows",
      "Tests",
    ]);
    expect(all.length).toBeGreaterThan(200);
  });

  it.each(of("Tests"))("%s: %s is a test", (language, path) => {
    expect(isTestPath(path, language)).toBe(true);
  });

  it.each(of("Not tests"))("%s: %s is no test, and the contestant's own", (language, path) => {
    expect(isTestPath(path, language)).toBe(false);
    expect(isProtectedPath(path, language)).toBe(false);
  });

  it.each(of("Runner"))("%s: %s belongs to the runner", (language, path) => {
    expect(protectionOf(path, language)).toBe("runner");
    expect(isProtectedPath(path, language)).toBe(true);
  });

  it.each(of("Build"))("%s: %s belongs to the build", (language, path) => {
    expect(protectionOf(path, language)).toBe("build");
    expect(isProtectedPath(path, language)).toBe(true);
  });

  it.each(of("Free"))("%s: %s is free", (language, path) => {
    expect(protectionOf(path, language)).toBeUndefined();
    expect(isTestPath(path, language)).toBe(false);
    expect(isManifest(path, language)).toBe(false);
    expect(unsafePath(path)).toBeUndefined();
  });

  it.each(of("Shadows"))("%s: %s would be taken for something else", (language, path) => {
    expect(shadowed(path, language, new Set(["src/lib.py"]))).not.toBeUndefined();
  });

  it.each(of("No shadow"))("%s: %s is taken for nothing else", (language, path) => {
    expect(shadowed(path, language, new Set(["src/lib.py"]))).toBeUndefined();
  });

  it.each(of("Manifests"))("%s: %s is a manifest", (language, path) => {
    expect(isManifest(path, language)).toBe(true);
  });

  const lines = (rule: string) =>
    all.filter((each) => each.rule === rule).map((each) => [each.manifest, each.example, each] as const);

  it.each(lines("Lines free"))("%s may change by `%s`", (_manifest, _line, example) => {
    expect(problemsOf(example)).toEqual([]);
  });

  it.each(lines("Lines refused"))("%s may not change by `%s`", (_manifest, _line, example) => {
    expect(problemsOf(example)).toHaveLength(1);
  });
});
