// The whole way of `arena issues import`: rows or a folder in, a frozen set out, a report on everything between.
import { cp, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { isFault, UsageError } from "../domain/fault.ts";
import { type Instance, parseInstance } from "../domain/instance.ts";
import { importFolder } from "./import-folder.ts";
import { importMultiSweBench } from "./import-multiswebench.ts";
import { importSweBench } from "./import-swebench.ts";
import { importSwingArena } from "./import-swingarena.ts";
import type { Imported, InstanceLine, RowReport } from "./imported.ts";
import { writtenPlan } from "./pipeline/line-of.ts";
import { planFromRepository } from "./plan-from-repository.ts";
import { locateRepository } from "./repositories.ts";
import type { SetDescription } from "./set.ts";
import { freeze, type SetNaming, writeSet } from "./write-set.ts";

const readers = {
  swingarena: importSwingArena,
  "swe-bench": importSweBench,
  "multi-swe-bench": importMultiSweBench,
} as const satisfies Readonly<Record<string, (text: string) => Imported>>;

export type RowFormat = keyof typeof readers | "folder";

/** What `--from` may name. */
export const rowFormats: readonly RowFormat[] = ["swingarena", "swe-bench", "multi-swe-bench", "folder"];

export interface BringInOptions {
  readonly from: RowFormat;
  /** A file of rows, or an authoring folder. */
  readonly source: string;
  /** The set folder to write. */
  readonly out: string;
  /** Clones of the repositories: with them a plan is inferred for each instance. */
  readonly repos?: string;
  readonly cache: string;
  readonly naming?: Partial<SetNaming>;
  /** Instance ids to take; all when absent. */
  readonly only?: readonly string[];
}

export interface BroughtIn {
  readonly set: SetDescription;
  /** Empty for an authoring folder, which is frozen whole or not at all. */
  readonly report: readonly RowReport[];
}

async function bringInFolder(options: BringInOptions): Promise<BroughtIn> {
  const { source, out, cache } = options;
  if (options.only !== undefined) {
    throw new UsageError("--only: an authoring folder is frozen whole; leave the option out");
  }
  const frozen = await importFolder({ folder: source, cache, ...naming(options) });
  if (resolve(source) !== resolve(out)) {
    await cp(join(source, "repos"), join(out, "repos"), { recursive: true }).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    });
  }
  await writeSet(out, frozen);
  return { set: frozen.description, report: [] };
}

function naming(options: BringInOptions): Pick<BringInOptions, "naming"> {
  return options.naming === undefined ? {} : { naming: options.naming };
}

interface Planned {
  readonly line: InstanceLine;
  readonly said: Pick<RowReport, "repaired" | "unrepaired">;
}

function parsedLine(line: InstanceLine): Instance {
  const parsed = parseInstance(line);
  if (!parsed.ok) throw new Error(`bug: an importer made a line that does not parse: ${line.instance_id}`);
  return parsed.value;
}

/** A repository that is not there, or lacks the commit, is said and does not stop the others. */
async function withPlan(line: InstanceLine, options: BringInOptions): Promise<Planned> {
  const { repos, out, cache } = options;
  if (repos === undefined) {
    const why = "no plan: name the clones with --repos to have one inferred, or write `ci` by hand";
    return { line, said: { repaired: [], unrepaired: [why] } };
  }
  const instance = parsedLine(line);
  try {
    const source = await locateRepository(instance, { set: { folder: out }, repos, cache });
    const { plan, notes } = await planFromRepository(instance, source, cache);
    return {
      line: { ...line, ci: writtenPlan(plan), provenance: { ...line.provenance, planNotes: notes } },
      said: { repaired: ["a plan was inferred: check it"], unrepaired: notes.map((note) => `plan: ${note}`) },
    };
  } catch (error) {
    if (!(error instanceof UsageError) && !isFault(error)) throw error;
    return { line, said: { repaired: [], unrepaired: [`no plan: ${error.message}`] } };
  }
}

/** @throws UsageError where there is no such file, or the format is that of a folder */
export async function importedRows(source: string, from: RowFormat): Promise<Imported> {
  if (from === "folder") throw new UsageError("expected a format of rows, found folder");
  const text = await readFile(source, "utf8").catch((cause: unknown) => {
    throw new UsageError(`expected a file of ${from} rows at ${source}, found none`, { cause });
  });
  return readers[from](text);
}

async function bringInRows(options: BringInOptions): Promise<BroughtIn> {
  const { lines, report } = await importedRows(options.source, options.from);
  const wanted = (id: string): boolean => options.only === undefined || options.only.includes(id);
  const missing = (options.only ?? []).filter((id) => !report.some((row) => row.id === id));
  if (missing.length > 0) throw new UsageError(`--only: ${options.source} has no ${missing.join(", ")}`);
  const planned: Planned[] = [];
  for (const line of lines.filter((each) => wanted(each.instance_id))) {
    planned.push(await withPlan(line, options));
  }
  const frozen = freeze(
    {
      name: basename(resolve(options.out)),
      version: "1",
      licence: "that of each repository; the issues' texts are their authors'",
      howMade: `imported from ${options.from} rows (${basename(options.source)})`,
      ...options.naming,
    },
    planned.map((each) => each.line),
  );
  await writeSet(options.out, frozen);
  return {
    set: frozen.description,
    report: report.filter((row) => wanted(row.id)).map((row) => merged(row, planned)),
  };
}

function merged(row: RowReport, planned: readonly Planned[]): RowReport {
  const said = row.refused === undefined && planned.find(({ line }) => line.instance_id === row.id)?.said;
  if (!said) return row;
  return {
    ...row,
    repaired: [...row.repaired, ...said.repaired],
    unrepaired: [...row.unrepaired, ...said.unrepaired],
  };
}

/**
 * Brings rows or an authoring folder in as the set folder `out` (instances.jsonl and set.json; `repos/` beside them
 * for an authoring folder). Rows that cannot be taken are in the report with the reason.
 * @throws UsageError when the source cannot be read, or an authoring folder is unsound
 */
export function bringIn(options: BringInOptions): Promise<BroughtIn> {
  return options.from === "folder" ? bringInFolder(options) : bringInRows(options);
}
