// `arena doctor`: what this machine has and lacks, and the command that mends it.
import { diagnoseMachine, mendMachine } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";

export async function doctor(
  options: { readonly fix?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  if (options.fix === true) await mendMachine((line) => context.out.note(line));
  const findings = await diagnoseMachine();
  context.out.result({ schemaVersion: 1, findings }, () =>
    table([
      ["", "what", "found", "wanted", "mend"],
      ...findings.map((each) => [
        each.ok ? "ok" : "--",
        each.name,
        each.found,
        each.ok ? "" : each.wanted,
        each.mend ?? "",
      ]),
    ]),
  );
  return findings.every((each) => each.ok) ? exitCodes.done : exitCodes.belowThreshold;
}
