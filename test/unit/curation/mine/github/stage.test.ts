// What GitHub knows becomes rows: linked issues, comments, checks, names that changed, and everything put aside by name.
import { describe, expect, it } from "vitest";
import { listedOnce } from "../../../../../src/curation/mine/github/stage.ts";
import { commit, day, issue, pull, repository, shaOf } from "../../../../support/github/model.ts";
import { shopModel, shopReasons } from "../../../../support/github/shop.ts";
import { asOf, folder, mine, server } from "./mining.ts";

describe("with a token", () => {
  it("gives a row for each merged pull request that closed an issue, and names why not for the others", async () => {
    const at = await server({ repositories: shopModel() });
    const { rows, reasons } = await mine(at, "acme/tools", { answers: folder() });
    expect(rows.map(({ id }) => id)).toEqual(["acme__tools-10", "acme__tools-11", "acme__tools-19"]);
    expect(reasons).toEqual(shopReasons);
    expect(at.problems).toEqual([]);
    const [first] = rows;
    const test = { name: "test", conclusion: "success" };
    expect(first).toEqual({
      ...{ schemaVersion: 1, id: "acme__tools-10", repo: "acme/tools" },
      origin: {
        ...{ kind: "pull-request", host: new URL(at.api).host, number: 10 },
        url: `${at.api}/acme/tools/pull/10`,
      },
      mined: {
        ...{
          title: "Add at last",
          body: "It adds.",
          targetTip: shaOf("base 10"),
          head: shaOf("work for 10"),
        },
        ...{ merge: shaOf("merge 10"), commits: [shaOf("work for 10")], licence: "MIT" },
        ...{ firstCommitAt: new Date(day(60)).toISOString(), mergedAt: day(70) },
        issues: [
          {
            ...{
              repo: "acme/tools",
              number: 1,
              title: "Issue 1",
              body: "What is wrong in 1.",
              createdAt: day(1),
            },
            linkedBy: "reference",
            comments: [
              { author: "ann", createdAt: day(20), body: "It happens with two as well." },
              { author: "ghost", createdAt: day(21), body: "Seen." },
            ],
          },
        ],
        checks: [
          { name: "lint", workflow: ".github/workflows/lint.yml", conclusion: "failure", commit: "head" },
          { ...test, workflow: ".github/workflows/ci.yml", commit: "head" },
          { name: "ci/old", conclusion: "success", commit: "head" },
          { name: "slow", conclusion: "in_progress", commit: "head" },
          { ...test, commit: "merge" },
        ].sort(byOwnKey),
      },
    });
  });

  it("takes words where GitHub knows of nothing, and follows issues to where they were moved", async () => {
    const at = await server({ repositories: shopModel() });
    const { rows } = await mine(at, "acme/tools", { answers: folder() });
    const told = rows.map(({ mined }) =>
      mined.issues.map(({ repo, number, linkedBy }) => [repo, number, linkedBy]),
    );
    expect(told.slice(1)).toEqual([
      [
        ["acme/tools", 2, "text"],
        ["acme/shop", 1, "text"],
      ],
      [["acme/tools", 2, "text"]],
    ]);
    expect(rows[1]?.mined.issues[1]?.comments).toHaveLength(1);
  });

  it.each([false, true])(
    "mines one pull request alone by its number (without a token: %s)",
    async (isAnonymous) => {
      const unmerged = pull(90, { closes: ["acme/tools#1"], mergedAt: null });
      const [tools, ...others] = shopModel();
      if (tools === undefined) throw new Error("expected a repository");
      const at = await server({ repositories: [{ ...tools, pulls: [...tools.pulls, unmerged] }, ...others] });
      const one = (number: number, answers = folder()) =>
        mine(at, "acme/tools", { answers, isAnonymous, source: { pull: number } });
      const all = await mine(at, "acme/tools", { answers: folder(), isAnonymous });
      const [whole] = all.rows;
      if (whole?.origin.kind !== "pull-request") throw new Error("expected a pull request");
      const { number } = whole.origin;
      const answers = folder();
      const { rows, rejected } = await one(number, answers);
      expect([rows, rejected]).toEqual([[whole], []]);
      const asked = at.seen.length;
      expect((await one(number, answers)).rows).toEqual(rows);
      expect(at.seen.length).toBe(asked);
      expect((await one(90)).reasons).toEqual({ "acme/tools": "not-merged" });
      expect((await one(999)).reasons).toEqual({ "acme/tools": "pull-gone" });
      expect(at.problems).toEqual([]);
    },
  );

  it("keeps a renamed repository's new name", async () => {
    const at = await server({ repositories: shopModel() });
    const { rows } = await mine(at, "acme/old-tools", { answers: folder() });
    expect(rows[0]).toMatchObject({ id: "acme__tools-10", repo: "acme/tools" });
    const old = at.seen.filter(({ path }) => path.includes("old-tools"));
    expect(old.map(({ status }) => status)).toEqual([301]);
    const twice = listedOnce([...rows, ...rows]);
    expect(twice.kept).toEqual(rows);
    expect(new Set(twice.rejected.map(({ reason }) => reason))).toEqual(new Set(["listed-twice"]));
  });

  it("puts aside what is gone or blocked, by name", async () => {
    const repositories = [...shopModel(), repository("acme/blocked", { gone: 403 })];
    const at = await server({ repositories });
    const reasons = await Promise.all(
      ["acme/gone", "acme/taken", "acme/blocked", "acme/never"].map(async (name) => {
        const { rejected } = await mine(at, name, { answers: folder() });
        return rejected.map(({ id, reason }) => `${id} ${reason}`);
      }),
    );
    expect(reasons.flat()).toEqual([
      "acme/gone repository-gone",
      "acme/taken repository-blocked",
      "acme/blocked repository-blocked",
      "acme/never repository-gone",
    ]);
    expect(at.problems).toEqual([]);
  });

  it("reads every page of everything", async () => {
    const comments = Array.from({ length: 230 }, (_, n) => ({
      author: "ann",
      body: `c ${n}`,
      createdAt: day(3),
    }));
    const commits = Array.from({ length: 120 }, (_, n) =>
      commit(`part ${n}`, { authoredAt: day(50 + n / 100) }),
    );
    const names = Array.from({ length: 130 }, (_, n) => `check ${String(n).padStart(3, "0")}`);
    const runs = names.map((name, n) => ({
      name,
      conclusion: "success",
      suite: n + 1,
      app: "github-actions",
    }));
    const many = Array.from({ length: 12 }, (_, n) => pull(n + 100, { closes: ["o/r#1"] }));
    const head = commits.at(-1)?.sha ?? "";
    const own = repository("o/r", {
      issues: [issue(1, { comments })],
      pulls: [pull(10, { closes: ["o/r#1"], commits }), ...many],
      checks: {
        [head]: {
          runs,
          statuses: names.map((context) => ({ context: `old ${context}`, state: "success" })),
          workflowRuns: names.map((_, n) => ({ path: `.github/workflows/${n + 1}.yml`, suite: n + 1 })),
        },
      },
    });
    const at = await server({ repositories: [own] });
    const { rows } = await mine(at, "o/r", { answers: folder(), limits: { pageSize: 5 } });
    expect(rows).toHaveLength(13);
    expect(rows[0]?.mined.commits).toEqual(commits.map(({ sha }) => sha));
    expect(rows[0]?.mined.issues[0]?.comments).toHaveLength(230);
    expect(rows[0]?.mined.checks).toHaveLength(260);
    expect(rows[0]?.mined.checks.filter(({ workflow }) => workflow !== undefined)).toHaveLength(130);
    expect(at.problems).toEqual([]);
    expect(new Set(at.answered).size).toBe(at.answered.length);
  });

  it("puts aside what is over a limit, and says once what it did not read", async () => {
    const commits = Array.from({ length: 250 }, (_, n) => commit(`part ${n}`));
    const closes = Array.from({ length: 11 }, (_, n) => `o/r#${n + 1}`);
    const dated = (authoredAt: string) => [commit(authoredAt, { authoredAt })];
    const own = repository("o/r", {
      issues: [issue(1)],
      pulls: [
        pull(20, { closes: ["o/r#1"] }),
        pull(21, { closes: ["o/r#1"], commits }),
        pull(22, { closes }),
        pull(23, { closes: ["o/r#1"], commits: dated("1969-01-01T00:00:00Z") }),
        pull(24, { closes: ["o/r#1"] }),
      ],
    });
    const at = await server({ repositories: [own] });
    const { rows, reasons } = await mine(at, "o/r", { answers: folder(), limits: { mostPulls: 4 } });
    expect(rows.map(({ id }) => id)).toEqual(["o__r-24"]);
    const wanted = { "o__r-21": "too-large", "o__r-22": "many-issues", "o__r-23": "unsound-time" };
    expect(reasons).toEqual({ "o/r": "older-history", ...wanted });
    const source = { openedSince: new Date(day(24)).toISOString() };
    const since = await mine(at, "o/r", { answers: folder(), source });
    expect([since.rows.map(({ id }) => id), since.rejected]).toEqual([["o__r-24"], []]);
  });
});

describe("without a token", () => {
  it("gives the same rows by REST, but for what commit messages and GitHub's own relation tell", async () => {
    const at = await server({ repositories: shopModel() });
    const { rows, reasons } = await mine(at, "acme/tools", { answers: folder(), isAnonymous: true });
    expect(rows.map(({ id }) => id)).toEqual(["acme__tools-11"]);
    const byToken = await mine(at, "acme/tools", { answers: folder() });
    expect(rows[0]).toEqual(byToken.rows[1]);
    expect(reasons).toMatchObject({ "acme__tools-10": "no-issue", "acme__tools-19": "no-issue" });
    expect(reasons).toMatchObject({
      "acme__tools-13": "issue-unknown",
      "acme__tools-14": "only-pull-requests",
    });
    const anonymous = at.seen.filter(({ authorization }) => authorization === undefined);
    expect(anonymous.some(({ path }) => path === "/graphql")).toBe(false);
    expect(at.problems).toEqual([]);
  });

  it("loses none while others are opened between two pages", async () => {
    const own = repository("o/r", { issues: [issue(1)] });
    own.pulls = Array.from({ length: 12 }, (_, n) => pull(n + 2, { body: "fixes #1" }));
    const at = await server({
      repositories: [own],
      trouble: (path) => {
        if (/[?&]page=2/.test(path))
          own.pulls = [...own.pulls, pull(own.pulls.length + 2, { mergedAt: null })];
        return undefined;
      },
    });
    const mining = { answers: folder(), isAnonymous: true, limits: { pageSize: 5 } };
    const { rows } = await mine(at, "o/r", mining);
    expect(rows.map(({ origin }) => origin)).toHaveLength(12);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(12);
  });
});

describe("an Enterprise server", () => {
  it("is asked below its own paths, and its pages name issues", async () => {
    const own = repository("o/r", { issues: [issue(1), issue(2)], pulls: [pull(10, { closes: ["o/r#1"] })] });
    const at = await server({ repositories: [own], flavour: "ghes-3.19" });
    own.pulls.push(pull(11, { body: `Fixes ${new URL(at.api).origin}/o/r/issues/2` }));
    const { rows } = await mine(at, "o/r", { answers: folder() });
    expect(at.api).toMatch(/\/api\/v3$/);
    expect(rows.map(({ mined }) => mined.issues.map(({ number }) => number))).toEqual([[1], [2]]);
    expect(at.problems).toEqual([]);
  });
});

it("takes nothing that was merged after the run's own time", async () => {
  const own = repository("o/r", {
    issues: [issue(1)],
    pulls: [pull(10, { body: "fixes #1", mergedAt: day(400) })],
  });
  const at = await server({ repositories: [own] });
  expect((await mine(at, "o/r", { answers: folder() })).rows).toEqual([]);
  const later = { answers: folder(), source: { asOf: "2027-01-01T00:00:00.000Z" } };
  expect((await mine(at, "o/r", later)).rows).toHaveLength(1);
  expect(asOf < later.source.asOf).toBe(true);
});

/** Checks stand in the order of workflow, name and conclusion, those of the head first. */
function byOwnKey(
  one: { readonly name: string; readonly workflow?: string; readonly commit: string },
  other: { readonly name: string; readonly workflow?: string; readonly commit: string },
): number {
  const key = ({ commit: at, workflow = "", name }: typeof one) => JSON.stringify([at, workflow, name]);
  return key(one) < key(other) ? -1 : 1;
}
