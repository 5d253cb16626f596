// Makes a fresh checkout ready: dependencies, and a container engine with our images. Plain Node: nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a command with our own streams; ends the process with its code when it fails and `must` is given. */
export function run(command, args, { must = true, env = {} } = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  const code = result.status ?? 1;
  if (must && code !== 0) process.exit(code);
  return code;
}

/** `npm ci` when what is installed is not what the lockfile says. */
export function ensureDependencies() {
  const installed = `${root}/node_modules/.package-lock.json`;
  const wanted = `${root}/package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  console.error("setup: installing dependencies (npm ci)");
  run("npm", ["ci", "--no-audit", "--no-fund"]);
}

/** The engine and the images of all four languages; where none can be had the callers go on and say so. */
export function ensureSandboxes() {
  console.error("setup: container engine and images (arena doctor --fix)");
  return run("node", ["bin/arena.mjs", "doctor", "--fix"], { must: false });
}

const browsers = ["chromium", "chromium-browser", "google-chrome", "chrome"];

function hasBrowser() {
  const { ARENA_CHROMIUM: named, PATH: path = "" } = process.env;
  const places = path.split(delimiter).flatMap((folder) => browsers.map((name) => join(folder, name)));
  return (named ?? "") !== "" || places.some((place) => existsSync(place));
}

/** Chromium for the tests that look at pages: from Debian's packages as root, else said to be missing. */
export function ensureBrowser() {
  if (hasBrowser()) return;
  const quiet = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const works = (...argv) => spawnSync("apt-get", argv, { stdio: "ignore", env: quiet }).status === 0;
  const mayInstall = process.getuid?.() === 0 && works("--version");
  if (mayInstall) {
    console.error("setup: chromium, for the tests of the site (apt-get install chromium)");
    const install = ["install", "-y", "--no-install-recommends", "chromium"];
    if (works(...install) || (works("update") && works(...install))) return;
  }
  console.error(
    "setup: no Chromium: the tests marked [browser] are skipped. Install one (on Debian `apt-get install chromium`), or name one in ARENA_CHROMIUM",
  );
}

/** What `arena doctor` finds missing under this name, or undefined. */
export function missing(name) {
  const asked = spawnSync("node", ["bin/arena.mjs", "doctor", "--json"], { cwd: root, encoding: "utf8" });
  const { findings } = JSON.parse(asked.stdout);
  return findings.find((finding) => finding.name === name && !finding.ok);
}
