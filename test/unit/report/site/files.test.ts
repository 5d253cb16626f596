// The site as a whole: every link leads to a page, the same runs give the same files, newer issues get boards of their own.
import { dirname, posix } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { RoundExhibit } from "../../../../src/domain/exhibit.ts";
import type { BoardSource } from "../../../../src/report/index.ts";
import { type SiteFile, type SiteRun, siteFiles } from "../../../../src/report/index.ts";
import { report } from "../../../support/evidence.ts";
import { answer, battle, call, record, round, settings, shown } from "../rows.ts";

const issues = 24;

/** Two contestants, one battle an issue, half of the issues of each of two years; one round is void. */
function source(name: string): BoardSource {
  const places = Array.from({ length: issues }, (_, place) => place);
  const rounds = places.flatMap((place) => {
    const language = place % 2 === 0 ? ("python" as const) : ("go" as const);
    const common = { battleId: `battle-${place}`, instanceId: `one__issue-${place}`, language };
    const lost = { void: { cause: "engine-lost", side: "submitter" as const, detail: "gone" } };
    const first =
      place === 0 ? record({}, lost) : record({ effect: place % 3 === 0 ? "killed" : "survived" });
    return [
      round({ ...common, record: first, submitterContext: shown(900) }),
      round({
        ...common,
        round: 2,
        submitter: "beta",
        reviewer: "alpha",
        record: record({ label: "unresolved" }),
      }),
    ];
  });
  return {
    ...{ name, settings, sandbox: "docker", sampling: [], rounds },
    battles: places.map((place) => battle(place)),
    calls: [{ ...call({ battleId: "battle-1" }), id: 1, finish: answer() }],
    facts: {
      known: true,
      issues: places.map((place) => ({
        ...{
          instanceId: `one__issue-${place}`,
          language: "python",
          createdOn: `${2024 + (place % 2)}-05-01`,
        },
        difficulty: place % 4 === 0 ? "hard" : "easy",
      })),
    },
  };
}

const exhibit: RoundExhibit = {
  ...{ patch: "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n", tests: "", prompts: { submitter: "prompt" } },
  ...{ failToPass: [], passToPass: [], missing: ["verdict.json cannot be read: it is missing"] },
  runs: [
    { label: "B", report: report({ old: "passed" }), log: "evidence/b.json.gz" },
    { label: "P", report: report({ old: "failed" }), log: "evidence/gone.json.gz" },
  ],
};

const run = (name: string): SiteRun => ({
  source: source(name),
  evidence: {
    round: (_, { withPrompts }) => (withPrompts ? exhibit : { ...exhibit, prompts: {} }),
    log: (log) => (log.includes("gone") ? undefined : { log, jobs: [], report: report({}) }),
    issue: (id) =>
      id.endsWith("3") ? undefined : { repo: "one/one", text: "# It fails\n\nbadly", createdAt: "" },
  },
});

async function filesOf(withLogs: boolean, after?: string): Promise<Map<string, string>> {
  const board = after === undefined ? { resamples: 50 } : { resamples: 50, after };
  const found: SiteFile[] = [];
  for await (const file of siteFiles({ runs: [run("runs/one"), run("runs/two")], board, withLogs }))
    found.push(file);
  const files = new Map(found.map(({ path, text }) => [path, text]));
  expect(files.size).toBe(found.length);
  return files;
}

/** Addresses of a page that lead to no file of the site. */
function deadLinks(path: string, text: string, files: ReadonlyMap<string, string>): string[] {
  const addresses = [...text.matchAll(/(?:href|src)="([^"#]*)(#[^"]*)?"/g)].map((match) => match[1] ?? "");
  const own = addresses.filter((address) => address !== "" && !address.startsWith("data:"));
  return own.filter((address) => !files.has(posix.normalize(posix.join(dirname(path), address))));
}

describe("the site's files", () => {
  let files: Map<string, string>;
  beforeAll(async () => {
    files = await filesOf(true);
  });

  it("are pages whose every link leads to one of them", async () => {
    const pages = [...files].filter(([path]) => path.endsWith(".html"));
    expect(pages.length).toBeGreaterThan(2 * issues);
    expect(pages.flatMap(([path, text]) => deadLinks(path, text, files))).toEqual([]);
    const bare = await filesOf(false);
    expect(
      [...bare].flatMap(([path, text]) => (path.endsWith(".html") ? deadLinks(path, text, bare) : [])),
    ).toEqual([]);
    expect([...bare.keys()].filter((path) => /^(logs|prompts)\//.test(path))).toEqual([]);
  });

  it("are the same for the same runs", async () => {
    expect([...(await filesOf(true))]).toEqual([...files]);
  });

  it("have the policy on every page, before anything that it is about", () => {
    for (const [path, text] of files) {
      if (!path.endsWith(".html")) continue;
      const policy = text.indexOf('<meta http-equiv="Content-Security-Policy"');
      expect(policy).toBeGreaterThan(0);
      expect(policy).toBeLessThan(text.indexOf("<link"));
      expect(policy).toBeLessThan(text.indexOf("<script"));
    }
  });

  it("offer a board of the newer issues where enough are left, and of the day that was asked for", async () => {
    const boards = (from: ReadonlyMap<string, string>) =>
      [...from.keys()].filter((path) => /^(index|after)/.test(path));
    expect(boards(files)).toEqual(["index.html", "after-2024-12-31.html"]);
    expect(files.get("after-2024-12-31.html")).toContain("12 instances");
    expect(files.get("index.html")).toContain('href="after-2024-12-31.html"');
    expect(boards(await filesOf(false, "2024-02-01"))).toContain("after-2024-02-01.html");
  });

  it("say what is missing: evidence, logs, and the text of an issue", () => {
    expect(files.get("battles/1-1.html")).toContain("verdict.json cannot be read: it is missing");
    expect(
      [...files.values()].some((text) => text.includes("gone.json.gz</code> is missing or damaged")),
    ).toBe(true);
    expect(files.get("battles/1-4.html")).toContain("text is not shown");
  });

  it("name runs by the end of their folder", () => {
    expect(files.get("battles/2-1.html")).toContain("run two");
    expect([...files.values()].some((text) => text.includes("runs/two"))).toBe(false);
  });

  it("keep void rounds apart, and group by language and by difficulty", () => {
    const index = files.get("index.html") ?? "";
    expect(index).toContain("96 rounds planned, 96 recorded, 2 void: 94 count");
    expect(index).toContain("By language");
    expect(index.indexOf("easy<br>")).toBeLessThan(index.indexOf("hard<br>"));
  });
});
