// What every test of mining at GitHub needs: a server, a folder for answers, and a mining of some sources.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { GitHubClient, type GitHubOptions } from "../../../../../src/curation/mine/github/client.ts";
import type { MineGitHubLimits } from "../../../../../src/curation/mine/github/pull-miner.ts";
import { mineGitHubStage } from "../../../../../src/curation/mine/github/stage.ts";
import type { GitHubSource } from "../../../../../src/curation/mine/sources.ts";
import { type MinedRow, minedRow } from "../../../../../src/curation/pipeline/rows.ts";
import { GitHubServer, type GitHubServerOptions } from "../../../../support/github/server.ts";
import { virtualClock } from "../../../../support/virtual-clock.ts";

export const asOf = "2026-01-01T00:00:00.000Z";
export const token = "secret-token";

const closing: AsyncDisposable[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each[Symbol.asyncDispose]();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export async function server(options: GitHubServerOptions): Promise<GitHubServer> {
  const opened = await GitHubServer.open({ token, ...options });
  closing.push(opened);
  return opened;
}

export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "arena-github-"));
  folders.push(made);
  return made;
}

export interface Mining {
  readonly answers: string;
  readonly clock?: ReturnType<typeof virtualClock>;
  readonly client?: Partial<GitHubOptions>;
  readonly limits?: Partial<MineGitHubLimits>;
  readonly source?: Partial<GitHubSource>;
  readonly signal?: AbortSignal;
  readonly isAnonymous?: boolean;
}

export function clientOf(
  at: GitHubServer,
  { answers, clock, client = {}, isAnonymous }: Mining,
): GitHubClient {
  return new GitHubClient({
    ...{ api: at.api, folder: answers, clock: clock ?? virtualClock(), retryUnitMs: 1 },
    ...(isAnonymous === true ? {} : { token }),
    ...client,
  });
}

/** Mines one repository. */
export async function mine(at: GitHubServer, repo: string, mining: Mining) {
  const client = clientOf(at, mining);
  const { limits = {} } = mining;
  const stage = mineGitHubStage({ clientOf: () => client, limits });
  const named = { kind: "github", id: repo, repo, api: at.api, asOf, ...mining.source };
  const { signal = new AbortController().signal } = mining;
  const { kept, rejected } = await stage.run(stage.input.parse(named), signal);
  const rows: MinedRow[] = kept.map((row) => minedRow.parse(row));
  return { rows, rejected, reasons: Object.fromEntries(rejected.map(({ id, reason }) => [id, reason])) };
}
