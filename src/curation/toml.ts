// Reads the little of TOML that manifests are asked for: which tables there are, and their strings and string lists.

export interface TomlTable {
  readonly name: string;
  /** Strings, and arrays of strings; every other value as its source text. */
  readonly values: ReadonlyMap<string, string | readonly string[]>;
}

const quoted = /"((?:[^"\\]|\\.)*)"|'([^']*)'/g;

function strings(source: string): string[] {
  return [...source.matchAll(quoted)].map((match) => match[1] ?? match[2] ?? "");
}

/** Removes a comment, unless the hash is inside a string. */
function withoutComment(line: string): string {
  return line.replace(/("(?:[^"\\]|\\.)*"|'[^']*')|#.*$/g, (_whole, text?: string) => text ?? "").trimEnd();
}

function opened(source: string): number {
  const bare = source.replace(quoted, "");
  return (bare.match(/\[/g)?.length ?? 0) - (bare.match(/\]/g)?.length ?? 0);
}

function readValue(source: string): string | readonly string[] {
  if (source.startsWith("[")) return strings(source);
  return /^["']/.test(source) ? (strings(source)[0] ?? "") : source;
}

/** Tables in file order, the keys before the first header in a table named "". Never throws: odd lines are skipped. */
export function tomlTables(text: string): TomlTable[] {
  let values = new Map<string, string | readonly string[]>();
  const tables: TomlTable[] = [{ name: "", values }];
  const lines = text.split("\n").map(withoutComment);
  for (let at = 0; at < lines.length; at += 1) {
    const line = (lines[at] ?? "").trim();
    const header = /^\[\[?\s*([^\]]+?)\s*\]\]?$/.exec(line)?.[1];
    const [, key, first] = /^([\w."'-]+(?:\s*\.\s*[\w."'-]+)*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (header !== undefined && !line.includes("=")) {
      values = new Map();
      tables.push({ name: header.replace(/["'\s]/g, ""), values });
    } else if (key !== undefined && first !== undefined) {
      let source = first;
      while (source.startsWith("[") && opened(source) > 0 && at + 1 < lines.length) {
        at += 1;
        source += `\n${lines[at] ?? ""}`;
      }
      values.set(key.replace(/["'\s]/g, ""), readValue(source));
    }
  }
  return tables;
}

/** The table of that name, empty when there is none. */
export function tomlTable(tables: readonly TomlTable[], name: string): TomlTable {
  return tables.find((table) => table.name === name) ?? { name, values: new Map() };
}

/** A string of a table; undefined when it is missing or no string. */
export function tomlText(table: TomlTable, key: string): string | undefined {
  const value = table.values.get(key);
  return typeof value === "string" ? value : undefined;
}

export function tomlList(table: TomlTable, key: string): readonly string[] {
  const value = table.values.get(key);
  return value === undefined || typeof value === "string" ? [] : value;
}
