// `arena curate mine --github` as a process of its own, killed while it asks: what was answered is not asked again, and split finds its commits.
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { arena } from "../support/command-line.ts";
import { commit, day, issue, type ModelRepository, pull, repository } from "../support/github/model.ts";
import { GitHubServer } from "../support/github/server.ts";
import { History } from "../support/history.ts";
import { killWhatIsLeft, startArena } from "../support/run-process.ts";
import { expectDocument } from "../support/schemas.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-curate-github-"));
afterAll(() => {
  killWhatIsLeft();
  rmSync(folder, { recursive: true, force: true });
});

const source = (body: string) => `package half\n\nfunc Half(n int) int {\n\treturn ${body}\n}\n`;
const bodies = ["n/2 + 1", "n - n/2", "n / 2"];

/** A repository below `mirror` with a pull request for each fix, their branches gone; and GitHub's view of it. */
function shop(mirror: string): ModelRepository {
  const history = new History();
  history.commit({ "go.mod": "module example.org/half\n\ngo 1.19\n", "half.go": source("n") });
  const pulls = bodies.map((body, n) => {
    const base = history.git("rev-parse", "HEAD");
    history.git("checkout", "--quiet", "-b", `topic-${n}`);
    history.hour += 1;
    const test = `package half\n\nimport "testing"\n\nfunc TestHalf${n}(t *testing.T) {}\n`;
    const head = history.commit({ "half.go": source(body), [`half_${n}_test.go`]: test });
    history.git("update-ref", `refs/pull/${n + 10}/head`, head);
    history.git("checkout", "--quiet", "main");
    const merge = history.merge(`topic-${n}`);
    history.git("branch", "--quiet", "-D", `topic-${n}`);
    const own = { ...commit(`half ${n}`), sha: head, parents: [base], authoredAt: day(100) };
    return pull(n + 10, { base, head, merge, commits: [own], closes: ["o/half#1"], mergedAt: day(200) });
  });
  history.git("config", "uploadpack.allowFilter", "true");
  mkdirSync(join(mirror, "o"), { recursive: true });
  renameSync(history.folder, join(mirror, "o", "half.git"));
  const text = "Whoever halves an empty purse gets a coin as a present, and the till is short.";
  const comments = [{ author: "ann", body: "With two coins, too.", createdAt: day(20) }];
  return repository("o/half", { issues: [issue(1, { body: text, comments })], pulls });
}

describe("arena curate mine --github", () => {
  it("goes on after SIGKILL without a question that was answered, to rows whose commits split finds", async () => {
    const mirror = join(folder, "mirror");
    const own = shop(mirror);
    let onRequest: (n: number) => void = () => {};
    await using server = await GitHubServer.open({
      ...{ repositories: [own], flavour: "ghes-3.19", token: "secret-token" },
      trouble: (_, n) => {
        onRequest(n);
        return undefined;
      },
    });
    const cache = { ARENA_CACHE: join(folder, "cache"), GITHUB_ENTERPRISE_TOKEN: "secret-token" };
    const place = ["--github", "o/half", "--github-api", server.api];
    const mine = (work: string) => ["--json", "curate", "mine", work, ...place];

    const calm = startArena(mine(join(folder, "calm")), { cwd: folder, env: cache });
    expect(await calm.ended, calm.said()).toBe(0);
    const questions = server.seen.length;
    expect(server.problems).toEqual([]);
    expect(calm.said()).toMatch(/GitHub core: \d+ of 5000 requests left until/);

    const work = join(folder, "killed");
    const killedAt = [1, 3, 4, 5];
    for (const more of killedAt) {
      const before = server.seen.length;
      const run = startArena(mine(work), { cwd: folder, env: cache });
      // As the question arrives: its answer never gets onto the disk.
      onRequest = (n) => {
        if (n >= before + more - 1) run.child.kill("SIGKILL");
      };
      expect(await run.ended, run.said()).toBe("SIGKILL");
      onRequest = () => {};
    }
    const last = startArena(mine(work), { cwd: folder, env: cache });
    expect(await last.ended, last.said()).toBe(0);
    // One question of each killed run was under way.
    expect(server.seen.length - questions).toBeLessThanOrEqual(questions + killedAt.length);
    expect(server.seen.every(({ authorization }) => authorization === "token secret-token")).toBe(true);
    const rows = (at: string, stage: string) => readFileSync(join(at, stage, "kept.jsonl"), "utf8");
    expect(rows(work, "mine")).toBe(rows(join(folder, "calm"), "mine"));
    expect(rows(work, "mine").trim().split("\n")).toHaveLength(3);

    const asked = server.seen.length;
    const refreshed = startArena(["--json", "curate", "mine", work, "--refresh"], {
      cwd: folder,
      env: cache,
    });
    expect(await refreshed.ended, refreshed.said()).toBe(0);
    expect(rows(work, "mine")).toBe(rows(join(folder, "calm"), "mine"));
    const fresh = server.seen.slice(asked).filter(({ path }) => path !== "/graphql");
    expect(new Set(fresh.map(({ status }) => status))).toEqual(new Set([304]));

    const split = ["--json", "curate", "split", work, "--clone-base", mirror];
    const done = await arena(...split);
    expectDocument("curate-stage", done.stdout);
    expect(JSON.parse(done.stdout), done.stderr).toMatchObject({ kept: 3, rejected: 0, faults: 0 });
    const [first] = rows(work, "split").split("\n");
    expect(JSON.parse(first ?? "")).toMatchObject({
      id: "o__half-10",
      split: { baseCommit: own.pulls[0]?.base, language: "go", hintsText: "With two coins, too." },
    });
    // A mirror that is away is nobody's fault: the row is asked again.
    rmSync(join(work, "clones"), { recursive: true });
    rmSync(join(work, "split"), { recursive: true });
    const away = await arena("--json", "curate", "split", work, "--clone-base", join(folder, "nowhere"));
    expect([away.code, JSON.parse(away.stdout)]).toMatchObject([3, { kept: 0, rejected: 0, faults: 3 }]);
  });
});
