// `arena curate split`: other people's rows become rows of a curation, without a history to mine.
import { importedRows, splitForeignRows, writeStage } from "../../curation/index.ts";
import type { CommandContext } from "../command.ts";
import type { ExitCode } from "../exit.ts";
import { exitOf, reportText } from "../stage-report.ts";
import { formatOf } from "./import.ts";

export interface CurateSplitOptions {
  readonly folder: string;
  readonly rows: string;
  readonly from: string;
}

export async function curateSplit(options: CurateSplitOptions, { out }: CommandContext): Promise<ExitCode> {
  const { folder, rows } = options;
  const format = formatOf(options.from);
  const result = splitForeignRows(await importedRows(rows, format), format);
  await writeStage(folder, "split", result);
  const { report } = result;
  out.result({ ...report, folder }, () => reportText(folder, report));
  return exitOf(report);
}
