// A folder with a decoder in it: which files it must have and what of them is used, parsed at the door.
import { access } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { optionalText, parsedJson } from "../../codec/files.ts";
import { EngineFault } from "../../engine.ts";
import type { ExpectedShape } from "./messages.ts";

/** Where models are laid by those who publish them. */
const modelPlaces = ["model.onnx", "onnx/model.onnx"];

const count = z.int().min(1).max(100_000_000);
const ends = z.union([z.int().min(0), z.array(z.int().min(0))]).nullish();

/** Of files that other programs write, only what is used; older families have names of their own. */
const configShape = z
  .object({
    num_hidden_layers: count.optional(),
    n_layer: count.optional(),
    num_attention_heads: count.optional(),
    n_head: count.optional(),
    num_key_value_heads: count.nullish(),
    head_dim: count.nullish(),
    hidden_size: count.optional(),
    n_embd: count.optional(),
    vocab_size: count.optional(),
    max_position_embeddings: count.optional(),
    n_positions: count.optional(),
    eos_token_id: ends,
  })
  .transform((found) => ({
    layers: found.num_hidden_layers ?? found.n_layer,
    heads: found.num_attention_heads ?? found.n_head,
    keyHeads: found.num_key_value_heads ?? undefined,
    headSize: found.head_dim ?? undefined,
    hidden: found.hidden_size ?? found.n_embd,
    vocabulary: found.vocab_size,
    contextTokens: found.max_position_embeddings ?? found.n_positions,
    ends: found.eos_token_id,
  }));

const generationShape = z.object({ eos_token_id: ends });

export interface ModelFolder {
  readonly name: string;
  readonly modelPath: string;
  readonly configPath: string;
  readonly contextTokens: number;
  readonly endIds: readonly number[];
  readonly expected: ExpectedShape;
}

export function unusable(message: string, cause?: unknown): EngineFault {
  const remedy =
    "What to do: export the model anew with its caches, or give a folder whose files belong together";
  return new EngineFault("unusable", `${message}. ${remedy}`, { cause });
}

async function modelIn(folder: string): Promise<string> {
  for (const place of modelPlaces) {
    const path = join(folder, place);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw unusable(`${folder}: expected ${modelPlaces.join(" or ")}, found neither`);
}

function must<Value>(value: Value | undefined, path: string, field: string): Value {
  if (value !== undefined) return value;
  throw unusable(`${path}: expected ${field}, found nothing of the name`);
}

/** @throws EngineFault `unusable`: says the file, the field, what was expected and what was found */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const modelPath = await modelIn(folder);
  const configPath = join(folder, "config.json");
  const generationPath = join(folder, "generation_config.json");
  const config = parsedJson(
    configPath,
    must(await optionalText(configPath), configPath, "a file"),
    configShape,
  );
  const generation = parsedJson(
    generationPath,
    (await optionalText(generationPath)) ?? "{}",
    generationShape,
  );
  const heads = must(config.heads, configPath, "num_attention_heads");
  const headSize = config.headSize ?? (config.hidden === undefined ? undefined : config.hidden / heads);
  return {
    name: basename(resolve(folder)),
    modelPath,
    configPath,
    contextTokens: must(config.contextTokens, configPath, "max_position_embeddings"),
    endIds: [generation.eos_token_id ?? config.ends ?? []].flat(),
    expected: {
      layers: must(config.layers, configPath, "num_hidden_layers"),
      keyHeads: config.keyHeads ?? heads,
      ...(headSize === undefined ? {} : { headSize }),
      ...(config.vocabulary === undefined ? {} : { vocabulary: config.vocabulary }),
    },
  };
}
