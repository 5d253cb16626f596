// The thread in which the model runs, so that the event loop of the rest never waits for a step.
import { parentPort, workerData } from "node:worker_threads";
import { TokenBytes } from "../../codec/token-bytes.ts";
import type { ThreadAnswer, ThreadData, ThreadRequest } from "./messages.ts";
import { runsSideBySide } from "./probe.ts";
import { Runner } from "./runner.ts";
import { DecoderSession } from "./session.ts";
import type { ThreadStart } from "./start-thread.ts";

const { data }: ThreadStart<ThreadData> = workerData;

/** Kept by default: enough for hundreds of samples of a small model, and never more than this. */
const defaultCacheBytes = 1024 ** 3;

/** Numbers of logits that one step of reading may give. */
const mostLogits = 2 ** 26;

function say(answer: ThreadAnswer): void {
  parentPort?.postMessage(answer);
}

async function load(): Promise<Runner | undefined> {
  try {
    const session = await DecoderSession.load(data);
    const { device, fallback, vocabulary } = session;
    const batches = await runsSideBySide(session);
    const affordable = Math.floor(defaultCacheBytes / session.tokenBytes);
    const cacheTokens = data.cacheTokens ?? Math.max(data.contextTokens, affordable);
    const runner = new Runner(
      session,
      {
        tokens: new TokenBytes(data.tokens),
        endIds: new Set(data.endIds),
        maxBatch: data.maxBatch,
        prefillTokens: Math.max(1, Math.min(data.prefillTokens, Math.floor(mostLogits / vocabulary))),
        cacheTokens,
        batches,
        gauges: data.gauges,
      },
      say,
    );
    const said = fallback === undefined ? {} : { fallback };
    say({ kind: "ready", ready: { device, ...said, vocabulary, cacheTokens, batches } });
    return runner;
  } catch (error) {
    say({ kind: "unusable", message: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

const runner = await load();
parentPort?.on("message", async (message: ThreadRequest | "close") => {
  if (message !== "close") {
    runner?.add(message);
    return;
  }
  await runner?.close();
  say({ kind: "closed" });
  parentPort?.close();
});
