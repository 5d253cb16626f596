// One measurement of the retriever in a process of its own, so that time, memory and caches are its own: prints JSON.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { languages } from "../retriever/chunking/languages.ts";
import type { IndexedFile, Snapshot } from "../retriever/index.ts";
import { startThread } from "../retriever/thread.ts";
import { timed } from "./figures.ts";
import { repositoryOf } from "./filtered.ts";

/** The build is measured, as users run it: from sources every thread would first load a compiler. */
const built = new URL("../dist/retriever/index.js", import.meta.url);
const { openIndex, rankerOf }: typeof import("../retriever/index.ts") = await import(built.href);

/** What a child is told, as JSON in its only argument. */
export interface ChildTask {
  readonly kind: "index" | "query" | "parse" | "texts" | "parsed-only";
  readonly repository: string;
  readonly commit: string;
  readonly workers: number;
  /** Digests of before; where `index` keeps its own. */
  readonly cacheFolder?: string;
  readonly queries?: readonly string[];
  /** Where `texts` writes each file's text, and where `parsed-only` makes its repository. */
  readonly folder?: string;
}

export interface IndexFigures {
  readonly files: number;
  readonly indexed: number;
  /** Blobs read anew and their source. */
  readonly read: number;
  readonly bytesRead: number;
  /** Until the snapshot is there: tree, blobs, history. */
  readonly indexMs: number;
  /** Of all threads of this process, git's processes left out: less at the mercy of who else uses the machine. */
  readonly cpuMs: number;
  /** Laying it out for questions. */
  readonly layMs: number;
  readonly peakMb: number;
}

export interface QueryFigures {
  readonly queryMs: readonly number[];
  readonly peakMb: number;
}

export interface ParseFigures {
  readonly parseMs: number;
  readonly cpuMs: number;
  readonly files: number;
  readonly bytes: number;
}

/** The highest resident size this process itself had; what it inherited from its parent is not counted. */
function peakMb(): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function opened({ repository, commit, workers, cacheFolder }: ChildTask) {
  const index = openIndex({ workers, ...(cacheFolder === undefined ? {} : { cacheFolder }) });
  return { index, ...(await index.snapshot(repository, commit)) };
}

async function indexed(task: ChildTask): Promise<IndexFigures> {
  const started = performance.now();
  const cpuBefore = cpuMs();
  const { index, snapshot, stats } = await opened(task);
  const indexMs = performance.now() - started;
  const cpu = cpuMs() - cpuBefore;
  const layMs = await timed(async () => rankerOf(snapshot));
  await index.close();
  const { files, indexed: withDigest, read, bytesRead } = stats;
  return { files, indexed: withDigest, read, bytesRead, indexMs, cpuMs: cpu, layMs, peakMb: peakMb() };
}

async function queried(task: ChildTask): Promise<QueryFigures> {
  const { index, snapshot } = await opened(task);
  const ranker = rankerOf(snapshot);
  const queryMs: number[] = [];
  for (const text of task.queries ?? []) {
    queryMs.push(await timed(async () => ranker.search({ text }, { maxFiles: 20, maxChunks: 50 })));
  }
  await index.close();
  return { queryMs, peakMb: peakMb() };
}

/** Files that have a grammar, each content once: what of indexing no retriever with syntax can do without. */
function parsedFiles({ files }: Snapshot): IndexedFile[] {
  const known = new Set(languages().all.map(({ name }) => name));
  const byBlob = new Map<string, IndexedFile>();
  for (const file of files) {
    const { language = "", digest, blob } = file;
    if (digest !== undefined && known.has(language) && digest.bytes <= 1024 * 1024 && !byBlob.has(blob))
      byBlob.set(blob, file);
  }
  return [...byBlob.values()];
}

async function grammarTexts(task: ChildTask): Promise<{ language: string; text: string }[]> {
  const { index, snapshot } = await opened(task);
  const texts = [];
  for (const file of parsedFiles(snapshot))
    texts.push({ language: file.language ?? "", text: (await snapshot.read(file)).toString("utf8") });
  await index.close();
  return texts;
}

/** A commit of the parsed files alone, with the same past, so that indexing them can be compared with parsing them. */
async function parsedOnly(task: ChildTask): Promise<{ repository: string; commit: string }> {
  const { index, snapshot } = await opened(task);
  const files = parsedFiles(snapshot);
  await index.close();
  return await repositoryOf(files, { like: task, at: task.folder ?? "" });
}

/** As many threads as indexing has, each with an equal share of the bytes, everything loaded before the clock starts. */
async function parsed(task: ChildTask): Promise<ParseFigures> {
  const texts = (await grammarTexts(task)).sort((one, other) => other.text.length - one.text.length);
  const shares = Array.from({ length: Math.max(1, task.workers) }, () => ({
    units: 0,
    texts: [] as typeof texts,
  }));
  for (const each of texts) {
    const least = shares.reduce((a, b) => (b.units < a.units ? b : a));
    least.units += each.text.length;
    least.texts.push(each);
  }
  const threads = shares.map((share) => startThread(new URL("./parse-thread", import.meta.url), share.texts));
  const heard = (): Promise<unknown[]> =>
    Promise.all(threads.map((thread) => new Promise((resolve) => thread.once("message", resolve))));
  await heard();
  const cpuBefore = cpuMs();
  const parseMs = await timed(async () => {
    const done = heard();
    for (const thread of threads) thread.postMessage("parse");
    await done;
  });
  const cpu = cpuMs() - cpuBefore;
  await Promise.all(threads.map((thread) => thread.terminate()));
  const bytes = texts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return { parseMs, cpuMs: cpu, files: texts.length, bytes };
}

/** The texts as a library would be given them: one line a file. */
async function written(task: ChildTask): Promise<{ files: number; bytes: number }> {
  const { index, snapshot } = await opened(task);
  const folder = task.folder ?? "";
  mkdirSync(folder, { recursive: true });
  const lines = [];
  let bytes = 0;
  for (const file of snapshot.files) {
    if (file.digest === undefined) continue;
    const text = (await snapshot.read(file)).toString("utf8");
    bytes += file.digest.bytes;
    lines.push(JSON.stringify({ path: file.path, text }));
  }
  writeFileSync(join(folder, "texts.jsonl"), `${lines.join("\n")}\n`);
  await index.close();
  return { files: lines.length, bytes };
}

const task: ChildTask = JSON.parse(process.argv[2] ?? "{}");
const kinds = { index: indexed, query: queried, parse: parsed, texts: written, "parsed-only": parsedOnly };
const work = kinds[task.kind];
console.log(JSON.stringify(await work(task)));
