// Retrieval in a process of its own, which may be killed: says what it has read, then what came out.
import { writeSync } from "node:fs";
import { type RetrievalDigest, type RetrievalTask, retrievalDigest } from "./retrieval-digest.ts";

/** One line on standard output, as JSON. */
export type RetrievalLine = { readonly read: number } | { readonly done: RetrievalDigest };

/** At once: a killed process has then said all that it did. */
const say = (line: RetrievalLine): void => void writeSync(1, `${JSON.stringify(line)}\n`);

const task: RetrievalTask = JSON.parse(process.argv[2] ?? "");
say({ done: await retrievalDigest(task, (read) => say({ read })) });
