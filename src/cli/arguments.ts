// How options are read that many commands share.
import type { Command } from "commander";
import { UsageError } from "../domain/fault.ts";

export const integer = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`expected a whole number above 0, found "${text}"`);
  return value;
};

export const amount = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new UsageError(`expected an amount, found "${text}"`);
  return value;
};

export function withSandbox(command: Command): Command {
  return command
    .option("--sandbox <class>", "docker, bubblewrap, or auto (docker when an engine answers)", "auto")
    .option(
      "--repos <folder>",
      "clones of the set's repositories: owner+name, owner__name, owner/name or name",
    )
    .option("--memory <MiB>", "memory of one sandbox", integer)
    .option("--sandboxes <n>", "sandboxes at once (default: the number of cores)", integer);
}
