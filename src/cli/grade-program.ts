// `arena grade` as a terminal knows it.
import type { Command } from "commander";
import { defaultSnippetTokens } from "../domain/run.ts";
import { amount, integer, withSandbox } from "./arguments.ts";
import type { ProgramTools } from "./command.ts";

export function addGrade(arena: Command, { act, merged }: ProgramTools): void {
  withSandbox(
    arena
      .command("grade <set>")
      .description("reviewers alone: their tests meet gold, the hidden panel and mutants (docs/reviewers.md)")
      .option("--contestants <list>", "as for play: gold, trivial, replay:<file>, <file>.yaml#<id>, ...")
      .option("--run <folder>", "where the evidence is kept; the same folder again goes on where it stopped")
      .option("--mutants <n>", "mutants of gold that reviews of an issue meet, at most", integer, 10)
      .option("--repeats <n>", "runs of one comparison", integer, 3)
      .option("--seed <text>", "order, mutants and controls are drawn from it")
      .option("--only <ids>", "instance ids, comma separated")
      .option("--retrieval <mode>", "what prompts show of the source: full, bm25, none or oracle", "full")
      .option("--snippet-tokens <n>", "tokens of source in a prompt at most", integer, defaultSnippetTokens)
      .option("--workers <n>", "reviews at once", integer, 2)
      .option("--budget <usd>", "stop before model calls could cost more than this", amount)
      .option("--budget-tokens <n>", "stop before model calls could use more tokens than this", integer)
      .option("--budget-hours <h>", "begin no review once grading took so long", amount)
      .option("--budget-each <usd>", "as --budget, of every single contestant", amount)
      .option("--budget-each-tokens <n>", "as --budget-tokens, of every single contestant", integer)
      .option("--dry-run", "plan only: reviews, calls and the worst they could cost"),
  ).action(
    act(
      async () => (await import("./commands/grade.ts")).grade,
      (set, options) => merged({ set }, options),
    ),
  );
}
