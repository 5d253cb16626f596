// Reads mutants as a worker does and tells what is wrong with the chunks; trees are collected on the way.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Digester } from "../../retriever/chunking/digest-of.ts";
import { type Grammar, type GrammarKind, loadGrammar } from "../../retriever/chunking/grammar.ts";
import { languages } from "../../retriever/chunking/languages.ts";
import { termProblems, tilingProblems } from "./chunk-rules.ts";
import { type Mutant, mutants } from "./mutations.ts";

export async function grammarsOf(kind: GrammarKind): Promise<ReadonlyMap<string, Grammar>> {
  const loaded = languages().all.map(async (each) => [each.name, await loadGrammar(each, kind)] as const);
  return new Map(await Promise.all(loaded));
}

export function digestOf({ language, bytes }: Mutant, grammars: ReadonlyMap<string, Grammar>) {
  return new Digester().digest(bytes, language, grammars.get(language.name)).digest;
}

/** Native trees live outside the heap that the collector watches. */
async function collected(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  await new Promise((resolve) => setImmediate(resolve));
}

/** Nothing, where `count` mutants tile and keep their terms. */
export async function fuzzProblems(seed: string, count: number): Promise<string[]> {
  const grammars = await grammarsOf("native");
  const problems: string[] = [];
  let sinceCollection = 0;
  for (const mutant of mutants(seed, count)) {
    const digest = digestOf(mutant, grammars);
    const found = [...tilingProblems(mutant.bytes, digest), ...termProblems(mutant.bytes, digest)];
    problems.push(...found.map((problem) => `mutant ${mutant.number} of ${mutant.name}: ${problem}`));
    sinceCollection += mutant.bytes.length;
    if (sinceCollection > 3_000_000) {
      sinceCollection = 0;
      await collected();
    }
  }
  return problems;
}
