// What the site of ten thousand battles costs: seconds to write, bytes of its first page, and how soon that can be used.
import { existsSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeSite } from "../src/cli/site-of.ts";
import { readSiteRun } from "../src/wire.ts";
import { browserPath, openBrowser } from "../test/support/browser.ts";
import { makeSiteRun, type SitePlayer } from "../test/support/site-run.ts";
import { plainWords, siteIssues } from "../test/support/site-words.ts";
import { shown, spread } from "./figures.ts";

const limits = { seconds: 10, firstPageBytes: 1_000_000, interactiveMs: 1_000 };

const { values } = parseArgs({
  options: {
    battles: { type: "string", default: "10000" },
    /** A folder to keep the run in, or to find it in: to make it takes longer than to show it. */
    keep: { type: "string" },
    logs: { type: "boolean", default: false },
    loads: { type: "string", default: "5" },
  },
});

const perIssue = 55;

/** Eleven contestants, everybody against everybody on every issue: 55 battles of two rounds each. */
function players(): SitePlayer[] {
  return Array.from({ length: 11 }, (_, n) => ({
    id: `model-${String(n).padStart(2, "0")}`,
    submitter: 1.5 - 0.3 * n,
    reviewer: 1 - 0.3 * ((n * 2 + 1) % 11),
    price: { usd: 0.004 * (n + 1), seconds: 5 + 3 * n },
  }));
}

async function runIn(folder: string): Promise<string> {
  const run = join(folder, "run");
  if (existsSync(join(run, "arena.db"))) return run;
  console.error("bench: making the run, which takes minutes");
  const issues = siteIssues(Math.ceil(Number(values.battles) / perIssue));
  return makeSiteRun({
    ...{ folder, set: "bench", players: players(), issues, words: plainWords },
    ...{ checks: 40, voids: 0.01, withLogs: values.logs },
  });
}

async function written(run: string, out: string): Promise<void> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  const site = await readSiteRun(run, console.error);
  const read = performance.now();
  const input = { runs: [site], board: {}, withLogs: values.logs };
  const { files, bytes } = await writeSite(out, input, new AbortController().signal);
  const wall = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const { battles, rounds, calls } = site.source;
  console.log(`run: ${battles.length} battles, ${rounds.length} rounds, ${calls.length} calls`);
  console.log(
    `site: ${files} files, ${(bytes / 1e6).toFixed(0)} MB${values.logs ? ", with every log" : ", without logs"}`,
  );
  console.log(
    `written in ${wall.toFixed(1)} s of wall, ${((user + system) / 1e6).toFixed(1)} s of processor time, ` +
      `${((read - started) / 1000).toFixed(1)} s of it to read the run (limit ${limits.seconds} s)`,
  );
  const first = statSync(join(out, "index.html")).size;
  console.log(`first page: ${(first / 1000).toFixed(0)} kB (limit ${limits.firstPageBytes / 1000} kB)`);
}

/** From the start of the navigation to where what scripts add is there: of tables the headings that can be pressed. */
async function interactive(out: string, page: string, added: string): Promise<void> {
  const executable = browserPath();
  if (executable === undefined) {
    console.log(`${page}: not measured, there is no Chromium (ARENA_CHROMIUM names one)`);
    return;
  }
  const browser = await openBrowser(executable);
  const times: number[] = [];
  for (let load = 0; load < Number(values.loads); load += 1) {
    const context = await browser.newContext();
    const tab = await context.newPage();
    await tab.goto(`file://${out}/${page}`);
    await tab.locator(added).first().waitFor();
    times.push(
      Number(await tab.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")),
    );
    await context.close();
  }
  await browser.close();
  console.log(`${page}: interactive after ${shown(spread(times), 0)} ms (limit ${limits.interactiveMs} ms)`);
}

const folder = values.keep ?? (await mkdtemp(join(tmpdir(), "arena-bench-site-")));
const out = join(folder, "out");
try {
  await written(await runIn(folder), out);
  for (const page of ["index.html", "battles.html"]) await interactive(out, page, "thead button");
  // Pages of battles are read, and work without scripts.
  await interactive(out, "battles/1-1.html", "main");
} finally {
  if (values.keep === undefined) await rm(folder, { recursive: true, force: true });
}
