// How the weights of the ranking are chosen: whole repositories are left out, weights are fitted to the others, and only
// the left-out rows count. Prints that beside today's weights, equal ones, rank fusion, and plain BM25.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Trait } from "../retriever/digest.ts";
import {
  type EvaluationRow,
  type FileSignal,
  fileMetrics,
  fileSignals,
  isCandidate,
  openIndex,
  type RepositoryIndex,
  rankerOf,
  readRows,
} from "../retriever/index.ts";
import { demotions, fileWeights } from "../retriever/ranking/weights.ts";
import { findRepository } from "../src/arena/retrieval-evaluation.ts";
import { seededRandom, shuffled } from "../src/domain/random.ts";
import { Bootstrap } from "../src/rating/index.ts";

const note = (line: string): void => console.error(line);

const { values: given } = parseArgs({
  options: {
    rows: { type: "string", multiple: true, default: [] },
    repos: { type: "string" },
    /** What every file of every row scored, kept between calls: to work it out takes minutes. */
    features: { type: "string", default: join(tmpdir(), "swing-arena-features.json") },
    cache: { type: "string", default: join(tmpdir(), "swing-arena-weights-index") },
    folds: { type: "string", default: "10" },
    seed: { type: "string", default: "weights" },
  },
});

/** One row: what each file that any signal found scored, and which of them are gold. */
interface Features {
  readonly id: string;
  readonly repo: string;
  readonly language: string;
  /** By file, then in the order of `fileSignals`; between 0 and 1, in thousandths. */
  readonly scores: readonly (readonly number[])[];
  readonly traits: readonly (readonly Trait[])[];
  /** Numbers of files; undefined (null on disk) for one that no signal found. */
  readonly gold: readonly (number | null)[];
  /** Places of the gold files by plain BM25. */
  readonly plain: readonly (number | null)[];
}

const ones: Readonly<Record<FileSignal, number>> = {
  ...{ fileBm25: 1, chunkBm25: 1, path: 1, quotedPaths: 1, identifiers: 1, definitions: 1, phrases: 1 },
  ...{ graph: 1, recency: 1, coChange: 1, messages: 1 },
};

async function featuresOf(row: EvaluationRow, repos: string, index: RepositoryIndex) {
  const repository = await findRepository(row.repo, repos);
  if (repository === undefined) return undefined;
  const { snapshot } = await index.snapshot(repository, row.baseCommit);
  const candidate = (file: Parameters<typeof isCandidate>[0]) => isCandidate(file, row.language);
  const candidates = new Set(snapshot.files.filter(candidate).map(({ path }) => path));
  const gold = row.goldFiles.filter((path) => candidates.has(path));
  if (gold.length === 0) return undefined;
  const ranker = rankerOf(snapshot);
  const { files } = ranker.search({ text: row.query }, { candidate, weights: ones, without: ["demotion"] });
  const plain = ranker.search({ text: row.query }, { candidate, mode: "bm25" }).files;
  const placeOf = (list: typeof files, path: string): number | null => {
    const at = list.findIndex(({ file }) => file.path === path);
    return at < 0 ? null : at;
  };
  const features: Features = {
    ...{ id: row.id, repo: row.repo, language: row.language },
    scores: files.map(({ why }) =>
      fileSignals.map((name) => Math.round(1000 * (why.find(({ signal }) => signal === name)?.points ?? 0))),
    ),
    traits: files.map(({ file }) => file.traits),
    gold: gold.map((path) => placeOf(files, path)),
    plain: gold.map((path) => placeOf(plain, path)),
  };
  return features;
}

async function extracted(): Promise<readonly Features[]> {
  if (existsSync(given.features)) {
    note(`features from ${given.features}; delete it to read them anew`);
    return JSON.parse(readFileSync(given.features, "utf8"));
  }
  if (given.repos === undefined || given.rows.length === 0) {
    throw new Error("expected --rows <jsonl> (may be repeated) and --repos <folder>");
  }
  await using index = openIndex({ cacheFolder: given.cache });
  const all: Features[] = [];
  for (const file of given.rows) {
    for (const row of readRows(readFileSync(file, "utf8")).rows) {
      try {
        const features = await featuresOf(row, given.repos, index);
        if (features === undefined) note(`${row.id}: no repository or no gold candidate`);
        else all.push(features);
      } catch (cause) {
        note(`${row.id}: ${cause instanceof Error ? cause.message : String(cause)}`);
      }
      note(`${all.length} rows read, ${row.id}`);
    }
  }
  writeFileSync(given.features, JSON.stringify(all));
  return all;
}

type Losses = Readonly<Record<Trait, number>>;

interface Setting {
  /** In the order of `fileSignals`. */
  readonly weights: readonly number[];
  readonly losses: Losses;
}

const current: Setting = { weights: fileSignals.map((name) => fileWeights[name]), losses: demotions };

const lossOf = (traits: readonly Trait[], losses: Losses): number =>
  Math.max(0, ...traits.map((trait) => losses[trait]));

function summed({ scores, traits }: Features, { weights, losses }: Setting): number[] {
  return scores.map((list, file) => {
    let sum = 0;
    for (let signal = 0; signal < list.length; signal += 1) {
      sum += (weights[signal] ?? 0) * (list[signal] ?? 0);
    }
    return sum * (1 - lossOf(traits[file] ?? [], losses));
  });
}

/** Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009) of the lists with a weight, demotions the same. */
function rankFused({ scores, traits }: Features, k: number): number[] {
  const fused = new Array<number>(scores.length).fill(0);
  for (let signal = 0; signal < fileSignals.length; signal += 1) {
    if (current.weights[signal] === 0) continue;
    const ranked = scores
      .map((list, file) => ({ file, score: list[signal] ?? 0 }))
      .filter(({ score }) => score > 0)
      .sort((one, other) => other.score - one.score || one.file - other.file);
    for (const [rank, { file }] of ranked.entries()) fused[file] = (fused[file] ?? 0) + 1 / (k + rank + 1);
  }
  return fused.map((score, file) => score * (1 - lossOf(traits[file] ?? [], current.losses)));
}

/** Places from 1 of the gold files; ties count against them. */
function placesBy(features: Features, totals: readonly number[]): (number | undefined)[] {
  return features.gold.map((file) => {
    if (file === null || (totals[file] ?? 0) <= 0) return undefined;
    const score = totals[file] ?? 0;
    return totals.reduce(
      (place, other, at) => place + Number(other > score || (other === score && at < file)),
      1,
    );
  });
}

interface Measure {
  readonly any5: number;
  readonly all10: number;
  readonly mrr: number;
}

type Ranking = (features: Features) => readonly (number | undefined)[];

const bySetting =
  (setting: Setting): Ranking =>
  (features) =>
    placesBy(features, summed(features, setting));

function measureOf(places: readonly (number | undefined)[]): Measure {
  const metrics = fileMetrics(places);
  return { any5: metrics.any[1] ?? 0, all10: metrics.all[2] ?? 0, mrr: metrics.reciprocalRank };
}

/** What fitting makes larger: the mean of the three figures that the aims are about. */
function objective(rows: readonly Features[], setting: Setting): number {
  const rank = bySetting(setting);
  let sum = 0;
  for (const row of rows) {
    const { any5, all10, mrr } = measureOf(rank(row));
    sum += (any5 + all10 + mrr) / 3;
  }
  return sum / rows.length;
}

const levels = [0, 0.25, 0.5, 1, 2] as const;
/** A step must gain this much: smaller gains are noise of a handful of rows. */
const leastGain = 0.001;

/** Coordinate ascent over round numbers, from today's weights; signals in their order, until none moves. */
function fitted(rows: readonly Features[]): Setting {
  let best = current;
  let value = objective(rows, best);
  for (let moved = true; moved; ) {
    moved = false;
    for (let signal = 0; signal < fileSignals.length; signal += 1) {
      for (const level of levels) {
        const weights = best.weights.with(signal, level);
        const tried = objective(rows, { ...best, weights });
        if (tried > value + leastGain) {
          best = { ...best, weights };
          value = tried;
          moved = true;
        }
      }
    }
  }
  return best;
}

function foldsOf(rows: readonly Features[], count: number): readonly ReadonlySet<string>[] {
  const repos = shuffled([...new Set(rows.map(({ repo }) => repo))].sort(), seededRandom(given.seed));
  return Array.from(
    { length: count },
    (_, fold) => new Set(repos.filter((_repo, at) => at % count === fold)),
  );
}

function leftOut(rows: readonly Features[]): ReadonlyMap<Features, readonly (number | undefined)[]> {
  const places = new Map<Features, readonly (number | undefined)[]>();
  for (const [at, fold] of foldsOf(rows, Number(given.folds)).entries()) {
    const setting = fitted(rows.filter(({ repo }) => !fold.has(repo)));
    note(`fold ${at + 1}: ${shown(setting)}`);
    for (const row of rows) if (fold.has(row.repo)) places.set(row, bySetting(setting)(row));
  }
  return places;
}

const shown = ({ weights }: Setting): string =>
  fileSignals.map((name, signal) => `${name} ${weights[signal]}`).join(", ");

function report(name: string, rows: readonly Features[], rank: Ranking): void {
  const measures = rows.map((row) => measureOf(rank(row)));
  const now = rows.map((row) => measureOf(bySetting(current)(row)));
  const total = (key: keyof Measure) => measures.reduce((sum, measure) => sum + measure[key], 0);
  const gains = new Map<string, { numerator: number; denominator: number }>();
  for (const [at, { repo }] of rows.entries()) {
    const gain = gains.get(repo) ?? { numerator: 0, denominator: 0 };
    gain.numerator += (measures[at]?.mrr ?? 0) - (now[at]?.mrr ?? 0);
    gain.denominator += 1;
    gains.set(repo, gain);
  }
  const bootstrap = new Bootstrap({ random: seededRandom(given.seed) });
  const estimate = bootstrap.estimate([...gains.values()].map((share) => [share]));
  const gain =
    estimate === undefined
      ? ""
      : `${estimate.value.toFixed(3)} (${estimate.low.toFixed(3)} to ${estimate.high.toFixed(3)})`;
  console.log(
    `| ${name} | ${total("any5")} | ${total("all10")} | ${(total("mrr") / rows.length).toFixed(3)} | ${gain} |`,
  );
}

const rows = await extracted();
const repositories = new Set(rows.map(({ repo }) => repo)).size;
console.log(`${rows.length} rows of ${repositories} repositories; gains in MRR over today's weights\n`);
console.log("| weights | any@5 | all@10 | MRR | MRR against today's |\n|---|---|---|---|---|");
report("plain BM25", rows, ({ plain }) => plain.map((place) => (place === null ? undefined : place + 1)));
for (const k of [10, 60]) {
  report(`rank fusion, k = ${k}`, rows, (row) => placesBy(row, rankFused(row, k)));
}
report("all 1", rows, bySetting({ ...current, weights: fileSignals.map(() => 1) }));
report("today's", rows, bySetting(current));
const places = leftOut(rows);
report("fitted, repositories left out", rows, (row) => places.get(row) ?? []);
const whole = fitted(rows);
report("fitted to all rows (looks ahead)", rows, bySetting(whole));
console.log(`\nfitted to all rows: ${shown(whole)}`);
