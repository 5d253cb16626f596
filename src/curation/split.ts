// Decides again which files of a pull request are tests: published splits go by substring ("latest.py" is no test).
import type { Language } from "../domain/instance.ts";
import { isTestPath } from "../domain/paths.ts";
import { isWrittenIn } from "./languages.ts";
import { type PatchFile, patchFiles, patchOf } from "./patches.ts";

export interface Split {
  readonly goldPatch: string;
  readonly testPatch: string;
  readonly goldPaths: readonly string[];
  readonly repaired: readonly string[];
  readonly unrepaired: readonly string[];
}

/** A folder that holds what tests need, though the language has no rule for it. */
const testFolder =
  /^(tests?|testing|test[-_]?suite|testdata|testutils?|test[-_]utils?|e2e|integration[-_]?tests?|fixtures?|snapshots?|__snapshots__)$/i;

/** A source file that may be tests, by its own name. */
const testStem = /^(tests?|unittests?)\.[a-z+]+$/i;

/** What test code says, in changed lines or those around them. */
const testCode: Readonly<Record<Language, RegExp>> = {
  cpp: /\b(TEST|TEST_F|TEST_P|TEST_CASE|SCENARIO|BOOST_AUTO_TEST_CASE|CHECK|REQUIRE|assert|(EXPECT|ASSERT)_[A-Z]+)\s*\(/,
  python: /^\s*(async\s+)?def test|^\s*assert\s|self\.assert|\bpytest\b|\bunittest\b/,
  rust: /#\[(\w+::)*test\b|#\[cfg\(test\)\]|\bassert(_eq|_ne)?!|\binsta::/,
  go: /^func (Test|Benchmark|Example|Fuzz)|\bt\.(Error|Fatal|Run)|\btesting\.T\b/,
};

function saysTest(file: PatchFile, language: Language): boolean {
  const lines = file.text.split("\n").filter((line) => /^[ +-]/.test(line));
  return lines.some((line) => testCode[language].test(line.slice(1)));
}

type Verdict = "test" | "gold" | "kept-test";

/** `kept-test`: no rule of the language says test, but the row does and its place or its text agrees. */
function verdictOn(file: PatchFile, language: Language, statedTest: boolean): Verdict {
  if (isTestPath(file.path, language)) return "test";
  if (!statedTest) return "gold";
  const parts = file.path.split("/");
  const name = parts.pop() ?? "";
  // Data of tests that ends up in the gold patch would be missing from every other solution.
  if (!isWrittenIn(name, language) || parts.some((part) => testFolder.test(part))) return "kept-test";
  return testStem.test(name) && saysTest(file, language) ? "kept-test" : "gold";
}

/**
 * Splits the files of `patch` and `testPatch` again by the language's own convention. A file the row calls a test
 * stays one when it is no source file, or when its folder or its text say so; that is reported as `unrepaired`, for a person to look at.
 */
export function splitAgain(patch: string, testPatch: string, language: Language): Split {
  const gold: PatchFile[] = [];
  const tests: PatchFile[] = [];
  const repaired: string[] = [];
  const unrepaired: string[] = [];
  const place = (file: PatchFile, statedTest: boolean): void => {
    const verdict = verdictOn(file, language, statedTest);
    if (verdict === "gold") gold.push(file);
    else tests.push(file);
    if (verdict === "gold" && statedTest)
      repaired.push(`moved ${file.path} from the tests to the gold patch`);
    if (verdict === "test" && !statedTest)
      repaired.push(`moved ${file.path} from the gold patch to the tests`);
    if (verdict === "kept-test") {
      unrepaired.push(
        `${file.path} is no test by ${language}'s convention, yet looks like one: kept as a test`,
      );
    }
  };
  for (const file of patchFiles(patch)) place(file, false);
  for (const file of patchFiles(testPatch)) place(file, true);
  return {
    goldPatch: patchOf(gold),
    testPatch: patchOf(tests),
    goldPaths: gold.map((file) => file.path),
    repaired,
    unrepaired,
  };
}
