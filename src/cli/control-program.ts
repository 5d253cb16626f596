// `arena ctl`: a run that another terminal plays, as this one knows it.
import type { Command } from "commander";
import { integer } from "./arguments.ts";
import type { ProgramTools } from "./command.ts";

export function addControl(arena: Command, { act, merged }: ProgramTools): void {
  arena
    .command("ctl <run> <action> [n]")
    .description("speak to a run that another process plays: status, pause, resume, cancel, or workers <n>")
    .option("--now", "with cancel: cut off what is being played")
    .action(
      act(
        async () => (await import("./commands/ctl.ts")).ctl,
        (run, action, n, options) =>
          merged({ run, action, ...(n === undefined ? {} : { n: integer(String(n)) }) }, options),
      ),
    );
}
