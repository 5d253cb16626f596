// A job's command as a chain of plain commands: what comes before the tests, and where the test command itself runs.
import { type Command, readCommands } from "./compiled/shell-words.ts";

export interface PlacedCommand extends Command {
  /** Folder relative to the repository, "" for its root. */
  readonly folder: string;
}

export interface Chain {
  readonly before: readonly PlacedCommand[];
  readonly last: PlacedCommand;
}

function joined(folder: string, next: string): string | undefined {
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of next.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return next.startsWith("/") ? undefined : parts.join("/");
}

/** `cd sub && make && pytest -q` taken apart, or a sentence saying why it cannot be. */
export function readChain(run: string): Chain | string {
  const commands = readCommands(run);
  const last = commands?.at(-1);
  if (commands === undefined || last === undefined) return "it needs a shell";
  const before: PlacedCommand[] = [];
  let folder = "";
  for (const command of commands.slice(0, -1)) {
    if (command.argv[0] !== "cd") {
      before.push({ ...command, folder });
      continue;
    }
    const next = joined(folder, command.argv[1] ?? ".");
    if (next === undefined) return `it changes to ${command.argv[1]}, outside the repository`;
    folder = next;
  }
  return { before, last: { ...last, folder } };
}
