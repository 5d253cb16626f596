// A thread that reads batches of blobs; it frees syntax trees itself, which the collector alone would let pile up.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort } from "node:worker_threads";
import { RetrieverFault } from "../fault.ts";
import type { Batch, BatchAnswer } from "./pool.ts";
import { BlobReader } from "./reader.ts";

/** Parsed bytes between collections: trees take about thirty times as much. */
const collectEveryBytes = 3_000_000;

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");
const reader = new BlobReader();
let sinceCollection = 0;

/** A collection frees nothing native until the event loop has turned. */
async function freeTrees(bytes: number): Promise<void> {
  sinceCollection += bytes;
  if (sinceCollection < collectEveryBytes || typeof collect !== "function") return;
  sinceCollection = 0;
  collect();
  await new Promise((resolve) => setImmediate(resolve));
}

async function answerTo({ tasks }: Batch): Promise<BatchAnswer> {
  const payloads: Uint8Array<ArrayBuffer>[] = [];
  for (const { bytes, ...task } of tasks) {
    payloads.push(
      await reader.read({ ...task, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) }),
    );
    // Text without a language makes no tree.
    if (task.language !== "") await freeTrees(bytes.length);
  }
  return { payloads, kinds: reader.kinds };
}

parentPort?.on("message", (batch: Batch) => {
  answerTo(batch).then(
    (answer) =>
      parentPort?.postMessage(
        answer,
        "payloads" in answer ? answer.payloads.map(({ buffer }) => buffer) : [],
      ),
    (cause: unknown) => {
      const code = cause instanceof RetrieverFault ? cause.code : undefined;
      parentPort?.postMessage({ message: String(cause), code } satisfies BatchAnswer);
    },
  );
});
