// Test files the controls write: one that always passes, one that compares source text with gold.
import { posix } from "node:path";
import type { Language } from "../../domain/instance.ts";
import { isTestPath } from "../../domain/paths.ts";
import type { Case } from "../case.ts";

/** A test file that exists at base and stands for the repository's own conventions. */
function sampleTest(of: Case): string | undefined {
  const { language } = of.instance;
  const extension: Readonly<Record<Language, RegExp>> = {
    python: /(^|\/)test_[^/]*\.py$|_test\.py$/,
    // Below src/ a file is a test only where a module names it.
    rust: /^(?!(.*\/)?src\/).*(?<![^/])tests\/[^/]*\.rs$/,
    go: /_test\.go$/,
    cpp: /(^|\/)test_[^/]*\.(cpp|cc|cxx)$|_test\.(cpp|cc|cxx)$/,
  };
  return of.baseEntries
    .map((entry) => entry.path)
    .find((path) => isTestPath(path, language) && extension[language].test(path));
}

/** Where a new test file goes: beside the repository's own tests, or where the language looks by default. */
export function newTestPath(of: Case, stem: string): string {
  const sample = sampleTest(of);
  const defaults: Readonly<Record<Language, string>> = {
    python: "tests",
    rust: "tests",
    go: ".",
    cpp: "tests",
  };
  const folder = sample === undefined ? defaults[of.instance.language] : posix.dirname(sample);
  const names: Readonly<Record<Language, string>> = {
    python: `test_${stem}.py`,
    rust: `${stem}.rs`,
    go: `${stem}_test.go`,
    cpp: `test_${stem}.cpp`,
  };
  return posix.normalize(posix.join(folder, names[of.instance.language]));
}

async function goPackage(of: Case, path: string): Promise<string> {
  const folder = posix.dirname(path);
  const sibling = of.baseEntries.find(
    (entry) => posix.dirname(entry.path) === folder && entry.path.endsWith(".go"),
  );
  const text = sibling === undefined ? undefined : await of.repository.readFile(of.baseTree, sibling.path);
  return /^package\s+(\w+)/m.exec(text?.toString("utf8") ?? "")?.[1] ?? "main";
}

const usesUnittest = (of: Case): boolean => of.instance.ci.jobs.some((job) => job.runner === "unittest");

function pythonTest(
  of: Case,
  name: string,
  body: readonly string[],
  imports: readonly string[] = [],
): string {
  const head = [...imports, ...(usesUnittest(of) ? ["import unittest"] : [])];
  const preamble = head.length === 0 ? [] : [...head, "", ""];
  const test = [`def test_${name}(${usesUnittest(of) ? "self" : ""}):`, ...body.map((line) => `    ${line}`)];
  const placed = usesUnittest(of)
    ? ["class ControlTest(unittest.TestCase):", ...test.map((line) => `    ${line}`)]
    : test;
  return [...preamble, ...placed, ""].join("\n");
}

/** `trivial`: passes on any tree that builds. */
export async function trivialTest(of: Case): Promise<ReadonlyMap<string, Buffer>> {
  const path = newTestPath(of, "always_holds");
  const text: Readonly<Record<Language, () => Promise<string>>> = {
    python: async () => pythonTest(of, "always_holds", ["assert True"]),
    rust: async () => "#[test]\nfn always_holds() {\n    assert_eq!(1 + 1, 2);\n}\n",
    go: async () =>
      `package ${await goPackage(of, path)}\n\nimport "testing"\n\nfunc TestAlwaysHolds(t *testing.T) {\n\tif 1+1 != 2 {\n\t\tt.Fatal("arithmetic")\n\t}\n}\n`,
    cpp: async () => "int main() {\n    return 1 + 1 == 2 ? 0 : 1;\n}\n",
  };
  return new Map([[path, Buffer.from(await text[of.instance.language]())]]);
}

interface GoldLine {
  readonly path: string;
  readonly line: string;
}

/** Linters bound lines, and the line stands inside a test of ours. */
const longestGoldLine = 60;

function isTelling(line: string): boolean {
  return (
    line.length <= longestGoldLine && /^[\x20-\x7e]+$/.test(line) && !/["\\]|^(#|\/\/|\/\*|\*)/.test(line)
  );
}

/** The longest short code line gold adds: what a test that copies the fix instead of its behaviour would look for. */
async function goldLine(of: Case): Promise<GoldLine | undefined> {
  let longest: GoldLine | undefined;
  for (const path of of.goldPaths) {
    const before = (await of.repository.readFile(of.baseTree, path))?.toString("utf8").split("\n") ?? [];
    const after = (await of.repository.readFile(of.goldTree, path))?.toString("utf8").split("\n") ?? [];
    for (const line of after.filter((text) => !before.includes(text)).map((text) => text.trim())) {
      if (isTelling(line) && line.length > (longest?.line.length ?? 0)) longest = { path, line };
    }
  }
  return longest;
}

const upFrom = (path: string, target: string): string => posix.relative(posix.dirname(path), target);

/** `overfit`: passes only where the source text holds a line of the gold patch. Empty when gold adds no plain line. */
export async function overfitTest(of: Case): Promise<ReadonlyMap<string, Buffer>> {
  const gold = await goldLine(of);
  if (gold === undefined) return new Map();
  const path = newTestPath(of, "source_matches");
  const target = upFrom(path, gold.path);
  const wanted = JSON.stringify(gold.line);
  const text: Readonly<Record<Language, () => Promise<string>>> = {
    python: async () =>
      pythonTest(
        of,
        "source_matches",
        [
          `path = pathlib.Path(__file__).parent / ${JSON.stringify(target)}`,
          `wanted = ${wanted}`,
          "assert wanted in path.read_text()",
        ],
        ["import pathlib"],
      ),
    rust: async () =>
      `#[test]\nfn source_matches() {\n    let wanted = ${wanted};\n    assert!(include_str!(${JSON.stringify(target)}).contains(wanted));\n}\n`,
    go: async () =>
      `package ${await goPackage(of, path)}\n\nimport (\n\t"os"\n\t"strings"\n\t"testing"\n)\n\nfunc TestSourceMatches(t *testing.T) {\n\twanted := ${wanted}\n\tsource, err := os.ReadFile(${JSON.stringify(target)})\n\tif err != nil || !strings.Contains(string(source), wanted) {\n\t\tt.Fatal("the source differs")\n\t}\n}\n`,
    cpp: async () =>
      `#include <fstream>\n#include <sstream>\n#include <string>\n\nint main() {\n    const std::string here = __FILE__;\n    std::ifstream file(here.substr(0, here.rfind('/') + 1) + ${JSON.stringify(target)});\n    std::stringstream source;\n    source << file.rdbuf();\n    const std::string wanted =\n        ${wanted};\n    return source.str().find(wanted) == std::string::npos ? 1 : 0;\n}\n`,
  };
  return new Map([[path, Buffer.from(await text[of.instance.language]())]]);
}
