// Reads TypeScript as text for the structure tests: what is code, what is imported, which files there are.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

export interface Source {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

const notOurs = new Set(["node_modules", "dist", ".git", "arena-runs", ".arena", "fixture"]);

/** Every file below a folder of the repository, sorted; build outputs, dependencies and sources for tests left out. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .filter((entry) => !notOurs.has(entry.name))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

export function sourcesBelow(folders: readonly string[]): Source[] {
  const paths = folders.flatMap(filesBelow).filter((path) => path.endsWith(".ts"));
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** After one of these a slash opens a regular expression; after anything else it divides. */
const beforeRegExp = /(^|[(,=:[!&|?{};+*%<>~^-]|\b(return|typeof|case|in|of))$/;

const tokens = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y;
const regExp = /\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;

function templateEnd(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text[at] !== "`") {
    if (text[at] === "\\") at += 2;
    else if (text.startsWith("${", at)) at = holeEnd(text, at + 2);
    else at += 1;
  }
  return at + 1;
}

/** Past the brace that closes a template's `${`. */
function holeEnd(text: string, from: number): number {
  let depth = 1;
  let at = from;
  while (at < text.length && depth > 0) {
    const token = tokenAt(text, at);
    if (token > at) at = token;
    else {
      if (text[at] === "{") depth += 1;
      if (text[at] === "}") depth -= 1;
      at += 1;
    }
  }
  return at;
}

/** The end of the comment or literal that starts at `at`, or `at` itself where code stands. */
function tokenAt(text: string, at: number): number {
  if (text[at] === "`") return templateEnd(text, at);
  tokens.lastIndex = at;
  if (tokens.test(text)) return tokens.lastIndex;
  regExp.lastIndex = at;
  const mayOpen = text[at] === "/" && beforeRegExp.test(text.slice(Math.max(0, at - 40), at).trimEnd());
  return mayOpen && regExp.test(text) ? regExp.lastIndex : at;
}

const blank = (text: string): string => text.replace(/[^\n]/g, " ");

/** Text of the same length with comments blank and literals reduced to their quotes: what is left is code. */
export function codeOf(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const end = tokenAt(text, at);
    const token = text.slice(at, end);
    if (end === at) parts.push(text[at] ?? "");
    else if (token.startsWith("//") || token.startsWith("/*")) parts.push(blank(token));
    else parts.push(`${token[0]}${blank(token.slice(1, -1))}${token.at(-1)}`);
    at = Math.max(end, at + 1);
  }
  return parts.join("");
}

export interface Import {
  /** As written: `../domain/fault.ts`, `node:fs`, `zod`. */
  readonly specifier: string;
  /** Names that exist when the program runs; types are left out, `*` stands for all of a module. */
  readonly values: readonly string[];
  readonly line: number;
}

function valuesOf(clause: string): string[] {
  if (/^type\b/.test(clause)) return [];
  const braced = /\{([^}]*)\}/.exec(clause)?.[1] ?? "";
  const named = braced.split(",").map((name) => name.trim());
  const others = clause.replace(/\{[^}]*\}/, "").split(",");
  const all = [...named, ...others.map((name) => name.trim())];
  return all
    .filter((name) => name !== "" && !name.startsWith("type "))
    .map((name) => name.split(/\s/)[0] ?? "");
}

/** Every import and re-export, static and dynamic, type-only ones too. */
export function importsOf(text: string): Import[] {
  const code = codeOf(text);
  const found: Import[] = [];
  const note = (quote: number, clause: string): void => {
    const specifier = text.slice(quote + 1, text.indexOf('"', quote + 1));
    found.push({ specifier, values: valuesOf(clause.trim()), line: text.slice(0, quote).split("\n").length });
  };
  for (const match of code.matchAll(/^(?:import|export)\s+([^;"'=]*?)\s*from\s*"/gm))
    note(match.index + match[0].length - 1, match[1] ?? "");
  for (const match of code.matchAll(/^import\s*"/gm)) note(match.index + match[0].length - 1, "*");
  for (const match of code.matchAll(/\bimport\s*\(\s*"/g)) note(match.index + match[0].length - 1, "*");
  return found;
}
