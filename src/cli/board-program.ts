// Commands that show what was played: `arena board` and `arena show`, as a terminal knows them.
import type { Command } from "commander";
import type { ProgramTools } from "./command.ts";

export function addBoard(arena: Command, { act, merged }: ProgramTools): void {
  arena
    .command("board <runs...>")
    .description("leaderboard of one or more runs")
    .option("--format <format>", "table, md or csv (--json for JSON)", "table")
    .option("--reading <reading>", "strict or paper: which one ranks", "strict")
    .option("--html <folder>", "write a site instead: boards, and a page for every battle (docs/site.md)")
    .option("--logs <which>", "with --html: CI logs and whole prompts: auto, all or none", "auto")
    .action(
      act(
        async () => (await import("./commands/board.ts")).board,
        (runs, options) => merged({ runs }, options),
      ),
    );
  arena
    .command("show <run> [battle]")
    .description("one battle in full, or the battles of a run")
    .action(
      act(
        async () => (await import("./commands/show.ts")).show,
        (run, battle) => merged({ run, battle }, {}),
      ),
    );
}
