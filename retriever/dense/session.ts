// One ONNX model at work: token rows in, one vector or one score a row out; what does not fit is said, not guessed.
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import type { RerankSettings } from "./settings.ts";
import type { TokenRow } from "./tokens.ts";

export interface SessionRequest {
  readonly modelPath: string;
  readonly settings: RerankSettings;
  readonly device: "cpu" | "cuda";
  readonly threads: number;
}

/** What each input a model may ask for holds, padding included. */
const fillings: Readonly<Record<string, (row: TokenRow, at: number, padTokenId: number) => number>> = {
  input_ids: (row, at, padTokenId) => row.ids[at] ?? padTokenId,
  attention_mask: (row, at) => (at < row.ids.length ? 1 : 0),
  token_type_ids: (row, at) => row.typeIds[at] ?? 0,
  position_ids: (row, at) => (at < row.ids.length ? at : 0),
};

type IntegerType = "int64" | "int32";

interface Input {
  readonly name: string;
  readonly type: IntegerType;
}

function inputsOf(session: InferenceSession): Input[] {
  return session.inputMetadata.map((input) => {
    const type = input.isTensor ? input.type : "no tensor";
    if (fillings[input.name] === undefined) {
      throw new Error(`expected inputs among ${Object.keys(fillings).join(", ")}, found ${input.name}`);
    }
    if (type !== "int64" && type !== "int32") {
      throw new Error(`input ${input.name}: expected int64 or int32, found ${type}`);
    }
    return { name: input.name, type };
  });
}

function outputOf(session: InferenceSession, wanted: string | undefined): string {
  const names = session.outputNames;
  const [only] = names;
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  if (wanted === undefined && only !== undefined && names.length === 1) return only;
  // The usual second output is the pooler's, which sentence models are not trained with.
  if (wanted === undefined && names.includes("last_hidden_state")) return "last_hidden_state";
  const expected =
    wanted === undefined ? 'one output, or its name as "output" in rerank.json' : `output ${wanted}`;
  throw new Error(`expected ${expected}, found ${names.join(", ") || "none"}`);
}

function tensorOf(
  { name, type }: Input,
  rows: readonly TokenRow[],
  shape: { width: number; pad: number },
): Tensor {
  const value = fillings[name];
  const { width, pad } = shape;
  const filled = Int32Array.from({ length: rows.length * width }, (_, index) => {
    const row = rows[Math.floor(index / width)];
    return row === undefined || value === undefined ? 0 : value(row, index % width, pad);
  });
  const dims = [rows.length, width];
  if (type === "int32") return new Tensor("int32", filled, dims);
  return new Tensor("int64", BigInt64Array.from(filled, BigInt), dims);
}

export interface Vectors {
  /** `count × dimensions`, row after row. */
  readonly values: Float32Array;
  readonly dimensions: number;
}

export class ModelSession {
  readonly #session: InferenceSession;
  readonly #inputs: readonly Input[];
  readonly #output: string;
  readonly #settings: RerankSettings;
  readonly device: "cpu" | "cuda";
  readonly fallback: string | undefined;

  private constructor(
    session: InferenceSession,
    settings: RerankSettings,
    placed: { readonly device: "cpu" | "cuda"; readonly fallback?: string },
  ) {
    this.#session = session;
    this.#settings = settings;
    this.#inputs = inputsOf(session);
    this.#output = outputOf(session, settings.output);
    this.device = placed.device;
    this.fallback = placed.fallback;
  }

  /** @throws Error for a file that is no model, or one that asks for what a text has not got */
  static async load({ modelPath, settings, device, threads }: SessionRequest): Promise<ModelSession> {
    // Errors are thrown as well; what a library writes to the terminal no program can read.
    env.logLevel = "fatal";
    const create = (provider: "cpu" | "cuda") =>
      InferenceSession.create(modelPath, {
        executionProviders: [provider],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
      });
    if (device === "cpu") return new ModelSession(await create("cpu"), settings, { device: "cpu" });
    try {
      return new ModelSession(await create("cuda"), settings, { device: "cuda" });
    } catch (error) {
      const fallback = `cuda did not load: ${error instanceof Error ? error.message : String(error)}`;
      return new ModelSession(await create("cpu"), settings, { device: "cpu", fallback });
    }
  }

  /** Whether texts of different lengths may run together: without a mask padding would be read as text. */
  get masksPadding(): boolean {
    return this.#inputs.some(({ name }) => name === "attention_mask");
  }

  /** One vector a row, pooled and normalised as set. @throws Error for an output of another shape */
  async vectors(rows: readonly TokenRow[]): Promise<Vectors> {
    const { data, dims, width } = await this.#run(rows);
    const [count, second = 0, third] = dims;
    const dimensions = third ?? second;
    const perToken = dims.length === 3 && second === width;
    if (count !== rows.length || dimensions === 0 || !(perToken || dims.length === 2)) {
      throw this.#shapeError(`[${rows.length}, ${width}, dimensions] or [${rows.length}, dimensions]`, dims);
    }
    const values = perToken ? this.#pooled(data, rows, { width, dimensions }) : Float32Array.from(data);
    if (this.#settings.normalise) normalise(values, dimensions);
    return { values, dimensions };
  }

  /** One score a row. @throws Error for an output of another shape */
  async scores(rows: readonly TokenRow[]): Promise<Float32Array> {
    const { data, dims } = await this.#run(rows);
    const [count, ...rest] = dims;
    if (count !== rows.length || rest.some((size) => size !== 1)) {
      throw this.#shapeError(`[${rows.length}] or [${rows.length}, 1]`, dims);
    }
    return Float32Array.from(data);
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  async #run(
    rows: readonly TokenRow[],
  ): Promise<{ data: Float32Array; dims: readonly number[]; width: number }> {
    const width = Math.max(...rows.map(({ ids }) => ids.length));
    const shape = { width, pad: this.#settings.padTokenId };
    const feeds = Object.fromEntries(this.#inputs.map((input) => [input.name, tensorOf(input, rows, shape)]));
    const answer = (await this.#session.run(feeds, [this.#output]))[this.#output];
    const data = answer?.data;
    if (answer === undefined || !(data instanceof Float32Array)) {
      throw new Error(`output ${this.#output}: expected float32, found ${answer?.type ?? "nothing"}`);
    }
    if (!data.every(Number.isFinite)) throw new Error(`output ${this.#output}: expected finite numbers`);
    return { data, dims: answer.dims, width };
  }

  #pooled(
    data: Float32Array,
    rows: readonly TokenRow[],
    { width, dimensions }: { width: number; dimensions: number },
  ): Float32Array {
    const values = new Float32Array(rows.length * dimensions);
    rows.forEach(({ ids }, row) => {
      const [from, to] = pooledSpan(this.#settings.pooling, ids.length);
      for (let dimension = 0; dimension < dimensions; dimension += 1) {
        let sum = 0;
        for (let at = from; at < to; at += 1) sum += data[(row * width + at) * dimensions + dimension] ?? 0;
        values[row * dimensions + dimension] = sum / (to - from);
      }
    });
    return values;
  }

  #shapeError(expected: string, dims: readonly number[]): Error {
    return new Error(`output ${this.#output}: expected shape ${expected}, found [${dims.join(", ")}]`);
  }
}

/** Which tokens of a row make its vector; padding is never among them. */
function pooledSpan(pooling: RerankSettings["pooling"], length: number): readonly [number, number] {
  if (pooling === "mean") return [0, length];
  return pooling === "cls" ? [0, 1] : [length - 1, length];
}

function normalise(values: Float32Array, dimensions: number): void {
  for (let start = 0; start < values.length; start += dimensions) {
    const vector = values.subarray(start, start + dimensions);
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    if (length > 0)
      vector.forEach((value, index) => {
        vector[index] = value / length;
      });
  }
}
