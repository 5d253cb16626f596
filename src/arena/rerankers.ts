// A person's own model that ranks once more what the retriever finds: opened by its folder, held to through a run.
import { openReranker, type Reranker, RetrieverFault } from "../../retriever/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { RerankerIdentity, RetrievalMode } from "../domain/run.ts";
import type { Manifest } from "./manifest.ts";
import { orClosed } from "./or-closed.ts";

export interface RerankChoice {
  /** A model's folder (docs/retrieval.md). */
  readonly rerank?: string;
  /** `cpu` (the default) or `cuda`. */
  readonly rerankDevice?: string;
}

export interface RerankPlaces {
  /** Of vectors, kept between runs. */
  readonly cacheFolder: string;
  readonly note: (sentence: string) => void;
}

function deviceOf({ rerankDevice }: RerankChoice): "cpu" | "cuda" {
  if (rerankDevice === undefined || rerankDevice === "cpu") return "cpu";
  if (rerankDevice === "cuda") return "cuda";
  throw new UsageError(`--rerank-device: expected cpu or cuda, found "${rerankDevice}"`);
}

/**
 * The model that was asked for; a fallback is said.
 * @throws UsageError for a folder that holds none; RetrieverFault `cache-unusable`
 */
export async function chosenReranker(
  choice: RerankChoice,
  { cacheFolder, note }: RerankPlaces,
): Promise<Reranker | undefined> {
  const device = deviceOf(choice);
  if (choice.rerank === undefined) {
    if (choice.rerankDevice === undefined) return undefined;
    throw new UsageError("--rerank-device: expected --rerank <folder> beside it: the model to run there");
  }
  try {
    const reranker = await openReranker({ folder: choice.rerank, device, cacheFolder });
    const { fallback } = reranker.about;
    if (fallback !== undefined) note(`reranking: ${fallback}`);
    return telling(reranker, note);
  } catch (cause) {
    if (!(cause instanceof RetrieverFault) || cause.code !== "model-unusable") throw cause;
    throw new UsageError(`--rerank: ${cause.message}`, { cause });
  }
}

/** Damage of the cache is met when it is opened or at any later time: it is said when it is met. */
function telling(reranker: Reranker, note: RerankPlaces["note"]): Reranker {
  let told: string | undefined;
  const tell = (): void => {
    const { cacheNotice } = reranker.about;
    if (cacheNotice !== undefined && cacheNotice !== told) note(`reranking: ${cacheNotice}`);
    told = cacheNotice;
  };
  tell();
  return {
    get about() {
      return reranker.about;
    },
    score: (query, passages, signal) => reranker.score(query, passages, signal).finally(tell),
    close: () => reranker.close(),
    [Symbol.asyncDispose]: () => reranker.close(),
  };
}

/** Only CUDA is ever fallen back from. */
export function identityOf({ about }: Pick<Reranker, "about">): RerankerIdentity {
  const { fingerprint, device, fallback } = about;
  return { fingerprint, device, ...(fallback === undefined ? {} : { asked: "cuda" }) };
}

export interface RerankedRun {
  readonly run: string;
  /** Of a run that goes on. */
  readonly begun?: Pick<Manifest, "settings" | "options"> | undefined;
  /** What each contestant behind a model is shown; empty where none plays. */
  readonly modes: readonly RetrievalMode[];
}

/**
 * The model of a run: the one it was begun with, whether it is named again or not.
 * @throws UsageError where there is nothing to rank again, and where the run would go on with another
 */
export async function rerankerOfRun(
  { rerank, rerankDevice }: RerankChoice,
  { run, begun, modes }: RerankedRun,
  places: RerankPlaces,
): Promise<Reranker | undefined> {
  const folder = rerank ?? begun?.options.rerank;
  const device = rerankDevice ?? begun?.options.rerankDevice;
  if (begun === undefined && folder !== undefined && !modes.includes("full")) {
    const found = modes.length === 0 ? "none behind a model" : [...new Set(modes)].join(", ");
    throw new UsageError(
      `--rerank: expected a contestant that is shown what the full search finds, found ${found}; leave --rerank out`,
    );
  }
  const named = folder === undefined ? {} : { rerank: folder };
  const reranker = await chosenReranker(
    device === undefined ? named : { ...named, rerankDevice: device },
    places,
  );
  await orClosed(
    () => reranker?.close(),
    () => {
      if (begun !== undefined) mustBeSame(run, begun.settings?.retrieval?.reranker, reranker);
    },
  );
  return reranker;
}

/** What prompts show must not change in the middle of a run. */
function mustBeSame(run: string, begun: RerankerIdentity | undefined, reranker: Reranker | undefined): void {
  const now = reranker === undefined ? undefined : identityOf(reranker);
  if (begun?.fingerprint === now?.fingerprint && begun?.device === now?.device) return;
  const short = ({ fingerprint }: RerankerIdentity): string => fingerprint.slice(0, 12);
  if (begun === undefined)
    throw new UsageError(`${run} was begun without a reranker: leave --rerank out, or name another folder`);
  if (now === undefined)
    throw new UsageError(`${run} was begun with the reranker ${short(begun)}: name its folder with --rerank`);
  if (begun.fingerprint === now.fingerprint) {
    const way =
      now.asked === undefined ? `name --rerank-device ${begun.device}` : `go on where ${now.asked} loads`;
    throw new UsageError(
      `${run} was begun with its reranker on ${begun.device}, and would go on with it on ${now.device}, which ranks ` +
        `differently: ${way}, or start a new run in another folder`,
    );
  }
  throw new UsageError(
    `${run} was begun with the reranker ${short(begun)}, and would go on with ${short(now)}: bring the model's folder ` +
      "back as it was, or start a new run in another folder",
  );
}
