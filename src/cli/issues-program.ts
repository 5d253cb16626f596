// `arena issues`: its commands as a terminal knows them.
import type { Command } from "commander";
import { integer, withSandbox } from "./arguments.ts";
import type { ProgramTools } from "./command.ts";

export function addIssues(arena: Command, { act, merged }: ProgramTools): void {
  const issues = arena.command("issues").description("look at, validate and bring in issue sets");
  issues
    .command("list <set>")
    .description("one line per instance")
    .action(
      act(
        async () => (await import("./commands/issues.ts")).list,
        (set) => merged({ set }, {}),
      ),
    );
  issues
    .command("show <set> <instance>")
    .description("one instance in full; gold and hidden tests only with --reveal")
    .option("--reveal", "also the gold patch, the hidden tests and the panel")
    .action(
      act(
        async () => (await import("./commands/issues.ts")).show,
        (set, instance, options) => merged({ set, instance }, options),
      ),
    );
  issues
    .command("diff <before> <after>")
    .description("what one version of a set has that another has not, or has otherwise")
    .action(
      act(
        async () => (await import("./commands/issues-diff.ts")).issuesDiff,
        (before, after) => merged({ before, after }, {}),
      ),
    );
  issues
    .command("export <set>")
    .description("a set as rows that other harnesses read: gold patches and hidden tests are in them")
    .requiredOption("--to <format>", "swe-bench or multi-swe-bench")
    .requiredOption("--out <file>", "the JSONL file to write")
    .action(
      act(
        async () => (await import("./commands/issues-export.ts")).issuesExport,
        (set, options) => merged({ set }, options),
      ),
    );
  withSandbox(
    issues
      .command("check <set>")
      .description("run every instance: gold must resolve, base must not, the panel must be as declared")
      .option("--repeats <n>", "runs of each state", integer, 3)
      .option("--run <folder>", "where the evidence is kept; the same folder again reuses its runs")
      .option("--only <ids>", "instance ids, comma separated")
      .option("--strict", "a bad line in the set is fatal")
      .option("--reviewers", "also let gold, overfit and trivial review against the panel: slow"),
  ).action(
    act(
      async () => (await import("./commands/check.ts")).check,
      (set, options) => merged({ set }, options),
    ),
  );
  issues
    .command("import <source>")
    .description(
      "make a set of ours from SwingArena, SWE-bench or Multi-SWE-bench rows, or an authoring folder",
    )
    .requiredOption("--from <format>", "swingarena, swe-bench, multi-swe-bench or folder")
    .requiredOption("--out <folder>", "the set folder to write")
    .option("--repos <folder>", "clones of the repositories, to read files at the base commit")
    .option("--name <name>", "name of the set")
    .option("--only <ids>", "instance ids, comma separated")
    .action(
      act(
        async () => (await import("./commands/import.ts")).importSet,
        (source, options) => merged({ source }, options),
      ),
    );
}
