// The limit of indexing: a thread that parses texts and does nothing with the trees.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { type Grammar, loadGrammar } from "../retriever/chunking/grammar.ts";
import { languages } from "../retriever/chunking/languages.ts";
import type { ThreadStart } from "../retriever/thread.ts";

/** As in indexing: without it trees pile up until memory is gone. */
const collectEveryUnits = 3_000_000;

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");
const { data }: ThreadStart<{ language: string; text: string }[]> = workerData;

const grammars = new Map<string, Grammar>();
for (const { language: name } of data) {
  const language = languages().all.find((each) => each.name === name);
  if (language !== undefined && !grammars.has(name)) grammars.set(name, await loadGrammar(language));
}

async function parseAll(): Promise<void> {
  let units = 0;
  for (const { language, text } of data) {
    grammars.get(language)?.parse(text).free();
    units += text.length;
    if (units < collectEveryUnits || typeof collect !== "function") continue;
    units = 0;
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

parentPort?.on("message", async () => {
  await parseAll();
  parentPort?.postMessage("done");
});
parentPort?.postMessage("ready");
