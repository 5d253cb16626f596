// What retrieval costs: indexing beside pure parsing and beside BM25 libraries, the next commit, queries, memory, disk.
import { execFile } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { spread } from "./figures.ts";
import { type Subject, subjectsOf } from "./repositories.ts";
import type { ChildTask, IndexFigures, ParseFigures, QueryFigures } from "./retrieval-child.ts";

const execute = promisify(execFile);
const note = (line: string): void => console.error(line);

const { values } = parseArgs({
  options: {
    repos: { type: "string" },
    rows: { type: "string", multiple: true, default: [] },
    only: { type: "string", multiple: true, default: [] },
    "per-language": { type: "string", default: "2" },
    "most-files": { type: "string", default: "4000" },
    repeats: { type: "string", default: "3" },
    queries: { type: "string", default: "40" },
    workers: { type: "string", default: String(availableParallelism()) },
    python: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

function whole(name: "per-language" | "most-files" | "repeats" | "queries" | "workers"): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name}: expected a whole number from 1, found "${values[name]}"`);
}

const [repeats, workers] = [whole("repeats"), whole("workers")];

/** Least, middle and greatest of the repeats. */
interface Range {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

function rangeOf(list: readonly number[]): Range {
  const sorted = list.toSorted((a, b) => a - b);
  return { min: sorted[0] ?? Number.NaN, median: spread(list).median, max: sorted.at(-1) ?? Number.NaN };
}

function percentile(list: readonly number[], share: number): number {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

async function child<Figures>(task: ChildTask): Promise<Figures> {
  const script = fileURLToPath(new URL("./retrieval-child.ts", import.meta.url));
  const { stdout } = await execute(process.execPath, ["--import", "tsx", script, JSON.stringify(task)], {
    maxBuffer: 1 << 28,
  });
  return JSON.parse(stdout);
}

const engines = ["bm25s", "bm25s-plain", "tantivy"] as const;
type Engine = (typeof engines)[number];

async function libraryMs(engine: Engine, texts: string): Promise<number> {
  const script = fileURLToPath(new URL("./bm25.py", import.meta.url));
  const { stdout } = await execute(values.python ?? "python3", [script, engine, texts]);
  const { seconds }: { seconds: number } = JSON.parse(stdout);
  return seconds * 1000;
}

function bytesBelow(folder: string): number {
  const sizes = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) =>
    statSync(join(folder, name)),
  );
  return sizes.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
}

/** One repeat of everything on one repository, milliseconds; library times are there when a library is. */
interface Repeat {
  readonly before: IndexFigures;
  /** Cold as well, of the files that were parsed and no other. */
  readonly code: IndexFigures;
  readonly next: IndexFigures;
  readonly parse: ParseFigures;
  readonly query: QueryFigures;
  readonly cacheBytes: number;
  readonly libraries: Readonly<Partial<Record<Engine, number>>>;
}

interface Prepared {
  /** Lines for the libraries, where there are any. */
  readonly texts: string | undefined;
  readonly parsedOnly: { readonly repository: string; readonly commit: string };
}

async function repeated(subject: Subject, { texts, parsedOnly }: Prepared): Promise<Repeat> {
  const cacheFolder = await mkdtemp(join(tmpdir(), "arena-bench-index-"));
  const { repository, commit, parent, queries } = subject;
  const at = { repository, workers, cacheFolder };
  try {
    const before = await child<IndexFigures>({ ...at, kind: "index", commit: parent });
    const cacheBytes = bytesBelow(cacheFolder);
    const codeCache = { cacheFolder: join(cacheFolder, "code"), workers };
    const code = await child<IndexFigures>({ kind: "index", ...parsedOnly, ...codeCache });
    const parse = await child<ParseFigures>({ ...at, kind: "parse", commit: parent });
    const next = await child<IndexFigures>({ ...at, kind: "index", commit });
    const query = await child<QueryFigures>({ ...at, kind: "query", commit, queries });
    const libraries: Partial<Record<Engine, number>> = {};
    for (const engine of texts === undefined ? [] : engines)
      libraries[engine] = await libraryMs(engine, texts ?? "");
    return { before, code, next, parse, query, cacheBytes, libraries };
  } finally {
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

interface Measured {
  readonly subject: Omit<Subject, "queries">;
  readonly repeats: readonly Repeat[];
}

async function measured(subject: Subject): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), "arena-bench-texts-"));
  try {
    const { repository, parent: commit } = subject;
    const at = { repository, commit, workers };
    const alone = join(folder, "parsed-only");
    const parsedOnly = await child<Prepared["parsedOnly"]>({ ...at, kind: "parsed-only", folder: alone });
    const texts = values.python === undefined ? undefined : join(folder, "texts.jsonl");
    if (texts !== undefined) {
      await child({ ...at, kind: "texts", folder });
    }
    const done: Repeat[] = [];
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      note(`${subject.name}: ${repeat + 1} of ${repeats}`);
      done.push(await repeated(subject, { texts, parsedOnly }));
    }
    const { queries: _, ...rest } = subject;
    return { subject: rest, repeats: done };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a reader compares; each is a ratio within one repeat, or a figure of it. */
const figures: Readonly<Record<string, (repeat: Repeat) => number>> = {
  "cold index, ms": ({ before }) => before.indexMs,
  "pure parse, ms": ({ parse }) => parse.parseMs,
  "cold / pure parse": ({ before, parse }) => before.indexMs / parse.parseMs,
  "cold / pure parse, processor time": ({ before, parse }) => before.cpuMs / parse.cpuMs,
  "cold, parsed files alone / pure parse": ({ code, parse }) => code.indexMs / parse.parseMs,
  "cold, parsed files alone / pure parse, processor time": ({ code, parse }) => code.cpuMs / parse.cpuMs,
  "cold / bm25s with identifier parts": ({ before, libraries }) =>
    before.indexMs / (libraries.bm25s ?? Number.NaN),
  "cold / bm25s as it comes": ({ before, libraries }) =>
    before.indexMs / (libraries["bm25s-plain"] ?? Number.NaN),
  "cold / per-commit whole-file index": ({ before, libraries }) =>
    before.indexMs / (libraries.tantivy ?? Number.NaN),
  "next commit, ms": ({ next }) => next.indexMs,
  "next commit, blobs read": ({ next }) => next.read,
  "next / cold, %": ({ before, next }) => (100 * next.indexMs) / before.indexMs,
  "next / per-commit whole-file index": ({ next, libraries }) =>
    next.indexMs / (libraries.tantivy ?? Number.NaN),
  "laying out for questions, ms": ({ next }) => next.layMs,
  "query p50, ms": ({ query }) => percentile(query.queryMs, 0.5),
  "query p95, ms": ({ query }) => percentile(query.queryMs, 0.95),
  "peak memory indexing, MB": ({ before }) => before.peakMb,
  "peak memory asking, MB": ({ query }) => query.peakMb,
  "cache on disk, MB": ({ cacheBytes }) => cacheBytes / 2 ** 20,
};

function rangesOf(list: readonly Repeat[]): Record<string, Range> {
  const all = Object.entries(figures).map(([name, of]) => [name, rangeOf(list.map(of))] as const);
  return Object.fromEntries(all.filter(([, { median }]) => Number.isFinite(median)));
}

const shown = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

function say({ min, median, max }: Range): string {
  return `${shown(median)} (${shown(min)} to ${shown(max)})`;
}

function sayRanges(title: string, ranges: Record<string, Range>): void {
  console.log(`\n${title}`);
  for (const [name, range] of Object.entries(ranges)) console.log(`  ${name}: ${say(range)}`);
}

function loadLine(): string {
  return loadavg()
    .map((each) => each.toFixed(1))
    .join(" ");
}

function machineLine(): string {
  const [first] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `machine: ${first?.model.trim() || "unnamed processor"}, ${availableParallelism()} cores, ${memory}, kernel ${release()}, node ${process.version}, load ${loadLine()} at the start; ${workers} workers, ${repeats} repeats, ${new Date().toISOString()}`;
}

/** Ratios of all repositories together: the middle of each repository's repeats, then their range. */
function overall(all: readonly Measured[]): Record<string, Range> {
  const each = all.map(({ repeats: list }) => rangesOf(list));
  const names = Object.keys(figures).filter((name) => each.some((ranges) => ranges[name] !== undefined));
  return Object.fromEntries(
    names.map((name) => [name, rangeOf(each.flatMap((ranges) => ranges[name]?.median ?? []))]),
  );
}

if (values.repos === undefined) throw new Error("--repos: expected the folder of the repositories");
const machine = machineLine();
note(machine);
const subjects = await subjectsOf({
  folder: values.repos,
  rows: values.rows,
  only: values.only,
  perLanguage: whole("per-language"),
  mostFiles: whole("most-files"),
  queries: whole("queries"),
  note,
});
if (values.python === undefined)
  note("left out: libraries (give --python, an interpreter that has bm25s and tantivy)");
const all: Measured[] = [];
for (const subject of subjects) {
  const done = await measured(subject);
  all.push(done);
  if (values.json) continue;
  const { name, language, commit, files } = subject;
  const { before, parse } = done.repeats[0] ?? {};
  const read = `${before?.indexed} indexed, ${shown((before?.bytesRead ?? 0) / 2 ** 20)} MB; ${parse?.files} of them parsed, ${shown((parse?.bytes ?? 0) / 2 ** 20)} MB`;
  sayRanges(`${name}@${commit.slice(0, 12)} (${language}): ${files} files, ${read}`, rangesOf(done.repeats));
}
if (values.json) {
  const repositories = all.map((each) => ({ ...each, ranges: rangesOf(each.repeats) }));
  console.log(JSON.stringify({ schemaVersion: 1, machine, repositories, overall: overall(all) }));
} else {
  console.log(`\n${machine}; load ${loadLine()} at the end`);
  sayRanges(`${all.length} repositories, median (least to greatest)`, overall(all));
}
