// What a contestant may change in a build manifest: listed sections and plain lines, everything else is refused.
import { posix } from "node:path";
import type { Language } from "./instance.ts";

/** One manifest in its versions; undefined where the tree has no such file. */
export interface ManifestChange {
  readonly path: string;
  readonly language: Language;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** As the gold patch leaves it: lines that gold changes too are allowed. */
  readonly gold: string | undefined;
  readonly basePaths: ReadonlySet<string>;
}

interface Line {
  /** The table, section, block or command the line belongs to; empty at the top. */
  readonly section: string;
  readonly text: string;
}

type Reader = (lines: readonly string[]) => Line[];

interface Rule {
  readonly name: RegExp;
  readonly language: Language;
  readonly read: Reader;
  readonly allows: (line: Line, change: ManifestChange) => boolean;
}

/** A TOML header of bare keys; anything quoted or escaped is a section nobody allows. */
const tomlHeader = /^\s*\[(\[?)\s*(.*?)\s*\]\]?\s*(#.*)?$/;
const tripleQuote = /"""|'''/g;

function readToml(lines: readonly string[]): Line[] {
  let section = "";
  let tables = 0;
  let inString = false;
  return lines.map((text) => {
    const header = inString || text.trimEnd().endsWith(",") ? null : tomlHeader.exec(text);
    // Every entry of an array of tables is a section of its own: a line moved between two of them is a change.
    if (header !== null) {
      tables += header[1] === "" ? 0 : 1;
      section = header[1] === "" ? (header[2] ?? "") : `${header[2]} #${tables}`;
    }
    const opensOrCloses = (text.match(tripleQuote) ?? []).length % 2 === 1;
    if (opensOrCloses && (inString || !/^\s*#/.test(text))) inString = !inString;
    return { section, text };
  });
}

/** Only a header in the first column is one: an indented line continues the value above it. */
function readIni(lines: readonly string[]): Line[] {
  let section = "";
  return lines.map((text) => {
    section = /^\[([^\]]*)\]/.exec(text)?.[1] ?? section;
    return { section, text };
  });
}

function readGoMod(lines: readonly string[]): Line[] {
  let block = "";
  return lines.map((text) => {
    const opened = /^\s*([a-z]+)\s*\(/.exec(text)?.[1];
    block = opened ?? block;
    const section = block === "" ? (/^\s*([a-z]+)(\s|$)/.exec(text)?.[1] ?? "?") : block;
    if (opened === undefined && /^\s*\)/.test(text)) block = "";
    return { section, text };
  });
}

/** Lines of a command that spans several belong to its first line. */
function readCMake(lines: readonly string[]): Line[] {
  let command = "";
  let depth = 0;
  return lines.map((text) => {
    if (depth === 0) command = "";
    const section = command;
    if (depth === 0) command = text;
    for (const character of text.replace(/#.*$/, "")) {
      if (character === "(") depth += 1;
      if (character === ")") depth = Math.max(0, depth - 1);
    }
    return { section, text };
  });
}

const plainArrayItem = /^\s*("[^"\\]*"\s*,?\s*)*\]?,?\s*$/;
const cargoPackageKey =
  /^\s*(version|authors|description|documentation|readme|homepage|repository|license|license-file|keywords|categories|rust-version|exclude|include|publish)\s*=/;
const cargoDependencies =
  /^(workspace\.|target\.('[^']*'|"[^"\\]*")\.)?(dev-)?dependencies(\.[A-Za-z0-9_-]+)?$/;
const foreignSource = /(^|[{,\s."'])(path|git|registry|registry-index|branch|rev|tag|artifact|lib)["']?\s*=/;

/** A path dependency may only name a package that the base tree has. */
function withoutKnownPaths(text: string, { path, basePaths }: ManifestChange): string {
  return text.replace(/\bpath\s*=\s*"([^"\\]*)"/, (written: string, target: string) => {
    const manifest = posix.normalize(posix.join(posix.dirname(path), target, "Cargo.toml"));
    return basePaths.has(manifest) ? "known" : written;
  });
}

function allowsCargo({ section, text }: Line, change: ManifestChange): boolean {
  if (text.includes("\\") || /"""|'''/.test(text)) return false;
  const isHeader = tomlHeader.test(text) && !text.trimEnd().endsWith(",");
  if (section === "features") return true;
  if (section === "package") return !isHeader && (cargoPackageKey.test(text) || plainArrayItem.test(text));
  return cargoDependencies.test(section) && !foreignSource.test(withoutKnownPaths(text, change));
}

const projectTables =
  /^(project|project\.(optional-dependencies|urls|scripts|gui-scripts)|dependency-groups|tool\.poetry|tool\.poetry\.(dependencies|extras|scripts|group\.[A-Za-z0-9_-]+\.dependencies))$/;

function allowsPyproject({ section, text }: Line): boolean {
  if (text.includes("\\") || /"""|'''/.test(text)) return false;
  return projectTables.test(section) && !/entry-points|plugins/.test(text);
}

function allowsSetupCfg({ section, text }: Line): boolean {
  // Some readers take an indented header for one, some do not.
  if (/^\s+\[/.test(text)) return false;
  return /^(metadata|options(\..*)?)$/.test(section) && !/pytest11/.test(text);
}

function allowsGoMod({ section, text }: Line): boolean {
  return (section === "require" || section === "retract") && !text.includes("=>");
}

const sourceFile = /^"?[\w./+-]+\.(c|cc|cpp|cxx|h|hh|hpp|hxx|ipp)"?$/;

/** A library gains source files; anything with a call, a variable or a generator expression is a build change. */
function allowsCMake({ section, text }: Line): boolean {
  const words = text.trim().replace(/\)$/, "").split(/\s+/);
  return section !== "" && words.every((word) => word === "" || sourceFile.test(word));
}

const rules: readonly Rule[] = [
  { name: /(^|\/)Cargo\.toml$/, language: "rust", read: readToml, allows: allowsCargo },
  { name: /(^|\/)go\.mod$/, language: "go", read: readGoMod, allows: allowsGoMod },
  { name: /(^|\/)pyproject\.toml$/, language: "python", read: readToml, allows: allowsPyproject },
  { name: /(^|\/)setup\.cfg$/, language: "python", read: readIni, allows: allowsSetupCfg },
  { name: /(^|\/)CMakeLists\.txt$/, language: "cpp", read: readCMake, allows: allowsCMake },
];

function ruleFor(path: string, language: Language): Rule | undefined {
  return rules.find((rule) => rule.language === language && rule.name.test(path));
}

export function isManifest(path: string, language: Language): boolean {
  return ruleFor(path, language) !== undefined;
}

const keyOf = ({ section, text }: Line): string => JSON.stringify([section, text.trim()]);

function tally(lines: readonly Line[]): Map<string, { readonly line: Line; count: number }> {
  const counts = new Map<string, { readonly line: Line; count: number }>();
  for (const line of lines) {
    const known = counts.get(keyOf(line));
    if (known === undefined) counts.set(keyOf(line), { line, count: 1 });
    else known.count += 1;
  }
  return counts;
}

/** Lines whose number within their section differs, comments and blank ones apart. */
function changedLines(rule: Rule, before: string, after: string): Map<string, Line> {
  const read = (text: string) => tally(rule.read(text.split("\n").map((line) => line.replace(/\r$/, ""))));
  const old = read(before);
  const now = read(after);
  const changed = new Map<string, Line>();
  for (const [key, { line }] of [...old, ...now]) {
    const isIdle = line.text.trim() === "" || /^\s*(#|\/\/)/.test(line.text);
    if (!isIdle && old.get(key)?.count !== now.get(key)?.count) changed.set(key, line);
  }
  return changed;
}

/**
 * Lines of a manifest change that policy forbids (docs/path-policy.md), as they are written; empty when it is allowed
 * or the file is no manifest. A manifest that base has not, or that a contestant removes, is forbidden as a whole.
 */
export function forbiddenManifestLines(change: ManifestChange): string[] {
  const rule = ruleFor(change.path, change.language);
  if (rule === undefined || change.after === change.gold) return [];
  const { before, after, gold } = change;
  if (before === undefined || after === undefined) return ["(the whole file)"];
  const byGold = gold === undefined ? new Map() : changedLines(rule, before, gold);
  const own = [...changedLines(rule, before, after)].filter(([key]) => !byGold.has(key));
  return own.filter(([, line]) => !rule.allows(line, change)).map(([, line]) => line.text.trim());
}
