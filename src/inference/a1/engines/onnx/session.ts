// One ONNX decoder at work: tokens, mask, places and caches in, logits and longer caches out; what does not fit is said.
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import { type CacheShape, type Kv, type Numbers, numbers } from "./kv.ts";
import type { ExpectedShape, ThreadData } from "./messages.ts";

type Metadata = InferenceSession.ValueMetadata;
type TensorMetadata = Extract<Metadata, { isTensor: true }>;

interface CacheNames {
  readonly past: string;
  readonly present: string;
}

interface Layout {
  readonly shapes: readonly CacheShape[];
  readonly names: readonly CacheNames[];
  readonly integers: ReadonlyMap<string, "int64" | "int32">;
  readonly vocabulary: number;
}

/** Caches as the model takes them: its own last ones, or copied together. */
export type Caches = readonly Tensor[];

export interface StepInput {
  readonly rows: number;
  /** Tokens that the caches hold for each row, padding included. */
  readonly past: number;
  /** New tokens for each row, padding included. */
  readonly fresh: number;
  readonly ids: Int32Array;
  readonly positions: Int32Array;
  /** Of `rows * (past + fresh)`. */
  readonly mask: Uint8Array;
  readonly caches: Caches;
  readonly wantsLogits: boolean;
  /** Where the longer caches are written, from the beginning of each; otherwise arrays are made for them. */
  readonly into?: readonly Numbers[];
}

export interface StepOutput {
  readonly caches: Caches;
  /** @throws Error where no logits were asked for */
  logits(row: number, fresh: number): Float32Array;
}

const pastName = /^past_key_values\.(\d+)\.(key|value)$/;
const integerNames = ["input_ids", "attention_mask", "position_ids", "num_logits_to_keep"];

function tensorOf(metadata: readonly Metadata[], name: string): TensorMetadata {
  const found = metadata.find((each) => each.name === name);
  if (found?.isTensor === true) return found;
  throw new Error(
    `expected a tensor ${name}, found ${metadata.map((each) => each.name).join(", ") || "none"}`,
  );
}

function sizeOf(found: number | string | undefined, expected: number | undefined, what: string): number {
  const size = typeof found === "number" && found > 0 ? found : expected;
  if (size === undefined)
    throw new Error(`${what}: expected a number in the model or in config.json, found none`);
  if (expected !== undefined && size !== expected) {
    throw new Error(`${what}: expected ${expected} as config.json says, found ${size}`);
  }
  return size;
}

function cacheOf(input: TensorMetadata, expected: ExpectedShape): CacheShape {
  const { name, type, shape } = input;
  if (type !== "float32" && type !== "float16") {
    throw new Error(`${name}: expected float32 or float16, found ${type}`);
  }
  if (shape.length !== 4) {
    throw new Error(`${name}: expected shape [batch, heads, tokens, size], found [${shape.join(", ")}]`);
  }
  return {
    type,
    heads: sizeOf(shape[1], expected.keyHeads, `${name}, heads`),
    // Keys and values may differ in size where the file itself says so.
    size: typeof shape[3] === "number" ? shape[3] : sizeOf(shape[3], expected.headSize, `${name}, size`),
  };
}

/** @throws Error: says the input or output, what was expected and what was found */
function layoutOf(session: InferenceSession, expected: ExpectedShape): Layout {
  const { inputMetadata: inputs, outputMetadata: outputs } = session;
  const integers = new Map<string, "int64" | "int32">();
  const pasts: TensorMetadata[] = [];
  for (const { name } of inputs) {
    const input = tensorOf(inputs, name);
    if (pastName.test(name)) pasts.push(input);
    else if (integerNames.includes(name) && (input.type === "int64" || input.type === "int32")) {
      integers.set(name, input.type);
    } else {
      throw new Error(
        `expected inputs ${integerNames.join(", ")} of whole numbers and past_key_values.N.key/value, ` +
          `found ${name} of ${input.type}`,
      );
    }
  }
  tensorOf(inputs, "input_ids");
  const names = pasts.map(({ name }) => ({
    past: name,
    present: name.replace(/^past_key_values/, "present"),
  }));
  for (const { present } of names) tensorOf(outputs, present);
  if (pasts.length !== expected.layers * 2) {
    throw new Error(
      `expected ${expected.layers * 2} inputs past_key_values.N.key/value as config.json says, found ${pasts.length}`,
    );
  }
  const logits = tensorOf(outputs, "logits");
  if (logits.type !== "float32" && logits.type !== "float16") {
    throw new Error(`logits: expected float32 or float16, found ${logits.type}`);
  }
  return {
    shapes: pasts.map((past) => cacheOf(past, expected)),
    names,
    integers,
    vocabulary: sizeOf(logits.shape[2], expected.vocabulary, "logits, vocabulary"),
  };
}

function integerTensor(type: "int64" | "int32", values: ArrayLike<number>, dims: readonly number[]): Tensor {
  if (type === "int32") return new Tensor("int32", Int32Array.from(values), dims);
  const wide = new BigInt64Array(values.length);
  for (let index = 0; index < values.length; index += 1) wide[index] = BigInt(values[index] ?? 0);
  return new Tensor("int64", wide, dims);
}

/** The bits themselves, whatever type this version of Node has for 16-bit numbers. */
function numbersIn(tensor: Tensor): Numbers {
  const { data } = tensor;
  if (data instanceof Float32Array || data instanceof Uint16Array) return data;
  if (tensor.type === "float16" && ArrayBuffer.isView(data)) {
    return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  }
  throw new Error(`expected float32 or float16, found ${tensor.type}`);
}

/** The number that 16 bits stand for. */
function fromHalf(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

export class DecoderSession {
  readonly #session: InferenceSession;
  readonly #layout: Layout;
  readonly device: "cpu" | "cuda";
  readonly fallback: string | undefined;

  private constructor(
    session: InferenceSession,
    layout: Layout,
    placed: { readonly device: "cpu" | "cuda"; readonly fallback?: string },
  ) {
    this.#session = session;
    this.#layout = layout;
    this.device = placed.device;
    this.fallback = placed.fallback;
  }

  /** @throws Error for a file that is no model, or no decoder with caches */
  static async load({ modelPath, device, threads, expected }: ThreadData): Promise<DecoderSession> {
    // Errors are thrown as well; what a library writes to the terminal no program can read.
    env.logLevel = "fatal";
    const create = async (provider: "cpu" | "cuda") =>
      await InferenceSession.create(modelPath, {
        executionProviders: [provider],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
      });
    const made = async (session: InferenceSession, placed: { device: "cpu" | "cuda"; fallback?: string }) =>
      new DecoderSession(session, layoutOf(session, expected), placed);
    if (device === "cpu") return await made(await create("cpu"), { device: "cpu" });
    const cuda = await create("cuda").catch((error: unknown) => messageOf(error));
    if (typeof cuda !== "string") return await made(cuda, { device: "cuda" });
    return await made(await create("cpu"), { device: "cpu", fallback: `cuda did not load: ${cuda}` });
  }

  get shapes(): readonly CacheShape[] {
    return this.#layout.shapes;
  }

  get vocabulary(): number {
    return this.#layout.vocabulary;
  }

  /** Without a mask and places of their own, padding would be read as text. */
  get takesPadding(): boolean {
    return this.#layout.integers.has("attention_mask") && this.#layout.integers.has("position_ids");
  }

  /** Bytes that one token's keys and values take. */
  get tokenBytes(): number {
    return this.shapes.reduce(
      (sum, shape) => sum + shape.heads * shape.size * numbers(shape, 1).BYTES_PER_ELEMENT,
      0,
    );
  }

  /** Over the beginning of each array, not copied. */
  caches(parts: readonly Numbers[], rows: number, width: number): Caches {
    return this.shapes.map(({ heads, size, type }, index) => {
      const part = parts[index]?.subarray(0, rows * heads * width * size);
      const dims = [rows, heads, width, size];
      if (part instanceof Uint16Array) return new Tensor("float16", part, dims);
      if (part instanceof Float32Array && type === "float32") return new Tensor("float32", part, dims);
      throw new Error(`expected cache tensor ${index} of ${type}`);
    });
  }

  partsOf(caches: Caches): readonly Numbers[] {
    return caches.map(numbersIn);
  }

  /** A single row's caches without a copy. */
  kvOf(caches: Caches, length: number): Kv {
    return { length, parts: this.partsOf(caches) };
  }

  async run(input: StepInput): Promise<StepOutput> {
    const { rows, past, fresh } = input;
    const feeds: Record<string, Tensor> = {};
    const { integers, names, vocabulary } = this.#layout;
    const add = (name: string, values: ArrayLike<number>, dims: readonly number[]) => {
      const type = integers.get(name);
      if (type !== undefined) feeds[name] = integerTensor(type, values, dims);
    };
    add("input_ids", input.ids, [rows, fresh]);
    add("position_ids", input.positions, [rows, fresh]);
    add("attention_mask", input.mask, [rows, past + fresh]);
    // 0 is "all of them" where a model asks.
    add("num_logits_to_keep", [0], []);
    names.forEach((name, index) => {
      const cache = input.caches[index];
      if (cache !== undefined) feeds[name.past] = cache;
    });
    const presents = names.map(({ present }) => present);
    const targets = input.into === undefined ? undefined : this.caches(input.into, rows, past + fresh);
    const answer = await this.#session.run(feeds, {
      ...(input.wantsLogits ? { logits: null } : {}),
      ...Object.fromEntries(presents.map((name, index) => [name, targets?.[index] ?? null])),
    });
    const caches = presents.map((name) => {
      const tensor = answer[name];
      const dims = tensor?.dims ?? [];
      if (tensor !== undefined && dims[0] === rows && dims[2] === past + fresh) return tensor;
      throw new Error(`${name}: expected ${rows} rows of ${past + fresh} tokens, found [${dims.join(", ")}]`);
    });
    const values = answer.logits === undefined ? undefined : numbersIn(answer.logits);
    if (input.wantsLogits && values?.length !== rows * fresh * vocabulary) {
      throw new Error(
        `logits: expected ${rows} x ${fresh} x ${vocabulary} numbers, found ${values?.length ?? 0}`,
      );
    }
    return {
      caches,
      logits: (row, at) => {
        if (values === undefined) throw new Error("logits were not asked for");
        const from = (row * fresh + at) * vocabulary;
        const part = values.subarray(from, from + vocabulary);
        return part instanceof Float32Array ? part : Float32Array.from(part, fromHalf);
      },
    };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** Frees what the caches hold outside of JavaScript; copies made of them stay. */
export function dispose(caches: Caches): void {
  for (const cache of caches) cache.dispose();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
