// Measures the retriever on rows with known answers: each repository at each row's commit, ranked several ways.
import { realpath, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import {
  byChunk,
  byFile,
  type EvaluationRow,
  type FileMetrics,
  fileMetrics,
  isCandidate,
  type LineTally,
  lineTally,
  openIndex,
  type Packed,
  pack,
  placesOf,
  type Ranker,
  type Ranking,
  type RepositoryIndex,
  type Reranker,
  RetrieverFault,
  rankerOf,
  rerank,
  type SearchOptions,
  type SignalName,
  type Snapshot,
  type Span,
  type TokenCounter,
} from "../../retriever/index.ts";

/** One way of ranking, compared with the others on the same rows. */
export type Variant =
  | { readonly name: "full" | "bm25" | "reranked" }
  | { readonly name: `without ${string}`; readonly without: readonly SignalName[] };

export interface VariantResult extends FileMetrics {
  /** Of each gold file, from 1; null where the ranking does not hold it. */
  readonly places: readonly (number | null)[];
  /** Paths of the first `shownFirst` files; absent for ablations. */
  readonly first?: readonly string[];
  /** Gold lines that the packed budget shows; absent for a row whose patch only adds files, and for ablations. */
  readonly lines?: LineTally;
  readonly seconds: number;
}

/** Ranked files that a result names: what stood before the gold. */
const shownFirst = 10;

export interface RowResult {
  readonly id: string;
  readonly repo: string;
  readonly language: string;
  readonly candidates: number;
  /** Gold files among the candidates. */
  readonly gold: readonly string[];
  /** Gold paths that are not in the base tree: files that the patch adds, or wrong names. They are not looked for. */
  readonly goldAbsent: readonly string[];
  /** Where the repository stands: rows of one repository may spell its name differently. */
  readonly folder: string;
  /** Files whose content the repository lacks (a partial clone): they cannot be ranked, and none is gold. */
  readonly missing: number;
  readonly indexSeconds: number;
  readonly variants: Readonly<Record<string, VariantResult>>;
}

/** A row that could not be measured: it is counted and named, and never a zero. */
export interface LeftOutRow {
  readonly id: string;
  readonly repo: string;
  readonly language: string;
  readonly reason:
    | "no-repository"
    | "object-missing"
    | "repository-unreadable"
    | "gold-missing"
    | "no-gold-candidate";
  readonly detail: string;
}

export interface EvaluationRequest {
  readonly rows: readonly EvaluationRow[];
  /** Folder in which `repo` is looked up. */
  readonly repos: string;
  readonly variants: readonly Variant[];
  readonly maxTokens: number;
  readonly counter: TokenCounter;
  readonly reranker?: Reranker;
}

export interface EvaluationOptions {
  readonly cacheFolder?: string;
  readonly signal?: AbortSignal;
  /** Seconds of a clock that only moves forward. */
  readonly seconds: () => number;
  /** One sentence about something that was not as it should be. */
  readonly note?: (sentence: string) => void;
  readonly onRow?: (
    done: RowResult | LeftOutRow,
    count: { readonly at: number; readonly of: number },
  ) => void;
}

/** Where a row's repository may stand, most likely first. */
function placesInFolder(repo: string, folder: string): string[] {
  if (isAbsolute(repo)) return [repo];
  const flat = ["+", "__"].map((between) => repo.replaceAll("/", between));
  return [...flat, repo].flatMap((name) => [join(folder, name), join(folder, `${name}.git`)]);
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** The folder that holds a repository, bare or not; undefined when none is there. */
export async function findRepository(repo: string, folder: string): Promise<string | undefined> {
  for (const place of placesInFolder(repo, folder)) {
    // git itself would take a folder inside another clone for that clone.
    const isClone = (await isThere(join(place, ".git"))) || (await isThere(join(place, "HEAD")));
    if (isClone) return place;
  }
  return undefined;
}

interface Laid {
  readonly snapshot: Snapshot;
  readonly ranker: Ranker;
  readonly missing: readonly string[];
}

interface Opened extends Laid {
  readonly row: EvaluationRow;
  readonly gold: readonly string[];
}

/** Spans of the gold files, without the lines that the files do not have. */
function inFiles(spans: readonly Span[], { files }: Snapshot, gold: readonly string[]): Span[] {
  const lines = new Map(files.map(({ path, digest }) => [path, digest?.lines ?? 0]));
  return spans.flatMap((span) => {
    const lastLine = Math.min(span.lastLine, lines.get(span.path) ?? 0);
    return gold.includes(span.path) && span.firstLine <= lastLine ? [{ ...span, lastLine }] : [];
  });
}

/** Evaluates rows one after another. */
class Evaluator {
  readonly #request: EvaluationRequest;
  readonly #options: EvaluationOptions;
  readonly #index: RepositoryIndex;
  /** Rows of one commit follow each other in most files: the last one is kept laid out. */
  #last: (Laid & { readonly key: string }) | undefined;

  constructor(request: EvaluationRequest, options: EvaluationOptions, index: RepositoryIndex) {
    this.#request = request;
    this.#options = options;
    this.#index = index;
  }

  async row(row: EvaluationRow): Promise<RowResult | LeftOutRow> {
    const { id, repo, language } = row;
    const leftOut = (reason: LeftOutRow["reason"], detail: string): LeftOutRow => ({
      ...{ id, repo, language, reason, detail },
    });
    const folder = await findRepository(repo, this.#request.repos);
    if (folder === undefined) {
      return leftOut("no-repository", `none of ${placesInFolder(repo, this.#request.repos).join(", ")}`);
    }
    const started = this.#options.seconds();
    let opened: Laid;
    try {
      opened = await this.#open(folder, row.baseCommit);
    } catch (cause) {
      if (!(cause instanceof RetrieverFault)) throw cause;
      // Anything else is wrong with this machine, not with the row.
      if (cause.code !== "object-missing" && cause.code !== "repository-unreadable") throw cause;
      return leftOut(cause.code, cause.message);
    }
    const indexSeconds = this.#options.seconds() - started;
    const { missing } = opened;
    const goldMissing = row.goldFiles.filter((path) => missing.includes(path));
    if (goldMissing.length > 0) return leftOut("gold-missing", `no content for ${goldMissing.join(", ")}`);
    const candidates = opened.snapshot.files.filter((file) => isCandidate(file, language));
    const paths = new Set(candidates.map(({ path }) => path));
    const gold = row.goldFiles.filter((path) => paths.has(path));
    if (gold.length === 0) {
      const named = row.goldFiles.length === 0 ? "the patch only adds files" : row.goldFiles.join(", ");
      return leftOut("no-gold-candidate", `no ${language} source outside tests at this commit: ${named}`);
    }
    const variants: Record<string, VariantResult> = {};
    for (const variant of this.#request.variants) {
      variants[variant.name] = await this.#variant({ row, gold, ...opened }, variant);
    }
    const inTree = new Set(opened.snapshot.files.map(({ path }) => path));
    const goldAbsent = row.goldFiles.filter((path) => !inTree.has(path));
    const about = {
      id,
      repo,
      folder: await realpath(folder),
      language,
      candidates: candidates.length,
      missing: missing.length,
    };
    return { ...about, gold, goldAbsent, indexSeconds, variants };
  }

  async #open(folder: string, commit: string): Promise<Laid> {
    const key = `${folder} ${commit}`;
    if (this.#last?.key === key) return this.#last;
    this.#last = undefined;
    const { signal } = this.#options;
    const asked = signal === undefined ? {} : { signal };
    const { snapshot, stats } = await this.#index.snapshot(folder, commit, asked);
    for (const damage of stats.cacheDamage) this.#options.note?.(`the cache was damaged: ${damage}`);
    if (stats.cacheStopped !== undefined) this.#options.note?.(`nothing is cached: ${stats.cacheStopped}`);
    this.#last = { key, snapshot, ranker: rankerOf(snapshot), missing: stats.missing };
    return this.#last;
  }

  async #variant(opened: Opened, variant: Variant): Promise<VariantResult> {
    const { row, gold } = opened;
    const started = this.#options.seconds();
    const ranking = await this.#rank(opened, variant, {
      candidate: (file) => isCandidate(file, row.language),
    });
    const seconds = this.#options.seconds() - started;
    const ranked = ranking.files.map(({ file }) => file.path);
    const found = placesOf(ranked, gold);
    const places = found.map((place) => place ?? null);
    const measured = { ...fileMetrics(found), places, seconds };
    if ("without" in variant) return measured;
    const lines = await this.#lines(opened, variant);
    const first = ranked.slice(0, shownFirst);
    return { ...measured, first, ...(lines === undefined ? {} : { lines }) };
  }

  async #rank({ row, snapshot, ranker }: Opened, variant: Variant, options: SearchOptions): Promise<Ranking> {
    const query = { text: row.query };
    if (variant.name === "bm25") return ranker.search(query, { ...options, mode: "bm25" });
    if ("without" in variant) return ranker.search(query, { ...options, without: variant.without });
    const ranking = ranker.search(query, options);
    const { reranker } = this.#request;
    if (variant.name !== "reranked") return ranking;
    if (reranker === undefined) throw new TypeError("expected a reranker for the variant `reranked`");
    const { signal } = this.#options;
    const asked = { ranking, snapshot, query: row.query, reranker };
    return (await rerank(asked, signal === undefined ? {} : { signal })).ranking;
  }

  /** As a contestant is shown it: nothing is left out of the ranking, tests and documents neither. */
  async #lines(opened: Opened, variant: Variant): Promise<LineTally | undefined> {
    const { row, gold, snapshot } = opened;
    const spans = inFiles(row.goldSpans, snapshot, gold);
    if (spans.length === 0) return undefined;
    const ranking = await this.#rank(opened, variant, {});
    const packed: Packed = await pack({
      chunks: variant.name === "bm25" ? byFile(ranking) : byChunk(ranking),
      maxTokens: this.#request.maxTokens,
      counter: this.#request.counter,
      read: (file) => snapshot.read(file),
    });
    return lineTally(spans, packed.snippets);
  }
}

export const isMeasured = (result: RowResult | LeftOutRow): result is RowResult => "variants" in result;

/** Every row in order, measured or left out with its reason. @throws RetrieverFault `aborted` */
export async function evaluateRetrieval(
  request: EvaluationRequest,
  options: EvaluationOptions,
): Promise<readonly (RowResult | LeftOutRow)[]> {
  const { cacheFolder, signal, onRow } = options;
  await using index = openIndex(cacheFolder === undefined ? {} : { cacheFolder });
  const evaluator = new Evaluator(request, options, index);
  const results: (RowResult | LeftOutRow)[] = [];
  for (const [at, row] of request.rows.entries()) {
    if (signal?.aborted === true) throw new RetrieverFault("aborted", "stopped while rows were measured");
    const result = await evaluator.row(row);
    onRow?.(result, { at: at + 1, of: request.rows.length });
    results.push(result);
  }
  return results;
}
