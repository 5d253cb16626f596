// manifest.json of a run folder: what was asked for and what it ran on, enough to resume it and to doubt it.
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { SandboxLimits, SandboxProvider } from "../../sandboxes/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { RunSettings } from "../domain/run.ts";
import { type Configuration, configurationShape } from "./configuration.ts";
import { Evidence } from "./evidence.ts";
import { harnessVersion } from "./judging.ts";

const optionsSchema = z.object({
  set: z.string(),
  contestants: z.string().exactOptional(),
  repos: z.string().exactOptional(),
  rerank: z.string().exactOptional(),
  rerankDevice: z.string().exactOptional(),
  sandbox: z.string().exactOptional(),
  memory: z.number().exactOptional(),
  only: z.string().exactOptional(),
  anchors: z.string().exactOptional(),
  /** US dollars. */
  budget: z.number().exactOptional(),
  budgetTokens: z.number().exactOptional(),
  budgetHours: z.number().exactOptional(),
  budgetEach: z.number().exactOptional(),
  budgetEachTokens: z.number().exactOptional(),
  budgetEachHours: z.number().exactOptional(),
  canaryBattles: z.number().exactOptional(),
  canaryHours: z.number().exactOptional(),
  patience: z.number().exactOptional(),
  attempts: z.number().exactOptional(),
  workers: z.number().exactOptional(),
  sandboxes: z.number().exactOptional(),
});

const rerankerShape = z.object({
  fingerprint: z.string(),
  device: z.enum(["cpu", "cuda"]),
  asked: z.literal("cuda").exactOptional(),
});

const manifestSchema = z.object({
  schemaVersion: z.literal(1),
  settings: z
    .object({
      ...{ set: z.string(), setHash: z.string() },
      retrieval: z.object({ reranker: rerankerShape.exactOptional() }).exactOptional(),
    })
    .exactOptional(),
  options: optionsSchema,
  /** Those behind models, as they were set up; controls and replayed files have no such thing. */
  contestants: z.array(configurationShape).default([]),
  /** The sandbox class every verdict of the run comes from. */
  sandbox: z.string(),
});

export type ManifestOptions = z.infer<typeof optionsSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

const fileName = "manifest.json";

/** @throws UsageError where there can be none */
export async function makeRunFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new UsageError(`--run: expected a folder that can be written; ${String(cause)}`, { cause });
  });
}

/** @throws UsageError when the folder holds no run */
export async function readManifest(run: string): Promise<Manifest> {
  const json = await new Evidence(run).readJson(fileName).catch((cause: unknown) => {
    throw new UsageError(`${run} is no run folder: expected manifest.json in it`, { cause });
  });
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = `${join(run, fileName)}: field ${issue?.path.join(".")}`;
  throw new UsageError(`${where}: ${issue?.message}`, { cause: parsed.error });
}

/** The manifest of a folder where a run was begun; undefined for a new one. @throws UsageError for a damaged one */
export async function manifestIn(run: string): Promise<Manifest | undefined> {
  return existsSync(join(run, fileName)) ? readManifest(run) : undefined;
}

/** Boards name one class of sandbox for all verdicts of a run. @throws UsageError */
export function mustBeSameSandbox(run: string, begun: string | undefined, now: string): void {
  if (begun === undefined || begun === now) return;
  throw new UsageError(
    `${run} was begun with sandboxes of class ${begun}, and would go on with ${now}: name --sandbox ${begun}, or another folder`,
  );
}

/**
 * What may be given anew while a run goes on, since it touches no verdict: a reranker too, which must be the run's own
 * wherever it lies now. Everything else stays as it was begun.
 */
const renewable = [
  "budget",
  "budgetTokens",
  "budgetHours",
  "budgetEach",
  "budgetEachTokens",
  "budgetEachHours",
  "canaryBattles",
  "canaryHours",
  "patience",
  "workers",
  "sandboxes",
  "rerank",
  "rerankDevice",
] as const;
type Renewable = Pick<ManifestOptions, (typeof renewable)[number]>;

/** Whether an option of this name may be given anew. */
export const isRenewable = (name: string): boolean => renewable.some((each) => each === name);

function renewed(given: Renewable): Renewable {
  const named = renewable.map((name) => [name, given[name]] as const);
  return Object.fromEntries(named.filter(([, value]) => value !== undefined));
}

/** The options a run was begun with, under those given now. */
export function resumed<O extends Renewable>(given: O, begun: ManifestOptions): O & ManifestOptions {
  return { ...given, ...begun, ...renewed(given) };
}

/** The options to go on with a run by. @throws UsageError when there is no such run */
export async function resumedOptions<O extends Renewable>(
  given: O,
  run: string,
): Promise<O & ManifestOptions & { readonly run: string }> {
  const { options } = await readManifest(run);
  return { ...resumed(given, options), run };
}

/** What was given anew is the run's from now on: whoever resumes it next need not know of it. */
export async function keepResumed(evidence: Evidence, given: Renewable): Promise<void> {
  const { options: begun } = await readManifest(evidence.folder);
  const options = { ...begun, ...renewed(given) };
  if (isDeepStrictEqual(options, begun)) return;
  const whole = z.looseObject({}).parse(await evidence.readJson(fileName));
  await evidence.writeJson(fileName, { ...whole, options });
}

export interface ManifestParts {
  readonly settings: RunSettings;
  readonly options: ManifestOptions;
  readonly contestants: readonly Configuration[];
  readonly sandboxes: SandboxProvider;
  readonly images: readonly string[];
  readonly limits: SandboxLimits;
  /** Node's version. */
  readonly node: string;
  /** The public key that this run's ledger is signed with: Ed25519, base64url. */
  readonly ledgerKey: string;
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
