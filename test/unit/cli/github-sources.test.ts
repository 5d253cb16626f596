// What `arena curate mine` makes of what a person names at GitHub, and what it refuses before anybody is asked.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type GitHubOptions,
  gitHubSources,
  gitHubTold,
  namesGitHub,
} from "../../../src/cli/github-sources.ts";
import { output } from "../../../src/cli/output.ts";
import { addSources } from "../../../src/curation/index.ts";
import { UsageError } from "../../../src/domain/fault.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arena-github-sources-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function context() {
  const said: string[] = [];
  const stream = { write: (text: string) => said.push(text) > 0 };
  const out = output({ stdout: stream, stderr: stream }, false);
  return { said, out, signal: new AbortController().signal };
}

const sources = (options: Partial<GitHubOptions>) => gitHubSources({ folder, ...options }, context());

describe("what is named at GitHub", () => {
  it("is listed as of when the folder first asked, and as of now when that is wanted", async () => {
    const [first] = await sources({ github: ["o/r"], openedSince: "2025-01-31" });
    expect(first).toMatchObject({ repo: "o/r", api: "https://api.github.com" });
    expect(first?.openedSince).toBe("2025-01-31T00:00:00.000Z");
    await addSources(folder, first === undefined ? [] : [first]);
    const [second] = await sources({ github: ["o/s"], githubApi: "https://ghe.example.com/api/v3/" });
    expect(second).toMatchObject({ api: "https://ghe.example.com/api/v3", asOf: first?.asOf });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const [renewed] = await sources({ refresh: true });
    expect(renewed?.asOf).not.toBe(first?.asOf);
    expect({ ...renewed, asOf: first?.asOf }).toEqual(first);
    expect(await sources({})).toEqual([]);
    expect([namesGitHub({ folder }), namesGitHub({ folder, searchLanguages: "go" })]).toEqual([false, true]);
  });

  it.each([
    { github: ["cobra"] },
    { github: ["o/r"], openedSince: "last week" },
    { github: ["o/r"], githubApi: "http://ghe.example.com/api/v3" },
    { github: ["o/r"], githubApi: "ghe.example.com" },
  ])("is refused where it is no such thing: %o", async (options) => {
    await expect(sources(options)).rejects.toBeInstanceOf(UsageError);
  });
});

it("tells waits, and what is left of the limits", () => {
  const { said, out } = context();
  const told = gitHubTold({ out });
  told.onBudget?.({ resource: "core", limit: 5000, remaining: 4999, resetsAt: Date.UTC(2026, 0, 1, 12, 30) });
  told.onWait?.({ kind: "primary", resource: "core", ms: 1500 });
  told.onWait?.({ kind: "secondary", resource: "core", ms: 60_000 });
  told.ended();
  expect(said.join("").trim().split("\n")).toEqual([
    "GitHub: the core limit is spent: going on in 2 s",
    "GitHub: asked too much at once: going on in 60 s",
    "GitHub core: 4999 of 5000 requests left until 12:30 UTC",
  ]);
});
