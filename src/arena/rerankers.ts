// A person's own model that ranks once more what the retriever finds: opened by its folder, held to through a run.
import { isDeepStrictEqual } from "node:util";
import { openReranker, type Reranker, RetrieverFault } from "../../retriever/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { RerankerIdentity } from "../domain/run.ts";

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

/** The model that was asked for; a fallback is said. @throws UsageError for a folder that holds none */
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
    const { fallback, cacheNotice } = reranker.about;
    if (fallback !== undefined) note(`reranking: ${fallback}`);
    if (cacheNotice !== undefined) note(`reranking: ${cacheNotice}`);
    return reranker;
  } catch (cause) {
    if (!(cause instanceof RetrieverFault)) throw cause;
    throw new UsageError(`--rerank: ${cause.message}`, { cause });
  }
}

export function identityOf({ about: { fingerprint, device } }: Reranker): RerankerIdentity {
  return { fingerprint, device };
}

const named = (identity: RerankerIdentity | undefined): string =>
  identity === undefined
    ? "no reranker"
    : `the reranker ${identity.fingerprint.slice(0, 12)} on ${identity.device}`;

/** What prompts show must not change in the middle of a run. @throws UsageError */
export function mustBeSameReranker(
  run: string,
  begun: RerankerIdentity | undefined,
  now: RerankerIdentity | undefined,
): void {
  if (isDeepStrictEqual(begun, now)) return;
  throw new UsageError(
    `${run} was begun with ${named(begun)}, and would go on with ${named(now)}: bring the model's folder back as it was, ` +
      "or start a new run in another folder",
  );
}
