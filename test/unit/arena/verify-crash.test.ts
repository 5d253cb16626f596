// A run that is killed again and again, at any step of its writing, verifies after each kill and when it is done.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { Evidence } from "../../../src/arena/evidence.ts";
import { verifyEvidence } from "../../../src/arena/verify.ts";
import { seededRandom } from "../../../src/domain/random.ts";
import { auditRun } from "../../../src/storage/index.ts";
import { toyCase, toyRunner } from "../../support/toy-arena.ts";

const child = fileURLToPath(new URL("./played-until-killed.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "arena-verify-crash-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What it printed; nothing where it was killed. */
function play(into: string, killAt: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const argv = ["--import", "tsx", child, into, String(killAt)];
    execFile(process.execPath, argv, (error, stdout, stderr) => {
      if (error !== null && error.signal !== "SIGKILL") reject(new Error(stderr, { cause: error }));
      else resolve(stdout);
    });
  });
}

async function differences(into: string) {
  const run = join(into, "run");
  if (!existsSync(join(run, "arena.db"))) return [];
  const audit = auditRun(join(run, "arena.db"));
  if (audit.fromLedger === undefined) return audit.differences;
  await using toy = await toyCase();
  const evidence = await verifyEvidence({
    ...{ run: audit.fromLedger, evidence: new Evidence(run), signal: new AbortController().signal },
    ...{ instance: () => toy.of.instance, runnerFor: () => toyRunner(), onProgress: () => {} },
  });
  audit.fromLedger.close();
  return [...audit.differences, ...evidence.differences];
}

it("is whole in the end, and nothing differs on the way", async () => {
  const random = seededRandom("steps");
  let kills = 0;
  for (const [turn, most] of [12, 40, 150].entries()) {
    const into = join(folder, `run-${turn}`);
    let printed = "";
    for (let tries = 0; printed === "" && tries < 8; tries += 1) {
      // The last try is let be.
      const killAt = tries === 7 ? 1_000_000 : 1 + random.integer(most);
      printed = await play(into, killAt);
      if (printed === "") kills += 1;
      expect(await differences(into), `run ${turn}, killed at step ${killAt}`).toEqual([]);
    }
    expect(printed).toMatch(/^whole after \d+ steps/);
    const { unchecked, lines } = auditRun(join(into, "run", "arena.db"));
    expect(unchecked).toEqual([]);
    expect(lines).toBeGreaterThan(20);
  }
  expect(kills).toBeGreaterThan(5);
});
