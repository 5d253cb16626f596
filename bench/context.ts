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
    /** Tokens of source at most, one tournament for each: every one prepares all issues anew, which takes minutes. */
    tokens: { type: "string", default: "1000,2000,4000" },
    only: { type: "string" },
    sandbox: { type: "string", default: "auto" },
  },
});

const modes = ["none", "bm25", "full", "oracle"] as const;
type Mode = (typeof modes)[number];

/** One issue, submitted once by one twin under one budget. */
interface Try {
  readonly budget: number;
  readonly mode: Mode;
  readonly instanceId: string;
  readonly isResolved: boolean;
  readonly goldRecall: number;
  readonly sourceTokens: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

function budgetsOf(list: string): number[] {
  const budgets = list.split(",").map(Number);
  if (budgets.every((each) => Number.isInteger(each) && each > 0)) return budgets.sort((a, b) => a - b);
  throw new Error(`--tokens: expected whole numbers from 1 with commas between, found "${list}"`);
}

async function triesOf(file: string, runFolder: string, budget: number): Promise<Try[]> {
  const { rows, unsound } = await playTournament({
    set: values.set,
    contestants: ["empty", ...modes.map((mode) => `${file}#seer@${mode}`)],
    ...(values.only === undefined ? {} : { only: values.only.split(",") }),
    sandbox: values.sandbox,
    anchors: ["empty"],
    rounds: 2,
    repeats: 1,
    panel: false,
    seed: "context",
    snippetTokens: budget,
    runFolder,
    onNote: (sentence) => console.error(sentence),
  });
  // Said with the figures: whoever reads them must know which issues they are of.
  for (const [id, why] of unsound) console.log(`\nleft out under ${budget} tokens: ${id}: ${why}`);
  return rows.flatMap(({ submitter, instanceId, record, submitterUsage, submitterContext }) => {
    const mode = modes.find((each) => submitter === `seer@${each}`);
    if (mode === undefined) return [];
    const gold = submitterContext?.gold;
    if (record.void !== undefined || submitterContext === undefined || gold === undefined)
      throw new Error(`${submitter} on ${instanceId}: the round shows nothing: ${JSON.stringify(record)}`);
    const { inputTokens, outputTokens } = submitterUsage;
    const isResolved = record.label === "resolved";
    const goldRecall = gold.passed / gold.total;
    const sourceTokens = submitterContext.tokens;
    return [{ budget, mode, instanceId, isResolved, goldRecall, sourceTokens, inputTokens, outputTokens }];
  });
}

const mean = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0) / list.length;

function sayBudget(budget: number, tries: readonly Try[]): void {
  console.log(`\nat most ${budget} tokens of source, means of an issue\n`);
  console.log("| context | resolved | gold recall | source tokens | tokens in | tokens out |");
  console.log("|---|---:|---:|---:|---:|---:|");
  for (const mode of modes) {
    const own = tries.filter((each) => each.mode === mode && each.budget === budget);
    const of = (value: (each: Try) => number, digits = 0): string => mean(own.map(value)).toFixed(digits);
    const cells = [
      mode,
      `${own.filter(({ isResolved }) => isResolved).length} of ${own.length}`,
      of(({ goldRecall }) => goldRecall, 2),
      of(({ sourceTokens }) => sourceTokens),
      of(({ inputTokens }) => inputTokens),
      of(({ outputTokens }) => outputTokens),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

/** The cheapest try of an issue that resolved it: what success costs whoever knows how much to show. */
function cheapest(tries: readonly Try[], mode: Mode, instanceId: string): Try | undefined {
  const resolved = tries.filter(
    (each) => each.mode === mode && each.instanceId === instanceId && each.isResolved,
  );
  return resolved.sort((one, other) => one.inputTokens - other.inputTokens)[0];
}

/** Equal success: the issues that both resolve under some budget, each at its cheapest. */
function sayEqualSuccess(tries: readonly Try[]): void {
  console.log("\nat equal success: issues that both resolve, each at the smallest budget that does\n");
  console.log("| context | beside | issues | source tokens | ratio | all tokens in | ratio |");
  console.log("|---|---|---:|---:|---:|---:|---:|");
  const issues = [...new Set(tries.map(({ instanceId }) => instanceId))];
  for (const [mode, other] of [
    ["full", "bm25"],
    ["oracle", "bm25"],
    ["oracle", "full"],
  ] as const) {
    const pairs = issues.flatMap((instanceId) => {
      const [one, beside] = [cheapest(tries, mode, instanceId), cheapest(tries, other, instanceId)];
      return one === undefined || beside === undefined ? [] : [{ one, beside }];
    });
    const cells = (value: (each: Try) => number): string[] => {
      const [own, against] = [
        mean(pairs.map(({ one }) => value(one))),
        mean(pairs.map(({ beside }) => value(beside))),
      ];
      return [`${own.toFixed(0)} against ${against.toFixed(0)}`, (own / against).toFixed(2)];
    };
    const figures = [
      ...cells(({ sourceTokens }) => sourceTokens),
      ...cells(({ inputTokens }) => inputTokens),
    ];
    console.log(`| ${[mode, other, pairs.length, ...figures].join(" | ")} |`);
  }
}

async function main(folder: string): Promise<void> {
  const { instances } = await readSet(values.set);
  const counter = await tokenCounterFor({ tokenizer: "o200k_base" });
  await using endpoint = await scriptedEndpoint(seer(instances, counter));
  const file = join(folder, "models.yaml");
  await writeFile(file, seerFile(endpoint.baseUrl));
  const tries: Try[] = [];
  const budgets = budgetsOf(values.tokens);
  console.log(`${values.set}, one try of each issue, tokens of o200k_base`);
  for (const budget of budgets) {
    tries.push(...(await triesOf(file, join(folder, String(budget)), budget)));
    sayBudget(budget, tries);
  }
  sayEqualSuccess(tries);
}

const folder = await mkdtemp(join(tmpdir(), "arena-context-"));
try {
  await main(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
