// The site in a real browser: sorted, filtered, walked by keyboard, looked at by axe, and fed with words that try to run.
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserPath, openBrowser, seriousFindings, served, watchedPage } from "../support/browser.ts";
import { arena } from "../support/command-line.ts";
import { makeSiteRun } from "../support/site-run.ts";
import {
  hostileIssues,
  hostilePlayers,
  hostileWords,
  plainWords,
  siteIssues,
  sitePlayers,
} from "../support/site-words.ts";

const executable = browserPath();

let folder: string;
let browser: Browser;
let plain: string;
let hostile: string;

async function siteOf(run: string, out: string): Promise<string> {
  const { code, stderr } = await arena("board", run, "--html", out, "--logs", "all");
  if (code !== 0) throw new Error(`arena board --html ended with ${code}: ${stderr}`);
  return out;
}

const address = (site: string, path: string): string => `file://${site}/${path}`;
const pagesIn = async (site: string, below: string): Promise<string[]> =>
  (await readdir(join(site, below))).sort().map((name) => `${below}/${name}`);

const texts = (page: Page, selector: string): Promise<string[]> => page.locator(selector).allInnerTexts();
const column = (page: Page, table: string, place: number): Promise<string[]> =>
  texts(page, `${table} tbody tr > :nth-child(${place})`);

/** Presses Tab until what has the focus matches; fails where a person would give up. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let press = 0; press < 150; press += 1) {
    await page.keyboard.press("Tab");
    const isThere = await page.evaluate(
      `document.activeElement?.matches(${JSON.stringify(selector)}) === true`,
    );
    if (isThere === true) return;
  }
  throw new Error(`150 presses of Tab do not reach ${selector}`);
}

describe.skipIf(executable === undefined)("the site [browser]", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "arena-site-test-"));
    const [players, issues] = [sitePlayers.slice(0, 4), siteIssues(6)];
    const request = { folder: join(folder, "plain"), set: "harbour", players, issues, words: plainWords };
    plain = await siteOf(
      await makeSiteRun({ ...request, withLogs: true, withCandidates: true, voids: 0.1 }),
      join(folder, "plain-site"),
    );
    const others = { set: "hostile", players: hostilePlayers, issues: hostileIssues(3), words: hostileWords };
    hostile = await siteOf(
      await makeSiteRun({
        ...{ ...others, folder: join(folder, "hostile") },
        ...{ withLogs: true, withCandidates: true, voids: 0.2 },
      }),
      join(folder, "hostile-site"),
    );
    browser = await openBrowser(executable ?? "");
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = async (site: string, path: string, options = {}) => {
    const watched = await watchedPage(browser, { home: `file://${site}/`, ...options });
    await watched.page.goto(address(site, path));
    return watched;
  };

  it("sorts the ranking by a heading, one way and the other", async () => {
    const { page, trouble } = await open(plain, "index.html");
    const strengths = async () =>
      (await column(page, "#ranking", 3)).map((text) => Number(text.split(/\s/)[0]));
    const before = await strengths();
    expect(before).toEqual([...before].sort((a, b) => b - a));
    await page.getByRole("button", { name: "strength" }).click();
    await page.getByRole("button", { name: "strength" }).click();
    expect(await strengths()).toEqual([...before].reverse());
    expect(await page.locator("th[aria-sort]").getAttribute("aria-sort")).toBe("ascending");
    await page.locator("#ranking").getByRole("button", { name: "contestant" }).click();
    const names = await column(page, "#ranking", 2);
    expect(names).toEqual([...names].sort());
    expect(trouble).toEqual([]);
  });

  it("leads from a cell of the matrix to its battles, to a battle, to a log", async () => {
    const { page, trouble } = await open(plain, "index.html");
    await page.getByRole("link", { name: "north-small submits, harbour-70b reviews" }).click();
    await page.waitForURL(/battles\.html#/);
    expect(await column(page, "#rounds", 4)).toEqual(Array(6).fill("north-small"));
    expect(await column(page, "#rounds", 5)).toEqual(Array(6).fill("harbour-70b"));
    expect(await page.locator("#count").innerText()).toContain("6 of 72 rounds");
    await page.locator("#rounds tbody a").first().click();
    await page.waitForURL(/battles\/\d+-\d+\.html/);
    expect(await page.locator("h1").innerText()).toContain("Ranges that run past the end");
    await page.getByRole("link", { name: "P+H", exact: true }).first().click();
    await page.waitForURL(/logs\//);
    expect(await page.locator("pre.log").first().innerText()).toContain("assert parse('[a,b]') == 1");
    expect(trouble).toEqual([]);
  });

  it("filters and sorts the list, and keeps what was chosen in the address", async () => {
    const { page, trouble } = await open(plain, "battles.html");
    await page.getByLabel("issue", { exact: true }).fill("issue-3");
    await page.getByLabel("verdict", { exact: true }).selectOption("patch stands");
    expect(new Set(await column(page, "#rounds", 1))).toEqual(new Set(["site__issue-3"]));
    expect(new Set(await column(page, "#rounds", 6))).toEqual(new Set(["patch stands"]));
    await page.getByRole("button", { name: "submitter" }).click();
    const submitters = await column(page, "#rounds", 4);
    expect(submitters).toEqual([...submitters].sort());
    const kept = page.url();
    const { page: again } = await open(plain, kept.slice(address(plain, "").length));
    expect(await column(again, "#rounds", 4)).toEqual(submitters);
    await page.getByRole("button", { name: "Clear" }).click();
    expect(await page.locator("#count").innerText()).toContain("72 of 72 rounds");
    expect(trouble).toEqual([]);
  });

  it("shows a battle's diffs in colour, its checks over the states, and what was shown to whom", async () => {
    const { page, trouble } = await open(plain, "battles/1-1.html");
    await page.locator(".diff .hljs-keyword").first().waitFor();
    const diff = (await texts(page, "#round-1 .diff tr.added td:last-child")).join("\n");
    expect(diff).toContain('for sign in scan(text, until="]"):');
    const heads = await texts(page, "#round-1 .checks thead th");
    expect(heads).toEqual(["check", "B", "G", "P", "P+H", "G+T", "P+T", "B+T"]);
    expect(await texts(page, "#round-1 .candidates, #round-1 summary")).toEqual(
      expect.arrayContaining([expect.stringContaining("Candidate 1, chosen")]),
    );
    expect(await texts(page, "#round-1 summary")).toEqual(
      expect.arrayContaining([expect.stringContaining("2 snippets of 2 files")]),
    );
    expect(trouble).toEqual([]);
  });

  it("is walked by the keyboard alone, from the ranking to a log", async () => {
    const { page, trouble } = await open(plain, "index.html");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    await page.keyboard.press("Enter");
    await tabTo(page, "#ranking thead th:nth-child(2) button");
    await page.keyboard.press("Enter");
    expect(await page.locator("th[aria-sort]").innerText()).toContain("contestant");
    await tabTo(page, ".matrix a");
    await page.keyboard.press("Enter");
    await page.waitForURL(/battles\.html#/);
    await tabTo(page, "select");
    await page.keyboard.press("Home");
    expect(await page.locator("#count").innerText()).not.toContain("6 of");
    await tabTo(page, "#rounds tbody a");
    await page.keyboard.press("Enter");
    await page.waitForURL(/battles\/\d+-\d+\.html/);
    await tabTo(page, ".round summary");
    await page.keyboard.press("Enter");
    expect(await page.locator(".round details[open]").count()).toBe(1);
    await tabTo(page, ".links a");
    await page.keyboard.press("Enter");
    await page.waitForURL(/logs\//);
    expect(trouble).toEqual([]);
  });

  it.each(["light", "dark"] as const)("has no serious finding of axe-core in %s", async (colorScheme) => {
    const logs = await pagesIn(plain, "logs");
    const prompts = await pagesIn(plain, "prompts");
    const paths = ["index.html", "battles.html", "battles/1-1.html", logs[0] ?? "", prompts[0] ?? ""];
    for (const path of paths) {
      const { page } = await open(plain, path, { colorScheme });
      for (const details of await page.locator("summary").all()) await details.click();
      expect({ path, found: await seriousFindings(page) }).toEqual({ path, found: [] });
      await page.close();
    }
  });

  it.each([360, 768, 1280])("is never wider than a screen of %i pixels", async (width) => {
    const logs = await pagesIn(hostile, "logs");
    for (const site of [plain, hostile]) {
      for (const path of [
        "index.html",
        "battles.html",
        "battles/1-1.html",
        site === hostile ? (logs[0] ?? "") : "battles/1-2.html",
      ]) {
        const { page } = await open(site, path, { viewport: { width, height: 800 } });
        const wide = await page.evaluate("document.documentElement.scrollWidth");
        expect({ path, wide }).toEqual({ path, wide: width });
        await page.close();
      }
    }
  });

  it("is read without scripts, and printed without what is only for screens", async () => {
    const { page } = await open(plain, "battles.html", { javaScriptEnabled: false });
    expect(await page.locator("#rounds tbody tr").count()).toBe(72);
    await page.goto(address(plain, "index.html"));
    expect(await page.locator("#ranking tbody tr").count()).toBe(4);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".top nav").isVisible()).toBe(false);
  });

  const looksHostile = `[...document.querySelectorAll("*")].flatMap((element) => [
    ...(element.matches("iframe,object,embed,base,math,template,style,meta[http-equiv=refresh],form[action],[autofocus],img,slot") ? [element.outerHTML] : []),
    ...(element.matches("script:not([src])") ? [element.outerHTML] : []),
    ...[...element.attributes].flatMap(({ name, value }) =>
      name.startsWith("on") || name === "style" || /^\\s*javascript:/i.test(value) || /evil\\.invalid/.test(name === "href" || name === "src" ? value : "")
        ? [element.outerHTML] : []),
  ])`;

  it.each(["from files", "from a server"])(
    "runs nothing that was written by others, read %s",
    async (how) => {
      await using server = await served(hostile);
      const home = how === "from files" ? `file://${hostile}/` : server.home;
      const { page, trouble } = await watchedPage(browser, { home });
      const paths = [
        ...["index.html", "battles.html"],
        ...(await pagesIn(hostile, "battles")),
        ...(await pagesIn(hostile, "logs")).slice(0, 6),
        ...(await pagesIn(hostile, "prompts")).slice(0, 2),
      ];
      for (const path of paths) {
        await page.goto(`${home}${path}`);
        for (const details of await page.locator("summary").all()) await details.click();
        await page.mouse.move(200, 200);
        expect({ path, found: await page.evaluate(looksHostile) }).toEqual({ path, found: [] });
        expect({ path, ran: await page.evaluate("globalThis.arenaExecuted") }).toEqual({
          path,
          ran: undefined,
        });
      }
      expect(trouble).toEqual([]);
      await page.goto(`${home}battles/1-1.html`);
      const shown = await page.locator("main").innerText();
      expect(shown).toContain("<script>globalThis.arenaExecuted=true</script>");
      expect(shown).toContain("&lt;script&gt;");
      expect(shown).toContain("\\u{202e}");
    },
  );

  it("would be told of what its policy refuses", async () => {
    const page = join(plain, "planted.html");
    const head =
      /<meta http-equiv[^>]*>/.exec(await (await open(plain, "index.html")).page.content())?.[0] ?? "";
    await writeFile(
      page,
      `<!doctype html><head>${head}</head><script>globalThis.arenaExecuted=true</script>`,
    );
    const { page: planted, trouble } = await open(plain, "planted.html");
    expect(await planted.evaluate("globalThis.arenaExecuted")).toBeUndefined();
    await expect.poll(() => trouble.join("\n")).toContain("script-src");
    await rm(page);
  });
});
