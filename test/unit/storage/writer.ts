// A process of its own for the crash tests: buys answers and prints each number once the store has confirmed it.
import { openStore } from "../../../src/storage/index.ts";
import { answer, battle, call, round } from "../report/rows.ts";

const [path, from] = process.argv.slice(2);
if (path === undefined || from === undefined) throw new Error("usage: writer.ts <arena.db> <from>");
const store = openStore(path);
store.planBattles([battle(1)]);
process.stdout.write("open\n");
for (let number = Number(from); ; number += 1) {
  const id = store.beginCall(call({ attempt: number }));
  store.finishCall(id, answer({ text: `answer ${number}`.repeat(50) }));
  store.recordRound(round({ round: number }));
  process.stdout.write(`${number}\n`);
}
