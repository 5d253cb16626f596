// `arena curate freeze`: what was validated becomes a set, and the funnel tells what became of the rest.
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  annotatedRow,
  auditedRow,
  drawn,
  endedIn,
  type FreezableRow,
  FreezeFault,
  freezeRows,
  freezeStage,
  judgedRow,
  licenceCounts,
  licenceLists,
  licenceRule,
  type QuotaResult,
  quotaIn,
  quotasInYaml,
  readKept,
  readReport,
  runStage,
  type SetDescription,
  type StageName,
  type StageReport,
  soundQuotas,
  stageNames,
  type TemporalOptions,
  temporalSplit,
  textKeeper,
  validatedRow,
  writeFrozen,
} from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { type CurationOptions, claimCuration, locateForCuration, openClone } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";
import { progressTold } from "../stage-report.ts";

export interface CurateFreezeOptions extends Pick<CurationOptions, "folder" | "repos">, TemporalOptions {
  readonly out: string;
  readonly name?: string;
  readonly setVersion: string;
  /** What quotas draw from. */
  readonly seed: string;
  readonly quota?: readonly string[];
  readonly quotas?: string;
  readonly licences: string;
}

export interface Frozen {
  readonly set: SetDescription;
  /** Of every stage that has run, in their order: freezing last. */
  readonly stages: readonly StageReport[];
  readonly quotas: readonly QuotaResult[];
  /** Instances by licence. */
  readonly licences: Readonly<Record<string, number>>;
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

async function quotasOf({ quota = [], quotas: file }: CurateFreezeOptions) {
  if (file === undefined) return soundQuotas(quota.map(quotaIn));
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(`--quotas: expected a file of quotas at ${file}, found none`, { cause });
  });
  return soundQuotas([...quota.map(quotaIn), ...quotasInYaml(file, text)]);
}

function mustHoldRows(folder: string, { kept, faults, reasons, rows }: StageReport, first: string): void {
  const own = join(folder, "freeze");
  if (faults > 0) {
    const next = `all are in ${join(own, "faults.jsonl")}; name the clones with --repos`;
    throw new FreezeFault(
      `freeze: ${faults} of ${rows} rows could not be asked, nothing is frozen: ${first}: ${next}`,
    );
  }
  if (kept > 0) return;
  const why = Object.entries(reasons).map(([reason, count]) => `${reason} ${count}`);
  throw new UsageError(
    `expected rows that dates, licences and quotas leave, found none (${why.join(", ")}): see ${join(own, "rejected.jsonl")}`,
  );
}

export async function freezeStep(
  options: CurateFreezeOptions,
  { signal, out }: CommandContext,
): Promise<Frozen> {
  const { folder, out: set, name = basename(resolve(set)), setVersion: version, seed } = options;
  const temporal = temporalSplit(options);
  const quotas = { seed, quotas: await quotasOf(options) };
  const { texts, names } = await licenceLists();
  const licences = licenceRule(options.licences, names);
  const rows = await newestRows(folder);
  if (rows.length === 0)
    throw new UsageError(`expected rows that the last stage kept in ${folder}, found none`);
  const stage = freezeStage({
    ...{ texts, licences, quotas, keepText: textKeeper(folder) },
    ...(temporal === undefined ? {} : { temporal }),
    repositoryOf: async ({ id, repo, split: { baseCommit } }) =>
      openClone((await locateForCuration({ instanceId: id, repo, baseCommit }, options)).path),
  });
  // One after the other: two may keep the same licence's text.
  const run = { folder, workers: 1, signal, onProgress: progressTold(out) };
  const { kept, faults, rejected, report } = await runStage(stage, rows, run);
  mustHoldRows(folder, report, faults[0]?.message ?? "");
  const reports = await Promise.all(stageNames.map((each) => readReport(folder, each)));
  const stages = reports.flatMap((each) => each ?? []);
  const overQuota = new Set(rejected.flatMap(({ id, reason }) => (reason === "over-quota" ? [id] : [])));
  const { results } = drawn(
    rows.filter(({ id }) => overQuota.has(id) || kept.some((row) => row.id === id)),
    quotas,
  );
  const terms = { seed, licences: licences.words, ...(temporal === undefined ? {} : { temporal }) };
  const frozen = freezeRows({ rows: kept, stages, quotas: results, terms }, { name, version });
  await writeFrozen(set, folder, frozen);
  return { set: frozen.description, stages, quotas: results, licences: licenceCounts(kept) };
}

/** What dates, licences and quotas left out, and quotas that had not enough. */
function leftOutRows({ stages, quotas }: Frozen): string[][] {
  const freeze = stages.find(({ stage }) => stage === "freeze");
  const reasons = Object.entries(freeze?.reasons ?? {}).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const short = quotas.filter(({ most, taken }) => taken < most);
  return [
    ...reasons.map(([reason, count]) => [`  ${reason}`, String(count)]),
    ...short.map(({ of, most, came, taken }) => [`  ${of}`, `${taken} of at most ${most} (${came} came)`]),
  ];
}

export function frozenText(frozen: Frozen, out: string): string {
  const { set, stages, licences } = frozen;
  return table([
    ...stages.map(({ stage, rows, kept }) => [stage, `${kept} of ${rows} kept`]),
    ...leftOutRows(frozen),
    ["frozen", `${set.name} ${set.version}, ${set.instances} instances`],
    ...Object.entries(licences).map(([licence, count]) => [`  ${licence}`, String(count)]),
    ["sha256", set.sha256],
    ["folder", out],
  ]);
}

export async function curateFreeze(options: CurateFreezeOptions, context: CommandContext): Promise<ExitCode> {
  await using _ = await claimCuration(options.folder);
  const frozen = await freezeStep(options, context);
  const document = { schemaVersion: 1, ...frozen, out: options.out };
  context.out.result(document, () => frozenText(frozen, options.out));
  return exitCodes.done;
}
