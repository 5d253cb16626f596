// What was not as it should be when a repository was read: in sentences, the same for prompts and for questions.
import type { IndexStats } from "../../retriever/index.ts";

type Read = Pick<IndexStats, "cacheDamage" | "cacheStopped" | "missing">;

/** `where` names what was read. Paths are left out: a repository writes them, and sentences go to terminals. */
export function indexNotes({ cacheDamage, cacheStopped, missing }: Read, where: string): string[] {
  const files = missing.length === 1 ? "1 file has" : `${missing.length} files have`;
  return [
    ...cacheDamage.map((damage) => `the index cache was damaged and is built anew: ${damage}`),
    ...(cacheStopped === undefined ? [] : [`nothing is kept in the index cache: ${cacheStopped}`]),
    ...(missing.length === 0 ? [] : [`${where}: ${files} no content here, and cannot be searched`]),
  ];
}
