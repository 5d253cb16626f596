// Mutants of one source text: seeded defects, each in one place on a line that was changed, in an order worth running.
import { type Random, shuffled } from "../domain/random.ts";
import { linesOf } from "./lines.ts";
import { type Change, changesAt } from "./operators.ts";
import { isReadable, nodesWithin, type Syntax, withTree } from "./syntax.ts";

export interface Mutant extends Change {
  /** 1-based, of where the change begins. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  readonly before: string;
}

export interface MutantRequest {
  readonly text: string;
  /** 1-based; a mutant lies on these and on no other. */
  readonly lines: ReadonlySet<number>;
  readonly random: Random;
  readonly limit: number;
}

export function mutated(text: string, { start, end, after }: Change): string {
  return `${text.slice(0, start)}${after}${text.slice(end)}`;
}

const shortest = (text: string): string => {
  const flat = text.replace(/\s+/g, " ");
  return flat.length > 60 ? `${flat.slice(0, 57)}...` : flat;
};

/** A name for people and for evidence; unique within a tree's mutants. */
export function mutantName(path: string, mutant: Mutant): string {
  const { line, column, operator, before, after } = mutant;
  const change = after === "" ? `without ${shortest(before)}` : `${shortest(before)} -> ${shortest(after)}`;
  return `${path}:${line}:${column} ${operator}: ${change}`;
}

function allOf(syntax: Syntax, { text, lines: wanted }: MutantRequest): Mutant[] | undefined {
  const lines = linesOf(text, wanted);
  const { table } = syntax;
  const liesOn = ({ start, end }: Change): boolean => {
    const [first, last] = [lines.at(start), lines.at(Math.max(start, end - 1))];
    return lines.wantedWithin(first, last) === last - first + 1;
  };
  return withTree(syntax, text, (root) => {
    const visited = nodesWithin(root, { isWanted: lines.isTouched, skipped: table.skipped });
    const changes = visited.flatMap((each) => changesAt({ ...each, text, table })).filter(liesOn);
    return changes.map((change): Mutant => {
      const line = lines.at(change.start);
      const column = change.start - lines.startOf(line) + 1;
      return { ...change, line, column, before: text.slice(change.start, change.end) };
    });
  });
}

/** One of every line, then a second of every line: however few are run, they lie far apart. */
function spread(mutants: readonly Mutant[], random: Random): Mutant[] {
  const byLine = new Map<number, Mutant[]>();
  for (const mutant of shuffled(mutants, random.fork("mutants")))
    byLine.set(mutant.line, [...(byLine.get(mutant.line) ?? []), mutant]);
  const columns = shuffled(
    [...byLine.keys()].sort((a, b) => a - b),
    random.fork("lines"),
  );
  const deepest = Math.max(0, ...[...byLine.values()].map((column) => column.length));
  return Array.from({ length: deepest }, (_, turn) => turn).flatMap((turn) =>
    columns.flatMap((line) => byLine.get(line)?.[turn] ?? []),
  );
}

/**
 * At most `limit` mutants, the same and in the same order for the same seed. Each still parses: where the text does
 * without an error, so does the mutant. None where the text is too long or cannot be parsed at all.
 */
export function mutantsOf(syntax: Syntax, request: MutantRequest): readonly Mutant[] {
  const { text, random, limit } = request;
  if (!isReadable(text)) return [];
  const hadError = withTree(syntax, text, (root) => root.hasError);
  const all = allOf(syntax, request);
  if (all === undefined || hadError === undefined) return [];
  const taken: Mutant[] = [];
  for (const mutant of spread(all, random)) {
    if (taken.length >= limit) break;
    const hasError = withTree(syntax, mutated(text, mutant), (root) => root.hasError);
    if (hasError === undefined || (hasError && !hadError)) continue;
    taken.push(mutant);
  }
  return taken;
}
