// `npm run demo`: real battles on the bundled set, no key needed, ending in a leaderboard and its site.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { ensureDependencies, ensureSandboxes, missing, root, run } from "./setup.mjs";

/**
 * Two instances and no hidden panel: six to seven minutes on two busy cores after set-up. Every battle has gold in it. The
 * whole protocol on the whole set is `arena play issues/smoke/1 --contestants gold,empty,mutant,overfit`. The quickest come
 * first; where there is no container engine the host's own tools run them, and decide which can be played.
 */
const candidates = [
  { instance: "smoke__layered-ini-14", tools: [["/usr/bin/python3", "-c", "import pytest"]] },
  { instance: "smoke__cronline-7", tools: [["go", "version"]] },
  { instance: "smoke__gridcalc-1", tools: [["cargo", "--version"]] },
  {
    instance: "smoke__matchbook-7",
    tools: [
      ["cmake", "--version"],
      ["ninja", "--version"],
      ["c++", "--version"],
    ],
  },
];

const works = ([command, ...argv]) => spawnSync(command, argv, { stdio: "ignore" }).status === 0;

function chooseInstances() {
  const asked = process.argv.join(" ");
  const hasEngine = missing("engine") === undefined && !asked.includes("bubblewrap");
  const playable = hasEngine ? candidates : candidates.filter(({ tools }) => tools.every(works));
  if (playable.length > 0) return playable.slice(0, 2).map(({ instance }) => instance);
  console.error(
    "demo: no container engine answers, and this machine has the tools of no language to do without: expected one of " +
      "python3 with pytest, go, cargo, or cmake with ninja and a C++ compiler. `node bin/arena.mjs doctor` says what mends the engine.",
  );
  process.exit(3);
}

ensureDependencies();
ensureSandboxes();
const instances = chooseInstances();

const folder = `${root}/arena-runs/demo-${new Date().toISOString().replace(/[:.]/g, "-")}`;
mkdirSync(folder, { recursive: true });

// The plausible-wrong contestant replays the set's own first wrong candidate of every instance.
const lines = readFileSync(`${root}/issues/smoke/1/instances.jsonl`, "utf8").trim().split("\n");
const replay = lines
  .map((line) => JSON.parse(line))
  .map((row) => ({
    instance_id: row.instance_id,
    role: "submitter",
    patch: row.panel.find((member) => member.label === "unresolved").patch,
  }));
const wrong = `${folder}/plausible-wrong.jsonl`;
writeFileSync(wrong, `${replay.map((row) => JSON.stringify(row)).join("\n")}\n`);

console.error(
  `demo: gold against empty, mutant, overfit and a plausible wrong patch, roles swapped, on ${instances.join(", ")}`,
);
process.exitCode = run(
  "node",
  [
    "bin/arena.mjs",
    "play",
    "issues/smoke/1",
    "--contestants",
    `gold,empty,mutant,overfit,replay:${relative(root, wrong)}`,
    "--anchors",
    "gold",
    "--only",
    instances.join(","),
    "--seed",
    "demo",
    "--no-panel",
    "--run",
    folder,
    ...process.argv.slice(2),
  ],
  { must: false },
);
// Void rounds are played rounds: 1 is an ending, too. Anything else left nothing to show.
if (process.exitCode <= 1) run("node", ["bin/arena.mjs", "board", folder, "--html", `${folder}/site`]);
