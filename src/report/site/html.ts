// HTML as values: whatever is put into a template is escaped, unless it is markup that another template made.
import { stripVTControlCharacters } from "node:util";
import { breaksAndTabs, spelledOut } from "../../domain/unseen.ts";

/** Markup. Only {@link html} and {@link joined} make it from anything that others wrote. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Part = Html | string | number | undefined | false | readonly Part[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const special = /[&<>"']/g;

/** Nearly all text is this plain, and nearly all of the work is text. */
const plainAscii = /^[\t\n !#-%(-;=?-~]*$/;

/** Text for an element or a quoted attribute. */
export function escaped(text: string): string {
  if (plainAscii.test(text)) return text;
  return spelledOut(text, breaksAndTabs).replace(special, (sign) => entities[sign] ?? "");
}

function written(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (part === undefined || part === false) return "";
  if (typeof part === "string") return escaped(part);
  return typeof part === "number" ? String(part) : part.map(written).join("");
}

/** A template; attributes must be quoted. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let markup = strings[0] ?? "";
  for (const [place, part] of parts.entries()) markup += written(part) + (strings[place + 1] ?? "");
  return new Html(markup);
}

export const nothing = new Html("");

export const joined = (parts: readonly Html[], between = ""): Html =>
  new Html(parts.map(({ markup }) => markup).join(between));

/** What a tool printed for a terminal, without its colours and its carriage returns. */
export const printed = (text: string): string => stripVTControlCharacters(text.replaceAll("\r\n", "\n"));

/** A value as a program of ours reads it: never the end of a script, whatever is in it. */
export const scriptJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
