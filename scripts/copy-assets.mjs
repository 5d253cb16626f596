// Copies what the compiler leaves behind: files the compiled code reads beside itself.
import { cpSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

const wanted = /\.(sql|md|c|h|scm|css)$|(^|\/)assets\/[^/]+\.js$|(^|\/)(Dockerfile|language\.json)$/;

/** Where the package is built; another folder may be named to look at. */
const out = process.argv[2] ?? join(root, "dist");

function copyBelow(folder) {
  for (const name of readdirSync(join(root, folder))) {
    const path = join(folder, name);
    // What tests read stays out of the package.
    if (name === "fixture") continue;
    if (statSync(join(root, path)).isDirectory()) copyBelow(path);
    else if (wanted.test(path)) cpSync(join(root, path), join(out, path));
  }
}

for (const folder of ["src", "sandboxes", "retriever"]) copyBelow(folder);
