// Reads a pytest or unittest command line: which interpreter, in which folder, with which of the person's arguments.
import { type PlacedCommand, readChain } from "../chain.ts";

export interface PythonTests {
  /** Commands before the tests, joined by `&&` in the job, each with the folder it runs in. */
  readonly before: readonly PlacedCommand[];
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the test command relative to the repository, "" for its root. */
  readonly folder: string;
  readonly interpreter: string;
  /** `-W`, `-X` and the like, given to the interpreter itself. */
  readonly interpreterArguments: readonly string[];
  /** `python -m pytest` puts the current folder on the path, `pytest` does not. */
  readonly asModule: boolean;
  readonly testArguments: readonly string[];
  /** Arguments choose among the tests of a file, so that canaries may stay out. */
  readonly selects: boolean;
}

const interpreterName = /^(?:[\w./-]*\/)?python(?:3(?:\.\d+)?)?$/;

/** Flags that stop early, spread tests over processes or write reports: each would hide results from us. */
const dropped: Readonly<Record<"pytest" | "unittest", ReadonlyMap<string, "flag" | "value">>> = {
  pytest: new Map([
    ["-x", "flag"],
    ["--exitfirst", "flag"],
    ["--maxfail", "value"],
    ["-n", "value"],
    ["--numprocesses", "value"],
    ["--dist", "value"],
    ["--lf", "flag"],
    ["--last-failed", "flag"],
    ["--ff", "flag"],
    ["--failed-first", "flag"],
    ["--nf", "flag"],
    ["--sw", "flag"],
    ["--stepwise", "flag"],
    ["--junitxml", "value"],
    ["--junit-xml", "value"],
    ["--cov-report", "value"],
    ["--cov-fail-under", "value"],
    ["--cov-config", "value"],
    ["--cov-append", "flag"],
    ["--cov-branch", "flag"],
    ["--pdb", "flag"],
  ]),
  unittest: new Map([
    ["-f", "flag"],
    ["--failfast", "flag"],
    ["-b", "flag"],
    ["--buffer", "flag"],
    ["-c", "flag"],
    ["--catch", "flag"],
  ]),
};

function kept(words: readonly string[], tool: "pytest" | "unittest"): string[] {
  const left: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (/^--cov(=|$)/.test(word) || /^-n(\d+|auto)$/.test(word)) continue;
    const [name = "", ...rest] = word.split("=");
    const kind = word.startsWith("-") ? dropped[tool].get(name) : undefined;
    if (kind === undefined) left.push(word);
    else if (kind === "value" && rest.length === 0) at += 1;
  }
  return left;
}

function selectsAmong(words: readonly string[], tool: "pytest" | "unittest"): boolean {
  if (tool === "unittest") {
    // Names of classes and methods choose; a module or a file does not.
    return words.some((word) => /^-k/.test(word) || /\.[A-Z]\w*(\.test\w*)?$/.test(word));
  }
  return words.some((word) => /^(-k|-m|--deselect)/.test(word) || word.includes("::"));
}

interface Interpreter {
  readonly interpreter: string;
  readonly interpreterArguments: readonly string[];
  readonly rest: readonly string[];
  readonly asModule: boolean;
}

/** `python -W error -m pytest ...` and `coverage run -m pytest ...`, or undefined when it is neither. */
function afterModule(argv: readonly string[], tool: string): Interpreter | undefined {
  const at = argv.indexOf("-m");
  if (at === -1 || argv[at + 1] !== tool) return undefined;
  const before = argv.slice(1, at);
  const rest = argv.slice(at + 2);
  const program = argv[0] ?? "";
  if (program === "coverage" && before[0] === "run") {
    return { interpreter: "python3", interpreterArguments: [], rest, asModule: true };
  }
  if (!interpreterName.test(program)) return undefined;
  const known = before.every(
    (word, index) =>
      /^-([BuqdO]|bb?|W.+|X.+)$/.test(word) ||
      /^-[WX]$/.test(before[index - 1] ?? "") ||
      /^-[WX]$/.test(word),
  );
  return known ? { interpreter: program, interpreterArguments: before, rest, asModule: true } : undefined;
}

function readLast(argv: readonly string[], tool: "pytest" | "unittest"): Interpreter | undefined {
  if (tool === "pytest" && (argv[0] === "pytest" || argv[0] === "py.test")) {
    return { interpreter: "python3", interpreterArguments: [], rest: argv.slice(1), asModule: false };
  }
  return afterModule(argv, tool);
}

/** The command taken apart, or a sentence saying what in it is not understood. */
export function readPythonTests(run: string, tool: "pytest" | "unittest"): PythonTests | string {
  const chain = readChain(run);
  if (typeof chain === "string") return chain;
  const { before, last } = chain;
  const read = readLast(last.argv, tool);
  if (read === undefined) return `its last command, "${last.argv.join(" ")}", is not taken apart as ${tool}`;
  const testArguments = kept(read.rest, tool);
  const { interpreter, interpreterArguments, asModule } = read;
  const selects = selectsAmong(testArguments, tool);
  return {
    before,
    env: last.env,
    folder: last.folder,
    interpreter,
    interpreterArguments,
    asModule,
    testArguments,
    selects,
  };
}
