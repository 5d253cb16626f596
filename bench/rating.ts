// What rating 100,000 rounds with clustered intervals costs, against the limit of two seconds on one core, and a peer.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { seededRandom } from "../src/domain/random.ts";
import { marginOf, type RatedRound, rate } from "../src/rating/index.ts";
import { playAll, spread as strengths, usualWorld } from "../test/support/tournaments.ts";
import { shown, spread } from "./figures.ts";

const limitSeconds = 2;

const { values } = parseArgs({
  options: { repeats: { type: "string", default: "5" }, python: { type: "string" } },
});

/** Processor time of this process, all threads: what one core would need. */
function seconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Eleven contestants, everybody against everybody, 910 issues: 100,100 rounds in as many cells, or half of them. */
function leagues(): ReadonlyMap<string, RatedRound[]> {
  const world = { ...usualWorld, contestants: strengths(11, 1.2) };
  return new Map([
    ["every pairing once an issue", playAll(world, { issues: 910, repeats: 1 }, seededRandom("bench"))],
    ["every pairing twice an issue", playAll(world, { issues: 455, repeats: 2 }, seededRandom("bench"))],
  ]);
}

const resamples = { "without bootstrap": 0, "with 1,000 resamples": 1_000 } as const;

function measure(name: string, rounds: readonly RatedRound[], repeats: number): void {
  for (const [what, count] of Object.entries(resamples)) {
    const times = Array.from({ length: repeats }, () =>
      seconds(() => rate(rounds, { random: seededRandom("bench"), resamples: count })),
    );
    const [, ...warm] = times;
    const found = spread(warm.length > 0 ? warm : times);
    const ratio = spread((warm.length > 0 ? warm : times).map((time) => time / limitSeconds));
    console.log(
      `${rounds.length} rounds, ${name}, ${what}: ${shown(found, 2)} s; ${shown(ratio, 2)} of the limit of ${limitSeconds} s`,
    );
  }
}

const peerSchema = z.object({ seconds: z.number(), peer: z.string() });

/** The peer knows neither ties nor issue effects: it gets who won, and less to do. */
function peer(python: string, rounds: readonly RatedRound[]): z.infer<typeof peerSchema> {
  const [issues, contestants] = [new Map<string, number>(), new Map<string, number>()];
  const numberIn = (known: Map<string, number>, name: string) =>
    known.get(name) ?? known.set(name, known.size).size - 1;
  const lines = rounds.flatMap(({ instanceId, submitter, reviewer, score }) => {
    if (score === undefined) return [];
    const names = [
      numberIn(issues, instanceId),
      numberIn(contestants, submitter),
      numberIn(contestants, reviewer),
    ];
    return [[...names, marginOf(score) > 0 ? 1 : 0].join(",")];
  });
  const script = fileURLToPath(new URL("./rating-peers.py", import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  const run = spawnSync(python, [script, "--time"], { input: lines.join("\n"), encoding: "utf8", env });
  if (run.status !== 0) throw new Error(`the peer failed: ${run.stderr}`);
  return peerSchema.parse(JSON.parse(run.stdout));
}

for (const [name, rounds] of leagues()) {
  measure(name, rounds, Number(values.repeats) + 1);
  if (values.python !== undefined) {
    const found = peer(values.python, rounds);
    console.log(
      `${found.peer}, no ties, no issue effects, no bootstrap, one thread: ${found.seconds.toFixed(2)} s`,
    );
  }
}
