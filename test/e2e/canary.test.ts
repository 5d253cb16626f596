// A host on which gold does not hold: quarantine before anything is scored, told on the board, tried again once it is mended.
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { arenaProcess, type Ran } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import { smokeIssue, smokeSet } from "../support/http-contestants.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-canary-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const otherIssue = "smoke__layered-ini-14";
const run = join(folder, "run");
const cache = join(folder, "cache");
const quick = ["--sandbox", "docker", "--repeats", "1", "--no-panel", "--seed", "canary"];

const arena = (...argv: string[]): Promise<Ran> =>
  arenaProcess(argv, { cwd: folder, env: { ARENA_CACHE: cache } });

const counts = z.object({ with: z.number(), without: z.number() });
const boardShape = z.object({
  rounds: z.object({ recorded: z.number() }),
  quarantine: z.object({
    canaries: z.number(),
    failed: z.number(),
    instances: z.array(
      z.object({
        ...{ instanceId: z.string(), reason: z.string(), controls: z.array(z.string()) },
        ...{ evidence: z.string(), evidenceHash: z.string(), battlesUnplayed: z.number() },
      }),
    ),
    denominators: z.object({ instances: counts, rounds: counts }),
  }),
});
const playShape = boardShape.extend({ quarantined: z.array(z.string()) });

/** The host's own copy of the issue's base tree goes bad, as a disk does; the set and its repository stay sound. */
function breakHost(): void {
  const trees = readdirSync(join(cache, "trees")).map((tree) =>
    join(cache, "trees", tree, "work", "dayrule", "__init__.py"),
  );
  const [module, ...others] = trees.filter((path) => existsSync(path));
  if (module === undefined || others.length > 0) throw new Error("expected one tree of dayrule in the cache");
  appendFileSync(module, "\nraise ImportError('bad sector')\n");
}

describe("[engine] a host on which gold fails", () => {
  let canPlay = false;
  beforeAll(async () => {
    canPlay = (await engineForTests(["python"])) !== undefined;
    if (!canPlay) return;
    const sound = ["--only", smokeIssue, "--contestants", "empty", "--rounds", "1"];
    const warm = await arena("play", smokeSet, ...sound, "--run", join(folder, "warm"), ...quick);
    expect(warm.code, warm.stderr).toBe(0);
    breakHost();
  }, 600_000);

  it("leaves the instance's battles unplayed, plays the others, and says so", { timeout: 300_000 }, async ({
    skip,
  }) => {
    if (!canPlay) skip("no container engine can be had here");
    const both = ["--only", `${smokeIssue},${otherIssue}`, "--contestants", "gold,empty"];
    const ran = await arena("play", smokeSet, ...both, "--run", run, ...quick, "--json");
    expect(ran.code, ran.stderr).toBe(1);
    const board = playShape.parse(JSON.parse(ran.stdout));
    expect(board.quarantined).toEqual([smokeIssue]);
    expect(board.rounds.recorded).toBe(2);
    const [entry, ...more] = board.quarantine.instances;
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ instanceId: smokeIssue, controls: ["gold"], battlesUnplayed: 1 });
    expect(board.quarantine.denominators).toEqual({
      instances: { with: 2, without: 1 },
      rounds: { with: 2, without: 2 },
    });
    expect(ran.stderr).toContain(`${smokeIssue} is in quarantine, its battles are left unplayed`);
    expect(ran.stderr).toContain("--retry-quarantined");
    const evidence = readFileSync(join(run, entry?.evidence ?? ""));
    expect(createHash("sha256").update(evidence).digest("hex")).toBe(entry?.evidenceHash);
  });

  it("is told on stored boards, and stays as it is until somebody asks", { timeout: 300_000 }, async ({
    skip,
  }) => {
    if (!canPlay) skip("no container engine can be had here");
    const table = await arena("board", run);
    expect(table.stdout.replace(/\s+/g, " ")).toContain("QUARANTINE: 1 of 2 instances");
    const again = await arena("play", "--resume", run, "--json");
    expect(again.code, again.stderr).toBe(1);
    const { quarantine, quarantined } = playShape.parse(JSON.parse(again.stdout));
    expect([quarantined, quarantine.canaries, quarantine.failed]).toEqual([[smokeIssue], 2, 1]);
  });

  it("plays it once the host is mended and it is tried again", { timeout: 300_000 }, async ({ skip }) => {
    if (!canPlay) skip("no container engine can be had here");
    for (const part of ["trees", "prepared"]) rmSync(join(cache, part), { recursive: true });
    const done = await arena("play", "--resume", run, "--retry-quarantined", "--json");
    expect(done.code, done.stderr).toBe(0);
    expect(done.stderr).toContain(`tried again: ${smokeIssue}`);
    const { quarantine, rounds } = playShape.parse(JSON.parse(done.stdout));
    expect(rounds.recorded).toBe(4);
    expect(quarantine).toMatchObject({ canaries: 3, failed: 1, instances: [] });
    expect(existsSync(join(run, "canaries", smokeIssue, "2.json"))).toBe(true);
  });
});
