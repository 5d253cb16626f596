// Where the files that are not TypeScript lie: beside this one in a checkout, beside dist/ in an installed package.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of `supervisor` or `images`. */
export function assetFolder(name: "supervisor" | "images"): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [join(here, name), resolve(here, "..", "..", "sandboxes", name)];
  const marker = name === "supervisor" ? "supervisor.c" : "base";
  const found = candidates.find((folder) => existsSync(join(folder, marker)));
  if (found === undefined) throw new Error(`bug: ${name}/${marker} is in none of ${candidates.join(", ")}`);
  return found;
}
