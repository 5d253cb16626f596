// What can be read in the container a row runs in: its tree, and every package in it, packed ones unpacked.
import { posix } from "node:path";
import { type Sandbox, SandboxFault } from "../../../sandboxes/index.ts";
import type { ReadableFile } from "./answer.ts";

/** `notRead`: what lies there and was not looked into, for a person. */
export type FoundFile =
  | (ReadableFile & { readonly part: "tree" | "packages" })
  | { readonly notRead: string };

/** Larger files are data; what is read at once stays far below what a process may print. */
const largestFileKib = 512;
const batchBytes = 8_000_000;
/** Of one part: more is not looked into, and said. */
const mostBytes = 1_000_000_000;
const mostArchives = 300;
const largestArchiveKib = 65_536;
const findMs = 300_000;

/** Where images and preparations keep packages: our own folders, and those of Debian's Python, Go and Cargo. */
const packageRoots = [
  "/deps",
  "/usr/local/lib",
  "/usr/lib/python3",
  "/usr/share/gocode",
  "/usr/share/cargo/registry",
];
const unpackedFolder = "/tmp/unpacked";

const archives = ["whl", "zip", "egg", "crate", "tar.gz", "tgz", "tar.xz", "tar.bz2"];

// Each archive is unpacked into a numbered folder; what cannot be, or not in time, is told with its number.
const unpackScript = `n=0; end=$(($(date +%s)+200))
zipped() {
  timeout 60 python3 -m zipfile -e "$1" "$2" || timeout 60 cmake -E chdir "$2" cmake -E tar xf "$1"
}
while IFS= read -r each; do
  n=$((n+1)); at="${unpackedFolder}/$n"; mkdir -p "$at"
  if [ "$(date +%s)" -gt "$end" ]; then echo "$n"; continue; fi
  case "$each" in
    *.whl|*.zip|*.egg) zipped "$each" "$at" || echo "$n" ;;
    *) timeout 60 tar -xf "$each" -C "$at" --no-same-owner --no-same-permissions || echo "$n" ;;
  esac
done 2>/dev/null`;

class Reader {
  readonly #sandbox: Sandbox;
  readonly #env: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;

  constructor(sandbox: Sandbox, env: Readonly<Record<string, string>>, signal: AbortSignal) {
    this.#sandbox = sandbox;
    this.#env = env;
    this.#signal = signal;
  }

  /** @throws SandboxFault where it does not end well: nothing is known then of what lies there */
  async ask(argv: readonly string[], stdin: string, maxOutputBytes: number): Promise<Buffer> {
    const request = { argv, cwd: "/", env: this.#env, timeoutMs: findMs, maxOutputBytes, stdin };
    const { outcome, stdout, truncated } = await this.#sandbox.exec(request, this.#signal);
    if (outcome.kind !== "exited" || truncated) {
      const found = truncated ? `more than ${maxOutputBytes} bytes` : JSON.stringify(outcome);
      const message = `reading a container: ${argv[0]} gave ${found}: free memory, then run the stage again`;
      throw new SandboxFault("engine-error", message, { retryable: true });
    }
    return stdout;
  }

  /** Files below the folders that are there, by path. */
  async list(roots: readonly string[], what: readonly string[]): Promise<Listed[]> {
    const format = ["-printf", "%s %p\\0"];
    const argv = ["find", ...roots, "-type", "f", "-readable", ...what, ...format];
    const listing = (await this.ask(argv, "", 200_000_000)).toString("utf8");
    const files = listing.split("\0").filter((line) => line !== "");
    const listed = files.map((line) => {
      const space = line.indexOf(" ");
      return { bytes: Number(line.slice(0, space)), path: line.slice(space + 1) };
    });
    return listed.sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  /** Their bytes, in their order. @throws SandboxFault where a file is not as long as it was listed */
  async *contents(
    files: readonly Listed[],
  ): AsyncGenerator<{ readonly path: string; readonly bytes: Buffer }> {
    for (const batch of batchesOf(files)) {
      const wanted = batch.reduce((sum, { bytes }) => sum + bytes, 0);
      const paths = batch.map(({ path }) => path).join("\0");
      const bytes = await this.ask(["xargs", "-0", "-r", "cat", "--"], paths, wanted + 1);
      if (bytes.length !== wanted) {
        const message = `reading a container: expected ${wanted} bytes of ${batch.length} files, found ${bytes.length}: run the stage again`;
        throw new SandboxFault("engine-error", message, { retryable: true });
      }
      let at = 0;
      for (const file of batch) {
        yield { path: file.path, bytes: bytes.subarray(at, at + file.bytes) };
        at += file.bytes;
      }
    }
  }
}

interface Listed {
  readonly path: string;
  readonly bytes: number;
}

function batchesOf(files: readonly Listed[]): Listed[][] {
  const batches: Listed[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const file of files) {
    if (bytes + file.bytes > batchBytes) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(file);
    bytes += file.bytes;
  }
  return batches;
}

/** The first of them up to the bound, and what the others come to. */
function bounded(files: readonly Listed[], part: string): { taken: Listed[]; left: FoundFile[] } {
  let bytes = 0;
  const taken = files.filter((file) => {
    bytes += file.bytes;
    return bytes <= mostBytes;
  });
  const left = files.length - taken.length;
  if (left === 0) return { taken, left: [] };
  return { taken, left: [{ notRead: `${part}: ${left} files beyond ${mostBytes} bytes` }] };
}

/** Text alone: what holds a zero byte is data. */
async function* texts(
  reader: Reader,
  files: readonly Listed[],
  { part, nameOf }: { readonly part: "tree" | "packages"; readonly nameOf: (path: string) => string },
): AsyncGenerator<FoundFile> {
  const { taken, left } = bounded(files, part);
  yield* left;
  for await (const { path, bytes } of reader.contents(taken))
    if (!bytes.includes(0)) yield { part, path: nameOf(path), text: bytes.toString("utf8") };
}

const small = ["-size", `-${largestFileKib + 1}k`];

async function largeOnes(reader: Reader, roots: readonly string[], part: string): Promise<FoundFile[]> {
  const files = await reader.list(roots, ["-size", `+${largestFileKib}k`]);
  return files.length === 0
    ? []
    : [{ notRead: `${part}: ${files.length} files of over ${largestFileKib} KiB` }];
}

async function* unpacked(reader: Reader, roots: readonly string[]): AsyncGenerator<FoundFile> {
  const named = archives.flatMap((ending, index) => [...(index === 0 ? [] : ["-o"]), "-name", `*.${ending}`]);
  const all = await reader.list(roots, ["-size", `-${largestArchiveKib + 1}k`, "(", ...named, ")"]);
  // A line a path: what holds a line break is no archive of a package manager's.
  const plain = all.filter(({ path }) => !path.includes("\n"));
  const taken = plain.slice(0, mostArchives);
  if (plain.length > taken.length) yield { notRead: `packages: ${plain.length - taken.length} archives` };
  if (taken.length === 0) return;
  const paths = `${taken.map(({ path }) => path).join("\n")}\n`;
  const broken = await reader.ask(["sh", "-c", unpackScript], paths, 100_000);
  for (const number of broken
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== ""))
    yield { notRead: `packages: ${taken[Number(number) - 1]?.path ?? number} cannot be unpacked here` };
  const nameOf = (path: string): string => {
    const [number = "", ...rest] = posix.relative(unpackedFolder, path).split("/");
    return `${taken[Number(number) - 1]?.path ?? number}!${rest.join("/")}`;
  };
  yield* texts(reader, await reader.list([unpackedFolder], small), { part: "packages", nameOf });
}

/**
 * Every text file of the tree (repository paths), then of the packages (absolute paths; `archive!member` in a packed one).
 * @throws SandboxFault
 */
export async function* containerFiles(
  sandbox: Sandbox,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): AsyncGenerator<FoundFile> {
  const reader = new Reader(sandbox, env, signal);
  const inTree = (path: string): string => posix.relative("/work", path);
  yield* texts(reader, await reader.list(["/work"], small), { part: "tree", nameOf: inTree });
  yield* await largeOnes(reader, ["/work"], "tree");
  yield* texts(reader, await reader.list(packageRoots, small), { part: "packages", nameOf: (path) => path });
  yield* await largeOnes(reader, packageRoots, "packages");
  yield* unpacked(reader, packageRoots);
}
