// The frame of every page: what it may load (nothing but its own files), where one can go, where one is.
import { type Html, html, type Part } from "./html.ts";

export interface SiteFile {
  /** Relative to the site, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface PageParts {
  /** Of the page alone; the site's name is put behind it. */
  readonly title: string;
  /** Folders the page lies below the site: 0 or 1. */
  readonly depth: 0 | 1;
  /** Which entry of the navigation this is; absent on pages below one. */
  readonly here?: "board" | "battles";
  /** Scripts of the page beside the common one, in order. */
  readonly scripts?: readonly string[];
  /** Where one comes from: names and addresses, outermost first. */
  readonly trail?: readonly (readonly [string, string])[];
  readonly body: Part;
}

/**
 * Nothing runs but files of the site, nothing is loaded from anywhere else, no form is sent, no base is set. Styles and
 * scripts stand in files: what a model wrote could not run even if it got into a page as markup.
 */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const link = (up: string, name: string, address: string, isHere: boolean): Html =>
  isHere
    ? html`<li><a href="${up}${address}" aria-current="page">${name}</a></li>`
    : html`<li><a href="${up}${address}">${name}</a></li>`;

function trailOf(up: string, trail: PageParts["trail"] = []): Part {
  if (trail.length === 0) return undefined;
  const steps = trail.map(([name, address]) => html`<li><a href="${up}${address}">${name}</a></li>`);
  return html`<nav class="trail" aria-label="You are here"><ol>${steps}</ol></nav>`;
}

export function pageOf({ title, depth, here, scripts = [], trail, body }: PageParts): string {
  const up = "../".repeat(depth);
  const loaded = ["assets/site.js", ...scripts].map(
    (path) => html`<script defer src="${up}${path}"></script>\n`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${up}assets/site.css">
${loaded}</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top"><p class="mark"><a href="${up}index.html">Swing Arena</a></p>
<nav aria-label="Site"><ul>${link(up, "Board", "index.html", here === "board")}${link(up, "Battles", "battles.html", here === "battles")}</ul></nav></header>
<main id="content">
${trailOf(up, trail)}
${body}
</main>
</body>
</html>
`.markup;
}
