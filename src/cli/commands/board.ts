// `arena board`: the leaderboard of stored runs, printed, checked again or as a site.
import { UsageError } from "../../domain/fault.ts";
import { readBoardSource } from "../../wire.ts";
import { type BoardFormat, boardOf, renderBoard } from "../board-of.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";

export interface BoardOptions {
  readonly runs: readonly string[];
  readonly format: string;
  readonly reading: string;
  /** Folder to write a site into; `logs` says what of its logs. */
  readonly html?: string;
  readonly logs: string;
  readonly verify?: boolean;
  /** With `verify`. */
  readonly against?: string;
  readonly head?: string;
  readonly key?: string;
}

function formatOf(text: string): BoardFormat {
  if (text === "table" || text === "md" || text === "csv") return text;
  throw new UsageError(`--format: expected table, md or csv, found "${text}"`);
}

export async function board(options: BoardOptions, context: CommandContext): Promise<ExitCode> {
  const format = formatOf(options.format);
  const { reading } = options;
  if (reading !== "strict" && reading !== "paper") {
    throw new UsageError(`--reading: expected strict or paper, found "${reading}"`);
  }
  if (options.verify === true) {
    const { verify } = await import("./verify.ts");
    return verify({ ...options, reading }, context);
  }
  const { html } = options;
  if (html !== undefined) {
    const { site } = await import("./site.ts");
    return site({ ...options, reading, html }, context);
  }
  const made = boardOf(await Promise.all(options.runs.map(readBoardSource)), reading);
  context.out.result(made.json, () => renderBoard(made, format));
  return exitCodes.done;
}
