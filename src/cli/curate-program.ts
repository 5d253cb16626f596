// `arena curate`: the stages that turn changes into an issue set, as a terminal knows them.
import type { Command } from "commander";
import { integer, withSandbox } from "./arguments.ts";
import type { ProgramTools } from "./command.ts";

export function addCurate(arena: Command, { act, merged }: ProgramTools): void {
  const curate = arena
    .command("curate")
    .description(
      "turn other people's rows into issues that can be judged, stage by stage (docs/curation.md)",
    );
  curate
    .command("split <folder>")
    .description("rows become fix, hidden tests and texts; what cannot is listed with the reason")
    .requiredOption("--rows <file>", "rows to take, JSONL or a JSON array")
    .requiredOption("--from <format>", "swingarena, swe-bench or multi-swe-bench")
    .action(
      act(
        async () => (await import("./commands/curate-split.ts")).curateSplit,
        (folder, options) => merged({ folder }, options),
      ),
    );
  withSandbox(
    curate
      .command("environment <folder>")
      .description("find a plan that works on each row's base commit, tried in sandboxes, cheapest first")
      .option("--from-workflow", "only the repository's own workflow jobs")
      .option("--only <ids>", "ids of rows, comma separated: the others stay as an earlier run left them")
      .option("--workers <n>", "rows at once", integer, 2),
  ).action(
    act(
      async () => (await import("./commands/curate-environment.ts")).curateEnvironment,
      (folder, options) => merged({ folder }, options),
    ),
  );
  withSandbox(
    curate
      .command("validate <folder>")
      .description(
        "base and gold, with and without hidden tests, run again and again: what is stable is kept",
      )
      .option("--repeats <n>", "runs of each state", integer, 5)
      .option("--seed <text>", "what repeats differ in, and mutants, are drawn from it", "curate")
      .option(
        "--panel <n>",
        "hidden candidates to label: mutants of gold, and answers, each at most",
        integer,
        0,
      )
      .option("--answers <runs>", "run folders whose submissions are tried for the panel, comma separated")
      .option("--only <ids>", "ids of rows, comma separated: the others stay as an earlier run left them")
      .option("--workers <n>", "rows at once", integer, 2),
  ).action(
    act(
      async () => (await import("./commands/curate-validate.ts")).curateValidate,
      (folder, options) => merged({ folder }, options),
    ),
  );
  withSandbox(
    curate
      .command("audit <folder>")
      .description("what gives the answer away, repeats another row, steers a model or leaks a secret")
      .option("--only <ids>", "ids of rows, comma separated: the others stay as an earlier run left them")
      .option("--workers <n>", "rows at once", integer, 2),
  ).action(
    act(
      async () => (await import("./commands/curate-audit.ts")).curateAudit,
      (folder, options) => merged({ folder }, options),
    ),
  );
  curate
    .command("freeze <folder>")
    .description("write what was validated as a set, with the funnel of all stages beside it")
    .requiredOption("--out <folder>", "the set folder to write")
    .option("--name <name>", "name of the set (default: that of its folder)")
    .option("--set-version <version>", "a released one never changes", "1")
    .action(
      act(
        async () => (await import("./commands/curate-freeze.ts")).curateFreeze,
        (folder, options) => merged({ folder }, options),
      ),
    );
}
