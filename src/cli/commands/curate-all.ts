// `arena curate all`: every stage after the other, each going on from where it was, to a frozen set.
import { readKept, readSources, type StageReport, splitRow } from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { claimCuration } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { reportText } from "../stage-report.ts";
import { auditStep } from "./curate-audit.ts";
import { type CurateEnvironmentOptions, environmentStep } from "./curate-environment.ts";
import { type CurateFreezeOptions, freezeStep, frozenText } from "./curate-freeze.ts";
import { type CurateMineOptions, mineStep, namesSources } from "./curate-mine.ts";
import { type CurateSplitOptions, splitStep } from "./curate-split.ts";
import { type CurateValidateOptions, validateStep } from "./curate-validate.ts";

export type StageOptions = CurateMineOptions &
  CurateSplitOptions &
  CurateEnvironmentOptions &
  CurateValidateOptions;
export type CurateAllOptions = StageOptions & CurateFreezeOptions;

/** Told as each stage ends, since the whole takes long. */
export function told({ out }: CommandContext, folder: string, report: StageReport): StageReport {
  out.note(`${report.stage}\n${reportText(folder, report)}`);
  return report;
}

/** Mined anew where anything is listed, taken from rows where those are named, else as an earlier run split them. */
async function begin(options: StageOptions, context: CommandContext): Promise<StageReport[]> {
  const { folder, rows } = options;
  if (rows !== undefined && namesSources(options))
    throw new UsageError(
      "expected --rows or something to mine, found both: one folder holds rows of one kind",
    );
  const split = async () => told(context, folder, await splitStep(options, context));
  if (rows !== undefined) return [await split()];
  if (namesSources(options) || (await readSources(folder)).length > 0)
    return [told(context, folder, await mineStep(options, context)), await split()];
  // Says what to do where there is nothing to go on from.
  await readKept(folder, "split", splitRow);
  return [];
}

/** Faults keep it from freezing: the set would lack rows that the next run may bring. */
export async function curateAll(options: CurateAllOptions, context: CommandContext): Promise<ExitCode> {
  const { folder, out } = options;
  await using _ = await claimCuration(folder);
  const reports = await begin(options, context);
  for (const step of [environmentStep, validateStep, auditStep])
    reports.push(told(context, folder, await step(options, context)));
  const faulted = reports.filter(({ faults }) => faults > 0).map(({ stage }) => stage);
  if (faulted.length > 0) {
    const why = `rows could not be asked (${faulted.join(", ")}): nothing is frozen; run it again, or freeze what there is with \`arena curate freeze\``;
    context.out.result({ schemaVersion: 1, stages: reports, out: null }, () => why);
    return exitCodes.fault;
  }
  const frozen = await freezeStep(options, context);
  context.out.result({ schemaVersion: 1, ...frozen, out }, () => frozenText(frozen, out));
  return exitCodes.done;
}
