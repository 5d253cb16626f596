// Commands that judge code: `arena play`, `judge`, `replay` and `rejudge`, as a terminal knows them.
import { Command } from "commander";
import { defaultSnippetTokens } from "../domain/run.ts";
import { amount, integer, withSandbox } from "./arguments.ts";
import type { ProgramTools } from "./command.ts";

/** Names of the options that were typed: all others have their defaults. */
function typed(command: unknown): string[] {
  if (!(command instanceof Command)) return [];
  return Object.keys(command.opts()).filter((name) => command.getOptionValueSource(name) === "cli");
}

export function addPlay(arena: Command, { act, merged }: ProgramTools): void {
  withSandbox(
    arena
      .command("play [set]")
      .description("battles and tournaments, of a set or of a tournament file (docs/tournaments.md)")
      .option(
        "--contestants <list>",
        "gold, empty, mutant, trivial, overfit, replay:<file>, <file>.yaml or <file>.yaml#<id>[@<mode>]",
      )
      .option("--run <folder>", "where the run is kept (default: arena-runs/<set>-<time>)")
      .option("--resume <folder>", "go on with a run that was cut short")
      .option("--retry-voids", "with --resume: play rounds again that a fault made void")
      .option(
        "--retry-quarantined",
        "with --resume: try instances in quarantine again, and what they cast doubt on",
      )
      .option("--rounds <n>", "rounds of one battle, roles swapped after each", integer, 2)
      .option("--repeats <n>", "runs of one comparison", integer, 3)
      .option("--seed <text>", "pairing, starting sides and controls are drawn from it")
      .option("--only <ids>", "instance ids, comma separated")
      .option("--anchors <list>", "play only pairs with one of these contestants")
      .option(
        "--pairing <mode>",
        "everybody, or adaptive: who meets is drawn as results come (default: everybody)",
      )
      .option(
        "--stop-error <chance>",
        "with --pairing adaptive: end once a winner is proven, wrong so seldom",
        amount,
      )
      .option("--feedback", "a side sees its own earlier answers in the same role and how they fared")
      .option("--hints <mode>", "what a reviewer sees of the patch: none, changed-regions or diff", "none")
      .option("--no-panel", "do not let reviews meet the hidden candidates")
      .option(
        "--mutants <n>",
        "let valid reviews meet so many mutants of gold, too (docs/reviewers.md)",
        integer,
      )
      .option("--retrieval <mode>", "what prompts show of the source: full, bm25, none or oracle", "full")
      .option("--snippet-tokens <n>", "tokens of source in a prompt at most", integer, defaultSnippetTokens)
      .option("--query-hints", "search with the issue's later discussion too: it may give the answer away")
      .option("--rerank <folder>", "rank what full finds again with a local model (docs/retrieval.md)")
      .option("--rerank-device <device>", "where it runs: cpu or cuda (default: cpu)")
      .option("--workers <n>", "battles at once (default: 2)", integer)
      .option("--budget <usd>", "stop before model calls could cost more than this", amount)
      .option("--budget-tokens <n>", "stop before model calls could use more tokens than this", integer)
      .option("--budget-hours <h>", "begin no battle once the run was played for so long", amount)
      .option("--budget-each <usd>", "as --budget, of every single contestant", amount)
      .option("--budget-each-tokens <n>", "as --budget-tokens, of every single contestant", integer)
      .option("--budget-each-hours <h>", "begin no battle of a contestant whose calls took so long", amount)
      .option("--webhook <url>", "told when the run has ended: a small JSON, posted (docs/tournaments.md)")
      .option("--webhook-secret-env <name>", "the variable with the secret that it is signed with")
      .option("--canary-battles <n>", "battles of an instance between two canaries (default: 25)", integer)
      .option("--canary-hours <h>", "hours between two canaries of an instance (default: 6)", amount)
      .option(
        "--patience <minutes>",
        "wait so long for a provider or an engine that is down (default: 60)",
        amount,
      )
      .option("--disk-low <GiB>", "begin no battle while less room is left on the disk (default: 2)", amount)
      .option(
        "--disk-high <GiB>",
        "begin battles again once so much is left (default: 1.5 times that)",
        amount,
      )
      .option("--dry-run", "plan only: battles, calls, the worst they could cost, hours and disk")
      .option("--like <run>", "with --dry-run: an earlier run to reckon hours and disk by"),
  ).action(
    act(
      async () => (await import("./commands/play.ts")).play,
      (set, options, command) =>
        merged({ ...(set === undefined ? {} : { set }), typed: typed(command) }, options),
    ),
  );

  withSandbox(
    arena
      .command("judge <set>")
      .description("verdicts for existing patches, no battle")
      .requiredOption(
        "--predictions <jsonl>",
        "{instance_id, model_patch} or {instance_id, patch}, SWE-bench files as they are",
      )
      .option("--run <folder>", "where the evidence is kept; the same folder again goes on where it stopped")
      .option("--workers <n>", "predictions at once", integer, 2)
      .option("--fail-under <rate>", "exit with 4 when the resolved rate is lower", amount),
  ).action(
    act(
      async () => (await import("./commands/judge.ts")).judge,
      (set, options) => merged({ set }, options),
    ),
  );

  withSandbox(
    arena
      .command("replay <run>")
      .description("play a run again from its stored answers, in fresh sandboxes, and compare the verdicts")
      .option("--out <folder>", "where the new run is kept"),
  ).action(
    act(
      async () => (await import("./commands/replay.ts")).replay,
      (run, options) => merged({ run }, options),
    ),
  );
  arena
    .command("rejudge <run>")
    .description("new rules over stored evidence, no sandbox; says which verdicts change")
    .option("--write", "store the new records")
    .action(
      act(
        async () => (await import("./commands/rejudge.ts")).rejudge,
        (run, options) => merged({ run }, options),
      ),
    );
}
