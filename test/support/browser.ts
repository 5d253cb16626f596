// A real browser for tests that look at pages: found on the machine, watched for everything that must not happen.
import { accessSync, constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { delimiter, extname, join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** ARENA_CHROMIUM, or the first of these names on the path; undefined where there is none. */
export function browserPath(): string | undefined {
  const { ARENA_CHROMIUM: named, PATH: path = "" } = process.env;
  if (named !== undefined && named !== "") return named;
  const places = path.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return places.find(isProgram);
}

/** Root may not start it otherwise; what it opens are files of ours. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** What went wrong on a page: refused by its policy, thrown, asked of anybody else, or run although it must not. */
export interface Watched {
  readonly page: Page;
  readonly trouble: string[];
}

export interface WatchOptions extends BrowserContextOptions {
  /** Every address the pages may ask for begins with it. */
  readonly home: string;
}

/** A page of its own whose every misdeed is written down. */
export async function watchedPage(browser: Browser, { home, ...options }: WatchOptions): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const trouble: string[] = [];
  await context.exposeFunction("arenaTrouble", (text: string) => trouble.push(text));
  await context.addInitScript(
    `addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
      globalThis.arenaTrouble(\`policy: \${violatedDirective} \${blockedURI} \${sample}\`));`,
  );
  const page = await context.newPage();
  page.on("pageerror", (error) => trouble.push(`thrown: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(`console: ${message.text()}`);
  });
  page.on("dialog", (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(home) && !address.startsWith("data:")) trouble.push(`asked for: ${address}`);
  });
  return { page, trouble };
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

export interface Served extends AsyncDisposable {
  /** With a slash at its end. */
  readonly home: string;
}

/** The folder as any static server would give it, on a port of this machine. */
export async function served(folder: string): Promise<Served> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    readFile(join(folder, path)).then(
      (content) => {
        response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" });
        response.end(content);
      },
      () => {
        response.writeHead(404);
        response.end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    home: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe-core finds serious or critical on the page as it is now. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(axePath, "utf8"));
  const found: unknown = await page.evaluate(`axe.run().then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, help, nodes }) => id + ": " + help + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ")))`);
  return Array.isArray(found) ? found.map(String) : [`no answer of axe: ${String(found)}`];
}
