// The thread in which the tokenizer and the model run, so that the event loop of the rest never waits for them.
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { Tokenizer } from "@huggingface/tokenizers";
import type { ThreadStart } from "../thread.ts";
import { batchesOf } from "./batches.ts";
import type { ThreadAnswer, ThreadData, ThreadRequest, ThreadResult, ThreadWork } from "./messages.ts";
import { ModelSession } from "./session.ts";
import { Encoder, type TokenRow } from "./tokens.ts";

const { data }: ThreadStart<ThreadData> = workerData;

function say(answer: ThreadAnswer): void {
  parentPort?.postMessage(answer);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Weights quantised at run time take their scale from the whole batch, so a text's numbers would depend on the texts
 * beside it; such models run one text at a time. Operators' names stand in the file as they are.
 */
function quantisesAtRunTime(modelPath: string): boolean {
  return readFileSync(modelPath).includes("DynamicQuantizeLinear");
}

class Stopped extends Error {}

class Runner {
  readonly #session: ModelSession;
  readonly #encoder: Encoder;
  readonly #batchTokens: number;

  constructor(session: ModelSession, encoder: Encoder, batchTokens: number) {
    this.#session = session;
    this.#encoder = encoder;
    this.#batchTokens = batchTokens;
  }

  async run({ work, stop }: ThreadRequest): Promise<ThreadResult> {
    const rows = work.texts.map((text) => this.#row(work, text));
    const results: Float32Array[] = [];
    for (const batch of batchesOf(
      rows.map(({ ids }) => ids.length),
      this.#batchTokens,
    )) {
      if (Atomics.load(stop, 0) !== 0) throw new Stopped();
      const values = await this.#values(
        work,
        batch.flatMap((index) => rows[index] ?? []),
      );
      const dimensions = values.length / batch.length;
      batch.forEach((index, at) => {
        results[index] = values.slice(at * dimensions, (at + 1) * dimensions);
      });
    }
    const dimensions = results[0]?.length ?? 0;
    const values = new Float32Array(results.length * dimensions);
    results.forEach((result, index) => {
      values.set(result, index * dimensions);
    });
    return { values, dimensions, truncated: rows.map(({ truncated }) => truncated) };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  #row(work: ThreadWork, text: string): TokenRow {
    return work.kind === "embed" ? this.#encoder.one(text) : this.#encoder.two(work.query, text);
  }

  async #values(work: ThreadWork, rows: readonly TokenRow[]): Promise<Float32Array> {
    if (work.kind === "compare") return await this.#session.scores(rows);
    return (await this.#session.vectors(rows)).values;
  }
}

function encoder(): Encoder {
  try {
    const tokenizer = new Tokenizer(JSON.parse(data.tokenizerJson), JSON.parse(data.tokenizerConfigJson));
    return new Encoder(tokenizer, data.settings.maxTokens);
  } catch (error) {
    throw new Error(`${data.tokenizerPath}: ${messageOf(error)}`);
  }
}

async function load(): Promise<Runner | undefined> {
  try {
    const texts = encoder();
    const session = await ModelSession.load(data);
    const alone = !session.masksPadding || quantisesAtRunTime(data.modelPath);
    const batchTokens = alone ? 1 : data.settings.batchTokens;
    const { device, fallback } = session;
    say({ kind: "ready", device, ...(fallback === undefined ? {} : { fallback }) });
    return new Runner(session, texts, batchTokens);
  } catch (error) {
    say({ kind: "unusable", message: messageOf(error) });
    return undefined;
  }
}

async function answer(runner: Runner, request: ThreadRequest): Promise<void> {
  const { id } = request;
  try {
    say({ kind: "done", id, result: await runner.run(request) });
  } catch (error) {
    say(
      error instanceof Stopped ? { kind: "stopped", id } : { kind: "failed", id, message: messageOf(error) },
    );
  }
}

const runner = await load();
/** Requests are answered one after another: two runs at once would have twice the memory and no more speed. */
let last = Promise.resolve();
parentPort?.on("message", (message: ThreadRequest | "close") => {
  if (runner === undefined) return;
  last = last.then(async () => {
    if (message !== "close") return await answer(runner, message);
    await runner.release();
    say({ kind: "closed" });
    parentPort?.close();
  });
});
