// Reads an issue set: what can be read is read, what is wrong is listed with its file, line and field.
import { createHash } from "node:crypto";
import { createReadStream, type ReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { UsageError } from "../domain/fault.ts";
import { type FieldProblem, fieldProblems, type Instance, parseInstance, shown } from "../domain/instance.ts";
import { boundedLines, type Line, maxLineBytes } from "./lines.ts";

export const setSchema = z.strictObject({
  schemaVersion: z.literal(1).default(1),
  name: z.string().min(1),
  version: z.string().min(1),
  /** Of instances.jsonl, byte for byte. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hex digits"),
  /** How many lines instances.jsonl has. */
  instances: z.number().int().nonnegative(),
  licence: z.string().min(1),
  howMade: z.string().min(1),
});

/** What set.json says. */
export type SetDescription = z.infer<typeof setSchema>;

export interface SetProblem extends FieldProblem {
  readonly file: string;
  /** From 1; absent when the problem is not in one line. */
  readonly line?: number;
}

export interface SetInfo {
  readonly name: string;
  readonly version: string;
  /** Of the file that was read, whatever set.json declares. */
  readonly sha256: string;
  /** Absent for a bare .jsonl file or an unreadable set.json. */
  readonly description?: SetDescription;
  /** Absolute folder in which `repos/` is looked for. */
  readonly folder: string;
  /** Absolute path of the JSONL file. */
  readonly file: string;
}

export interface IssueSet {
  readonly set: SetInfo;
  /** In the file's order; of two lines with one id the first. */
  readonly instances: readonly Instance[];
  readonly problems: readonly SetProblem[];
}

export interface ReadSetOptions {
  /** Any problem is fatal: a UsageError that lists them. */
  readonly strict?: boolean;
}

interface SetFiles {
  readonly folder: string;
  readonly lines: string;
  /** Absent for a bare .jsonl file. */
  readonly description?: string;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function unreadable(path: string, cause: unknown): Promise<UsageError> {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const found = code === "ENOENT" ? "nothing" : `something unreadable (${code})`;
  const expected = "a set folder (set.json and instances.jsonl) or a .jsonl file";
  return new UsageError(`expected ${expected} at ${path}, found ${found}`, { cause });
}

async function withoutLines(folder: string): Promise<UsageError> {
  const names = (await readdir(folder)).sort();
  const found = names.length === 0 ? "an empty folder" : names.slice(0, 8).join(", ");
  const next = names.includes("instances")
    ? `: freeze the authored instances first with \`arena issues import ${folder} --from folder --out ${folder}\``
    : "";
  return new UsageError(`expected instances.jsonl in the set folder ${folder}, found ${found}${next}`);
}

/** @throws UsageError when there is neither a set folder nor a .jsonl file */
async function filesOf(path: string): Promise<SetFiles> {
  const status = await stat(path).catch(async (cause: unknown) => {
    throw await unreadable(path, cause);
  });
  if (!status.isDirectory()) {
    if (!path.endsWith(".jsonl")) {
      throw new UsageError(`expected a set folder or a file ending in .jsonl, found ${path}`);
    }
    const description = join(dirname(path), "set.json");
    const isOfSet = basename(path) === "instances.jsonl" && (await exists(description));
    return { folder: dirname(path), lines: path, ...(isOfSet ? { description } : {}) };
  }
  const lines = join(path, "instances.jsonl");
  if (!(await exists(lines))) throw await withoutLines(path);
  return { folder: path, lines, description: join(path, "set.json") };
}

function parseJson(
  text: string,
): { readonly ok: true; readonly json: unknown } | { readonly ok: false; readonly why: string } {
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

async function readDescription(file: string, problems: SetProblem[]): Promise<SetDescription | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) {
    const expected = "a readable set.json beside instances.jsonl";
    problems.push({ file, field: "(the whole file)", expected, found: "nothing" });
    return undefined;
  }
  const parsed = parseJson(text);
  if (!parsed.ok) {
    problems.push({ file, field: "(the whole file)", expected: "one JSON object", found: parsed.why });
    return undefined;
  }
  const checked = setSchema.safeParse(parsed.json);
  if (checked.success) return checked.data;
  problems.push(...fieldProblems(checked.error, parsed.json).map((problem) => ({ file, ...problem })));
  return undefined;
}

/** Turns lines into instances and remembers everything that is wrong with them. */
class LineReader {
  readonly instances: Instance[] = [];
  readonly problems: SetProblem[] = [];
  readonly #file: string;
  readonly #lineOf = new Map<string, number>();
  count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  read(line: Line): void {
    if (line.kind === "text" && line.text.trim() === "") return;
    this.count += 1;
    if (line.kind === "text") this.#readText(line.text, line.number);
    else if (line.kind === "too-long") {
      const found = `more than ${maxLineBytes} bytes`;
      this.#report(line.number, { field: "(the whole line)", expected: "a line of at most 50 MiB", found });
    } else {
      this.#report(line.number, { field: "(the whole line)", expected: "UTF-8", found: "other bytes" });
    }
  }

  #readText(text: string, line: number): void {
    const json = parseJson(text);
    if (!json.ok) {
      this.#report(line, { field: "(the whole line)", expected: "one JSON object", found: json.why });
      return;
    }
    const parsed = parseInstance(json.json);
    if (!parsed.ok) {
      for (const problem of parsed.problems) this.#report(line, problem);
      return;
    }
    const { instanceId } = parsed.value;
    const earlier = this.#lineOf.get(instanceId);
    if (earlier === undefined) {
      this.#lineOf.set(instanceId, line);
      this.instances.push(parsed.value);
    } else {
      const expected = `an id no other line has (line ${earlier} has it)`;
      this.#report(line, { field: "instance_id", expected, found: shown(instanceId) });
    }
  }

  #report(line: number, problem: FieldProblem): void {
    this.problems.push({ file: this.#file, line, ...problem });
  }
}

async function readLines(file: string): Promise<{ reader: LineReader; sha256: string }> {
  const hash = createHash("sha256");
  const reader = new LineReader(file);
  async function* hashed(stream: ReadStream): AsyncGenerator<Buffer> {
    for await (const chunk of stream) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      hash.update(bytes);
      yield bytes;
    }
  }
  try {
    for await (const line of boundedLines(hashed(createReadStream(file)))) reader.read(line);
  } catch (cause) {
    throw await unreadable(file, cause);
  }
  return { reader, sha256: hash.digest("hex") };
}

function frozenProblems(description: SetDescription, file: string, read: LineReader, sha256: string) {
  const problems: SetProblem[] = [];
  if (description.sha256 !== sha256) {
    const expected = `the hash set.json froze, ${description.sha256}: restore the file, or publish a new version`;
    problems.push({ file, field: "(hash mismatch)", expected, found: sha256 });
  }
  if (description.instances !== read.count) {
    const expected = `${description.instances} lines, as set.json says`;
    problems.push({ file, field: "(number of lines)", expected, found: String(read.count) });
  }
  return problems;
}

/** One sentence per problem: file, line, field, what was expected and what was found. */
export function problemText(problem: SetProblem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
  return `${place}: ${problem.field}: expected ${problem.expected}, found ${problem.found}`;
}

/**
 * Reads a set folder (set.json, instances.jsonl, repos/) or a bare .jsonl file, which is a set without set.json.
 * A bad line is a problem in the answer and the rest is read; with `strict` it is fatal.
 * @throws UsageError when nothing can be read at `path`, or with `strict` when there is any problem
 */
export async function readSet(path: string, options: ReadSetOptions = {}): Promise<IssueSet> {
  const files = await filesOf(resolve(path));
  const problems: SetProblem[] = [];
  const description =
    files.description === undefined ? undefined : await readDescription(files.description, problems);
  const { reader, sha256 } = await readLines(files.lines);
  problems.push(...reader.problems);
  if (description !== undefined) problems.push(...frozenProblems(description, files.lines, reader, sha256));
  if (options.strict === true && problems.length > 0) {
    throw new UsageError(`${path} is not sound:\n${problems.map(problemText).join("\n")}`);
  }
  const stem = basename(files.lines, ".jsonl");
  const bare = stem === "instances" ? basename(files.folder) : stem;
  return {
    set: {
      name: description?.name ?? bare,
      version: description?.version ?? "unversioned",
      sha256,
      ...(description === undefined ? {} : { description }),
      folder: files.folder,
      file: files.lines,
    },
    instances: reader.instances,
    problems,
  };
}
