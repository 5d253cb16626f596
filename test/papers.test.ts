// Keeps the papers true: every path, command and link they name exists, and every decision says why.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { program } from "../src/cli/main.ts";
import { output } from "../src/cli/output.ts";
import { parseContestants } from "../src/inference/index.ts";
import { deadLinks, missingPaths, paper, wrongCommands } from "./support/papers.ts";
import { filesBelow, root } from "./support/source.ts";

const silent = { write: () => true };
const arena = program({
  out: output({ stdout: silent, stderr: silent }, false),
  signal: new AbortController().signal,
});
const scripts = new Set(Object.keys(manifest.scripts));

const papers = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", ...filesBelow("docs")]
  .filter((path) => path.endsWith(".md"))
  .map(paper);
const decisions = papers.filter(({ path }) => path.startsWith("docs/decisions/"));

describe.each(papers)("$path", (each) => {
  it("names only paths that exist", () => {
    expect(missingPaths(each)).toEqual([]);
  });

  it("names only commands and options that exist", () => {
    expect(wrongCommands(each, arena, scripts)).toEqual([]);
  });

  it("links only to what is there", () => {
    expect(deadLinks(each)).toEqual([]);
  });
});

describe("the finders", () => {
  const planted = (text: string) => ({ path: "README.md", text });

  it("find a path that is not there, and stay silent on one that is", () => {
    expect(missingPaths(planted("see `src/arena/rouund.ts` and `docs/nothing.md`"))).toHaveLength(2);
    expect(missingPaths(planted("see `src/arena/round.ts`, `src/<house>/index.ts` and `text/x<y`"))).toEqual([
      "text/x<y",
    ]);
  });

  it("find commands and options that do not exist", () => {
    const text =
      "```sh\nnpm run demoo\nnpx arena plya set\narena play set --contestant gold\n```\n`arena issues chek x`";
    expect(wrongCommands(planted(text), arena, scripts)).toHaveLength(4);
    const right =
      "```sh\nnpm ci\nnpm run arena -- play issues/smoke/1 --contestants gold,empty # a comment\n```";
    expect(wrongCommands(planted(right), arena, scripts)).toEqual([]);
  });

  it("find dead links and dead headings", () => {
    expect(
      deadLinks(planted("[a](docs/none.md) [b](#nowhere) [c](https://example.org) [d](#here)\n# Here")),
    ).toEqual(["docs/none.md", "#nowhere"]);
  });
});

describe("ARCHITECTURE.md", () => {
  it("is at most 120 lines long", () => {
    expect(paper("ARCHITECTURE.md").text.trimEnd().split("\n").length).toBeLessThanOrEqual(120);
  });
});

describe("README.md", () => {
  const { text } = paper("README.md");

  it("shows in its first 30 lines how to see a leaderboard, and that leaderboard", () => {
    expect(text.split("\n").slice(0, 12).join("\n")).toContain("npm run demo");
    expect(text).toMatch(/<!-- demo:board -->\n[\s\S]*<!-- \/demo:board -->/);
  });

  it("names every command in its table", () => {
    const table = text.split("\n").filter((line) => line.startsWith("| `arena "));
    const unnamed = arena.commands
      .map((each) => each.name())
      .filter((name) => !table.join("\n").includes(`arena ${name}`));
    expect(unnamed).toEqual([]);
  });

  it("shows a contestant file that is one", () => {
    const file = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
    expect(parseContestants(file, "README.md")).toMatchObject({
      ok: true,
      contestants: [{ id: "local-32b" }, { id: "hosted" }],
    });
  });
});

describe("docs/decisions", () => {
  it("are numbered without gaps, each in a file named after what was decided", () => {
    const names = decisions.map(({ path }) => path.slice("docs/decisions/".length));
    expect(names.length).toBeGreaterThan(0);
    const expected = names.map((name, index) => `${String(index + 1).padStart(4, "0")}-${name.slice(5)}`);
    expect(names).toEqual(expected);
    expect(names.filter((name) => !/^\d{4}-[a-z0-9-]+\.md$/.test(name))).toEqual([]);
  });

  it.each(decisions)(
    "$path says context, decision and consequences, in that order and within a page",
    ({ text }) => {
      const heads = [...text.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
      expect(heads).toEqual(["Context", "Decision", "Consequences"]);
      expect(text.split("\n")[0]).toMatch(/^# \d{4}: \S/);
      expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
    },
  );
});

describe("LICENSE", () => {
  it("is the one the package names", () => {
    expect(existsSync(join(root, "LICENSE"))).toBe(true);
    expect(manifest.license).toBe("MIT");
    expect(paper("LICENSE").text).toContain("MIT License");
  });
});
