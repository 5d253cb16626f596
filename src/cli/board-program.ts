// Commands that show what was played: `arena board`, `keys` and `show`, as a terminal knows them.
import type { Command } from "commander";
import type { ProgramTools } from "./command.ts";

const several = (text: string, before: readonly string[] = []): string[] => [...before, text];

export function addBoard(arena: Command, { act, merged }: ProgramTools): void {
  arena
    .command("board <runs...>")
    .description("leaderboard of one or more runs")
    .option("--format <format>", "table, md, csv, junit or sarif (--json for JSON)", "table")
    .option("--reading <reading>", "strict or paper: which one ranks", "strict")
    .option("--html <folder>", "write a site instead: boards, and a page for every battle (docs/site.md)")
    .option("--logs <which>", "with --html: CI logs and whole prompts: auto, all or none", "auto")
    .option("--after <day>", "only issues opened after this day, such as 2026-11-03")
    .option("--paper", "the paper's tables: pairs, Best@k, ablations, rounds, tokens, failures")
    .option("--compare", "two runs: what differs between them, contestant by contestant, on the same issues")
    .option(
      "--paired [metrics]",
      "paired tests of every two contestants, comma separated metrics (slow for many)",
    )
    .option("--fail-under <[id:]metric=value>", "exit with 4 when a figure is lower (repeatable)", several)
    .option("--fail-over <[id:]metric=value>", "exit with 4 when a figure is higher (repeatable)", several)
    .option("--verify", "derive every number again, from ledgers and evidence; exit 4 when something differs")
    .option("--against <file>", "with --verify: the JSON of a board that was published")
    .option("--head <file>", "with --verify: the head of the run's ledger that was published")
    .option("--key <key>", "with --verify: the public key that must have signed (arena keys)")
    .action(
      act(
        async () => (await import("./commands/board.ts")).board,
        (runs, options) => merged({ runs }, options),
      ),
    );
  arena
    .command("keys")
    .description("the public key that your runs' ledgers are signed with")
    .action(
      act(
        async () => (await import("./commands/keys.ts")).keys,
        (options) => merged({}, options),
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
