// Makes the languages' images: from a pulled Debian where a registry answers, from Debian's packages elsewhere.
import { mkdtemp, readdir, readFile, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { assetFolder } from "./assets.ts";
import { installPackages } from "./engine.ts";
import { engineCall } from "./engine-call.ts";
import { baseTag, imageReference, type Language } from "./images.ts";
import { lastWords, runTool, toolEnv, whichTool } from "./tool.ts";
import { SandboxFault } from "./types.ts";

const suite = "trixie";
const pulledBase = `debian:${suite}-slim`;
/** A registry that has not begun to send by then counts as unreachable. */
const pullDecisionMs = 10_000;
const pullMs = 300_000;
const buildMs = 1_800_000;

export interface ImageOptions {
  readonly socketPath: string;
  readonly onProgress?: (line: string) => void;
  /** Makes them again although they are there. */
  readonly rebuild?: boolean;
}

interface Building {
  readonly docker: Docker;
  readonly say: (line: string) => void;
}

function buildFailed(message: string, cause?: unknown): SandboxFault {
  return new SandboxFault("image-build-failed", message, { retryable: true, cause });
}

async function exists(docker: Docker, reference: string): Promise<boolean> {
  const found = await engineCall("listing images", 30_000, () =>
    docker.listImages({ filters: { reference: [reference] } }),
  );
  return found.length > 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Follows an engine's progress stream to its end. */
function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onEvent: (event: Record<string, unknown>) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (event: unknown) =>
      isRecord(event) && typeof event.error === "string" ? event.error : undefined;
    docker.modem.followProgress(
      stream,
      (error: Error | null, events: unknown[]) => {
        const said = events.map(failed).find((text) => text !== undefined);
        if (error !== null || said !== undefined)
          reject(buildFailed(said ?? error?.message ?? "unknown", error));
        else resolve();
      },
      (event: unknown) => {
        if (isRecord(event)) onEvent(event);
      },
    );
  });
}

/** True when the base could be pulled; a registry that does not answer soon is no error. */
async function pullBase({ docker, say }: Building): Promise<boolean> {
  const undecided = new AbortController();
  const timer = setTimeout(() => undecided.abort(), pullDecisionMs);
  try {
    await engineCall("pulling an image", pullMs, async (late) => {
      const abortSignal = AbortSignal.any([late, undecided.signal]);
      const stream = await docker.pull(pulledBase, { abortSignal });
      undecided.signal.addEventListener("abort", () => stream.emit("error", new Error("no answer in time")));
      await follow(docker, stream, ({ status }) => {
        if (typeof status === "string" && /^(Downloading|Download complete|Status:)/.test(status))
          clearTimeout(timer);
      });
    });
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    say(`${pulledBase} cannot be pulled here (${why}); making it from Debian packages instead`);
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** The Debian mirror this machine itself installs from: deb822 `URIs:` or one-line `deb http...`. */
export function mirrorIn(text: string): string | undefined {
  const uris = [...text.matchAll(/^(?:URIs:|deb\s+(?:\[[^\]]*\]\s+)?)\s*(https?:\S+)/gm)].map(
    (match) => match[1],
  );
  return uris.find((uri) => uri !== undefined && /\/debian\/?$/.test(uri));
}

/** Undefined where this machine names none: then mmdebstrap takes its own default. */
async function hostMirror(): Promise<string | undefined> {
  const folder = "/etc/apt/sources.list.d";
  const names = await readdir(folder).catch((): string[] => []);
  for (const file of [...names.map((name) => join(folder, name)), "/etc/apt/sources.list"]) {
    const mirror = mirrorIn(await readFile(file, "utf8").catch(() => ""));
    if (mirror !== undefined) return mirror;
  }
  return undefined;
}

/** Memory when there is enough of it: unpacking a system writes many small files. */
async function scratchFolder(): Promise<string> {
  const memory = await statfs("/dev/shm").catch(() => undefined);
  const roomy = memory !== undefined && memory.bavail * memory.bsize > 2e9;
  return mkdtemp(join(roomy ? "/dev/shm" : tmpdir(), "swing-arena-"));
}

async function bootstrap(archive: string, scratch: string, say: (line: string) => void): Promise<void> {
  if (process.getuid?.() !== 0) throw buildFailed(`only root can make ${suite} from Debian packages`);
  if (!(await whichTool("mmdebstrap"))) await installPackages(["mmdebstrap"], say);
  const mirror = await hostMirror();
  const source = mirror ?? "the default mirror";
  say(`making Debian ${suite} from ${source}`);
  const options = ["--variant=minbase", "--mode=root", "--dpkgopt=force-unsafe-io"];
  const lean = ["man", "doc", "locale", "info"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const named = mirror === undefined ? [] : [mirror];
  const result = await runTool(["mmdebstrap", ...options, ...lean, suite, archive, ...named], {
    env: { ...toolEnv, TMPDIR: scratch },
    timeoutMs: 900_000,
  });
  if (result.code !== 0)
    throw buildFailed(`mmdebstrap of ${suite} from ${source} failed: ${lastWords(result)}`);
}

async function importBase({ docker, say }: Building): Promise<string> {
  const tag = `swing-arena/debian:${suite}`;
  if (await exists(docker, tag)) return tag;
  const scratch = await scratchFolder();
  try {
    const archive = join(scratch, "base.tar");
    await bootstrap(archive, scratch, say);
    await engineCall("importing an image", 300_000, async () => {
      const stream = await docker.importImage(archive, { repo: "swing-arena/debian", tag: suite });
      await follow(docker, stream, () => {});
    });
    return tag;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function build(
  { docker, say }: Building,
  name: Language | "base",
  from: string,
  tag: string,
): Promise<void> {
  say(`building ${tag}`);
  const started = performance.now();
  const last: string[] = [];
  try {
    await engineCall(`building ${tag}`, buildMs, async () => {
      const context = { context: join(assetFolder("images"), name), src: ["Dockerfile"] };
      // The host's network: packages come from the host's own mirror, and a private engine has no other.
      const options = { t: tag, buildargs: { BASE: from }, networkmode: "host", forcerm: true };
      await follow(docker, await docker.buildImage(context, options), ({ stream }) => {
        if (typeof stream === "string" && stream.trim() !== "") last.push(stream.trim());
        if (last.length > 15) last.shift();
      });
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw buildFailed(`building ${tag} failed: ${why}\n${last.join("\n")}`, error);
  }
  say(`built ${tag} in ${Math.round((performance.now() - started) / 1000)} s`);
}

async function ensureBase(building: Building, rebuild: boolean): Promise<string> {
  const tag = baseTag();
  if (!rebuild && (await exists(building.docker, tag))) return tag;
  const from = (await pullBase(building)) ? pulledBase : await importBase(building);
  await build(building, "base", from, tag);
  return tag;
}

/** Which of these languages' images the engine does not have. */
export async function missingImages(socketPath: string, wanted: readonly Language[]): Promise<Language[]> {
  const docker = new Docker({ socketPath });
  const missing: Language[] = [];
  for (const language of wanted)
    if (!(await exists(docker, imageReference(language)))) missing.push(language);
  return missing;
}

/**
 * Builds the images that are missing, one after another on one base. Progress is for people.
 * @throws SandboxFault image-build-failed with the last lines of the build
 */
export async function ensureImages(wanted: readonly Language[], options: ImageOptions): Promise<void> {
  const { socketPath, onProgress = () => {}, rebuild = false } = options;
  const missing = rebuild ? wanted : await missingImages(socketPath, wanted);
  if (missing.length === 0) return;
  const building: Building = { docker: new Docker({ socketPath }), say: onProgress };
  const base = await ensureBase(building, rebuild);
  for (const language of missing) await build(building, language, base, imageReference(language));
}
