// Reads a `cargo test` or `cargo nextest run` command line: what to build, and which tests of it to run.
import { type Command, readCommands } from "../compiled/shell-words.ts";

export interface CargoTest {
  /** Commands before the tests, joined by `&&` in the job. */
  readonly before: readonly Command[];
  readonly env: Readonly<Record<string, string>>;
  /** Selection and profile flags, as `cargo test --no-run` takes them. */
  readonly buildArguments: readonly string[];
  /** The ones `cargo metadata` takes as well. */
  readonly manifestArguments: readonly string[];
  /** Any of these substrings selects a test; none selects all. */
  readonly filters: readonly string[];
  readonly skips: readonly string[];
  readonly exact: boolean;
  /** `--ignored` or `--include-ignored`, handed to every test process. */
  readonly ignored: readonly string[];
}

type Meaning = "keep" | "keep-value" | "manifest" | "manifest-value" | "drop" | "drop-value";

const shared: Readonly<Record<string, Meaning>> = {
  "--workspace": "keep",
  "--all": "keep",
  "--all-features": "keep",
  "--no-default-features": "keep",
  "--release": "keep",
  "-r": "keep",
  "--lib": "keep",
  "--bins": "keep",
  "--tests": "keep",
  "--examples": "keep",
  "--all-targets": "keep",
  "--offline": "manifest",
  "--locked": "manifest",
  "--frozen": "manifest",
  "-p": "keep-value",
  "--package": "keep-value",
  "--exclude": "keep-value",
  "--features": "keep-value",
  "-F": "keep-value",
  "--test": "keep-value",
  "--bin": "keep-value",
  "--example": "keep-value",
  "--target-dir": "keep-value",
  "--manifest-path": "manifest-value",
  "--no-fail-fast": "drop",
  "-q": "drop",
  "--quiet": "drop",
  "-v": "drop",
  "--verbose": "drop",
  "--color": "drop-value",
  "-j": "drop-value",
  "--jobs": "drop-value",
};

const ofTest: Readonly<Record<string, Meaning>> = { ...shared, "--profile": "keep-value" };
const ofNextest: Readonly<Record<string, Meaning>> = {
  ...shared,
  "-j": "drop-value",
  "--cargo-profile": "keep-value",
  "--profile": "drop-value",
  "-P": "drop-value",
  "--retries": "drop-value",
  "--test-threads": "drop-value",
  "--no-capture": "drop",
  "--nocapture": "drop",
  "--fail-fast": "drop",
  "--no-tests": "drop-value",
};

const ofHarness: Readonly<Record<string, Meaning>> = {
  "--test-threads": "drop-value",
  "--nocapture": "drop",
  "--no-capture": "drop",
  "--show-output": "drop",
  "--quiet": "drop",
  "-q": "drop",
  "--color": "drop-value",
  "--format": "drop-value",
  "--ignored": "keep",
  "--include-ignored": "keep",
  "--exact": "keep",
  "--skip": "keep-value",
};

interface Flag {
  readonly name: string;
  readonly meaning: Meaning;
  readonly value?: string;
}

interface Parsed {
  readonly flags: readonly Flag[];
  readonly positional: readonly string[];
}

/** Flags by a closed list; a string names the argument that is not on it. */
function readFlags(words: readonly string[], known: Readonly<Record<string, Meaning>>): Parsed | string {
  const flags: Flag[] = [];
  const positional: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (!word.startsWith("-")) {
      positional.push(word);
      continue;
    }
    const [name = "", ...rest] = word.split("=");
    const meaning = Object.hasOwn(known, name) ? known[name] : undefined;
    if (meaning === undefined) return word;
    if (!meaning.endsWith("-value")) {
      if (rest.length > 0) return word;
      flags.push({ name, meaning });
      continue;
    }
    if (rest.length === 0) at += 1;
    const value = rest.length > 0 ? rest.join("=") : words[at];
    if (value === undefined) return word;
    flags.push({ name, meaning, value });
  }
  return { flags, positional };
}

const rendered = (flag: Flag): string[] => (flag.value === undefined ? [flag.name] : [flag.name, flag.value]);

/** `--cargo-profile` is nextest's name for what `cargo test` calls `--profile`. */
function forBuild(flags: readonly Flag[]): string[] {
  return flags
    .filter(({ meaning }) => !meaning.startsWith("drop"))
    .flatMap((flag) => rendered(flag.name === "--cargo-profile" ? { ...flag, name: "--profile" } : flag));
}

function cargoTest(parsed: Parsed, harness: Parsed): Omit<CargoTest, "before" | "env"> {
  const has = (name: string): boolean => harness.flags.some((flag) => flag.name === name);
  return {
    buildArguments: forBuild(parsed.flags),
    manifestArguments: parsed.flags.filter(({ meaning }) => meaning.startsWith("manifest")).flatMap(rendered),
    filters: [...parsed.positional, ...harness.positional],
    skips: harness.flags.flatMap(({ name, value }) =>
      name === "--skip" && value !== undefined ? [value] : [],
    ),
    exact: has("--exact"),
    ignored: ["--ignored", "--include-ignored"].filter(has),
  };
}

/** The command taken apart, or a sentence saying what in it is not understood. */
export function readCargoTest(run: string): CargoTest | string {
  const commands = readCommands(run);
  const last = commands?.at(-1);
  if (commands === undefined || last === undefined) return "it needs a shell";
  const [program, ...words] = last.argv;
  if (program !== "cargo") return `its last command is "${last.argv.join(" ")}", not cargo test`;
  const isNextest = words[0] === "nextest" && words[1] === "run";
  if (!isNextest && words[0] !== "test" && words[0] !== "t") return `"cargo ${words[0]}" is not cargo test`;
  const given = words.slice(isNextest ? 2 : 1);
  const dashes = given.indexOf("--");
  const parsed = readFlags(dashes === -1 ? given : given.slice(0, dashes), isNextest ? ofNextest : ofTest);
  if (typeof parsed === "string") return `the argument ${parsed} is not among those it takes apart`;
  const harness = readFlags(dashes === -1 ? [] : given.slice(dashes + 1), ofHarness);
  if (typeof harness === "string")
    return `the argument ${harness} after -- is not among those it takes apart`;
  return { before: commands.slice(0, -1), env: last.env, ...cargoTest(parsed, harness) };
}

/** Whether the command's filters select a test. */
export function selects(command: CargoTest, test: string): boolean {
  const matches = (filter: string): boolean => (command.exact ? test === filter : test.includes(filter));
  if (command.skips.some(matches)) return false;
  return command.filters.length === 0 || command.filters.some(matches);
}
