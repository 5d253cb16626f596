// Keeps the texts of trusted tests from what a job runs before them: that may be judged code.
import { type RunnerContext, read, workDirectory, write } from "../../program.ts";
import type { Steps } from "./bench.ts";
import type { Command } from "./shell-words.ts";

/** What stands in a test's place: a file that a compiler or an importer takes, with nothing in it. */
const stubs: readonly (readonly [RegExp, (text: string) => string])[] = [
  [/\.go$/, (text) => `${/^package[ \t]+\w+/m.exec(text)?.[0] ?? "package main"}\n`],
  [/\.(?:py|rs)$/, () => ""],
];

const runsTests = ({ argv }: Command): boolean =>
  argv.some((word) => /(?:^|\/)(?:py\.?test|unittest|test|nextest|tox|nox)$/.test(word));

/**
 * Runs what comes before the tests. Code that saw the tests as they are could tell them from their twins later, and code
 * that rewrote them would be judged by its own; so their sources are empty meanwhile and written afresh afterwards.
 * Commands that run tests themselves find them as they are.
 */
export function* besideStubs<T>(
  { trustedTestFiles }: Pick<RunnerContext, "trustedTestFiles">,
  before: readonly Command[],
  run: () => Steps<T>,
): Steps<T> {
  if (before.length === 0) return yield* run();
  const texts: { readonly path: string; readonly text: string; readonly stub: string }[] = [];
  for (const file of trustedTestFiles) {
    const stub = stubs.find(([pattern]) => pattern.test(file))?.[1];
    const path = `${workDirectory}/${file}`;
    const text = stub === undefined ? undefined : yield* read(path, 4_000_000);
    if (stub !== undefined && text !== undefined) texts.push({ path, text, stub: stub(text) });
  }
  if (!before.some(runsTests)) for (const { path, stub } of texts) yield* write(path, stub);
  const result = yield* run();
  for (const { path, text } of texts) yield* write(path, text);
  return result;
}
