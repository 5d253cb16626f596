// An answer the store has confirmed survives kill -9, and the run can be opened again at once.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import { openStore, openStoreReadOnly } from "../../../src/storage/index.ts";
import { call } from "../report/rows.ts";

const writer = fileURLToPath(new URL("./writer.ts", import.meta.url));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arena-crash-"));
  path = join(folder, "arena.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Lets a writer confirm so many answers, calls `meanwhile`, kills it; gives the last number it printed. */
async function writeAndKill(from: number, confirmations: number, meanwhile = () => {}): Promise<number> {
  const child = spawn(process.execPath, ["--import", "tsx", writer, path, String(from)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let output = "";
  for await (const chunk of child.stdout) {
    output += String(chunk);
    if (output.split("\n").length > confirmations + 1 && child.exitCode === null && !child.killed) {
      meanwhile();
      child.kill("SIGKILL");
    }
  }
  await ended;
  const whole = output.slice(0, output.lastIndexOf("\n")).split("\n");
  return Number(whole.at(-1));
}

describe("a killed writer", () => {
  it("loses nothing it has confirmed, and its place is free", async () => {
    const random = seededRandom("kills");
    let last = 0;
    for (let turn = 0; turn < 4; turn += 1) {
      last = await writeAndKill(last + 10, 1 + random.integer(40));
      const reader = openStoreReadOnly(path);
      expect(reader.callAt(call({ attempt: last }))?.finish?.text).toBe(`answer ${last}`.repeat(50));
      expect(reader.rounds().some((row) => row.round === last)).toBe(true);
      reader.close();
      const store = openStore(path);
      const calls = store.calls();
      expect(calls.filter((one) => one.finish === undefined).length).toBeLessThanOrEqual(turn + 1);
      expect(store.callAt(call({ attempt: last }))?.finish?.status).toBe("answered");
      store.close();
    }
  });

  it("keeps its run to itself while it lives, readers excepted", async () => {
    await writeAndKill(1, 5, () => {
      expect(() => openStore(path)).toThrow(/is open in process \d+ .*, which is running/);
      const reader = openStoreReadOnly(path);
      expect(reader.rounds().length).toBeGreaterThanOrEqual(5);
      reader.close();
    });
    openStore(path).close();
  });
});
