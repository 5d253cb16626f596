// Reads a C++ job: configure and build steps, then ctest, each taken apart without a shell.
import { workDirectory } from "../../program.ts";
import { readCommands } from "../compiled/shell-words.ts";

export interface CppStep {
  readonly kind: "configure" | "build" | "other";
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface CppCommand {
  readonly steps: readonly CppStep[];
  readonly sourceFolder: string;
  readonly buildFolder: string;
  /** Where ctest looks for its test file. */
  readonly testFolder: string;
  readonly testEnv: Readonly<Record<string, string>>;
  /** `-R`, `-L`, `-C` and their like, handed to `ctest --show-only`. */
  readonly selection: readonly string[];
}

/** An absolute path without `.` and `..`. */
export function resolvePath(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${folder}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function flagValue(argv: readonly string[], flag: string): string | undefined {
  const at = argv.findIndex((word) => word.startsWith(flag));
  if (at === -1) return undefined;
  const word = argv[at] ?? "";
  return word === flag ? argv[at + 1] : word.slice(flag.length).replace(/^=/, "");
}

const selecting = new Set([
  "-R",
  "--tests-regex",
  "-E",
  "--exclude-regex",
  "-L",
  "--label-regex",
  "-LE",
  "--label-exclude",
  "-C",
  "--build-config",
  "-I",
]);
const ignoredWithValue = new Set([
  "-j",
  "--parallel",
  "--timeout",
  "--test-dir",
  "--repeat",
  "-O",
  "--output-log",
  "--output-junit",
]);
const ignored =
  /^(?:--output-on-failure|-V|-VV|--verbose|-Q|--quiet|--progress|--stop-on-failure|--schedule-random|--no-tests=\w+|-j\d+|--(?:parallel|timeout|test-dir|output-junit)=.+)$/;

function readSelection(words: readonly string[]): string[] | string {
  const selection: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (selecting.has(word)) {
      at += 1;
      selection.push(word, words[at] ?? "");
    } else if (ignoredWithValue.has(word)) {
      // `-j` may stand alone.
      if (!(word === "-j" || word === "--parallel") || /^\d+$/.test(words[at + 1] ?? "")) at += 1;
    } else if (!ignored.test(word)) return `the argument ${word} of ctest is not among those it takes apart`;
  }
  return selection;
}

function stepKind(argv: readonly string[]): CppStep["kind"] {
  const [program, first = ""] = argv;
  if (program === "make" || program === "ninja") return "build";
  if (program !== "cmake") return "other";
  if (first === "--build") return "build";
  return ["-E", "-P", "--install", "--version"].includes(first) ? "other" : "configure";
}

interface Configured {
  readonly source: string;
  readonly build: string;
}

function configuredBy({ argv, cwd }: CppStep): Configured | string {
  if (argv.some((word) => word.startsWith("--preset"))) return "cmake presets are not taken apart";
  const plain = argv
    .slice(1)
    .filter((word, index, words) => !word.startsWith("-") && !/^-[GDASBTCU]$/.test(words[index - 1] ?? ""));
  const build = flagValue(argv, "-B");
  const source = flagValue(argv, "-S") ?? plain[0] ?? ".";
  return { source: resolvePath(cwd, source), build: build === undefined ? cwd : resolvePath(cwd, build) };
}

interface Chain {
  readonly steps: CppStep[];
  readonly cwd: string;
}

/** `cd` moves the commands after it; everything else is a step. */
function walk(
  commands: readonly { argv: readonly string[]; env: Readonly<Record<string, string>> }[],
): Chain {
  let cwd = workDirectory;
  const steps: CppStep[] = [];
  for (const { argv, env } of commands) {
    if (argv[0] === "cd") cwd = resolvePath(cwd, argv[1] ?? ".");
    else steps.push({ kind: stepKind(argv), argv, cwd, env });
  }
  return { steps, cwd };
}

/** The command taken apart, or a sentence saying what in it is not understood. */
export function readCppCommand(run: string): CppCommand | string {
  const commands = readCommands(run);
  if (commands === undefined) return "it needs a shell";
  const last = commands.at(-1);
  if (last?.argv[0] !== "ctest") return `its last command is "${last?.argv.join(" ") ?? ""}", not ctest`;
  const { steps, cwd } = walk(commands.slice(0, -1));
  const configures = steps.filter(({ kind }) => kind === "configure");
  const [configure] = configures;
  if (configure === undefined || configures.length > 1)
    return "it does not configure exactly one CMake build";
  if (!steps.some(({ kind }) => kind === "build")) return "it does not build anything";
  const configured = configuredBy(configure);
  if (typeof configured === "string") return configured;
  const selection = readSelection(last.argv.slice(1));
  if (typeof selection === "string") return selection;
  const testFolder = resolvePath(cwd, flagValue(last.argv, "--test-dir") ?? ".");
  const { source: sourceFolder, build: buildFolder } = configured;
  return { steps, sourceFolder, buildFolder, testFolder, testEnv: last.env, selection };
}
