// `arena retrieve eval`: how well the retriever finds known answers, beside plain BM25 on the same rows.
import { readFile, stat } from "node:fs/promises";
import {
  fileSignals,
  fileWeights,
  RetrieverFault,
  type RowProblem,
  readRows,
  type SignalName,
  type TokenCounter,
  tokenCounterFor,
} from "../../../retriever/index.ts";
import {
  chosenReranker,
  evaluateRetrieval,
  isMeasured,
  type LeftOutRow,
  type RerankChoice,
  summariseRetrieval,
  type Variant,
} from "../../arena/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { seededRandom } from "../../domain/random.ts";
import { Bootstrap } from "../../rating/index.ts";
import { indexFolder, now } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { retrievalJson, retrievalText } from "../retrieval-tables.ts";

export interface RetrieveEvalOptions extends RerankChoice {
  readonly rows: string;
  readonly repos?: string;
  readonly budget: number;
  readonly tokenizer?: string;
  readonly only?: string;
  readonly ablations?: boolean;
  readonly resamples: number;
  readonly seed: string;
  /** A row that is wrong or cannot be measured ends the command with exit code 4. */
  readonly strict?: boolean;
}

/** What a budget is measured by unless a contestant's own is named. */
const measuredBy = "o200k_base";

/** Groups that stand in for one another: leaving one out alone often changes nothing. */
const groups: Readonly<Record<string, readonly SignalName[]>> = {
  bm25: ["fileBm25", "chunkBm25"],
  names: ["identifiers", "definitions", "phrases"],
  history: ["recency", "coChange", "messages"],
};

function variantsOf({ ablations, rerank }: RetrieveEvalOptions): Variant[] {
  // What weighs nothing cannot be missed.
  const weighing = fileSignals.filter((name) => fileWeights[name] > 0);
  const single = [...weighing, "demotion" as const].map(
    (name): Variant => ({
      name: `without ${name}`,
      without: [name],
    }),
  );
  const grouped = Object.entries(groups).map(
    ([name, without]): Variant => ({
      name: `without ${name} (${without.join(", ")})`,
      without,
    }),
  );
  return [
    { name: "full" },
    { name: "bm25" },
    ...(rerank === undefined ? [] : [{ name: "reranked" } as const]),
    ...(ablations === true ? [...single, ...grouped] : []),
  ];
}

async function rowsOf({ rows: file, only }: RetrieveEvalOptions) {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(`cannot read ${file}: expected lines of JSON, one row each`, { cause });
  });
  const { rows, problems } = readRows(text);
  if (only === undefined) return { rows, problems };
  const ids = new Set(only.split(",").map((id) => id.trim()));
  const chosen = rows.filter(({ id }) => ids.has(id));
  const unknown = [...ids].filter((id) => !chosen.some((row) => row.id === id));
  if (unknown.length > 0) throw new UsageError(`--only: no row ${unknown.join(", ")} in ${file}`);
  return { rows: chosen, problems };
}

async function reposOf({ repos }: RetrieveEvalOptions): Promise<string> {
  if (repos === undefined)
    throw new UsageError("expected --repos <folder>: clones of the rows' repositories");
  const folder = await stat(repos).catch(() => undefined);
  if (folder?.isDirectory() === true) return repos;
  throw new UsageError(`--repos: expected a folder of clones, found none at ${repos}`);
}

/** @throws UsageError for one that cannot be used */
async function counterNamed(tokenizer: string): Promise<TokenCounter> {
  try {
    return await tokenCounterFor({ tokenizer });
  } catch (cause) {
    if (!(cause instanceof RetrieverFault)) throw cause;
    throw new UsageError(`--tokenizer: ${cause.message}`, { cause });
  }
}

const sentence = ({ line, field, found }: RowProblem): string =>
  `line ${line}${field === "" ? "" : `, ${field}`}: ${found}`;

/** @throws UsageError for a file without one good row, and for folders that are not there */
export async function retrieveEval(
  options: RetrieveEvalOptions,
  { out, signal }: CommandContext,
): Promise<ExitCode> {
  const { budget, tokenizer = measuredBy, seed, resamples } = options;
  const repos = await reposOf(options);
  const { rows, problems } = await rowsOf(options);
  for (const problem of problems) out.note(`${options.rows}: ${sentence(problem)}`);
  if (rows.length === 0) {
    throw new UsageError(
      `${options.rows}: no row to measure; expected {id, repo, base_commit, language, query, gold_files} or dataset rows`,
    );
  }
  const counter = await counterNamed(tokenizer);
  const cacheFolder = indexFolder();
  const reranker = await chosenReranker(options, { cacheFolder, note: out.note });
  try {
    const started = now();
    const results = await evaluateRetrieval(
      {
        ...{ rows, repos, maxTokens: budget, counter, variants: variantsOf(options) },
        ...(reranker === undefined ? {} : { reranker }),
      },
      {
        ...{ cacheFolder, signal, seconds: () => now() / 1000 },
        note: out.note,
        onRow: (done, { at, of }) => out.progress(`${at} of ${of} rows: ${done.id}`),
      },
    );
    const measured = results.filter(isMeasured);
    const leftOut = results.filter((each): each is LeftOutRow => !isMeasured(each));
    const bootstrap = new Bootstrap({ random: seededRandom(seed), resamples });
    const report = {
      ...{ measured, leftOut, problems },
      summary: summariseRetrieval(measured, bootstrap),
      seconds: (now() - started) / 1000,
      settings: { budget, tokenizer: counter.name, seed, resamples, level: bootstrap.level },
      ...(reranker === undefined ? {} : { reranker: reranker.about }),
    };
    out.result(retrievalJson(report), () => retrievalText(report));
    // Nothing was measured: the rows and the folder do not belong together.
    if (measured.length === 0) return exitCodes.usage;
    const isWhole = leftOut.length === 0 && problems.length === 0;
    return options.strict === true && !isWhole ? exitCodes.belowThreshold : exitCodes.done;
  } finally {
    await reranker?.close();
  }
}
