// `arena curate freeze`: what was validated becomes a set, and the funnel tells what became of the rest.
import { basename, join, resolve } from "node:path";
import {
  freezeRows,
  funnelText,
  readKept,
  readReport,
  stageNames,
  validatedRow,
  writeSet,
  writeWhole,
} from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";

export interface CurateFreezeOptions {
  readonly folder: string;
  readonly out: string;
  readonly name?: string;
  readonly setVersion: string;
}

export async function curateFreeze(
  { folder, out: set, name = basename(resolve(set)), setVersion: version }: CurateFreezeOptions,
  { out }: CommandContext,
): Promise<ExitCode> {
  const rows = await readKept(folder, "validate", validatedRow);
  if (rows.length === 0) throw new UsageError(`expected rows that validate kept in ${folder}, found none`);
  const licence = "that of each repository; the issues' texts are their authors'";
  const frozen = freezeRows(rows, { name, version, licence });
  await writeSet(set, frozen);
  const reports = await Promise.all(stageNames.map((stage) => readReport(folder, stage)));
  const stages = reports.flatMap((report) => report ?? []);
  await writeWhole(join(set, "funnel.json"), funnelText({ stages, frozen: rows.length }));
  const { description } = frozen;
  out.result({ schemaVersion: 1, set: description, stages, out: set }, () =>
    table([
      ...stages.map(({ stage, rows: came, kept }) => [stage, `${kept} of ${came} kept`]),
      ["frozen", `${description.name} ${description.version}, ${description.instances} instances`],
      ["sha256", description.sha256],
      ["folder", set],
    ]),
  );
  return exitCodes.done;
}
