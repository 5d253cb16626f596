// The command line's entry: parses arguments, loads the one command that was asked for, turns errors into exit codes.
import { Command, CommanderError } from "commander";
import { isFault, UsageError } from "../domain/fault.ts";
import { addA1 } from "./a1-program.ts";
import { addBoard } from "./board-program.ts";
import type { CommandContext, Run } from "./command.ts";
import { addControl } from "./control-program.ts";
import { addCurate } from "./curate-program.ts";
import { type ExitCode, exitCodes } from "./exit.ts";
import { addGrade } from "./grade-program.ts";
import { type Interrupted, Interrupts } from "./interrupts.ts";
import { addIssues } from "./issues-program.ts";
import { output } from "./output.ts";
import { addPlay } from "./play-program.ts";
import { addRetrieval } from "./retrieval-program.ts";

class Exit extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
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

  const tools = { act, merged };
  addIssues(arena, tools);
  addCurate(arena, tools);
  addRetrieval(arena, tools);
  addPlay(arena, tools);
  addControl(arena, tools);
  addGrade(arena, tools);
  addBoard(arena, tools);
  addA1(arena, tools);
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

/**
 * Ctrl-C lets a command that can end gracefully do so, the next press cuts it off in good order, a third one leaves at
 * once. Whoever sends SIGTERM (a service manager) waits for nothing: it cuts off.
 */
function interruptible(note: (line: string) => void): Interrupts {
  const interrupts = new Interrupts();
  const told = (done: Interrupted): void => {
    if (done === "exit") process.exit(130);
    if (done === "cut-off")
      note("stopping now: sandboxes are being closed, the run can be resumed (again to leave at once)");
  };
  process.on("SIGINT", () => told(interrupts.press()));
  process.on("SIGTERM", () => told(interrupts.cutOff()));
  return interrupts;
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
  const interrupts = interruptible((line) => out.note(line));
  const { signal } = interrupts;
  try {
    process.exitCode = await main(argv, { out, signal, interrupts, typed: process.stdin, ownsProcess: true });
  } catch (error) {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    out.note(`arena: this is a bug of ours, please report it with these lines\n${trace}`);
    process.exitCode = exitCodes.bug;
  }
}
