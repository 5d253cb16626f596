// A process of its own for the test of commits: many workers end rounds at once, and print each number that they are told is kept.
import { RoundCommits } from "../../../src/arena/round-commits.ts";
import { openStore } from "../../../src/storage/index.ts";
import { battle, round } from "../report/rows.ts";

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: rounds-until-killed.ts <arena.db>");
const workers = 20;
const store = openStore(path);
store.planBattles([battle(1)]);
const commits = new RoundCommits(store);

async function work(worker: number): Promise<never> {
  for (let number = worker; ; number += workers) {
    await commits.record(round({ round: number }));
    process.stdout.write(`${number}\n`);
  }
}

await Promise.all(Array.from({ length: workers }, (_, index) => work(index + 1)));
