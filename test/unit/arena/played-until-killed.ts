// A process of its own for the crash tests: plays a toy battle into a folder, and kills itself at a step of its writing.
import { join } from "node:path";
import { playBattle } from "../../../src/arena/battle.ts";
import type { RunStore } from "../../../src/domain/run.ts";
import { openStore } from "../../../src/storage/index.ts";
import { passingSigner } from "../../../src/storage/ledger/signing.ts";
import { planned, toyArena } from "../../support/toy-arena.ts";

const [folder, killAt] = process.argv.slice(2);
if (folder === undefined || killAt === undefined) throw new Error("usage: <folder> <step to be killed at>");

let steps = 0;
function step(): void {
  steps += 1;
  if (steps === Number(killAt)) process.kill(process.pid, "SIGKILL");
}

/** Every call of the store is two steps: before it, and after it. */
function stepping(store: RunStore): RunStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...given: unknown[]): unknown => {
        step();
        const result: unknown = Reflect.apply(value, target, given);
        step();
        return result;
      };
    },
  });
}

const battle = planned({ rounds: 2 });
const open = (run: string) => stepping(openStore(join(run, "arena.db"), { signer: passingSigner() }));
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
