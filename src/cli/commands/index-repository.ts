// `arena index`: reads a repository at a commit into the cache, and says what was read and what was not.
import { cacheBytes } from "../../../retriever/index.ts";
import { withSnapshot } from "../../arena/index.ts";
import { indexFolder, now } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { harmless, megabytes } from "../output.ts";

export interface IndexOptions {
  readonly repository: string;
  readonly commit: string;
}

/** Named one by one up to here; --json has them all. */
const mostNamed = 5;

const named = (paths: readonly string[]): string =>
  `${paths.slice(0, mostNamed).map(harmless).join(", ")}${paths.length > mostNamed ? " and more" : ""}`;

export async function indexRepository(options: IndexOptions, context: CommandContext): Promise<ExitCode> {
  const { out, signal } = context;
  const cacheFolder = indexFolder();
  const onProgress = ({ read, toRead }: { read: number; toRead: number }): void =>
    out.progress(`read ${read} of ${toRead} new files`);
  const started = now();
  const { commit, stats } = await withSnapshot(
    options,
    { cacheFolder, signal, onProgress },
    async ({ commit }, stats) => ({ commit, stats }),
  );
  const seconds = (now() - started) / 1000;
  const cache = { folder: cacheFolder, bytes: cacheBytes(cacheFolder) };
  out.result({ schemaVersion: 1, commit, seconds, cache, ...stats }, () => {
    const { files, indexed, languages, read, reused, bytesRead, fallbacks, missing, cacheDamage } = stats;
    const { cacheStopped } = stats;
    const byLanguage = Object.entries(languages).sort(([, a], [, b]) => b - a);
    const reasons = fallbacks.map(({ path, reason }) => `${path} (${reason})`);
    return [
      `commit     ${commit}`,
      `files      ${files}, ${indexed} of them searched`,
      `languages  ${byLanguage.map(([name, count]) => `${name} ${count}`).join(", ") || "none"}`,
      `read       ${read} new (${megabytes(bytesRead)}), ${reused} taken from the cache`,
      ...(reasons.length === 0
        ? []
        : [`cut at blank lines, no syntax: ${reasons.length}: ${named(reasons)}`]),
      ...(missing.length === 0 ? [] : [`no content in this clone: ${missing.length}: ${named(missing)}`]),
      ...cacheDamage.map((damage) => `the cache was damaged and is built anew: ${damage}`),
      ...(cacheStopped === undefined ? [] : [`nothing is kept: ${cacheStopped}`]),
      `seconds    ${seconds.toFixed(2)}`,
      `cache      ${megabytes(cache.bytes)} in ${cache.folder}`,
    ].join("\n");
  });
  // What was read is of no use to anyone when none of it is kept.
  return stats.cacheStopped === undefined ? exitCodes.done : exitCodes.fault;
}
