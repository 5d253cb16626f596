// Whether runs can be played in bubblewrap here: what end-to-end tests use that need a real sandbox but no engine.
import { bubblewrapSandboxes } from "../../sandboxes/index.ts";
import { isLack, testCacheFolder, testStateFolder } from "./engine.ts";

/** False, said aloud, where this machine lacks something for it. */
export async function hasBubblewrap(): Promise<boolean> {
  try {
    await bubblewrapSandboxes({ cacheFolder: testCacheFolder, stateFolder: testStateFolder() });
    return true;
  } catch (error) {
    if (!isLack(error)) throw error;
    process.stderr.write(`[sandbox] SKIPPED: bubblewrap: ${error.message}\n`);
    return false;
  }
}
