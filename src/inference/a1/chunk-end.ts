// How a piece of text ends: a stop text that only ends a chunk belongs to the text, and whoever wrote it has not ended.
import type { Generated } from "./engine.ts";

type Ending = Pick<Generated, "stoppedBy">;

/** The stop text that ended the chunk and stays in it; empty where none did. */
export function chunkEnd({ stoppedBy = "" }: Ending, chunkStop: readonly string[]): string {
  return chunkStop.includes(stoppedBy) ? stoppedBy : "";
}

/** Whether its writer has nothing more to say, or the caller's stop text came. */
export function hasEnded(
  generated: Pick<Generated, "finish" | "stoppedBy">,
  chunkStop: readonly string[],
): boolean {
  return generated.finish === "stop" && chunkEnd(generated, chunkStop) === "";
}
