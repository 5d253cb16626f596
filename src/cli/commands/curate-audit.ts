// `arena curate audit`: which rows give their answer away, repeat others, steer a model or leak a secret.
import { auditStage, instanceOfRow, readKept, runStage, validatedRow } from "../../curation/index.ts";
import { type CurationOptions, claimCuration, openContainerReader } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import type { ExitCode } from "../exit.ts";
import { askedOf, exitOf, progressTold, reportText } from "../stage-report.ts";

export interface CurateAuditOptions extends CurationOptions {
  readonly only?: string;
  readonly workers: number;
}

export async function curateAudit(options: CurateAuditOptions, context: CommandContext): Promise<ExitCode> {
  const { folder, workers } = options;
  const { out, signal } = context;
  await using _ = await claimCuration(folder);
  const rows = await readKept(folder, "validate", validatedRow);
  const isAsked = askedOf(rows, options.only);
  const read = await openContainerReader(options, context);
  const stage = auditStage({
    readContainer: (row, onFile, stopped) => read(instanceOfRow(row), onFile, stopped),
    settings: { container: 1 },
  });
  const run = { folder, workers, signal, isAsked, onProgress: progressTold(out) };
  const { report } = await runStage(stage, rows, run);
  out.result({ ...report, folder }, () => reportText(folder, report));
  return exitOf(report);
}
