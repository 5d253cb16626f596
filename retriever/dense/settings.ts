// How a model folder wants to be used: rerank.json and the model's own configuration files, parsed at the door.
import { z } from "zod";
import { RetrieverFault } from "../fault.ts";
import { type RerankerKind, rerankerKinds } from "./reranker.ts";

const poolings = ["mean", "cls", "last"] as const;

/** Fields of `rerank.json`; every one may be left out. */
const given = z.strictObject({
  kind: z.enum(rerankerKinds).optional(),
  /** Put before the query and before each passage: asymmetric models want `query: ` and `passage: ` or the like. */
  queryPrefix: z.string().max(4_000).optional(),
  passagePrefix: z.string().max(4_000).optional(),
  /** Of an output with one vector a token: the mean over tokens, the first, or the last. */
  pooling: z.enum(poolings).optional(),
  /** Vectors to unit length, so that their product is the cosine. */
  normalise: z.boolean().optional(),
  maxTokens: z.int().min(8).max(32_768).optional(),
  /** Tokens of one run, padding included: bounds memory. A text is never split for it. */
  batchTokens: z.int().min(1).max(1_048_576).optional(),
  /** Name of the model's output, where it has several. */
  output: z.string().min(1).optional(),
});

export type RerankSettingsInput = z.input<typeof given>;

export interface RerankSettings {
  readonly kind: RerankerKind;
  readonly queryPrefix: string;
  readonly passagePrefix: string;
  readonly pooling: (typeof poolings)[number];
  readonly normalise: boolean;
  readonly maxTokens: number;
  readonly batchTokens: number;
  readonly output?: string;
  readonly padTokenId: number;
}

/** Of files that other programs write, only what is used, and only where it has the expected shape. */
const modelConfig = z.object({
  architectures: z.array(z.string()).optional().catch(undefined),
  max_position_embeddings: z.int().min(8).max(10_000_000).optional().catch(undefined),
  pad_token_id: z.int().min(0).optional().catch(undefined),
});
const tokenizerConfig = z.object({
  // "No limit" is written as a number near 1e30.
  model_max_length: z.number().int().min(8).max(10_000_000).optional().catch(undefined),
});

/** Quadratic attention makes longer texts dear; a model that is worth it says so in `rerank.json`. */
const longestByDefaultTokens = 512;
const defaultBatchTokens = 4_096;

/** A file's JSON, and where it stands for the messages. */
export interface SettingsSource {
  readonly path: string;
  readonly json: unknown;
}

function problemsOf(error: z.ZodError, path: string): string {
  return error.issues
    .map(
      ({ path: field, message }) => `${path}: ${field.length === 0 ? "whole" : field.join(".")}: ${message}`,
    )
    .join("; ");
}

function parsed<Shape extends z.ZodType>(shape: Shape, { path, json }: SettingsSource): z.output<Shape> {
  const result = shape.safeParse(json);
  if (result.success) return result.data;
  throw new RetrieverFault(
    "model-unusable",
    `${problemsOf(result.error, path)}. What to do: mend the file; docs/retrieval.md lists its fields`,
  );
}

export interface SettingsSources {
  /** `rerank.json`, or `{}`. */
  readonly file: SettingsSource;
  /** What the caller asked for; wins over the file. */
  readonly options: SettingsSource;
  /** The model's `config.json` and `tokenizer_config.json`, or `{}`. */
  readonly model: SettingsSource;
  readonly tokenizer: SettingsSource;
}

/** @throws RetrieverFault `model-unusable`: says file, field, what was expected and what was found */
export function settingsOf(sources: SettingsSources): RerankSettings {
  const { output, ...chosen } = {
    ...parsed(given, sources.file),
    ...defined(parsed(given, sources.options)),
  };
  const model = parsed(modelConfig, sources.model);
  const { model_max_length: trained } = parsed(tokenizerConfig, sources.tokenizer);
  const classifies = model.architectures?.some((name) => name.endsWith("ForSequenceClassification")) ?? false;
  const longest = Math.min(trained ?? Infinity, model.max_position_embeddings ?? Infinity);
  return {
    kind: chosen.kind ?? (classifies ? "cross-encoder" : "embedding"),
    queryPrefix: chosen.queryPrefix ?? "",
    passagePrefix: chosen.passagePrefix ?? "",
    pooling: chosen.pooling ?? "mean",
    normalise: chosen.normalise ?? true,
    maxTokens: chosen.maxTokens ?? Math.min(longest, longestByDefaultTokens),
    batchTokens: chosen.batchTokens ?? defaultBatchTokens,
    padTokenId: model.pad_token_id ?? 0,
    ...(output === undefined ? {} : { output }),
  };
}

/** Without keys that are there but undefined, which would hide the file's. */
function defined(settings: RerankSettingsInput): RerankSettingsInput {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
