// What every command is handed, and what turns one into a line of the program.
import type { Readable } from "node:stream";
import type { ExitCode } from "./exit.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Output } from "./output.ts";

export interface CommandContext {
  readonly out: Output;
  readonly signal: AbortSignal;
  /** What a person types; absent where nobody can. */
  readonly typed?: Readable;
  /** Of a process that can be interrupted: a command may have something better than being cut off. */
  readonly interrupts?: Interrupts;
  /** True for a process that is one command line and nothing else. */
  readonly ownsProcess?: boolean;
}

/** A command's own file is loaded only when it runs: `--help` needs no database, no engine, no key. */
export type Run<O> = (options: O, context: CommandContext) => Promise<ExitCode>;

/** What the programs are built of: `act` runs a command's own file, `merged` puts arguments and options together. */
export interface ProgramTools {
  act<O>(
    load: () => Promise<Run<O>>,
    collect: (...values: unknown[]) => O,
  ): (...values: unknown[]) => Promise<void>;
  merged<O extends object>(given: object, options: unknown): O;
}
