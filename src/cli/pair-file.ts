// What a person wrote for `arena a1`: the file of a pair, and files of questions, every mistake with its line.
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "../domain/fault.ts";
import {
  type PairConfiguration,
  parsePair,
  parseQuestions,
  type Question,
  withShuffledChoices,
} from "../inference/index.ts";

async function textOf(path: string, what: string): Promise<string> {
  return await readFile(path, "utf8").catch((cause: unknown) => {
    const why = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
    throw new UsageError(`cannot read ${what} ${path}${why}`, { cause });
  });
}

/** @throws UsageError with every problem of the file */
export async function readPair(path: string): Promise<PairConfiguration> {
  const parsed = parsePair(await textOf(path, "the pair's file"), { file: path, base: dirname(path) });
  if (parsed.ok) return parsed.configuration;
  const lines = parsed.problems.map(
    ({ file, line, field, expected, found }) =>
      `${file}:${line}: ${field}: expected ${expected}, found ${found}`,
  );
  throw new UsageError(lines.join("\n"));
}

/**
 * Questions of a file, choices in an order that the seed draws; bad lines are noted and left out.
 * @throws UsageError where no line is a question
 */
export async function readQuestions(
  path: string,
  { seed, limit, note }: { readonly seed: string; readonly limit?: number; note(line: string): void },
): Promise<readonly Question[]> {
  const { questions, problems } = parseQuestions(await textOf(path, "the questions"));
  for (const { line, field, expected, found } of problems)
    note(`${path}:${line}: ${field}: expected ${expected}, found ${found}; left out`);
  if (questions.length === 0) throw new UsageError(`${path}: expected questions, one JSON object a line`);
  return questions.slice(0, limit).map((question) => withShuffledChoices(question, seed));
}
