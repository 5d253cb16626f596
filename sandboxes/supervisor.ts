// Compiles the supervisor once per content of its sources: a static program that runs in any image.
import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { assetFolder } from "./assets.ts";
import { lastWords, runTool, whichTool } from "./tool.ts";
import { SandboxFault } from "./types.ts";

const flags = ["-static", "-O2", "-Wall", "-Wextra", "-Werror"];

async function sources(): Promise<{ units: string[]; digest: string }> {
  const folder = assetFolder("supervisor");
  const names = (await readdir(folder)).filter((name) => /\.[ch]$/.test(name)).sort();
  const hash = createHash("sha256").update(flags.join(" "));
  for (const name of names) hash.update(name).update(await readFile(join(folder, name)));
  const units = names.filter((name) => name.endsWith(".c")).map((name) => join(folder, name));
  return { units, digest: hash.digest("hex").slice(0, 16) };
}

async function findCompiler(): Promise<string> {
  for (const name of ["cc", "gcc", "clang"]) {
    const path = await whichTool(name);
    if (path !== undefined) return path;
  }
  throw new SandboxFault(
    "unsupported",
    "no C compiler found (looked for cc, gcc, clang on the usual path): the sandbox's supervisor is a small C program compiled on first use. Install one, e.g. `apt-get install gcc libc6-dev`.",
    { retryable: false },
  );
}

/**
 * Path of the compiled supervisor inside `cache`, made when missing.
 * @throws SandboxFault `unsupported` when there is no compiler, `engine-error` when it fails
 */
export async function ensureSupervisor(cache: string): Promise<string> {
  const { units, digest } = await sources();
  const path = join(cache, `supervisor-${digest}`);
  if (await stat(path).catch(() => undefined)) return path;
  await mkdir(cache, { recursive: true });
  const compiler = await findCompiler();
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  const result = await runTool([compiler, ...flags, "-o", aside, ...units], { timeoutMs: 120_000 });
  if (result.code !== 0) {
    await rm(aside, { force: true });
    throw new SandboxFault(
      "engine-error",
      `${compiler} could not compile the sandbox's supervisor (${units[0]}):\n${lastWords(result)}\nA static C library is needed: \`apt-get install gcc libc6-dev\`.`,
      { retryable: false },
    );
  }
  await chmod(aside, 0o555);
  await rename(aside, path);
  return path;
}
