// Finds in Markdown what can rot: paths, commands and links that name something which is not there.
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Command } from "commander";
import { filesBelow, root } from "./source.ts";

export interface Paper {
  readonly path: string;
  readonly text: string;
}

export function paper(path: string): Paper {
  return { path, text: readFileSync(join(root, path), "utf8") };
}

const fence = /^ *```(\w*)[^\n]*\n([\s\S]*?)^ *```/gm;

/** Words in backticks outside of code blocks. */
export function quotedIn(text: string): string[] {
  return [...text.replace(fence, "").matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
}

/** Command lines of `sh` and `console` blocks, without prompts and comments. */
export function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(fence)].filter((match) =>
    ["sh", "console", "bash"].includes(match[1] ?? ""),
  );
  const joined = blocks.map((match) => (match[2] ?? "").replace(/\\\n\s*/g, " ")).join("\n");
  return joined
    .split("\n")
    .map((line) =>
      line
        .trim()
        .replace(/^\$ /, "")
        .replace(/\s+#.*$/, ""),
    )
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** Files made by a run or by whoever reads the paper: named in it, never in a checkout. */
const made = [/^arena-runs(\/|$)/, /^contestants\.yaml$/, /^dist(\/|$)/, /^(verdict|manifest)\.json$/];

/** Pages below docs/ speak of judged repositories too, whose `src/lib.rs` is not ours: only these are surely ours. */
const surelyOurs =
  /^(src|retriever|sandboxes|test|bench|scripts|examples)\/.*(\.(ts|sql|mjs)|Dockerfile)$|^docs\/(decisions|threat-model)\//;

const looksLikePath =
  /^[\w.<>*{},-]+(\/[\w.<>*{},-]+)+\/?$|^[\w-]+\.(md|ts|json|jsonl|yaml|mjs|c|h)$|^[A-Z]+$(?<=LICENSE)/;

/** `<word>` and `*` stand for anything within one part of a path. */
function pattern(path: string): RegExp {
  const escaped = path.replace(/\/$/, "").replace(/[.+^$()|[\]\\]/g, "\\$&");
  const alternatives = escaped.replace(/\{([^}]*)\}/g, (_, list: string) => `(${list.replaceAll(",", "|")})`);
  return new RegExp(`^${alternatives.replace(/<[^>]*>|\*/g, "[^/]+")}(/|$)`);
}

let known: readonly string[] | undefined;

function isThere(path: string): boolean {
  if (!/[<*{]/.test(path) && existsSync(join(root, path))) return true;
  known ??= filesBelow(".");
  // A bare name such as `index.ts` speaks of every file of that name.
  if (!path.includes("/")) return known.some((file) => posix.basename(file) === path);
  const wanted = pattern(path);
  return known.some((file) => wanted.test(file));
}

/** Paths in backticks that do not exist. */
export function missingPaths({ path: place, text }: Paper): string[] {
  const isPath = place.startsWith("docs/") ? surelyOurs : looksLikePath;
  const paths = quotedIn(text).filter((word) => isPath.test(word));
  return paths.filter((path) => !made.some((each) => each.test(path)) && !isThere(path));
}

/** Verbs of npm itself. */
const builtIn = new Set(["ci", "install", "link", "pack"]);

function missingScript(words: readonly string[], scripts: ReadonlySet<string>): string | undefined {
  const [npm, verb = "", name = ""] = words;
  if (npm !== "npm" || builtIn.has(verb)) return undefined;
  const script = verb === "run" ? name : verb;
  return scripts.has(script) ? undefined : `package.json has no script "${script}"`;
}

function arenaProblem(words: readonly string[], arena: Command): string | undefined {
  let command = arena;
  let rest = [...words];
  for (;;) {
    const next = command.commands.find((each) => each.name() === rest[0]);
    if (next === undefined) break;
    command = next;
    rest = rest.slice(1);
  }
  const [first] = rest;
  // A command may have commands of its own and take arguments too.
  const takesNone = command.commands.length > 0 && command.registeredArguments.length === 0;
  if (takesNone && first !== undefined && !first.startsWith("-"))
    return `"${command.name()}" has no command "${first}"`;
  const options = new Set([...arena.options, ...command.options].map((option) => option.long));
  const flags = rest.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0] ?? "");
  const unknown = flags.find((flag) => flag !== "--help" && !options.has(flag));
  return unknown === undefined ? undefined : `"${command.name()}" has no option ${unknown}`;
}

/** What a reader could type and would be refused: scripts, commands and options that do not exist. */
export function wrongCommands({ text }: Paper, arena: Command, scripts: ReadonlySet<string>): string[] {
  const lines = [...commandsIn(text), ...quotedIn(text)];
  return lines.flatMap((line) => {
    const words = line.split(/\s+/).filter((word) => !/^[A-Z_]+=/.test(word));
    const start = words[0] === "npx" ? 1 : 0;
    // `npm run arena -- play ...` is the command line from a checkout.
    const afterDashes = words.indexOf("--");
    const viaNpm = words.slice(0, 3).join(" ") === "npm run arena" && afterDashes > 0;
    const problem =
      words[start] === "arena"
        ? arenaProblem(words.slice(start + 1), arena)
        : (missingScript(words, scripts) ??
          (viaNpm ? arenaProblem(words.slice(afterDashes + 1), arena) : undefined));
    return problem === undefined ? [] : [`${line}: ${problem}`];
  });
}

function anchors(text: string): Set<string> {
  const heads = [...text.replace(fence, "").matchAll(/^#+ +(.*)$/gm)].map((match) => match[1] ?? "");
  return new Set(
    heads.map((head) =>
      head
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Relative links whose file or heading is not there. */
export function deadLinks({ path, text }: Paper): string[] {
  const links = [...text.replace(fence, "").matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const target = posix.normalize(posix.join(posix.dirname(path), file));
    if (file !== "" && !existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchors(file === "" ? text : paper(target).text).has(anchor);
  });
}
