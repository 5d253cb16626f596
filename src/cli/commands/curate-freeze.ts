// `arena curate freeze`: what was validated becomes a set, and the funnel tells what became of the rest.
import { basename, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  annotatedRow,
  auditedRow,
  endedIn,
  type FreezableRow,
  freezeRows,
  funnelText,
  judgedRow,
  readKept,
  readReport,
  type SetDescription,
  type StageName,
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

/** What a stage was given and what it made of it must still be what the stage before keeps: else rows would get lost unseen. */
async function mustFollow(
  folder: string,
  stage: StageName,
  {
    before,
    kept,
    own,
  }: {
    before: readonly FreezableRow[];
    kept: readonly FreezableRow[];
    own: "audit" | "judgement" | "annotation";
  },
): Promise<void> {
  const givenTo = new Map(kept.map((row) => [row.id, row]));
  for (const row of before) {
    const after = givenTo.get(row.id);
    if (after === undefined && (await endedIn(folder, stage, row.id)) !== undefined) continue;
    if (
      after !== undefined &&
      isDeepStrictEqual({ ...after, [own]: undefined }, { ...row, [own]: undefined })
    )
      continue;
    const command = stage === "annotate" ? "annotate merge" : stage;
    const next = `run \`arena curate ${command}\` on this folder again`;
    throw new UsageError(
      `${row.id}: expected ${stage} to have seen it as the stage before keeps it now: ${next}`,
    );
  }
}

/** Of the last stage that has run. @throws UsageError where a stage before it has run again since */
async function newestRows(folder: string): Promise<readonly FreezableRow[]> {
  const validated = await readKept(folder, "validate", validatedRow);
  if ((await readReport(folder, "audit")) === undefined) return validated;
  const audited = await readKept(folder, "audit", auditedRow);
  await mustFollow(folder, "audit", { before: validated, kept: audited, own: "audit" });
  let newest: readonly FreezableRow[] = audited;
  if ((await readReport(folder, "judge")) !== undefined) {
    const judged = await readKept(folder, "judge", judgedRow);
    await mustFollow(folder, "judge", { before: newest, kept: judged, own: "judgement" });
    newest = judged;
  }
  if ((await readReport(folder, "annotate")) === undefined) return newest;
  const annotated = await readKept(folder, "annotate", annotatedRow);
  await mustFollow(folder, "annotate", { before: newest, kept: annotated, own: "annotation" });
  return annotated;
}

export async function freezeStep(options: CurateFreezeOptions): Promise<Frozen> {
  const { folder, out: set, name = basename(resolve(set)), setVersion: version } = options;
  const rows = await newestRows(folder);
  if (rows.length === 0)
    throw new UsageError(`expected rows that the last stage kept in ${folder}, found none`);
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
