// A stored run without a sandbox: rounds that a test made up, in a database and a manifest as `arena play` leaves them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BoardSource } from "../../src/report/index.ts";
import { openStore } from "../../src/storage/index.ts";

/** Writes `source` into `folder`; `set` is where the run says that its set lies. */
export function storeRun(folder: string, source: BoardSource, set = "no/such/set"): string {
  mkdirSync(folder, { recursive: true });
  const store = openStore(join(folder, "arena.db"));
  store.saveSettings(source.settings);
  store.planBattles(source.battles);
  for (const row of source.rounds) store.recordRound(row);
  for (const { battleId } of source.battles) store.finishBattle(battleId);
  store.close();
  const manifest = { schemaVersion: 1, options: { set }, contestants: [], sandbox: source.sandbox };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  return folder;
}
