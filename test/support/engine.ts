// Gives tests a real sandbox provider: an engine found or started, images built when missing; or says loudly why not.
import { existsSync, mkdtempSync, readdirSync, rmdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  dockerSandboxes,
  ensureEngine,
  ensureImages,
  ensureSupervisor,
  type Language,
  SandboxFault,
  type SandboxProvider,
} from "../../sandboxes/index.ts";
import { reapFolders } from "../../sandboxes/reaper.ts";

const say = (line: string) => process.stderr.write(`[sandbox] ${line}\n`);

/** Compiled supervisors are kept between test runs, open workspaces are not. */
export const testCacheFolder = join(tmpdir(), "swing-arena-test-cache");

const statePrefix = "swing-arena-test-state-";

/** A folder of this process's own; it goes with the process, unless something is left in it. */
export function testStateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), statePrefix));
  process.on("exit", () => {
    if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  });
  return folder;
}

export interface EngineForTests {
  readonly provider: SandboxProvider;
  readonly socketPath: string;
  readonly stateFolder: string;
}

/** What killed test processes left: their folders are their own, so no reaper of another run looks there. */
async function clearLeftovers(provider: SandboxProvider): Promise<void> {
  await provider.reap();
  const supervisor = await ensureSupervisor(testCacheFolder);
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(statePrefix))) {
    const folder = join(tmpdir(), name);
    await reapFolders(folder, supervisor);
    // A living process may be using it without a sandbox open; an hour later none is.
    const oldEnough = Date.now() - statSync(folder).mtimeMs > 3_600_000;
    if (oldEnough && readdirSync(folder).length === 0) rmdirSync(folder);
  }
}

const lacks = new Set<string>(["engine-unreachable", "image-build-failed", "unsupported"]);

/** Whether the machine lacks something; everything else is a failure of ours and must not be skipped over. */
export function isLack(error: unknown): error is SandboxFault {
  return error instanceof SandboxFault && lacks.has(error.code);
}

async function prepare(images: readonly Language[]): Promise<EngineForTests | undefined> {
  try {
    const { socketPath } = await ensureEngine({ onProgress: say });
    await ensureImages(images, { socketPath, onProgress: say });
    const stateFolder = testStateFolder();
    const provider = await dockerSandboxes({ socketPath, cacheFolder: testCacheFolder, stateFolder });
    await clearLeftovers(provider);
    return { provider, socketPath, stateFolder };
  } catch (error) {
    if (!isLack(error)) throw error;
    say(`SKIPPED: no container engine for tests: ${error.message}`);
    return undefined;
  }
}

const prepared = new Map<string, Promise<EngineForTests | undefined>>();

/**
 * The engine of this test process with the images asked for. Undefined, with the reason on stderr, where none can be
 * had: the caller must skip, and count what it skips.
 */
export function engineForTests(images: readonly Language[]): Promise<EngineForTests | undefined> {
  const key = [...images].sort().join(",");
  const known = prepared.get(key) ?? prepare(images);
  prepared.set(key, known);
  return known;
}

export async function engineProvider(images: readonly Language[]): Promise<SandboxProvider | undefined> {
  return (await engineForTests(images))?.provider;
}
