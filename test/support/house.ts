// The house rules as data, and the functions that find what breaks them: used by the structure test.
import { posix } from "node:path";
import { codeOf, type Import, importsOf, type Source } from "./source.ts";

const wired = [
  "src/arena",
  "src/curation",
  "src/domain",
  "src/git",
  "src/grading",
  "src/inference",
  "src/report",
  "src/storage",
  "sandboxes",
];

/**
 * Who may import whom (ARCHITECTURE.md draws it). A house is a folder of `src`, a file that stands directly in `src`,
 * or one of the two folders beside it. An entry that names a file allows that file alone.
 */
export const allowed: Readonly<Record<string, readonly string[]>> = {
  "src/domain": [],
  "src/git": ["src/domain/fault.ts"],
  "src/grading": ["src/domain"],
  "src/rating": ["src/domain"],
  "src/inference": [],
  retriever: [],
  sandboxes: [],
  "src/mutants": ["src/domain", "retriever"],
  "src/arena": [
    "src/domain",
    "src/git",
    "src/grading",
    "src/rating",
    "src/inference",
    "src/mutants",
    "retriever",
    "sandboxes",
  ],
  "src/curation": ["src/domain", "src/git", "src/grading", "sandboxes", "src/inference"],
  "src/storage": ["src/domain", "src/rating"],
  "src/report": ["src/domain", "src/rating"],
  "src/wire.ts": ["src/wire", ...wired],
  "src/wire": wired,
  "src/cli": [
    "src/wire.ts",
    "src/arena",
    "src/curation",
    "src/domain",
    "src/inference",
    "src/report",
    "src/rating",
    "retriever",
  ],
  "src/library": ["src/wire.ts", "src/arena", "src/domain", "src/report"],
  "src/index.ts": ["src/library", "src/domain", "src/report", "src/arena"],
};

/** Every file of these may be imported from outside; all other houses are entered through their `index.ts`. */
const open = new Set(["src/domain", "src/wire"]);

/** What builds things of the world: outside the wiring only these values may be taken from their doors. */
const builders: Readonly<Record<string, ReadonlySet<string>>> = {
  "sandboxes/index.ts": new Set(["SandboxFault", "defaultLimits"]),
  "src/storage/index.ts": new Set(["StoreFault"]),
};

const isWiring = (path: string): boolean => path === "src/wire.ts" || path.startsWith("src/wire/");

/** A package that speaks to the world lives in one house, so that it can be replaced in one house. */
const packageHomes: Readonly<Record<string, string | readonly string[]>> = {
  // The runs' database and the retriever's cache: neither house may lean on the other.
  "better-sqlite3": ["src/storage", "retriever"],
  commander: "src/cli",
  "string-width": "src/cli",
  "@octokit/core": "src/curation",
  "@octokit/plugin-retry": "src/curation",
  "@octokit/plugin-throttling": "src/curation",
  dockerode: "sandboxes",
  openai: "src/inference",
  "@anthropic-ai/sdk": "src/inference",
  "@google/genai": "src/inference",
};

/** Pure houses: of Node they may use only what computes. */
const pure = new Set(["src/domain", "src/grading", "src/rating", "src/mutants"]);
const pureModules = new Set(["node:crypto", "node:path", "zod"]);

export const longestFile = 400;

export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly found: string;
}

export function houseOf(path: string): string {
  const parts = path.split("/");
  return parts[0] === "src" ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

function mayEnter(from: string, target: string): boolean {
  const house = houseOf(target);
  const entries = allowed[from] ?? [];
  if (entries.includes(target)) return true;
  return entries.includes(house) && (open.has(house) || target === `${house}/index.ts`);
}

function relativeProblem(path: string, { specifier, values }: Import): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  const [from, to] = [houseOf(path), houseOf(target)];
  if (from === to) return undefined;
  if (!mayEnter(from, target)) {
    const may = (allowed[from] ?? []).join(", ") || "nothing of ours";
    const isDoor = (allowed[from] ?? []).includes(to);
    return isDoor
      ? `imports ${target}: ${to} is entered through ${to}/index.ts`
      : `imports ${target}: ${from} may import ${may}`;
  }
  const harmless = builders[target];
  const built = values.filter((name) => harmless !== undefined && !harmless.has(name));
  if (built.length === 0 || isWiring(path)) return undefined;
  return `takes ${built.join(", ")} from ${target}: only src/wire.ts and src/wire/ build concrete classes`;
}

function packageProblem(path: string, specifier: string): string | undefined {
  const house = houseOf(path);
  const name = specifier.startsWith("@")
    ? specifier.split("/").slice(0, 2).join("/")
    : specifier.split("/")[0];
  const homes = [packageHomes[name ?? ""] ?? []].flat();
  if (homes.length > 0 && !homes.includes(house))
    return `imports ${name}, which belongs to ${homes.join(" and ")}`;
  if (pure.has(house) && !pureModules.has(specifier)) return `imports ${specifier}, but ${house} is pure`;
  return undefined;
}

/** Imports that leave the picture; every house must stand in the table. */
export function importProblems(sources: readonly Source[]): Problem[] {
  return sources.flatMap(({ path, text }) => {
    if (allowed[houseOf(path)] === undefined)
      return [{ path, line: 1, found: `${houseOf(path)} is no house of the import table` }];
    return importsOf(text).flatMap((each) => {
      const found = each.specifier.startsWith(".")
        ? relativeProblem(path, each)
        : packageProblem(path, each.specifier);
      return found === undefined ? [] : [{ path, line: each.line, found }];
    });
  });
}

interface Ban {
  readonly pattern: RegExp;
  readonly found: string;
  readonly except: (path: string) => boolean;
}

const isMain = (path: string): boolean => path === "src/cli/main.ts";
const isClock = (path: string): boolean => isWiring(path) || path === "src/inference/clock.ts";

/** What code may not contain, and where it may. Comments and literals are not looked at. */
const bans: readonly Ban[] = [
  {
    pattern: /\bprocess\s*\.\s*env\b|\bprocess\s*\[|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/,
    found: "reads the environment: only src/wire.ts and src/wire/ do",
    except: isWiring,
  },
  {
    pattern: /\bprocess\s*\.\s*(argv|exit|exitCode|stdin|stdout|stderr)\b/,
    found: "touches the process's arguments, exit code or streams: only src/cli/main.ts does",
    except: isMain,
  },
  {
    pattern: /\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)|\bperformance\s*\.\s*now\b|\bMath\s*\.\s*random\b/,
    found: "takes the time or a random number itself: both are arguments",
    except: (path) => isClock(path) || path.startsWith("sandboxes/"),
  },
];

/** Holes in the types: nowhere, tests included. */
const holes: readonly Ban[] = [
  {
    pattern: /[:<|&]\s*any\b|,\s*any\s*>|\bas\s+any\b/,
    found: "says `any`",
    except: () => false,
  },
  {
    pattern: /\bas\s+unknown\s+as\b/,
    found: "casts through `unknown`",
    except: () => false,
  },
];

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

function broken(sources: readonly Source[], rules: readonly Ban[]): Problem[] {
  return sources.flatMap(({ path, text }) => {
    const code = codeOf(text);
    return rules.flatMap(({ pattern, found, except }) => {
      const match = except(path) ? null : pattern.exec(code);
      return match === null ? [] : [{ path, line: lineOf(code, match.index), found }];
    });
  });
}

export const environmentProblems = (sources: readonly Source[]): Problem[] => broken(sources, bans);
export const typeProblems = (sources: readonly Source[]): Problem[] => broken(sources, holes);

/** A file opens with a sentence about itself: at least four words. */
export function openingProblems(sources: readonly Source[]): Problem[] {
  return sources.flatMap(({ path, text }) => {
    const [first = "", second = ""] = text.split("\n");
    const opening = first.trim() === "/**" ? second : first;
    const says = /^\s*(\/\/|\/\*\*|\*)\s*\S+(\s+\S+){3,}/.test(opening);
    return says ? [] : [{ path, line: 1, found: "does not open with a comment that says why it exists" }];
  });
}

export function lengthProblems(sources: readonly Source[]): Problem[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split("\n").length;
    return lines <= longestFile ? [] : [{ path, line: lines, found: `has more than ${longestFile} lines` }];
  });
}

/** One line for each problem, as an editor can follow it. */
export function told(problems: readonly Problem[]): string[] {
  return problems.map(({ path, line, found }) => `${path}:${line} ${found}`);
}
