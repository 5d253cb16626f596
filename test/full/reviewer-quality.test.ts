// Reviewers graded in containers: gold's tests kill the mutants, trivial ones kill none and are flagged, in Python and Go.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { arena } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import { smokeSet } from "../support/http-contestants.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-grade-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const estimate = z.object({ value: z.number() });
const shape = z.object({
  reviewers: z.array(
    z.object({
      id: z.string(),
      metrics: z.record(z.string(), estimate),
      reviews: z.array(
        z.object({
          instance_id: z.string(),
          status: z.string(),
          trivial: z.boolean().optional(),
          mutants: z.object({
            met: z.array(z.object({ noticedBy: z.string(), effect: z.string() })),
            leftOut: z.record(z.string(), z.number()),
          }),
          reach: z.object({ reached: z.array(z.string()), known: z.number() }),
        }),
      ),
    }),
  ),
});

/** One issue of a language each; the other is left to the full test. */
const issues = { python: "smoke__dayrule-7", go: "smoke__jsonedit-12" } as const;

describe("[engine] arena grade", () => {
  let canRun = false;
  beforeAll(async () => {
    canRun = (await engineForTests(["python", "go"])) !== undefined;
  }, 600_000);

  it.for(Object.entries(issues))(
    "%s: gold kills what its tests can tell, trivial tests tell nothing",
    { timeout: 900_000 },
    async ([language, issue], { skip }) => {
      if (!canRun) skip("no container engine here");
      const run = join(folder, language);
      const asked = ["--only", issue, "--contestants", "gold,trivial", "--mutants", "3", "--repeats", "1"];
      const graded = await arena("grade", smokeSet, ...asked, "--seed", "e2e", "--run", run, "--json");
      expect(graded.code, graded.stderr).toBe(0);
      const { reviewers } = shape.parse(JSON.parse(graded.stdout));
      const [gold, trivial] = reviewers;
      expect([gold?.id, trivial?.id]).toEqual(["gold", "trivial"]);
      const met = gold?.reviews[0]?.mutants.met ?? [];
      const killed = met.filter(({ effect }) => effect === "killed");
      expect(met.length).toBeGreaterThan(0);
      expect(killed.length).toBeGreaterThanOrEqual(met.length / 2);
      // Those that no visible test notices were told from gold by these very tests.
      expect(met.filter(({ noticedBy, effect }) => noticedBy === "hidden" && effect !== "killed")).toEqual(
        [],
      );
      expect(gold?.metrics.panelKillRate?.value).toBe(1);
      expect(gold?.metrics.falseRejection?.value).toBe(0);
      expect(gold?.reviews[0]?.reach.reached.length).toBeGreaterThan(0);
      expect(trivial?.reviews[0]).toMatchObject({ trivial: true, reach: { reached: [] } });
      const spared = trivial?.reviews[0]?.mutants.met ?? [];
      expect(spared.length).toBeGreaterThan(0);
      expect(spared.map(({ effect }) => effect)).toEqual(spared.map(() => "survived"));
      expect(trivial?.metrics.trivialRate?.value).toBe(1);

      const again = await arena("grade", smokeSet, ...asked, "--run", run);
      expect(again.code, again.stderr).toBe(0);
      expect(again.stderr).toContain("0 reviews to grade, 2 done");
      expect(again.stdout).toMatch(/^gold +100%/m);
      const rejudged = await arena("rejudge", run, "--json");
      expect(JSON.parse(rejudged.stdout)).toMatchObject({ rejudged: 2, missing: 0, changed: [] });
      expect(readFileSync(join(run, "manifest.json"), "utf8")).toContain('"grading": true');
    },
  );
});

describe("arena grade", () => {
  it("plans reviews alone, and what models would cost at worst", async () => {
    const asked = ["--contestants", "gold,trivial", "--dry-run", "--json"];
    const { code, stdout, stderr } = await arena("grade", smokeSet, ...asked);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ battles: 16, rounds: 16, modelCalls: 0 });
  });

  it("asks for contestants, and for a mode that there is", async () => {
    const none = await arena("grade", smokeSet);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("--contestants is missing")]);
    const odd = await arena("grade", smokeSet, "--contestants", "gold", "--retrieval", "all");
    expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining("--retrieval: expected full")]);
  });
});
