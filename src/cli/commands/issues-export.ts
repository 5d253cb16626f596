// `arena issues export`: a set as rows that other harnesses read.
import { writeFile } from "node:fs/promises";
import { type ExportFormat, exportedRow, exportFormats, readSet } from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";
import { reportSetProblems } from "../set-problems.ts";

export interface IssuesExportOptions {
  readonly set: string;
  readonly to: string;
  readonly out: string;
}

function formatOf(text: string): ExportFormat {
  const format = exportFormats.find((each) => each === text);
  if (format !== undefined) return format;
  throw new UsageError(`--to: expected ${exportFormats.join(" or ")}, found "${text}"`);
}

/** Exit code 4 when an instance has no place in the shape: what was asked for is not all there. */
export async function issuesExport(options: IssuesExportOptions, { out }: CommandContext): Promise<ExitCode> {
  const format = formatOf(options.to);
  const { instances, problems } = await readSet(options.set);
  reportSetProblems(problems, out, false);
  const rows = instances.map((instance) => exportedRow(instance, format));
  const written = rows.flatMap((each) => ("row" in each ? [each.row] : []));
  const refused = rows.flatMap((each) => ("refused" in each ? [each] : []));
  await writeFile(options.out, written.map((row) => `${JSON.stringify(row)}\n`).join("")).catch(
    (cause: unknown) => {
      throw new UsageError(
        `expected to write ${options.out}, could not: name a file in a folder that is there`,
        {
          cause,
        },
      );
    },
  );
  const json = { schemaVersion: 1, format, rows: written.length, refused, out: options.out };
  out.result(json, () =>
    table([
      ...refused.map(({ instanceId, refused: why }) => ["refused", `${instanceId}: ${why}`]),
      ["rows", `${written.length} (${options.out})`],
    ]),
  );
  return refused.length + problems.length > 0 ? exitCodes.belowThreshold : exitCodes.done;
}
