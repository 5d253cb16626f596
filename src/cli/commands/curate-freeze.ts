// `arena curate freeze`: what was validated becomes a set, and the funnel tells what became of the rest.
import { basename, join, resolve } from "node:path";
import {
  auditedRow,
  type FreezableRow,
  freezeRows,
  funnelText,
  readKept,
  readReport,
  type SetDescription,
  type StageReport,
  stageNames,
  validatedRow,
  writeSet,
  writeWhole,
} from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { claimCuration } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";

export interface CurateFreezeOptions {
  readonly folder: string;
  readonly out: string;
  readonly name?: string;
  readonly setVersion: string;
}

export interface Frozen {
  readonly set: SetDescription;
  /** Of every stage that has run, in their order. */
  readonly stages: readonly StageReport[];
}

export async function freezeStep(options: CurateFreezeOptions): Promise<Frozen> {
  const { folder, out: set, name = basename(resolve(set)), setVersion: version } = options;
  const isAudited = (await readReport(folder, "audit")) !== undefined;
  const rows: readonly FreezableRow[] = isAudited
    ? await readKept(folder, "audit", auditedRow)
    : await readKept(folder, "validate", validatedRow);
  if (rows.length === 0)
    throw new UsageError(
      `expected rows that ${isAudited ? "audit" : "validate"} kept in ${folder}, found none`,
    );
  const licence = "that of each repository; the issues' texts are their authors'";
  const frozen = freezeRows(rows, { name, version, licence });
  await writeSet(set, frozen);
  const reports = await Promise.all(stageNames.map((stage) => readReport(folder, stage)));
  const stages = reports.flatMap((report) => report ?? []);
  await writeWhole(join(set, "funnel.json"), funnelText({ stages, frozen: rows.length }));
  return { set: frozen.description, stages };
}

export function frozenText({ set, stages }: Frozen, out: string): string {
  return table([
    ...stages.map(({ stage, rows, kept }) => [stage, `${kept} of ${rows} kept`]),
    ["frozen", `${set.name} ${set.version}, ${set.instances} instances`],
    ["sha256", set.sha256],
    ["folder", out],
  ]);
}

export async function curateFreeze(options: CurateFreezeOptions, { out }: CommandContext): Promise<ExitCode> {
  await using _ = await claimCuration(options.folder);
  const frozen = await freezeStep(options);
  const document = { schemaVersion: 1, ...frozen, out: options.out };
  out.result(document, () => frozenText(frozen, options.out));
  return exitCodes.done;
}
