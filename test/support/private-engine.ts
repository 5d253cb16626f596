// A second container engine beside the one that all tests share, with its images: one that a test may stop and start.
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import Docker from "dockerode";
import { ensureEngine, imageReference, type Language, stopPrivateEngine } from "../../sandboxes/index.ts";

export interface PrivateEngine extends AsyncDisposable {
  readonly socketPath: string;
  readonly docker: Docker;
  start(): Promise<void>;
  stop(): Promise<void>;
}

async function moveImage(from: Docker, to: Docker, image: string): Promise<void> {
  const saved = await from.getImage(image).get();
  const through = new PassThrough();
  const loading = to.loadImage(through, { quiet: true });
  await pipeline(saved, through);
  const said = await loading;
  said.resume();
  await new Promise<void>((resolve, reject) => said.on("end", resolve).on("error", reject));
}

/** @param shared socket of the engine that has the images; nothing else is asked of it */
export async function privateEngine(
  folder: string,
  images: readonly Language[],
  shared: string,
): Promise<PrivateEngine> {
  mkdirSync(folder, { recursive: true });
  const socketPath = join(folder, "docker.sock");
  const docker = new Docker({ socketPath });
  const start = async (): Promise<void> => {
    await ensureEngine({ socketPath, privateFolder: folder });
  };
  const stop = async (): Promise<void> => {
    if (!(await stopPrivateEngine(folder))) throw new Error(`the engine in ${folder} did not end`);
  };
  await start();
  for (const image of images)
    await moveImage(new Docker({ socketPath: shared }), docker, imageReference(image));
  return {
    ...{ socketPath, docker, start, stop },
    [Symbol.asyncDispose]: async () => {
      await stopPrivateEngine(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
