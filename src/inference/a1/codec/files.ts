// A tokenizer's folder as published: which files it must have and what of them is used, parsed at the door.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { EngineFault } from "../engine.ts";

/** The largest tokenizer in use has 35 MB. */
const largestTextBytes = 256 * 1024 * 1024;

const remedy = "What to do: copy the tokenizer's files anew from where the model is published";

export function unusable(message: string, cause?: unknown): EngineFault {
  return new EngineFault("unusable", `${message}. ${remedy}`, { cause });
}

function isAbsent(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

/** Undefined where the file is not there. @throws EngineFault `unusable` */
export async function optionalText(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size <= largestTextBytes) return await readFile(path, "utf8");
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw unusable(`${path}: expected a readable file`, cause);
  }
  throw unusable(`${path}: expected at most ${largestTextBytes} bytes`);
}

/** @throws EngineFault `unusable`: says the file, the field, what was expected and what was found */
export function parsedJson<Shape extends z.ZodType>(
  path: string,
  text: string,
  shape: Shape,
): z.output<Shape> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unusable(`${path}: expected JSON, found something else`, cause);
  }
  const result = shape.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path: field, message }) => `${field.join(".")}: ${message}`);
  throw unusable(`${path}: ${problems.join("; ")}`);
}

/** A step of a normalizer, a pre-tokenizer or a decoder: each kind has fields of its own. */
const step = z.looseObject({
  type: z.string(),
  get normalizers() {
    return z.array(step).optional();
  },
  get pretokenizers() {
    return z.array(step).optional();
  },
  get decoders() {
    return z.array(step).optional();
  },
});

export type Step = z.output<typeof step>;

const tokenizerShape = z.looseObject({
  added_tokens: z
    .array(z.object({ id: z.int().min(0), content: z.string(), special: z.boolean().default(false) }))
    .default([]),
  normalizer: step.nullish(),
  pre_tokenizer: step.nullish(),
  decoder: step.nullish(),
  model: z.looseObject({
    vocab: z.union([z.record(z.string(), z.int().min(0)), z.array(z.tuple([z.string(), z.number()]))]),
  }),
});

export type TokenizerJson = z.output<typeof tokenizerShape>;

/** Special tokens are written as text, or as an object that holds it. */
const tokenText = z
  .union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
  .nullish();

const configShape = z.looseObject({
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
  bos_token: tokenText,
  eos_token: tokenText,
  unk_token: tokenText,
  pad_token: tokenText,
});

export interface TokenizerFiles {
  readonly tokenizerPath: string;
  readonly tokenizer: TokenizerJson;
  readonly config: Readonly<Record<string, unknown>>;
  readonly templatePath: string;
  readonly template: string;
  /** What templates may name: `bos_token` and its like. */
  readonly tokens: Readonly<Record<string, string>>;
}

type Config = z.output<typeof configShape>;

function templateIn({ chat_template: given }: Config): string | undefined {
  if (typeof given === "string") return given;
  return given?.find(({ name }) => name === "default")?.template;
}

function tokensIn({ bos_token, eos_token, unk_token, pad_token }: Config): Record<string, string> {
  const named = Object.entries({ bos_token, eos_token, unk_token, pad_token });
  return Object.fromEntries(
    named.flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : [])),
  );
}

/** @throws EngineFault `unusable` */
export async function readTokenizerFolder(folder: string): Promise<TokenizerFiles> {
  const tokenizerPath = join(folder, "tokenizer.json");
  const configPath = join(folder, "tokenizer_config.json");
  const templatePath = join(folder, "chat_template.jinja");
  const tokenizerText = await optionalText(tokenizerPath);
  if (tokenizerText === undefined) throw unusable(`${tokenizerPath}: expected a tokenizer, found no file`);
  const config = parsedJson(configPath, (await optionalText(configPath)) ?? "{}", configShape);
  const ownTemplate = await optionalText(templatePath);
  const template = ownTemplate ?? templateIn(config);
  if (template === undefined) {
    throw unusable(`${configPath}: expected chat_template, or ${templatePath} beside it, found neither`);
  }
  return {
    tokenizerPath,
    tokenizer: parsedJson(tokenizerPath, tokenizerText, tokenizerShape),
    config,
    templatePath: ownTemplate === undefined ? configPath : templatePath,
    template,
    tokens: tokensIn(config),
  };
}
