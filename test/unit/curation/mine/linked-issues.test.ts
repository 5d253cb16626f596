// Every form in which a text closes an issue, and what only looks like one.
import { describe, expect, it } from "vitest";
import { linkedIssues } from "../../../../src/curation/mine/linked-issues.ts";

const named = (text: string): string[] =>
  linkedIssues(text, "o/r").map(({ repo, number }) => `${repo}#${number}`);

const keywords = [
  ...["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"],
  ...["Close", "FIXES", "ReSolved"],
];

describe("linkedIssues", () => {
  it.each(keywords)("knows %s, with a colon and without", (word) => {
    expect(named(`${word} #12`)).toEqual(["o/r#12"]);
    expect(named(`It ${word}: #12.`)).toEqual(["o/r#12"]);
    expect(named(`(${word}:#12)`)).toEqual(["o/r#12"]);
  });

  it("knows own numbers, other repositories and URLs, once each, in their order", () => {
    const text = [
      "Fixes GH-4, closes a-b/c.d#5,\r\nresolves https://github.com/x/y/issues/6#issuecomment-1",
      "fixes http://www.github.com/x/y/issues/7 and closes X/Y#6, fixes O/R#4",
    ];
    expect(named(text.join("\n"))).toEqual(["o/r#4", "a-b/c.d#5", "x/y#6", "x/y#7"]);
  });

  it.each([
    "see #12",
    "fixes#12",
    "fixing #12",
    "prefixes #12",
    "hot-fixes #12",
    "fixes #12abc",
    "fixes #0",
    "fixes 12",
    "fixes\n#12",
    "fixes https://github.com/x/y/pull/6",
    "fixes https://example.org/x/y/issues/6",
    "fixes https://github.com.example.org/x/y/issues/6",
    "fixes ../r#12",
  ])("takes %j for no link", (text) => {
    expect(named(text)).toEqual([]);
  });

  it("asks for a keyword before each number, as GitHub does", () => {
    expect(named("fixes #1, #2 and closes #3")).toEqual(["o/r#1", "o/r#3"]);
  });

  it("takes the host's own URLs alone", () => {
    const text = "fixes https://git.firm.org/o/r/issues/1, fixes https://github.com/o/r/issues/2";
    expect(linkedIssues(text, "o/r", "git.firm.org")).toEqual([{ repo: "o/r", number: 1 }]);
  });

  it.each([
    "<!-- fixes #1 -->",
    "<!-- fixes #1",
    "`fixes #1`",
    "``a ` fixes #1``",
    "```\nfixes #1\n```",
    "~~~ text\n```\nfixes #1\n~~~",
    "```\nfixes #1",
    "a\n\n    fixes #1\n\n    fixes #1\n",
    "\tfixes #1",
    "<pre>\nfixes #1\n</pre>",
    "<code>fixes #1</code>",
    "fixes `a` #1",
  ])("reads neither comments nor code: %j", (text) => {
    expect(named(text)).toEqual([]);
    expect(named(`fixes #9\n\n${text}`)).toEqual(["o/r#9"]);
  });

  it("goes on behind comments and code, and in lists", () => {
    expect(named("<!-- a --> fixes #1 `b` fixes #2\n```\nc\n```\nfixes #3 ` fixes #4")).toEqual(
      [1, 2, 3, 4].map((n) => `o/r#${n}`),
    );
    expect(named("fixes <!-- number --> #5")).toEqual(["o/r#5"]);
    expect(named("* one\n\n    fixes #6\n\n    fixes #7")).toEqual(["o/r#6", "o/r#7"]);
  });

  it("ends on texts made to take long", () => {
    for (const part of ["<!--", "<pre", "`` ` ", "fix ".padEnd(50), "```\n", "fixes a/"])
      expect(named(part.repeat(200_000 / part.length))).toEqual([]);
  });
});
