// A run that ends at any step of its writing verifies as it lies there, and when it has been gone on with.
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { playBattle } from "../../../src/arena/battle.ts";
import { Evidence } from "../../../src/arena/evidence.ts";
import { verifyEvidence } from "../../../src/arena/verify.ts";
import type { Instance } from "../../../src/domain/instance.ts";
import { seededRandom } from "../../../src/domain/random.ts";
import { auditRun, openStore, thisProcess } from "../../../src/storage/index.ts";
import { passingSigner } from "../../../src/storage/ledger/signing.ts";
import { steppingStore } from "../../support/stepping-store.ts";
import { planned, toyArena, toyCase, toyRunner } from "../../support/toy-arena.ts";

const child = fileURLToPath(new URL("./played-until-killed.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "arena-verify-crash-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function found(run: string, instance: Instance) {
  if (!existsSync(join(run, "arena.db"))) return { differences: [], unchecked: [] };
  const { fromLedger, differences, unchecked } = auditRun(join(run, "arena.db"));
  if (fromLedger === undefined) return { differences, unchecked };
  const evidence = await verifyEvidence({
    ...{ run: fromLedger, evidence: new Evidence(run), signal: new AbortController().signal },
    ...{ instance: () => instance, runnerFor: () => toyRunner(), onProgress: () => {} },
  });
  fromLedger.close();
  return {
    differences: [...differences, ...evidence.differences],
    unchecked: [...unchecked, ...evidence.unchecked],
  };
}

it("verifies at whichever step it ended, and is signed and settled by the next session", async () => {
  const signer = passingSigner();
  const dead = { ...thisProcess(), pid: 2 ** 22 + 1 };
  const copies: string[] = [];
  let place = "";
  // What kill -9 leaves is what lies there at that moment: the files as they are, the database's log among them.
  const copy = () => {
    const to = join(folder, `step-${copies.length}`);
    cpSync(place, to, { recursive: true });
    copies.push(to);
  };
  const open = (run: string) => {
    place = run;
    return steppingStore(openStore(join(run, "arena.db"), { signer, owner: dead }), copy);
  };
  const battle = planned({ rounds: 1 });
  await using arena = await toyArena([battle], { open });
  const deps = arena.deps({
    submit: async () => arena.files.patch({ "app.py": "old = 2\n" }),
    review: async () => arena.files.patch({ "tests/test_new.py": "# needs fixed\nassert 1\n" }),
  });
  await deps.evidence.writeJson("manifest.json", { schemaVersion: 1, begun: "once" });
  await playBattle(arena.of, battle, deps);
  await deps.evidence.writeJson("manifest.json", { schemaVersion: 1, begun: "resumed" });
  expect(copies.length).toBeGreaterThan(50);
  const { instance } = arena.of;
  let cut = 0;
  for (const [step, run] of copies.entries()) {
    const killed = await found(run, instance);
    expect(killed.differences, `step ${step}`).toEqual([]);
    cut += killed.unchecked.join().includes("it was about to be written") ? 1 : 0;
    if (step % 5 > 0) continue;
    const store = openStore(join(run, "arena.db"), { signer });
    await new Evidence(run, store).settle();
    store.close();
    const settled = await found(run, instance);
    expect(settled.differences, `step ${step}, gone on with`).toEqual([]);
    expect(settled.unchecked.filter((sentence) => !sentence.includes("that a killed session left"))).toEqual(
      [],
    );
  }
  expect(cut).toBeGreaterThan(0);
});

/** What it printed; nothing where it was killed. */
function play(killAt: number): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ["--import", "tsx", child, folder, String(killAt)],
      (error, stdout, stderr) => {
        if (error !== null && error.signal !== "SIGKILL") reject(new Error(stderr, { cause: error }));
        else resolve(stdout);
      },
    );
  });
}

it("is whole after real kills, and nothing differs on the way", async () => {
  const random = seededRandom("steps");
  await using toy = await toyCase();
  const run = join(folder, "run");
  for (const most of [20, 60, 90]) {
    const killAt = 10 + random.integer(most);
    expect(await play(killAt)).toBe("");
    expect((await found(run, toy.of.instance)).differences, `killed at step ${killAt}`).toEqual([]);
  }
  expect(await play(1_000_000)).toMatch(/^whole after \d+ steps/);
  expect((await found(run, toy.of.instance)).differences).toEqual([]);
  expect(auditRun(join(run, "arena.db")).unchecked).toEqual([]);
});
