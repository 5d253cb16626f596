// Pictures of the site for the papers: a run of scripted contestants, seen at three widths, light and dark.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeSite } from "../src/cli/site-of.ts";
import { readSiteRun } from "../src/wire.ts";
import { browserPath, openBrowser } from "../test/support/browser.ts";
import { makeSiteRun } from "../test/support/site-run.ts";
import { plainWords, siteIssues, sitePlayers } from "../test/support/site-words.ts";

const { values } = parseArgs({ options: { out: { type: "string", default: "docs/site" } } });

const pictures = [
  { name: "board", page: "index.html", width: 1180, height: 800, colorScheme: "light" },
  { name: "battle", page: "battles/1-1.html#round-2", width: 900, height: 900, colorScheme: "dark" },
  { name: "phone", page: "index.html", width: 390, height: 780, colorScheme: "light" },
] as const;

const executable = browserPath();
if (executable === undefined) throw new Error("no Chromium: ARENA_CHROMIUM names one");
const folder = await mkdtemp(join(tmpdir(), "arena-site-pictures-"));
try {
  const [players, issues] = [sitePlayers, siteIssues(24)];
  const request = { folder, set: "harbour", players, issues, words: plainWords, withCandidates: true };
  const run = await readSiteRun(await makeSiteRun({ ...request, voids: 0.02 }), console.error);
  const input = { runs: [run], board: {}, withLogs: false };
  await writeSite(join(folder, "site"), input, new AbortController().signal);
  const browser = await openBrowser(executable);
  for (const { name, page, width, height, colorScheme } of pictures) {
    const tab = await browser.newPage({ viewport: { width, height }, colorScheme });
    await tab.goto(`file://${folder}/site/${page}`);
    await tab.waitForLoadState("networkidle");
    await tab.screenshot({ path: join(values.out, `${name}.png`) });
    await tab.close();
  }
  await browser.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}
