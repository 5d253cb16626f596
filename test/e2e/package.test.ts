// What `npm pack` puts into the package is what the bundled set was frozen from: npm leaves some files out by name.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = (command: string, ...argv: readonly string[]): string =>
  execFileSync(command, argv, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

describe("the package", () => {
  it("holds every file of the bundled set, of the images and of the supervisor", () => {
    const packed = z
      .array(z.object({ files: z.array(z.object({ path: z.string() })) }))
      .parse(JSON.parse(run("npm", "pack", "--dry-run", "--json", "--ignore-scripts")));
    const paths = new Set(packed.flatMap(({ files }) => files.map(({ path }) => path)));
    const tracked = run("git", "ls-files", "issues", "sandboxes").trim().split("\n");
    expect(tracked.length).toBeGreaterThan(200);
    expect(tracked.filter((path) => !paths.has(path))).toEqual([]);
  });

  it("holds the site's style and scripts beside the code that reads them", () => {
    const out = mkdtempSync(join(tmpdir(), "arena-package-test-"));
    try {
      run("node", "scripts/copy-assets.mjs", out);
      const shipped = run("git", "ls-files", "src/report/site/assets").trim().split("\n");
      expect(shipped).toContain("src/report/site/assets/site.css");
      expect(shipped.filter((path) => !existsSync(join(out, path)))).toEqual([]);
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });
});
