// `npm run demo`: real battles on the bundled set, no key needed, ending in a leaderboard.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { ensureDependencies, ensureSandboxes, root, run } from "./setup.mjs";

/**
 * The two quickest instances and no hidden panel: five minutes on two cores after set-up. Every battle has gold in it.
 * The whole protocol on the whole set is `arena play issues/smoke/1 --contestants gold,empty,mutant,overfit`.
 */
const instances = ["smoke__layered-ini-14", "smoke__cronline-7"];

ensureDependencies();
ensureSandboxes();

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
