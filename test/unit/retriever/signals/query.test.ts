// What is read out of an issue, whatever somebody typed: its parts, terms, names and triples, bounded and in an order.
import { describe, expect, it } from "vitest";
import { inflectionsOf, stemOf } from "../../../../retriever/signals/inflections.ts";
import { type Segment, segmentsOf } from "../../../../retriever/signals/issue-text.ts";
import { queryOf } from "../../../../retriever/signals/query.ts";
import { hashOf } from "../../../../retriever/signals/words.ts";
import { smallRepository } from "../../../support/small-repository.ts";

const kindsOf = (issue: string): Record<string, string> => {
  const found: Record<string, string> = {};
  for (const { kind, text } of segmentsOf(issue)) found[kind] = `${found[kind] ?? ""}${text}|`;
  return found;
};

describe("segments of an issue", () => {
  it("are its title, prose, inline code and fences", () => {
    const issue = "Put fails\n\nCalling `put_item` says:\n```py\nValueError: full\n```\nThat is all.";
    expect(kindsOf(issue)).toEqual({
      title: "Put fails|",
      prose: "\nCalling | says:|That is all.|",
      inline: "put_item|",
      fence: "ValueError: full|",
    });
    expect(kindsOf("Put `put_item` away")).toEqual({ title: "Put |put_item| away|", inline: "put_item|" });
  });

  it("leave out what a template wrote: comments, boxes, empty answers", () => {
    const issue =
      "T\n<!-- Describe the bug\nhere -->\n- [x] I searched\n* [ ] other\n_No response_\nreal words";
    expect(kindsOf(issue)).toEqual({ title: "T|", prose: "\n\nreal words|" });
    // A comment that never ends hides nothing.
    expect(kindsOf("T\n<!-- real words").prose).toContain("real words");
  });

  it("know the part that describes a machine, until the next heading", () => {
    const issue = "T\n### Environment\nLinux\n```\nnode v20\n```\n### Steps\nput";
    expect(kindsOf(issue)).toEqual({
      title: "T|",
      environment: "### Environment\nLinux|node v20|",
      prose: "### Steps\nput|",
    });
  });

  it("share a long paste out, as much as forty lines", () => {
    const share = (lines: number): number | undefined =>
      segmentsOf(`T\n\`\`\`\n${"x\n".repeat(lines)}\`\`\``).find(({ kind }) => kind === "fence")?.share;
    expect([share(10), share(80)]).toEqual([1, 0.5]);
  });

  it("end a fence by its own mark, or never", () => {
    expect(kindsOf("T\n~~~\n```\nin\n~~~\nout")).toEqual({ title: "T|", fence: "```\nin|", prose: "out|" });
    expect(kindsOf("T\n```\nin\nout")).toEqual({ title: "T|", fence: "in\nout|" });
  });

  it("are the same with CRLF", () => {
    const issue = "T\n\na `b` c\n```\nd\n```\n- [ ] e\nf";
    const plain: Segment[] = segmentsOf(issue);
    expect(segmentsOf(issue.replaceAll("\n", "\r\n"))).toEqual(plain);
  });
});

describe("a query", () => {
  it("weighs the title most, a paste least, and words that every issue has not at all", () => {
    const { terms } = queryOf({ text: "quill\n\nink please\n\n```\nblot\n```\n### Environment\nparchment" });
    expect(terms.map(({ text }) => text)).toEqual(["quill", "ink", "blot", "parchment"]);
    const [quill = 0, ink, blot, parchment] = terms.map(({ weight }) => weight);
    expect([quill, ink, blot, parchment]).toEqual([1 + Math.log(3), 1, 0.5, 0.25]);
  });

  it("asks for all forms of a word at once, under the heaviest", () => {
    const { terms } = queryOf({ text: "filters\n\nfilter and filtering" });
    expect(terms.map(({ text }) => text)).toEqual(["filters"]);
    expect(terms[0]?.hashes).toEqual(expect.arrayContaining(["filter", "filtered"].map(hashOf)));
    expect(terms[0]?.weight).toBeCloseTo(1 + Math.log(5), 12);
  });

  it("takes for names what is written like code or quoted as it, and not a word of prose", () => {
    const { names } = queryOf({
      text: "T\n\nput_item, BagStore, getURL and `render`, not Render or _really_ or HTML\n\n```\nx = some_name\n```",
    });
    const found = Object.fromEntries(names.map(({ text, weight }) => [text, weight]));
    expect(found).toEqual({ put_item: 1, BagStore: 1, getURL: 1, render: 1, some_name: 0.5 });
    expect(names[0]?.hash).toBe(hashOf("BagStore"));
    expect(names[0]?.termHash).toBe(hashOf("bagstore"));
  });

  it("reads no words of addresses", () => {
    const { terms, names } = queryOf({ text: "T\n\nsee https://forge.example/quill/ink_pot/issues/3 there" });
    expect([terms, names]).toEqual([[], []]);
  });

  it("reads later discussion for half, and only where it is given", () => {
    const text = "quill\n\nink";
    const { terms } = queryOf({ text, hints: "blot\n\nvellum" });
    const weights = Object.fromEntries(terms.map((term) => [term.text, term.weight]));
    expect(weights).toEqual({ quill: 1 + Math.log(3), blot: 1 + Math.log(1.5), ink: 1, vellum: 0.5 });
    expect(queryOf({ text }).terms.map((term) => term.text)).toEqual(["quill", "ink"]);
  });

  it("keeps every word as it is, unweighed, for plain BM25", () => {
    const rawTerms = queryOf({ text: "the Filters\n\nfilters, the put_item" }).rawTerms();
    expect(rawTerms.map(({ text, weight, hashes }) => [text, weight, hashes.length])).toEqual([
      ["filters", 2, 1],
      ["the", 2, 1],
      ["item", 1, 1],
      ["put", 1, 1],
      ["put_item", 1, 1],
    ]);
  });
});

describe("inflections", () => {
  it.each([
    ["filters", "filter"],
    ["filtering", "filter"],
    ["filtered", "filter"],
    ["parsing", "parse"],
    ["parsed", "parse"],
    ["queries", "query"],
    ["stopped", "stop"],
    ["caching", "cache"],
  ])("%s is a form of %s", (form, base) => {
    expect(stemOf(form)).toBe(stemOf(base));
    expect(inflectionsOf(base)).toContain(form);
    expect(inflectionsOf(form)).toContain(base);
  });

  it.each(["class", "status", "bus", "put_items", "utf8", "größen"])("%s stays", (word) => {
    expect(stemOf(word)).toBe(word);
  });

  it("agree: every form has the stem, and names itself", () => {
    for (const word of ["parse", "running", "index", "boxes", "tries", "aged", "singing"]) {
      const forms = inflectionsOf(word);
      expect(forms[0]).toBe(word);
      expect(new Set(forms).size).toBe(forms.length);
      for (const form of forms) expect(stemOf(form)).toBe(stemOf(word));
    }
  });
});

/** Each about a million characters: what takes more than linear time does not come to an end here. */
const hostile: Readonly<Record<string, string>> = {
  "nothing but blanks": " \t\n".repeat(300_000),
  "only punctuation": "?!.,;:()[]{}<>*+^$|\\/-".repeat(45_000),
  "text like patterns": "(a+)+$|(?<x>.*)*[^]]{1,9}\\b".repeat(35_000),
  "a paste of 100,000 lines": `T\n\`\`\`\n${"at Frame.call_me (src/x.js:1:2)\n".repeat(100_000)}`,
  "words that all differ": Array.from({ length: 150_000 }, (_, at) => `w${at}x`).join(" "),
  "names that all differ": Array.from({ length: 100_000 }, (_, at) => `put_${at}`).join("\n"),
  "one endless word": "a".repeat(1_000_000),
  "one endless name": "aBc_".repeat(250_000),
  underscores: "_".repeat(1_000_000),
  "quotes that never close": "`".repeat(1_000_001),
  "comments that never close": "<!-- ".repeat(200_000),
  "fences in fences": "```\n~~~\n".repeat(125_000),
  headings: "# **".repeat(250_000),
  "lone halves of characters": "\ud800\udc00\ud800 \udfff".repeat(200_000),
  "address after address": "https://".repeat(125_000),
};

describe("a hostile issue", () => {
  it.each(Object.keys(hostile))("of %s is read to its bounds", (name) => {
    const text = hostile[name] ?? "";
    const query = queryOf({ text, hints: text });
    const { terms, names, paths, shingles } = query;
    const rawTerms = query.rawTerms();
    expect(terms.length).toBeLessThanOrEqual(400);
    expect(names.length).toBeLessThanOrEqual(200);
    expect(paths.length).toBeLessThanOrEqual(200);
    expect(shingles.length).toBeLessThanOrEqual(4_000);
    expect(rawTerms.length).toBeLessThanOrEqual(5_000);
    for (const { weight } of [...terms, ...names, ...rawTerms]) expect(weight).toBeGreaterThan(0);
  });

  it("is searched for to an end, by either way of ranking", async () => {
    using repository = await smallRepository({
      files: { "a.py": "def put_1(w1x):\n    return 'call me'\n", "b.md": "Frame\n" },
    });
    for (const whole of Object.values(hostile)) {
      const text = whole.slice(0, 100_000);
      for (const mode of ["full", "bm25"] as const) {
        const { files } = repository.ranker.search({ text }, { mode });
        for (const { score } of files) expect(score).toBeGreaterThan(0);
      }
    }
  });
});
