// `arena issues import`: other people's rows, or an authoring folder, become a set of ours.
import { type BroughtIn, bringIn, type RowFormat, type RowReport, rowFormats } from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { cacheFolder } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";

export interface ImportOptions {
  readonly source: string;
  readonly from: string;
  readonly out: string;
  readonly repos?: string;
  readonly name?: string;
  readonly only?: string;
}

export function formatOf(text: string): RowFormat {
  const format = rowFormats.find((each) => each === text);
  if (format !== undefined) return format;
  throw new UsageError(`--from: expected ${rowFormats.join(", ")}, found "${text}"`);
}

function rowWords(row: RowReport): string[] {
  const name = row.id || "(no id)";
  const head =
    row.refused === undefined ? `row ${row.row} ${name}` : `row ${row.row} ${name}: refused: ${row.refused}`;
  return [
    head,
    ...row.repaired.map((word) => `  repaired: ${word}`),
    ...row.unrepaired.map((word) => `  left: ${word}`),
  ];
}

function rendered({ set, report }: BroughtIn, out: string): string {
  const refused = report.filter((row) => row.refused !== undefined).length;
  const facts = [
    ["set", `${set.name} ${set.version}`],
    ["instances", String(set.instances)],
    ["refused", String(refused)],
    ["sha256", set.sha256],
    ["folder", out],
  ];
  return [...report.flatMap(rowWords), ...(report.length === 0 ? [] : [""]), table(facts)].join("\n");
}

/** Exit code 4 when a row was refused: what was asked for is not all there. */
export async function importSet(options: ImportOptions, context: CommandContext): Promise<ExitCode> {
  const { source, out, repos, name, only } = options;
  const brought = await bringIn({
    from: formatOf(options.from),
    source,
    out,
    cache: cacheFolder(),
    ...(repos === undefined ? {} : { repos }),
    ...(name === undefined ? {} : { naming: { name } }),
    ...(only === undefined ? {} : { only: only.split(",").map((id) => id.trim()) }),
  });
  context.out.result({ schemaVersion: 1, ...brought, out }, () => rendered(brought, out));
  return brought.report.some((row) => row.refused !== undefined) ? exitCodes.belowThreshold : exitCodes.done;
}
