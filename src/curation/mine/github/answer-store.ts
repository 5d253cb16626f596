// Answers on the disk: what GitHub has said in one mining run is not asked again in it, whatever ends the process.
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { UsageError } from "../../../domain/fault.ts";
import { writeWhole } from "../../pipeline/folder.ts";
import { jsonIn, standingText } from "../../pipeline/standing.ts";

const storedAnswer = z.strictObject({
  /** What was asked: two questions never share a file, but a person may want to know. */
  question: z.string(),
  /** The mining run it was last known to hold in. */
  asOf: z.string(),
  status: z.int(),
  etag: z.string().exactOptional(),
  /** Where the next page is. */
  next: z.string().exactOptional(),
  body: z.unknown(),
});
export type StoredAnswer = z.infer<typeof storedAnswer>;

/** Numbers past 2^53 come as bigint from the client, and none of them is used. */
const written = (_: string, value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);

export class AnswerStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #pathOf(question: string): string {
    const digest = createHash("sha256").update(question).digest("hex");
    return join(this.#folder, digest.slice(0, 2), `${digest.slice(2)}.json`);
  }

  /** @throws UsageError for a file that is none of ours: nothing is written over it */
  async get(question: string): Promise<StoredAnswer | undefined> {
    const path = this.#pathOf(question);
    const text = await standingText(path, "a stored answer");
    if (text === undefined) return undefined;
    const read = storedAnswer.safeParse(jsonIn(text));
    if (read.success && read.data.question === question) return read.data;
    throw new UsageError(`${path}: expected a stored answer, found something else: remove the file`);
  }

  /** Done once it is on the disk. */
  async put(answer: StoredAnswer): Promise<void> {
    const path = this.#pathOf(answer.question);
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(path, `${JSON.stringify(answer, written)}\n`);
  }
}
