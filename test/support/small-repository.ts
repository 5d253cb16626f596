// A git repository of a few files made for one test, indexed and ready to be asked.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type Contribution,
  openIndex,
  type Ranker,
  type Ranking,
  rankerOf,
  type SignalName,
  type Snapshot,
} from "../../retriever/index.ts";

/** One commit: files as they are from then on. */
export interface Commit {
  readonly message?: string;
  /** Seconds since 1970; a day after the commit before where it is not said. */
  readonly time?: number;
  readonly files: Readonly<Record<string, string>>;
}

export interface SmallRepository extends Disposable {
  readonly folder: string;
  readonly snapshot: Snapshot;
  readonly ranker: Ranker;
}

const day = 24 * 3600;
const firstDay = 1_700_000_000;

/** The last commit, indexed; the others are its past. */
export async function smallRepository(...commits: readonly Commit[]): Promise<SmallRepository> {
  const folder = mkdtempSync(join(tmpdir(), "arena-small-"));
  let now = firstDay;
  const git = (...words: readonly string[]): void => {
    const date = `${now} +0000`;
    const env = { ...process.env, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date };
    execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@t", ...words], { env });
  };
  git("init", "-q");
  for (const [index, { message = `commit ${index}`, time, files }] of commits.entries()) {
    now = time ?? now + day;
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", message);
  }
  const index = openIndex({ workers: 0 });
  const { snapshot } = await index.snapshot(folder, "HEAD");
  await index.close();
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  return { folder, snapshot, ranker: rankerOf(snapshot), [Symbol.dispose]: remove };
}

/** What a signal gave a file; undefined where it gave nothing. */
export function given(ranking: Ranking, path: string, signal: SignalName): Contribution | undefined {
  const ranked = ranking.files.find(({ file }) => file.path === path);
  return ranked?.why.find((each) => each.signal === signal);
}

/** Points of a signal for every file it gave some, most first. */
export function pointsOf(ranking: Ranking, signal: SignalName): Record<string, number> {
  const all = ranking.files.flatMap(({ file, why }) =>
    why.filter((each) => each.signal === signal).map(({ points }) => [file.path, points] as const),
  );
  return Object.fromEntries(all.sort(([, one], [, other]) => other - one));
}
