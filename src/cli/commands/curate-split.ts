// `arena curate split`: mined changes, or other people's rows, become fix, hidden tests and texts.
import {
  importedRows,
  minedRow,
  readKept,
  runStage,
  type StageReport,
  splitForeignRows,
  splitStage,
  writeStage,
} from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { type Language, languages } from "../../domain/instance.ts";
import { type CurationOptions, locateForCuration, openClone, pullRequestClones } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { progressTold, stageCommand } from "../stage-report.ts";
import { formatOf } from "./import.ts";

export interface CurateSplitOptions extends CurationOptions {
  readonly rows?: string;
  readonly from?: string;
  readonly languages?: string;
  /** Of mined pull requests; without it their host. */
  readonly cloneBase?: string;
}

function languagesOf(text: string): Language[] {
  return text.split(",").map((each) => {
    const found = languages.find((language) => language === each.trim());
    if (found !== undefined) return found;
    throw new UsageError(`--languages: expected ${languages.join(", ")}, found "${each.trim()}"`);
  });
}

async function splitForeign(folder: string, rows: string, from: string | undefined): Promise<StageReport> {
  if (from === undefined)
    throw new UsageError("expected --from beside --rows, found none: say what shape they have");
  const format = formatOf(from);
  const result = splitForeignRows(await importedRows(rows, format), format);
  await writeStage(folder, "split", result);
  return result.report;
}

export async function splitStep(options: CurateSplitOptions, context: CommandContext): Promise<StageReport> {
  const { folder, rows: foreign, languages: wanted } = options;
  if (foreign !== undefined) return splitForeign(folder, foreign, options.from);
  const bring = pullRequestClones(options, context.signal);
  const stage = splitStage({
    repositoryOf: async (row) => {
      const { id, repo, mined } = row;
      // Who names clones of their own has what they want in them.
      if (options.repos === undefined) await bring(row);
      const located = await locateForCuration({ instanceId: id, repo, baseCommit: mined.head }, options);
      return openClone(located.path);
    },
    ...(wanted === undefined ? {} : { languages: languagesOf(wanted) }),
  });
  const rows = await readKept(folder, "mine", minedRow);
  const run = { folder, workers: 2, signal: context.signal, onProgress: progressTold(context.out) };
  return (await runStage(stage, rows, run)).report;
}

export const curateSplit = stageCommand(splitStep);
