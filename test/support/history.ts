// A small real history made by git itself, commit by commit, and the mined row of a change in it.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { MinedRow } from "../../src/curation/pipeline/rows.ts";
import { Repository } from "../../src/git/index.ts";

export type Mined = MinedRow["mined"];

/** Hour n of the history, as git and rows write it. */
export const hour = (n: number): string => new Date(1_700_000_000_000 + n * 3_600_000).toISOString();

/** Any second at all: git reads no date after 2099. */
const gitTime = (n: number): string => `@${Date.parse(hour(n)) / 1000} +0000`;

export class History {
  readonly folder = mkdtempSync(join(tmpdir(), "arena-history-"));
  /** Of the last commit; whoever sets it dates the next. */
  hour = 0;

  constructor() {
    this.git("init", "--quiet", "--initial-branch=main");
  }

  git(...words: readonly string[]): string {
    const env = {
      ...{ PATH: process.env.PATH, HOME: "/nonexistent", GIT_CONFIG_GLOBAL: "/dev/null" },
      ...{ GIT_AUTHOR_DATE: gitTime(this.hour), GIT_COMMITTER_DATE: gitTime(this.hour) },
    };
    const who = ["-c", "user.name=t", "-c", "user.email=t@t"];
    return execFileSync("git", ["-C", this.folder, ...who, ...words], { env, encoding: "utf8" }).trim();
  }

  write(files: Readonly<Record<string, string | Buffer>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), content);
    }
  }

  /** Commits these files, and whatever else was done to the folder, at an hour (the next one). */
  commit(files: Readonly<Record<string, string | Buffer>> = {}, at = this.hour + 1): string {
    this.hour = at;
    this.write(files);
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message=c");
    return this.git("rev-parse", "HEAD");
  }

  /** Merges a branch into where one stands, with a commit of its own. */
  merge(branch: string): string {
    this.hour += 1;
    this.git("merge", "--quiet", "--no-ff", "--message=m", branch);
    return this.git("rev-parse", "HEAD");
  }

  open(): Promise<Repository> {
    return Repository.open(this.folder, join(this.folder, ".git/arena-scratch"));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

type Issue = Mined["issues"][number];

export function issueOf(parts: Partial<Issue> = {}): Issue {
  const body = "It should add, and it takes away instead.";
  const about = { repo: "o/r", number: 7, title: "Sum is wrong", body, createdAt: hour(0) };
  return { ...about, linkedBy: "reference", comments: [], ...parts };
}

/** A change whose head is `head`, merged long after everything. */
export function minedRowOf(head: string, parts: Partial<Mined> = {}): MinedRow {
  return {
    ...{ schemaVersion: 1, id: "o__r-1", repo: "o/r", origin: { kind: "commits", fix: head } },
    mined: {
      ...{ title: "t", body: "", head, commits: [head], firstCommitAt: hour(5), mergedAt: hour(1000) },
      ...{ issues: [issueOf()], checks: [], ...parts },
    },
  };
}
