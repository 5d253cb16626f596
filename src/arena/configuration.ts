// How each model contestant of a run is set up, as its manifest keeps it: who goes on with a run must find the same.
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { UsageError } from "../domain/fault.ts";
import { retrievalModes } from "../domain/run.ts";
import { type Contestant, decidingOf, providerNames } from "../inference/index.ts";
import type { PromptTemplates } from "./prompts.ts";

export const configurationShape = z.object({
  id: z.string(),
  provider: z.enum(providerNames),
  /** Without user, password and query: those may be keys. */
  baseUrl: z.string().exactOptional(),
  model: z.string(),
  temperature: z.number().exactOptional(),
  seed: z.number().exactOptional(),
  contextTokens: z.number(),
  maxOutputTokens: z.number(),
  prices: z.object({
    inputPerMillion: z.number(),
    outputPerMillion: z.number(),
    cachedInputPerMillion: z.number().exactOptional(),
  }),
  answer: z.enum(["edits", "diff"]),
  attempts: z.number(),
  outputLimitField: z.string().exactOptional(),
  /** Of the request's further fields: whatever is in them, it is nobody's to read. */
  extraSha256: z.string().exactOptional(),
  /** Of a pair: its engines, and how they play together. */
  a1Sha256: z.string().exactOptional(),
  /** Of an agent: its command, its own files, and all else that its entry says. */
  agentSha256: z.string().exactOptional(),
  promptsSha256: z.string(),
  /** What measures the source it is shown: a file's hash included, or that it is an approximation. */
  tokenizer: z.string(),
  /** Where it is not what the run shows everybody. */
  retrieval: z.enum(retrievalModes).exactOptional(),
});

export type Configuration = z.infer<typeof configurationShape>;

const sha256 = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");

function bare(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}

/** Whatever decides what a contestant answers and costs; how fast it is asked, and with which key, may change. */
export function configurationOf(
  contestant: Contestant,
  templates: PromptTemplates,
  tokenizer: string,
): Configuration {
  const { baseUrl, extra, a1, command: _command, agent: _agent, tokenizer: _, ...rest } = contestant;
  const { keyEnv, vendor, maxConcurrent, requestTimeoutSeconds, prompts, ...deciding } = rest;
  return {
    ...deciding,
    ...(baseUrl === undefined ? {} : { baseUrl: bare(baseUrl) }),
    ...(extra === undefined ? {} : { extraSha256: sha256(extra) }),
    ...(a1 === undefined ? {} : { a1Sha256: sha256(decidingOf(a1)) }),
    promptsSha256: sha256(templates),
    tokenizer,
  };
}

/** @param filesCommit of its own files, where it brings some along: two folders that hold the same have one */
export function agentConfiguration(
  { command, agent }: Contestant,
  filesCommit: string | undefined,
): Pick<Configuration, "agentSha256"> {
  if (command === undefined) return {};
  const { files: _, ...rest } = agent ?? {};
  return { agentSha256: sha256([command, rest, filesCommit]) };
}

const shown = (value: unknown): string => (value === undefined ? "not given" : JSON.stringify(value));

function changes(begun: Configuration, now: Configuration): string[] {
  const was = new Map<string, unknown>(Object.entries(begun));
  const is = new Map<string, unknown>(Object.entries(now));
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((field) => !isDeepStrictEqual(was.get(field), is.get(field)))
    .map((field) => `${field} was ${shown(was.get(field))}, is ${shown(is.get(field))}`);
}

/** @throws UsageError when a contestant of the run is set up differently now, or is not there */
export function mustBeSameContestants(
  run: string,
  begun: readonly Configuration[],
  now: readonly Configuration[],
): void {
  const problems = begun.flatMap((before) => {
    const found = now.find(({ id }) => id === before.id);
    if (found === undefined) return [`${before.id} is not there`];
    const changed = changes(before, found);
    return changed.length === 0 ? [] : [`${before.id}: ${changed.join("; ")}`];
  });
  if (problems.length === 0) return;
  throw new UsageError(
    `the contestants of ${run} are not those it was begun with: ${problems.join(". ")}. ` +
      "Put them back as they were, or start a new run in another folder",
  );
}
