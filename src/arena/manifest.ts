// manifest.json of a run folder: what was asked for and what it ran on, enough to resume it and to doubt it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../domain/fault.ts";
import { Evidence } from "./evidence.ts";

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
  settings: z.object({ set: z.string(), setHash: z.string() }).exactOptional(),
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

/**
 * Whether the folder has a manifest already. @throws UsageError when it is of another set, or of another version of it:
 *   its verdicts would be taken for answers about this one
 */
export async function mustBeManifestOf(
  run: string,
  wanted: { readonly set: string; readonly setHash: string },
): Promise<boolean> {
  if (!existsSync(join(run, "manifest.json"))) return false;
  const { settings } = await readManifest(run);
  if (settings?.setHash === wanted.setHash) return true;
  const found =
    settings?.set === wanted.set ? `${wanted.set} as it was before` : (settings?.set ?? "another");
  throw new UsageError(
    `--run: expected a new folder or one of the set ${wanted.set}, found ${run} of ${found}: name another folder`,
  );
}

/** Only the options a resumed run must share; undefined ones are left out. */
export function resumable(
  options: { readonly [K in keyof ManifestOptions]: ManifestOptions[K] | undefined },
): ManifestOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return optionsSchema.parse(Object.fromEntries(given));
}
