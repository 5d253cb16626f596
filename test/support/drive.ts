// Runs a runner's program on a folder of files in a real sandbox: what the runner and forging tests stand on.
import {
  cpSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { defaultLimits, type SandboxLimits, type SandboxProvider } from "../../sandboxes/index.ts";
import { type Driven, drive } from "../../src/arena/drive.ts";
import type { Job, Language } from "../../src/domain/instance.ts";
import { isTestPath } from "../../src/domain/paths.ts";
import { seededRandom } from "../../src/domain/random.ts";
import type { JobReport } from "../../src/domain/report.ts";
import type { Runner } from "../../src/grading/program.ts";

export interface DriveRequest {
  readonly provider: SandboxProvider;
  readonly runner: Runner;
  readonly language: Language;
  /** The command of the job. */
  readonly run: string;
  /** A folder that is copied, and files laid over it; undefined removes a file. */
  readonly folder?: string;
  readonly files?: Readonly<Record<string, string | undefined>>;
  readonly seed?: string;
  readonly timeoutMs?: number;
  readonly jobName?: string;
  readonly tags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: SandboxLimits;
  /** Where what the run left behind is copied to. */
  readonly snapshot?: string;
  /** Layer folders below the files. */
  readonly below?: readonly string[];
}

export interface Drove {
  readonly report: JobReport;
  readonly exchanges: Driven["exchanges"];
}

/** All files below a folder, relative to it. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

function ownedByNobody(path: string): void {
  lchownSync(path, 65534, 65534);
  if (!statSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) ownedByNobody(join(path, name));
}

function layOut({ folder, files = {} }: Pick<DriveRequest, "folder" | "files">): string {
  const layer = mkdtempSync(join(tmpdir(), "swing-arena-drive-"));
  const work = join(layer, "work");
  mkdirSync(work);
  if (folder !== undefined) cpSync(folder, work, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const target = join(work, path);
    if (content === undefined) rmSync(target, { force: true });
    else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
  }
  ownedByNobody(work);
  return layer;
}

/** Lays the files out, opens a sandbox of the language's image, drives the runner and cleans up. */
export async function driveFiles(request: DriveRequest): Promise<Drove> {
  const { provider, runner, language, run, seed = "seed", timeoutMs = 120_000 } = request;
  const layer = layOut(request);
  try {
    const files = listFiles(join(layer, "work"));
    const env = { ...(await provider.imageEnv(language)), ...request.env };
    const job: Job = {
      name: request.jobName ?? "test",
      run,
      runner: runner.name,
      timeoutSeconds: timeoutMs / 1000,
      env: {},
      tags: request.tags ?? [],
    };
    const trustedTestFiles = files.filter((path) => isTestPath(path, language));
    const limits = request.limits ?? defaultLimits;
    await using sandbox = await provider.open({
      run: "test",
      image: language,
      layers: [...(request.below ?? []), layer],
      network: "none",
      limits,
    });
    const program = runner.program({
      job,
      files,
      trustedTestFiles,
      random: seededRandom(seed),
      twins: seededRandom("twins"),
      timeoutMs,
      env,
    });
    const drove = await drive(program, sandbox, new AbortController().signal);
    if (request.snapshot !== undefined) await sandbox.snapshot(request.snapshot);
    return drove;
  } finally {
    rmSync(layer, { recursive: true, force: true });
  }
}

/**
 * A layer with what one run leaves in the language's caches, for runs that would each fill them again. The folder is
 * removed when the process ends.
 */
export async function warmLayer(request: DriveRequest): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "swing-arena-warm-"));
  const layer = join(folder, "layer");
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await driveFiles({ ...request, timeoutMs: 600_000, snapshot: layer });
  rmSync(join(layer, "work"), { recursive: true, force: true });
  return layer;
}
