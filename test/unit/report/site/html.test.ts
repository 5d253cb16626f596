// Whatever is put into a template stays text: in elements, in attributes, in scripts.
import { describe, expect, it } from "vitest";
import { Html, html, printed, scriptJson } from "../../../../src/report/site/html.ts";
import { corpus } from "../../../support/site-words.ts";

const inert = /^(?:[^<>"'&]|&(?:amp|lt|gt|quot|#39);)*$/;

describe("templates", () => {
  it.each(corpus.map((text, place) => ({ place, text })))(
    "leave word $place of the corpus text",
    ({ text }) => {
      expect(html`${text}`.markup).toMatch(inert);
      expect(html`<a title="${[text, [text]]}">`.markup.slice(10, -2)).toMatch(inert);
    },
  );

  it("take markup of other templates as it is, and leave out what is not there", () => {
    expect(html`<b>${html`<i>${"&"}</i>`}${undefined}${false}${0}</b>`.markup).toBe("<b><i>&amp;</i>0</b>");
    expect(html`${[html`<i>`, "<"]}`.markup).toBe("<i>&lt;");
    expect(html`${new Html("<hr>")}`.markup).toBe("<hr>");
  });

  it("show signs that nobody sees, and keep lines and tabs", () => {
    expect(html`${"a\u202eb\u0000c\u200b\n\td"}`.markup).toBe("a\\u{202e}b\\u{0}c\\u{200b}\n\td");
  });
});

describe("what a terminal was told", () => {
  it("loses its colours and nothing else", () => {
    expect(printed("\u001b[31mred\u001b[0m\r\nnext")).toBe("red\nnext");
  });
});

describe("values for a script", () => {
  it.each(corpus.map((text, place) => ({ place, text })))("never end it with word $place", ({ text }) => {
    const written = scriptJson({ text });
    expect(written).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(written)).toEqual({ text });
  });
});
