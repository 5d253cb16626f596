// What a stage has answered so far: a line a row, on the disk before it counts, so that nothing is asked twice after a kill.
import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { UsageError } from "../../domain/fault.ts";
import { boundedLines } from "../lines.ts";

const lineSchema = z.strictObject({
  key: z.string(),
  kept: z.array(z.unknown()),
  rejected: z.array(z.strictObject({ id: z.string(), reason: z.string(), detail: z.string() })),
});
export type JournalLine = z.infer<typeof lineSchema>;

/** JSON with its keys in order: who made the object must not show in its digest. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}

/** What an answer is found by: the stage, what decides besides the row, and the row. */
export function journalKey(stage: string, settings: unknown, row: unknown): string {
  return createHash("sha256")
    .update(canonical([stage, settings, row]))
    .digest("hex");
}

/** The complete lines and how many bytes they take; what a killed process had begun to write is not among them. */
async function linesIn(file: FileHandle, path: string): Promise<{ lines: JournalLine[]; bytes: number }> {
  const { size } = await file.stat();
  const lines: JournalLine[] = [];
  let bytes = 0;
  const stream = file.createReadStream({ start: 0, autoClose: false });
  for await (const line of boundedLines(stream)) {
    if (line.kind !== "text") throw damaged(path, line.number, line.kind);
    const end = bytes + Buffer.byteLength(line.text) + 1;
    // Without its newline the last line was not finished.
    if (end > size) break;
    lines.push(parsedLine(line.text, path, line.number));
    bytes = end;
  }
  return { lines, bytes };
}

function parsedLine(text: string, path: string, number: number): JournalLine {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(path, number, text.slice(0, 60), cause);
  }
}

function damaged(path: string, line: number, found: string, cause?: unknown): UsageError {
  const message = `${path}:${line}: expected a line of a stage's journal, found ${found}: remove the file to run the stage anew`;
  return new UsageError(message, { cause });
}

export class Journal {
  readonly #file: FileHandle;
  readonly #lines: Map<string, JournalLine>;
  /** Lines are written one after the other. */
  #last: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, lines: readonly JournalLine[]) {
    this.#file = file;
    this.#lines = new Map(lines.map((line) => [line.key, line]));
  }

  /** @throws UsageError naming the line that is none */
  static async open(path: string): Promise<Journal> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "a+");
    try {
      const { lines, bytes } = await linesIn(file, path);
      await file.truncate(bytes);
      return new Journal(file, lines);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get(key: string): JournalLine | undefined {
    return this.#lines.get(key);
  }

  /** Done once the line is on the disk. */
  add(line: JournalLine): Promise<void> {
    const write = async (): Promise<void> => {
      await this.#file.appendFile(`${JSON.stringify(line)}\n`);
      await this.#file.datasync();
      this.#lines.set(line.key, line);
    };
    const done = this.#last.then(write);
    this.#last = done.catch(() => {});
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#file.close();
  }
}
