// Runs the program README.md points to as its reader would: a process of its own, from another folder, on one issue.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineForTests } from "../support/engine.ts";
import { root } from "../support/source.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-example-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let hasEngine = false;
beforeAll(async () => {
  hasEngine = (await engineForTests(["python"])) !== undefined;
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runExample(file: string): Promise<Ended> {
  const tsx = pathToFileURL(join(root, "node_modules", "tsx", "dist", "loader.mjs")).href;
  const child = spawn(process.execPath, ["--import", tsx, file], {
    cwd: folder,
    env: { ...process.env, TSX_TSCONFIG_PATH: join(root, "tsconfig.json") },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

describe("[engine] examples/play-smoke.ts", () => {
  it("plays the merged fix against doing nothing and puts it first", async ({ skip }) => {
    if (!hasEngine) skip("no container engine can be had here: the example needs one");
    const { code, stdout, stderr } = await runExample(join(root, "examples", "play-smoke.ts"));
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^round \d: gold against empty: patch-stands, 1 to 0$/m);
    expect(stdout).toMatch(/^round \d: empty against gold: patch-invalid, -1 to 0$/m);
    const ranked = [...stdout.matchAll(/^ *\d+(?:-\d+)? {2,}(gold|empty) /gm)].map((match) => match[1]);
    expect(ranked, stdout).toEqual(["gold", "empty"]);
    expect(readdirSync(join(folder, "arena-runs"))).toHaveLength(1);
  });
});
