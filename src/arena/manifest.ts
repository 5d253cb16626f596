// manifest.json of a run folder: what was asked for and what it ran on, enough to resume it and to doubt it.
import { join } from "node:path";
import { z } from "zod";
import type { SandboxLimits, SandboxProvider } from "../../sandboxes/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { RunSettings } from "../domain/run.ts";
import { Evidence } from "./evidence.ts";
import { harnessVersion } from "./judging.ts";

const optionsSchema = z.object({
  set: z.string(),
  contestants: z.string().exactOptional(),
  repos: z.string().exactOptional(),
  sandbox: z.string().exactOptional(),
  memory: z.number().exactOptional(),
  only: z.string().exactOptional(),
});

const manifestSchema = z.object({
  schemaVersion: z.literal(1),
  options: optionsSchema,
  /** The sandbox class every verdict of the run comes from. */
  sandbox: z.string(),
});

export type ManifestOptions = z.infer<typeof optionsSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** @throws UsageError when the folder holds no run */
export async function readManifest(run: string): Promise<Manifest> {
  const json = await new Evidence(run).readJson("manifest.json").catch((cause: unknown) => {
    throw new UsageError(`${run} is no run folder: expected manifest.json in it`, { cause });
  });
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = `${join(run, "manifest.json")}: field ${issue?.path.join(".")}`;
  throw new UsageError(`${where}: ${issue?.message}`, { cause: parsed.error });
}

export interface ManifestParts {
  readonly settings: RunSettings;
  readonly options: ManifestOptions;
  readonly sandboxes: SandboxProvider;
  readonly images: readonly string[];
  readonly limits: SandboxLimits;
  /** Node's version. */
  readonly node: string;
}

/** What is written: more than is ever read back, for whoever doubts the run. */
export async function manifestOf({ sandboxes, images, ...parts }: ManifestParts): Promise<unknown> {
  const digest = async (image: string) => [image, await sandboxes.imageDigest(image)] as const;
  return {
    schemaVersion: 1,
    harness: harnessVersion,
    ...parts,
    sandbox: sandboxes.name,
    caveats: sandboxes.capabilities.caveats,
    images: Object.fromEntries(await Promise.all(images.map(digest))),
  };
}

/** Only the options a resumed run must share; undefined ones are left out. */
export function resumable(
  options: { readonly [K in keyof ManifestOptions]: ManifestOptions[K] | undefined },
): ManifestOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return optionsSchema.parse(Object.fromEntries(given));
}
