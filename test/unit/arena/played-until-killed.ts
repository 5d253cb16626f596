// A process of its own for the crash tests: plays a toy battle into a folder, and kills itself at a step of its writing.
import { join } from "node:path";
import { playBattle } from "../../../src/arena/battle.ts";
import { openStore } from "../../../src/storage/index.ts";
import { passingSigner } from "../../../src/storage/ledger/signing.ts";
import { steppingStore } from "../../support/stepping-store.ts";
import { planned, toyArena } from "../../support/toy-arena.ts";

const [folder, killAt] = process.argv.slice(2);
if (folder === undefined || killAt === undefined) throw new Error("usage: <folder> <step to be killed at>");

let steps = 0;
function step(): void {
  steps += 1;
  if (steps === Number(killAt)) process.kill(process.pid, "SIGKILL");
}

const battle = planned({ rounds: 2 });
const open = (run: string) =>
  steppingStore(openStore(join(run, "arena.db"), { signer: passingSigner() }), step);
const arena = await toyArena([battle], { folder, open });
const deps = arena.deps({
  submit: async () => arena.files.patch({ "app.py": "old = 2\n" }),
  review: async () => arena.files.patch({ "tests/test_new.py": "# needs fixed\nassert 1\n" }),
});
await deps.evidence.settle();
await deps.evidence.writeJson("manifest.json", { schemaVersion: 1, begunAtStep: Number(killAt) });
await playBattle(arena.of, battle, deps);
arena.store.close();
process.stdout.write(`whole after ${steps} steps\n`);
