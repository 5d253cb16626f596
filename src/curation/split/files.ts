// Parts the files of a pull request into fix and hidden tests: as the row states it, or again where it went by substring.
import type { Language } from "../../domain/instance.ts";
import { isTestName, isTestPath } from "../../domain/paths.ts";
import { isWrittenIn } from "../languages.ts";
import { type PatchFile, patchFiles, patchOf } from "../patches.ts";

/** `stated`: the set's authors ran the row split like this. `substring`: by "test" anywhere in a path. */
export type SplitBy = "stated" | "substring";

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

/** The first few, for a person. */
export function listed(paths: readonly string[]): string {
  const more = paths.length > 4 ? ` and ${paths.length - 4} more` : "";
  return `${paths.slice(0, 4).join(", ")}${more}`;
}

/** Where our path policy (docs/path-policy.md) and the stated split disagree, and what will come of it. */
function doubts(gold: readonly string[], tests: readonly string[], language: Language): string[] {
  const both = gold.filter((path) => tests.includes(path));
  const odd = tests.filter((path) => !isTestPath(path, language));
  const named = gold.filter((path) => isTestName(path, language));
  const inFolder = gold.filter((path) => isTestPath(path, language) && !named.includes(path));
  const said: readonly (readonly [readonly string[], string])[] = [
    [both, `both patches change ${listed(both)}: a case with a file in both is refused when it is opened`],
    [odd, `${listed(odd)} in the test patch: no test by ${language}'s convention, kept with the tests`],
    [
      inFolder,
      `${listed(inFolder)} in a folder of tests, yet in the gold patch: kept there; files a submission adds beside them are put back`,
    ],
    named.length < gold.length
      ? [named, `named as tests, yet in the gold patch: every submission is given ${listed(named)}`]
      : [
          named,
          "all files of the gold patch are named as tests: gold is no valid submission, and others are given the whole fix",
        ],
  ];
  return said.filter(([paths]) => paths.length > 0).map(([, text]) => text);
}

/** Takes both patches as they are: a moved file would put half of the fix into the hidden tests, or these into the fix. */
function asStated(patch: string, testPatch: string, language: Language): Split {
  const goldPaths = patchFiles(patch).map((file) => file.path);
  const testPaths = patchFiles(testPatch).map((file) => file.path);
  return {
    goldPatch: patch,
    testPatch,
    goldPaths,
    repaired: [],
    unrepaired: doubts(goldPaths, testPaths, language),
  };
}

/**
 * Splits the files of `patch` and `testPatch` again by the language's own convention. A file the row calls a test
 * stays one when it is no source file, or when its folder or its text say so; that is reported as `unrepaired`, for a person to look at.
 */
function splitAgain(patch: string, testPatch: string, language: Language): Split {
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

export interface Patches {
  readonly patch: string;
  readonly testPatch: string;
  readonly splitBy: SplitBy;
}

/** The fix and the hidden tests of a row, with what was moved and what is doubtful. */
export function splitOf({ patch, testPatch, splitBy }: Patches, language: Language): Split {
  return splitBy === "stated" ? asStated(patch, testPatch, language) : splitAgain(patch, testPatch, language);
}
