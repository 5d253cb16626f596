// Writing a site: whole or not at all, never over what is not a site.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeSite } from "../../../src/cli/site-of.ts";
import { UsageError } from "../../../src/domain/fault.ts";
import type { SiteInput } from "../../../src/report/index.ts";

const nothing: SiteInput = { runs: [], board: { resamples: 10 }, withLogs: false };
const never = new AbortController().signal;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "arena-site-of-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a site's folder", () => {
  it("is written, and written anew without what an earlier one left", async () => {
    const out = join(folder, "site");
    const { index, files } = await writeSite(out, nothing, never);
    expect(await readFile(index, "utf8")).toContain("<!doctype html>");
    expect(files).toBeGreaterThan(5);
    await writeFile(join(out, "stale.html"), "");
    await writeSite(out, nothing, never);
    expect(await readdir(out)).not.toContain("stale.html");
    expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("is refused where something else is in it", async () => {
    const out = join(folder, "thesis");
    await mkdir(out);
    await writeFile(join(out, "chapter-1.tex"), "years");
    await expect(writeSite(out, nothing, never)).rejects.toThrow(UsageError);
    expect(await readdir(out)).toEqual(["chapter-1.tex"]);
  });

  it("stays as it was when somebody stops it", async () => {
    const out = join(folder, "stopped");
    await writeSite(out, nothing, never);
    await writeFile(join(out, "mark"), "");
    await expect(writeSite(out, nothing, AbortSignal.abort())).rejects.toThrow();
    expect(await readdir(out)).toContain("mark");
    expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});
