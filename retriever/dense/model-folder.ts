// A folder with a model in it: which files it must have, what they say, and the fingerprint of all of them.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { RetrieverFault } from "../fault.ts";
import { type RerankSettings, type RerankSettingsInput, settingsOf } from "./settings.ts";

/** Where models are laid by those who publish them. */
const modelPlaces = ["model.onnx", "onnx/model.onnx"];
/** Weights above 2 GiB stand beside the model, under the names in use. */
const weightSuffixes = [".data", "_data"];
/** The largest tokenizer in use has 20 MB. */
const largestTextBytes = 256 * 1024 * 1024;

export interface ModelFolder {
  readonly folder: string;
  readonly modelPath: string;
  readonly tokenizerPath: string;
  readonly tokenizerJson: string;
  readonly tokenizerConfigJson: string;
  readonly settings: RerankSettings;
  readonly fingerprint: string;
}

function unusable(message: string, cause?: unknown): RetrieverFault {
  return new RetrieverFault("model-unusable", message, { cause });
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= largestTextBytes) return await readFile(path, "utf8");
  } catch (cause) {
    throw unusable(`${path}: expected a readable file. What to do: check the model folder`, cause);
  }
  throw unusable(`${path}: expected at most ${largestTextBytes} bytes. What to do: check the model folder`);
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unusable(`${path}: expected JSON, found something else. What to do: copy the file anew`, cause);
  }
}

async function optionalText(path: string): Promise<string> {
  return (await isThere(path)) ? await textOf(path) : "{}";
}

async function modelIn(folder: string): Promise<string> {
  for (const place of modelPlaces) {
    const path = join(folder, place);
    if (await isThere(path)) return path;
  }
  throw unusable(
    `${folder}: expected ${modelPlaces.join(" or ")}, found neither. ` +
      "What to do: give the folder of a model exported to ONNX, with its tokenizer.json",
  );
}

async function fingerprintOf(paths: readonly string[], settings: string): Promise<string> {
  const hash = createHash("sha256").update(settings);
  for (const path of paths) {
    hash.update(`\0${(await stat(path)).size}\0`);
    for await (const part of createReadStream(path)) hash.update(part);
  }
  return hash.digest("hex");
}

/** @throws RetrieverFault `model-unusable`: says the file, the field, what was expected and what was found */
export async function readModelFolder(folder: string, options: RerankSettingsInput): Promise<ModelFolder> {
  const modelPath = await modelIn(folder);
  const tokenizerPath = join(folder, "tokenizer.json");
  const tokenizerJson = await textOf(tokenizerPath);
  const source = async (name: string) => {
    const path = join(folder, name);
    const text = await optionalText(path);
    return { path, text, json: jsonOf(path, text) };
  };
  const tokenizer = await source("tokenizer_config.json");
  const settings = settingsOf({
    file: await source("rerank.json"),
    options: { path: "reranker options", json: options },
    model: await source("config.json"),
    tokenizer,
  });
  const weights = weightSuffixes.map((suffix) => `${modelPath}${suffix}`);
  const weightsThere = await Promise.all(weights.map(isThere));
  const files = [modelPath, ...weights.filter((_, index) => weightsThere[index]), tokenizerPath];
  // How many texts run together must not change a number: a different bound is the same model.
  const { batchTokens: _, ...decisive } = settings;
  return {
    folder,
    modelPath,
    tokenizerPath,
    tokenizerJson,
    tokenizerConfigJson: tokenizer.text,
    settings,
    fingerprint: await fingerprintOf(files, JSON.stringify([decisive, tokenizer.text])),
  };
}
