// Makes the twin of a Go test: the same function under the same name, certain to fail wherever the real one passes.
import type { Random } from "../../../domain/random.ts";
import type { Change } from "../compiled/mask.ts";
import {
  elements,
  type FailingIf,
  failingIfs,
  type GoFile,
  type GoTestFunction,
  mayRecover,
  type Table,
  tableOf,
} from "./scan.ts";

function pick<T>(list: readonly T[], random: Random): T | undefined {
  return list[random.integer(list.length)];
}

/** Another value of the same kind where the text is a plain literal. It stays small, so that it fits any type. */
function otherLiteral(source: string, from: number, to: number, random: Random): Change | undefined {
  const text = source.slice(from, to);
  if (/^\d{1,9}$/.test(text)) {
    const value = Number(text);
    const up = value === 0 || (value < 127 && random.integer(2) === 0);
    return { from, to, text: String(up ? value + 1 : value - 1) };
  }
  if (/^("(?:[^"\\\n]|\\.)*"|`[^`]*`)$/.test(text)) {
    return { from: to - 1, to: to - 1, text: pick([..."adeinorst"], random) ?? "e" };
  }
  if (text === "true" || text === "false") return { from, to, text: text === "true" ? "false" : "true" };
  return undefined;
}

function trimmed(source: string, from: number, to: number): { from: number; to: number } {
  const text = source.slice(from, to);
  const start = from + (text.length - text.trimStart().length);
  return { from: start, to: start + text.trim().length };
}

/** Arguments that could not be read when the condition is the other way round would bring the process down. */
function callIsSafe({ call }: FailingIf, condition: string): boolean {
  const inside = call.slice(call.indexOf("(") + 1, -1).replace(/"(?:[^"\\\n]|\\.)*"|`[^`]*`/g, "");
  if (/[([*]|<-/.test(inside)) return false;
  return !(/\bnil\b/.test(condition) && inside.includes("."));
}

/** `got != 3` or `3 != got`, with the literal changed. */
function ownLiteral(file: GoFile, found: FailingIf, random: Random): Change | undefined {
  const masked = file.masked.slice(found.conditionFrom, found.conditionTo);
  const at = masked.indexOf("!=");
  if (at === -1 || /&&|\|\|/.test(masked) || masked.indexOf("!=", at + 2) !== -1) return undefined;
  const left = trimmed(file.source, found.conditionFrom, found.conditionFrom + at);
  const right = trimmed(file.source, found.conditionFrom + at + 2, found.conditionTo);
  return (
    otherLiteral(file.source, right.from, right.to, random) ??
    otherLiteral(file.source, left.from, left.to, random)
  );
}

/** The field of the loop's row that a condition compares for equality. */
function comparedField(condition: string, variable: string): string | undefined {
  const field = `${variable}\\.(\\w+)`;
  const patterns = [
    `^[^&|]*!=\\s*${field}$`,
    `^${field}\\s*!=[^&|]*$`,
    `^!(?:reflect\\.DeepEqual|slices\\.Equal|maps\\.Equal)\\([^,]+,\\s*${field}\\)$`,
    `^!(?:reflect\\.DeepEqual|slices\\.Equal|maps\\.Equal)\\(${field},[^,]+\\)$`,
  ];
  for (const pattern of patterns) {
    const found = new RegExp(pattern).exec(condition.trim())?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

function cellOf(file: GoFile, table: Table, row: { from: number; to: number }, field: string) {
  const open = file.masked.indexOf("{", row.from);
  const end = file.masked.lastIndexOf("}", row.to - 1);
  if (open === -1 || open >= row.to || end <= open) return undefined;
  const cells = elements(file.masked, open + 1, end);
  const keyed = new RegExp(`^\\s*${field}\\s*:`);
  for (const cell of cells) {
    const key = keyed.exec(file.masked.slice(cell.from, cell.to));
    if (key !== null) return trimmed(file.source, cell.from + key[0].length, cell.to);
  }
  const isKeyed = cells.some((cell) => /^\s*\w+\s*:/.test(file.masked.slice(cell.from, cell.to)));
  const cell = isKeyed ? undefined : cells[table.fields.indexOf(field)];
  return cell === undefined ? undefined : trimmed(file.source, cell.from, cell.to);
}

/** A literal inside a wanted composite such as `[]string{"a", "b"}`, or the wanted literal itself. */
function changedCell(file: GoFile, cell: { from: number; to: number }, random: Random): Change | undefined {
  const whole = otherLiteral(file.source, cell.from, cell.to, random);
  const open = file.masked.indexOf("{", cell.from);
  if (whole !== undefined || open === -1 || open >= cell.to) return whole;
  const inner = elements(file.masked, open + 1, cell.to - 1).map(({ from, to }) =>
    trimmed(file.source, from, to),
  );
  return inner
    .map(({ from, to }) => otherLiteral(file.source, from, to, random))
    .find((each) => each !== undefined);
}

function tableLiteral(file: GoFile, found: FailingIf, random: Random): Change | undefined {
  if (found.loop === undefined) return undefined;
  const table = tableOf(file, found.loop.over);
  const condition = file.source.slice(found.conditionFrom, found.conditionTo);
  const field = comparedField(condition, found.loop.variable);
  if (table === undefined || field === undefined) return undefined;
  const row = pick(table.rows, random);
  const cell = row === undefined ? undefined : cellOf(file, table, row, field);
  return cell === undefined ? undefined : changedCell(file, cell, random);
}

function literalChanges(file: GoFile, ifs: readonly FailingIf[], random: Random): Change[] {
  return ifs.flatMap((found) => {
    const condition = file.source.slice(found.conditionFrom, found.conditionTo);
    if (!callIsSafe(found, condition)) return [];
    const looped = found.loop === undefined || tableOf(file, found.loop.over) !== undefined;
    const own = looped ? ownLiteral(file, found, random) : undefined;
    return own ?? tableLiteral(file, found, random) ?? [];
  });
}

/** Conditions that may be changed as a whole: the block's arguments can be read whichever way it comes out. */
function changeable(file: GoFile, ifs: readonly FailingIf[]): (FailingIf & { condition: string })[] {
  const all = ifs.map((found) => ({
    ...found,
    condition: file.source.slice(found.conditionFrom, found.conditionTo),
  }));
  return all.filter(
    (found) =>
      callIsSafe(found, found.condition) &&
      (found.loop === undefined || tableOf(file, found.loop.over) !== undefined),
  );
}

function contraryChanges(file: GoFile, ifs: readonly FailingIf[]): Change[] {
  return changeable(file, ifs).map(({ conditionFrom: from, conditionTo: to, condition }) => ({
    from,
    to,
    text: `!(${condition})`,
  }));
}

/** `c.name == "that row"`: a condition that holds for one row of a table, as a defect would. */
function oneRow(file: GoFile, loop: NonNullable<FailingIf["loop"]>, random: Random): string | undefined {
  const table = tableOf(file, loop.over);
  const row = table === undefined ? undefined : pick(table.rows, random);
  if (table === undefined || row === undefined) return undefined;
  const tests = table.fields.flatMap((field) => {
    const cell = cellOf(file, table, row, field);
    const text = cell === undefined ? "" : file.source.slice(cell.from, cell.to);
    return /^("(?:[^"\\\n]|\\.)*"|\d{1,9})$/.test(text) ? [`${loop.variable}.${field} == ${text}`] : [];
  });
  return pick(tests, random);
}

/** The same report at the same line as an honest failure: only the condition asks for more. */
function widenedChanges(file: GoFile, ifs: readonly FailingIf[], random: Random): Change[] {
  return changeable(file, ifs).map(({ conditionFrom: from, conditionTo: to, condition, loop }) => {
    const word = pick(words, random) ?? "value";
    const row = loop === undefined ? undefined : oneRow(file, loop, random);
    return { from, to, text: `(${condition}) || ${row ?? `len("${word}") == ${word.length}`}` };
  });
}

const words = ["range", "value", "column", "prefix", "window", "record"];

/** A statement that fails by itself; with it the test runs to where it is put as it would without. */
function addition(file: GoFile, test: GoTestFunction, random: Random): Change {
  const { handle } = test;
  const word = pick(words, random) ?? "value";
  const off = word.length + 1 + random.integer(3);
  const forms = [
    `if len("${word}") != ${off} { ${handle}.Errorf("%d characters, want ${off}", len("${word}")) }`,
    `if got := len("${word}"); got != ${off} { ${handle}.Errorf("got %d, want ${off}", got) }`,
    `if len("${word}") < ${off} { ${handle}.Fatal("too short: ${word}") }`,
    `if len("${word}")+1 <= ${off} { ${handle}.Error("unexpected ${word}") }`,
  ];
  const statement = pick(forms, random) ?? "";
  const body = file.masked.slice(test.bodyStart, test.bodyEnd);
  const atStart = test.kind === "Fuzz" || /\breturn\b/.test(body) || mayRecover(body);
  const at = atStart ? test.bodyStart : test.bodyEnd;
  // On the line of a brace, so that no line moves; a body on one line has no line feed to end its last statement.
  const glue = body.slice(body.lastIndexOf("\n") + 1).trim() === "" ? "" : "; ";
  return { from: at, to: at, text: atStart ? ` ${statement};` : `${glue}${statement} ` };
}

/** Another expected output; undefined for an example that has none and is only compiled. */
function otherOutput(file: GoFile, test: GoTestFunction, random: Random): Change | undefined {
  const body = file.source.slice(test.bodyStart, test.bodyEnd);
  const last = [...body.matchAll(/\/\/[ \t]*(?:unordered )?output:[^\n]*/gi)].at(-1);
  if (last === undefined) return undefined;
  const at = test.bodyStart + last.index + last[0].length;
  return { from: at, to: at, text: ` ${pick(words, random)}` };
}

/**
 * The change that turns a test into its twin; undefined for one that no twin can be made of. `gentle` only adds: for
 * a package whose twins, against expectation, do not compile.
 */
export function sabotage(
  file: GoFile,
  test: GoTestFunction,
  { random, gentle }: { random: Random; gentle: boolean },
): Change | undefined {
  if (test.kind === "Example") return otherOutput(file, test, random);
  if (test.handle === "" || test.handle === "_") return undefined;
  const ifs = gentle || test.kind === "Fuzz" ? [] : failingIfs(file, test);
  const literal = pick(literalChanges(file, ifs, random), random);
  const widened = pick(widenedChanges(file, ifs, random), random);
  const contrary = pick(contraryChanges(file, ifs), random);
  const draw = random.integer(12);
  if (literal !== undefined && draw < 6) return literal;
  if (widened !== undefined && draw < 10) return widened;
  if (contrary !== undefined && draw < 11) return contrary;
  return addition(file, test, random);
}
