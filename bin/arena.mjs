#!/usr/bin/env node
// The `arena` command: the compiled build when there is one, the sources through tsx in a checkout.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const compiled = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));
const sources = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
if (existsSync(sources)) {
  const { register } = await import("tsx/esm/api");
  register();
  await (await import(sources)).runProcess();
} else {
  await (await import(compiled)).runProcess();
}
