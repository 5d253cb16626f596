// Files the site ships as they are: its style, its scripts, and the highlighter of diffs.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { SiteFile } from "./frame.ts";

const own = ["site.css", "site.js", "battles.js", "colour.js"] as const;

const highlighter = "@highlightjs/cdn-assets/highlight.min.js";

export function siteAssets(): SiteFile[] {
  const read = (from: string | URL): string => readFileSync(from, "utf8");
  return [
    ...own.map((name) => ({
      path: `assets/${name}`,
      text: read(new URL(`assets/${name}`, import.meta.url)),
    })),
    { path: "assets/highlight.js", text: read(createRequire(import.meta.url).resolve(highlighter)) },
  ];
}
