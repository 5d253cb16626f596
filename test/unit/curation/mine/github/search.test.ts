// Searching GitHub for repositories worth mining: every condition, more than one search shows, and what is left out.
import { describe, expect, it } from "vitest";
import { type RepositorySearch, searchSources } from "../../../../../src/curation/mine/github/search.ts";
import { UsageError } from "../../../../../src/domain/fault.ts";
import { day, type ModelRepository, repository } from "../../../../support/github/model.ts";
import type { GitHubServer } from "../../../../support/github/server.ts";
import { asOf, clientOf, folder, server } from "./mining.ts";

const wanted: RepositorySearch = {
  language: "go",
  leastStars: 50,
  licences: [],
  withWorkflows: false,
  most: 100,
};

async function found(at: GitHubServer, parts: Partial<RepositorySearch> = {}, answers = folder()) {
  const leftOut: string[] = [];
  const asking = { asOf, signal: new AbortController().signal };
  const deps = { client: clientOf(at, { answers }), asking, onLeftOut: (repo: string) => leftOut.push(repo) };
  const sources = await searchSources({ ...wanted, ...parts }, deps);
  return { repos: sources.map(({ repo }) => repo), sources, leftOut };
}

const ci = [{ path: ".github/workflows/ci.yml", state: "active" }];

describe("a search", () => {
  const repositories: ModelRepository[] = [
    repository("o/best", { stars: 900, workflows: ci }),
    repository("o/off", {
      stars: 800,
      workflows: [{ path: ".github/workflows/x.yml", state: "disabled_manually" }],
    }),
    repository("o/free", { stars: 700, licence: "Apache-2.0" }),
    repository("o/old", { stars: 600, pushedAt: day(-400), workflows: ci }),
    repository("o/small", { stars: 10, workflows: ci }),
    repository("o/rust", { stars: 950, language: "Rust" }),
    repository("o/gone", { stars: 990, gone: 404 }),
  ];

  it("finds by language, stars, licence, activity and workflows, those with the most stars first", async () => {
    const at = await server({ repositories });
    expect((await found(at)).repos).toEqual(["o/best", "o/off", "o/free", "o/old"]);
    expect((await found(at, { licences: ["apache-2.0"] })).repos).toEqual(["o/free"]);
    expect((await found(at, { licences: ["apache-2.0", "mit"], most: 3 })).repos).toEqual([
      "o/best",
      "o/off",
      "o/free",
    ]);
    expect((await found(at, { activeSince: "2025-01-01" })).repos).not.toContain("o/old");
    const { repos, leftOut, sources } = await found(at, { withWorkflows: true });
    expect([repos, leftOut]).toEqual([
      ["o/best", "o/old"],
      ["o/off", "o/free"],
    ]);
    expect(sources[0]).toEqual({ kind: "github", id: "o/best", repo: "o/best", api: at.api, asOf });
    expect(at.problems).toEqual([]);
  });

  it("goes on where one search shows no more, and asks nothing twice when it is made again", async () => {
    const many = Array.from({ length: 9 }, (_, n) =>
      repository(`o/r${n}`, { stars: 100 + Math.floor(n / 2) }),
    );
    const at = await server({ repositories: many, mostFound: 4 });
    const answers = folder();
    const { repos } = await found(at, {}, answers);
    expect(repos).toHaveLength(9);
    expect(new Set(repos).size).toBe(9);
    const before = at.seen.length;
    expect((await found(at, {}, answers)).repos).toEqual(repos);
    expect(at.seen).toHaveLength(before);
    const same = await server({ repositories: many.map((each) => ({ ...each, stars: 100 })), mostFound: 4 });
    await expect(found(same)).rejects.toBeInstanceOf(UsageError);
  });

  it.each([{ language: "go stars:>1" }, { licences: ["mit OR x"] }, { activeSince: "yesterday" }])(
    "refuses words that would say something else: %o",
    async (parts) => {
      const at = await server({ repositories: [] });
      await expect(found(at, parts)).rejects.toBeInstanceOf(UsageError);
      expect(at.seen).toEqual([]);
    },
  );
});
