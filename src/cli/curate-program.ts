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
      .option("--only <ids>", "ids of rows, comma separated: the others wait for another run")
      .option("--workers <n>", "rows at once", integer, 2),
  ).action(
    act(
      async () => (await import("./commands/curate-environment.ts")).curateEnvironment,
      (folder, options) => merged({ folder }, options),
    ),
  );
}
