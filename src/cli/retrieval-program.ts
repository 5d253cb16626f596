// `arena index` and `arena retrieve` as a terminal knows them.
import type { Command } from "commander";
import { integer } from "./arguments.ts";
import type { ProgramTools } from "./command.ts";

export function addRetrieval(arena: Command, { act, merged }: ProgramTools): void {
  arena
    .command("index <repository>")
    .description("read a repository at a commit into the search index; only new files cost anything")
    .option("--commit <commit>", "anything git knows a commit by", "HEAD")
    .action(
      act(
        async () => (await import("./commands/index-repository.ts")).indexRepository,
        (repository, options) => merged({ repository }, options),
      ),
    );
  const retrieve = arena
    .command("retrieve <repository> [instance]")
    .description(
      "what a contestant is shown for an issue, and why; or for an instance: retrieve <set> <instance>",
    )
    .option("--commit <commit>", "anything git knows a commit by (default: HEAD)")
    .option("--issue <file>", "the issue: its title on the first line")
    .option("--query <text>", "the same on the command line")
    .option("--budget <n>", "tokens of the snippets at most", integer, 8000)
    .option("--files <n>", "ranked files listed at most", integer, 10)
    .option("--mode <mode>", "full, or bm25: whole files as a plain search ranks them", "full")
    .option("--tokenizer <name>", "o200k_base, cl100k_base, or a folder with tokenizer.json")
    .option("--repos <folder>", "for an instance: clones of the set's repositories")
    .option("--rerank <folder>", "rank again with a local model (docs/retrieval.md)")
    .option("--rerank-device <device>", "where it runs: cpu or cuda (default: cpu)")
    .option("--query-hints", "for an instance: search with the issue's later discussion too")
    .action(
      act(
        async () => (await import("./commands/retrieve.ts")).retrieve,
        (repository, instance, options) => merged({ repository, instance }, options),
      ),
    );
  retrieve
    .command("eval <rows>")
    .description("how well known answers are found, beside plain BM25: a file of rows, one JSON a line")
    .option(
      "--repos <folder>",
      "clones of the rows' repositories: owner+name, owner__name or a path, bare or not",
    )
    .option("--budget <n>", "tokens within which gold lines are looked for", integer, 8000)
    .option("--tokenizer <name>", "o200k_base, cl100k_base, or a folder with tokenizer.json")
    .option("--only <ids>", "row ids, comma separated")
    .option("--ablations", "rank again without each signal")
    .option("--rerank <folder>", "rank again with a local model (docs/retrieval.md)")
    .option("--rerank-device <device>", "where it runs: cpu or cuda (default: cpu)")
    .option("--seed <text>", "resamples of the intervals are drawn from it", "retrieval")
    .option("--resamples <n>", "resamples of the intervals", integer, 2000)
    .option("--strict", "exit 4 when a line is wrong or a row cannot be measured")
    .action(
      act(
        async () => (await import("./commands/retrieve-eval.ts")).retrieveEval,
        // `retrieve` takes --repos, --budget, --tokenizer and --rerank for itself wherever they stand.
        (rows, _, command) => merged({ rows }, (command as Command).optsWithGlobals()),
      ),
    );
}
