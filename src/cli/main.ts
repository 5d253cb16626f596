// The command line's entry: parses arguments, loads the one command that was asked for, turns errors into exit codes.
import { Command, CommanderError } from "commander";
import { isFault, UsageError } from "../domain/fault.ts";
import { defaultSnippetTokens } from "../domain/run.ts";
import { addA1 } from "./a1-program.ts";
import { type ExitCode, exitCodes } from "./exit.ts";
import { type Output, output } from "./output.ts";

export interface CommandContext {
  readonly out: Output;
  readonly signal: AbortSignal;
  /** True for a process that is one command line and nothing else. */
  readonly ownsProcess?: boolean;
}

/** A command's own file is loaded only when it runs: `--help` needs no database, no engine, no key. */
export type Run<O> = (options: O, context: CommandContext) => Promise<ExitCode>;

class Exit extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
}

const integer = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`expected a whole number above 0, found "${text}"`);
  return value;
};

const amount = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new UsageError(`expected an amount, found "${text}"`);
  return value;
};

/** Names of the options that were typed: all others have their defaults. */
function typed(command: unknown): string[] {
  if (!(command instanceof Command)) return [];
  return Object.keys(command.opts()).filter((name) => command.getOptionValueSource(name) === "cli");
}

function withSandbox(command: Command): Command {
  return command
    .option("--sandbox <class>", "docker, bubblewrap, or auto (docker when an engine answers)", "auto")
    .option(
      "--repos <folder>",
      "clones of the set's repositories: owner+name, owner__name, owner/name or name",
    )
    .option("--memory <MiB>", "memory of one sandbox", integer)
    .option("--sandboxes <n>", "sandboxes at once (default: the number of cores)", integer);
}

export function program(context: CommandContext): Command {
  const act =
    <O>(load: () => Promise<Run<O>>, collect: (...values: unknown[]) => O) =>
    async (...values: unknown[]): Promise<void> => {
      const code = await (await load())(collect(...values), context);
      if (code !== exitCodes.done) throw new Exit(code);
    };
  const arena = new Command("arena")
    .description(
      "Language models write patches and tests against each other on real issues; sealed sandboxes decide.",
    )
    .option("--json", "one JSON document on stdout, logs on stderr")
    .configureOutput({ writeErr: (text) => context.out.note(text.trimEnd()) })
    .exitOverride()
    .showHelpAfterError("(add --help for the options)");
  const merged = <O extends object>(given: object, options: unknown): O =>
    Object.assign({}, given, options) as O;

  arena
    .command("doctor")
    .description("what this machine has and lacks, and the command that mends it")
    .option("--fix", "install and build what is missing")
    .action(
      act(
        async () => (await import("./commands/doctor.ts")).doctor,
        (options) => merged({}, options),
      ),
    );

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
      .option("--rounds <n>", "rounds of one battle, roles swapped after each", integer, 2)
      .option("--repeats <n>", "runs of one comparison", integer, 3)
      .option("--seed <text>", "pairing, starting sides and controls are drawn from it")
      .option("--only <ids>", "instance ids, comma separated")
      .option("--anchors <list>", "play only pairs with one of these contestants")
      .option("--feedback", "a side sees its own earlier answers in the same role and how they fared")
      .option("--hints <mode>", "what a reviewer sees of the patch: none, changed-regions or diff", "none")
      .option("--no-panel", "do not let reviews meet the hidden candidates")
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

  arena
    .command("board <runs...>")
    .description("leaderboard of one or more runs")
    .option("--format <format>", "table, md or csv (--json for JSON)", "table")
    .option("--reading <reading>", "strict or paper: which one ranks", "strict")
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
  addA1(arena, { act, merged, integer, amount });
  return arena;
}

/** Runs one command line; the answer is the exit code. Throws nothing but bugs. */
export async function main(argv: readonly string[], context: CommandContext): Promise<number> {
  try {
    await program(context).parseAsync([...argv], { from: "user" });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof Exit) return error.exitCode;
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (error instanceof UsageError) {
      context.out.note(`arena: ${error.message}`);
      return exitCodes.usage;
    }
    if (context.signal.aborted) {
      context.out.note("interrupted: what was finished is kept");
      return exitCodes.fault;
    }
    if (isFault(error)) {
      context.out.note(`arena: ${error.code}: ${error.message}`);
      return exitCodes.fault;
    }
    throw error;
  }
}

/** First Ctrl-C stops gracefully; a second one stops now. */
function interruptible(note: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      note("stopping: sandboxes are being closed, the run can be resumed (again to stop now)");
      controller.abort();
    });
  }
  return controller.signal;
}

/** A reader that has seen enough (`arena … | head`) is no error; the result is written once and at the end. */
function endWhenNobodyReads(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(process.exitCode ?? exitCodes.done);
  });
}

/** The process's own command line. */
export async function runProcess(): Promise<void> {
  endWhenNobodyReads();
  const argv = process.argv.slice(2);
  const out = output(process, argv.includes("--json"));
  const signal = interruptible((line) => out.note(line));
  try {
    process.exitCode = await main(argv, { out, signal, ownsProcess: true });
  } catch (error) {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    out.note(`arena: this is a bug of ours, please report it with these lines\n${trace}`);
    process.exitCode = exitCodes.bug;
  }
}
