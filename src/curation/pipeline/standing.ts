// What stands in a curation's folder, read without taking what is there and cannot be read for nothing: it would be written over.
import { readFile } from "node:fs/promises";
import { UsageError } from "../../domain/fault.ts";

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && cause.code === "ENOENT";

/** Undefined where there is nothing. @throws UsageError for what is there and cannot be read */
export async function standing<T>(
  path: string,
  what: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw new UsageError(`${path}: expected ${what}, found something unreadable`, { cause });
  }
}

/** A file's text. @throws as {@link standing} */
export const standingText = (path: string, what: string): Promise<string | undefined> =>
  standing(path, what, () => readFile(path, "utf8"));

/** Undefined for what is no JSON, which no schema takes. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
