// What context buys: a scripted model that succeeds only if it is shown the code, with none, bm25, full and oracle context.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tokenCounterFor } from "../retriever/index.ts";
import { readSet } from "../src/curation/index.ts";
import { playTournament } from "../src/index.ts";
import { scriptedEndpoint } from "../test/support/scripted-endpoint.ts";
import { seer, seerFile } from "../test/support/seer.ts";

const { values } = parseArgs({
  options: {
    set: { type: "string", default: "issues/smoke/1" },
    tokens: { type: "string", default: "1000" },
    only: { type: "string" },
    sandbox: { type: "string", default: "auto" },
  },
});

const snippetTokens = Number(values.tokens);
const { instances } = await readSet(values.set);
const folder = await mkdtemp(join(tmpdir(), "arena-context-"));
const counter = await tokenCounterFor({ tokenizer: "o200k_base" });

async function main(): Promise<void> {
  await using endpoint = await scriptedEndpoint(seer(instances, counter));
  const file = join(folder, "models.yaml");
  await writeFile(file, seerFile(endpoint.baseUrl));
  const modes = ["none", "bm25", "full", "oracle"] as const;
  const { board, rows } = await playTournament({
    set: values.set,
    contestants: ["empty", ...modes.map((mode) => `${file}#seer@${mode}`)],
    ...(values.only === undefined ? {} : { only: values.only.split(",") }),
    sandbox: values.sandbox,
    anchors: ["empty"],
    rounds: 2,
    repeats: 1,
    panel: false,
    seed: "context",
    snippetTokens,
    runFolder: join(folder, "run"),
    onNote: (sentence) => console.error(sentence),
  });
  const issues = new Set(rows.map((row) => row.instanceId)).size;
  console.log(`${values.set}, ${issues} issues, ${snippetTokens} tokens of source at most (o200k_base)\n`);
  console.log("| context | resolved | gold recall | source tokens | tokens in | tokens out |");
  console.log("|---|---:|---:|---:|---:|---:|");
  for (const mode of modes) {
    const own = rows.filter((row) => row.submitter === `seer@${mode}` && row.record.void === undefined);
    const resolved = own.filter((row) => row.record.label === "resolved").length;
    const metrics = board.contestants.find(({ id }) => id === `seer@${mode}`)?.metrics ?? {};
    const of = (name: string, digits = 0): string => metrics[name]?.value.toFixed(digits) ?? "-";
    const figures = [of("submitterGoldRecall", 2), of("submitterContextTokens"), of("submitterInputTokens")];
    console.log(
      `| ${mode} | ${resolved} of ${own.length} | ${figures.join(" | ")} | ${of("submitterOutputTokens")} |`,
    );
  }
}

try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}
