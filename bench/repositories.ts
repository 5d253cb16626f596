// Which repositories, commits and queries a retrieval benchmark runs on: named by the user, or chosen by a stated rule.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type EvaluationRow, readRows } from "../retriever/evaluation/rows.ts";
import { seededRandom } from "../src/domain/random.ts";

const execute = promisify(execFile);

export interface Subject {
  readonly name: string;
  readonly language: string;
  readonly repository: string;
  readonly commit: string;
  readonly parent: string;
  readonly files: number;
  readonly queries: readonly string[];
}

interface Candidate {
  readonly name: string;
  readonly language: string;
  readonly commit: string;
  readonly queries: readonly string[];
}

async function git(repository: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute("git", ["-C", repository, ...args], { maxBuffer: 1 << 30 });
  return stdout.trim();
}

/** Issue texts of the rows, then messages of commits before the base, drawn with a fixed seed. */
async function queriesOf(
  repository: string,
  commit: string,
  { rows, count }: { rows: readonly string[]; count: number },
) {
  const log = await git(repository, "log", "-n", "2000", "--no-merges", "--format=%B%x00", commit);
  const messages = log
    .split("\0")
    .map((message) => message.trim())
    .filter((message) => message.length > 20);
  const random = seededRandom("queries");
  const drawn = [...rows];
  while (drawn.length < count && messages.length > 0) {
    drawn.push(...messages.splice(random.integer(messages.length), 1));
  }
  return drawn.slice(0, count);
}

async function filesAt(repository: string, commit: string): Promise<number> {
  const list = await git(repository, "ls-tree", "-r", "--name-only", commit);
  return list.split("\n").length;
}

/** Why git could not do what it was asked, in its own last words. */
function saidBy(cause: unknown): string {
  const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr) : String(cause);
  return said.trim().split("\n").at(-1) ?? "";
}

/** What of the commit, or why the repository cannot be measured there: it, the commit or its parent is not at hand. */
async function subjectOf(folder: string, candidate: Candidate, queries: number): Promise<Subject | string> {
  const repository = join(folder, candidate.name);
  try {
    const commit = await git(repository, "rev-parse", "--verify", `${candidate.commit}^{commit}`);
    const parent = await git(repository, "rev-parse", "--verify", `${commit}^1`);
    const files = await filesAt(repository, commit);
    const asked = await queriesOf(repository, commit, { rows: candidate.queries, count: queries });
    return { ...candidate, repository, commit, parent, files, queries: asked };
  } catch (cause) {
    return `${candidate.name}@${candidate.commit}: ${saidBy(cause)}`;
  }
}

function grouped<Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

/** One for each repository of the rows, at the base commit of its first row. */
function candidatesOf(rows: readonly EvaluationRow[]): Candidate[] {
  const byName = grouped(rows, ({ repo }) => repo.replace("/", "+"));
  return [...byName].flatMap(([name, own]) => {
    const { language, baseCommit: commit } = own[0] ?? {};
    if (language === undefined || commit === undefined) return [];
    return [{ name, language, commit, queries: own.map(({ query }) => query) }];
  });
}

function rowsOf(path: string, note: SubjectOptions["note"]): EvaluationRow[] {
  const { rows, problems } = readRows(readFileSync(path, "utf8"));
  for (const { line, field, found } of problems) note(`left out: ${path}:${line}: ${field}: ${found}`);
  return rows;
}

export interface SubjectOptions {
  readonly folder: string;
  /** Files of rows, `id` or dataset lines. */
  readonly rows: readonly string[];
  /** `owner+name@commit`; chosen from the rows when there is none. */
  readonly only: readonly string[];
  readonly perLanguage: number;
  readonly mostFiles: number;
  readonly queries: number;
  readonly note: (line: string) => void;
}

/**
 * Of each language the largest repositories of at most `mostFiles` files and the one in the middle. Those of the rows
 * that are not at hand are told to `note`.
 * @throws Error for a repository that was named and cannot be measured
 */
export async function subjectsOf(options: SubjectOptions): Promise<Subject[]> {
  const all = candidatesOf(options.rows.flatMap((path) => rowsOf(path, options.note)));
  const named = options.only.map((each) => {
    const [name = "", commit = "HEAD"] = each.split("@");
    const known = all.find((candidate) => candidate.name === name);
    return { name, language: known?.language ?? "unnamed", commit, queries: known?.queries ?? [] };
  });
  const subjects: Subject[] = [];
  for (const candidate of named.length > 0 ? named : all) {
    const subject = await subjectOf(options.folder, candidate, options.queries);
    if (typeof subject !== "string") {
      if (named.length > 0 || subject.files <= options.mostFiles) subjects.push(subject);
    } else if (named.length > 0) throw new Error(`--only ${subject}`);
    else options.note(`left out: ${subject}`);
  }
  if (named.length > 0) return subjects;
  return [...grouped(subjects, ({ language }) => language)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, own]) => chosen(own, options.perLanguage));
}

function chosen(subjects: readonly Subject[], count: number): Subject[] {
  const bySize = subjects.toSorted((a, b) => b.files - a.files || (a.name < b.name ? -1 : 1));
  const middle = bySize[Math.floor(bySize.length / 2)];
  const largest = bySize.filter((each) => each !== middle).slice(0, count - 1);
  return middle === undefined ? largest : [...largest, middle];
}
