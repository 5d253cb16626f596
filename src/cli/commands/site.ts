// `arena board --html`: the board of stored runs as a site.
import { UsageError } from "../../domain/fault.ts";
import type { Reading } from "../../domain/record.ts";
import type { SiteRun } from "../../report/index.ts";
import { readSiteRun } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { megabytes } from "../output.ts";
import { writeSite } from "../site-of.ts";

export interface SiteOptions {
  readonly runs: readonly string[];
  readonly reading: Reading;
  /** Folder to write the site into. */
  readonly html: string;
  readonly logs: string;
  /** A cut-off day to offer beside those the site chooses. */
  readonly after?: string;
}

/** A log of every judged run is most of a site: from this many battles on they must be asked for. */
const manyBattles = 2_000;

function withLogs(logs: string, runs: readonly SiteRun[], note: (line: string) => void): boolean {
  if (logs === "all") return true;
  if (logs === "none") return false;
  if (logs !== "auto") throw new UsageError(`--logs: expected auto, all or none, found "${logs}"`);
  const battles = runs.reduce((sum, { source }) => sum + source.battles.length, 0);
  if (battles <= manyBattles) return true;
  note(`${battles} battles: CI logs and whole prompts are left out of the site; --logs all puts them in`);
  return false;
}

export async function site(options: SiteOptions, { out, signal }: CommandContext): Promise<ExitCode> {
  const { runs: names, reading, html, logs, after } = options;
  const runs = await Promise.all(names.map((run) => readSiteRun(run, out.note)));
  const board = after === undefined ? { reading } : { reading, after };
  const input = { runs, board, withLogs: withLogs(logs, runs, out.note) };
  const written = await writeSite(html, input, signal);
  out.result(
    { schemaVersion: 1, site: written },
    () => `${written.files} files, ${megabytes(written.bytes)}: open ${written.index}`,
  );
  return exitCodes.done;
}
