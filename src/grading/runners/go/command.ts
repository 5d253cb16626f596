// Reads a `go test` command line: which packages, built with which flags, and which of their tests.
import { type PlacedCommand, readChain } from "../chain.ts";

export interface GoTest {
  readonly before: readonly PlacedCommand[];
  readonly env: Readonly<Record<string, string>>;
  /** Folder the command runs in, relative to the repository. */
  readonly folder: string;
  readonly buildArguments: readonly string[];
  readonly packages: readonly string[];
  /** Pattern of `-run`; without one all tests run. */
  readonly pattern: string | undefined;
  /** `-test.short` and `-test.skip=...`, given to every test process. */
  readonly testArguments: readonly string[];
  /** `go test` refuses a package that a part of `go vet` objects to, unless told otherwise. */
  readonly vet: boolean;
}

type Meaning = "build" | "build-value" | "drop" | "drop-value" | "run" | "skip" | "short" | "vet";

const known: Readonly<Record<string, Meaning>> = {
  tags: "build-value",
  race: "build",
  mod: "build-value",
  modfile: "build-value",
  trimpath: "build",
  buildvcs: "build",
  ldflags: "build-value",
  gcflags: "build-value",
  v: "drop",
  json: "drop",
  failfast: "drop",
  cover: "drop",
  x: "drop",
  a: "drop",
  covermode: "drop-value",
  coverprofile: "drop-value",
  coverpkg: "drop-value",
  count: "drop-value",
  timeout: "drop-value",
  parallel: "drop-value",
  p: "drop-value",
  shuffle: "drop-value",
  run: "run",
  skip: "skip",
  short: "short",
  vet: "vet",
};

interface Reading {
  readonly build: string[];
  readonly test: string[];
  readonly packages: string[];
  pattern: string | undefined;
  vet: boolean;
}

const takesValue: ReadonlySet<Meaning> = new Set(["build-value", "drop-value", "run", "skip", "vet"]);

function note(
  reading: Reading,
  { name, meaning, value }: { name: string; meaning: Meaning; value: string },
): void {
  if (meaning === "build") reading.build.push(value === "" ? `-${name}` : `-${name}=${value}`);
  if (meaning === "build-value") reading.build.push(`-${name}=${value}`);
  if (meaning === "run") reading.pattern = value;
  if (meaning === "skip") reading.test.push(`-test.skip=${value}`);
  if (meaning === "short" && value !== "false") reading.test.push("-test.short");
  if (meaning === "vet") reading.vet = value !== "off";
}

function readWords(words: readonly string[]): Reading | string {
  const reading: Reading = { build: [], test: [], packages: [], pattern: undefined, vet: true };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (!word.startsWith("-")) {
      reading.packages.push(word);
      continue;
    }
    const [, name = "", , given] = /^--?(?:test\.)?([\w]+)(=(.*))?$/s.exec(word) ?? [];
    const meaning = Object.hasOwn(known, name) ? known[name] : undefined;
    if (meaning === undefined) return `the argument ${word} is not among those it takes apart`;
    const separate = takesValue.has(meaning) && given === undefined;
    if (separate) at += 1;
    const next = separate ? words[at] : given;
    if (takesValue.has(meaning) && next === undefined) return `the argument ${word} has no value`;
    note(reading, { name, meaning, value: next ?? "" });
  }
  return reading;
}

/** The command taken apart, or a sentence saying what in it is not understood. */
export function readGoTest(run: string): GoTest | string {
  const chain = readChain(run);
  if (typeof chain === "string") return chain;
  const { before, last } = chain;
  if (last.argv[0] !== "go" || last.argv[1] !== "test") {
    return `its last command is "${last.argv.join(" ")}", not go test`;
  }
  const reading = readWords(last.argv.slice(2));
  if (typeof reading === "string") return reading;
  const { build, test, packages, pattern, vet } = reading;
  if (pattern?.includes("/")) return "its -run pattern chooses among subtests";
  return {
    before,
    env: last.env,
    folder: last.folder,
    buildArguments: build,
    packages: packages.length === 0 ? ["."] : packages,
    pattern,
    testArguments: test,
    vet,
  };
}
