// `arena board --verify`: whether a board's numbers follow from the ledgers and the evidence of its runs.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Difference } from "../../domain/difference.ts";
import { isFault, UsageError } from "../../domain/fault.ts";
import type { Reading } from "../../domain/record.ts";
import type { BoardSource } from "../../report/index.ts";
import { type AuditedRun, auditStored, ledgerKey, readBoardSource } from "../../wire.ts";
import { boardDocument, boardOf } from "../board-of.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { jsonDifferences } from "../json-differences.ts";
import { harmless } from "../output.ts";

export interface VerifyOptions {
  readonly runs: readonly string[];
  readonly reading: "paper" | "strict";
  /** A file with the JSON of a board that was published. */
  readonly against?: string;
  /** A file with the head of a run's ledger that was published. */
  readonly head?: string;
  /** The public key that must have signed. */
  readonly key?: string;
}

/** A text shows so many; the JSON document has them all. */
const maxShown = 50;

/**
 * What is not the same wherever it is printed, and what `arena play` adds to the board that it ends with. Thresholds say again
 * what the metrics say.
 */
const ofThePlace = /^(runs\[\d+\]\.name|run|unsound|interrupted|thresholds|facts\.missing)$/;

const publishedBoard = z.looseObject({
  schemaVersion: z.literal(1),
  reading: z.enum(["paper", "strict"]),
  cutOff: z.looseObject({ after: z.string() }).exactOptional(),
  paper: z.looseObject({}).exactOptional(),
  paired: z.array(z.looseObject({ metric: z.string() })).exactOptional(),
});
type PublishedBoard = z.output<typeof publishedBoard>;

async function textOf(file: string, option: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(`${option}: expected a file that can be read; ${String(cause)}`, { cause });
  });
}

/** @throws UsageError */
async function readPublished(file: string): Promise<PublishedBoard> {
  const expected = `--against: expected the JSON of a board, as \`arena board --json\` prints it, in ${file}`;
  const text = await textOf(file, "--against");
  try {
    return publishedBoard.parse(JSON.parse(text));
  } catch (cause) {
    throw new UsageError(`${expected}; ${cause instanceof z.ZodError ? z.prettifyError(cause) : cause}`, {
      cause,
    });
  }
}

/** As whoever reads the JSON document sees it: what is undefined is not there. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Boards as the databases give them; a database that cannot be read is among the differences already. */
async function printedBoard(
  runs: readonly AuditedRun[],
  reading: VerifyOptions["reading"],
): Promise<unknown> {
  try {
    return boardOf(await Promise.all(runs.map(({ run }) => readBoardSource(run))), reading).json;
  } catch (error) {
    if (isFault(error) || error instanceof UsageError) return undefined;
    throw error;
  }
}

/** The board of the ledgers with all parts that the published one has. */
function derivedBoard(
  sources: readonly BoardSource[],
  reading: Reading,
  published?: PublishedBoard,
): unknown {
  const { cutOff, paper, paired } = published ?? {};
  const document = boardDocument(sources, {
    ...{ reading, isPaper: paper !== undefined, check: () => [] },
    ...(cutOff === undefined ? {} : { after: cutOff.after }),
    ...(paired === undefined ? {} : { paired: [...new Set(paired.map(({ metric }) => metric))] }),
  });
  return asJson(document.json);
}

interface BoardCheck {
  readonly numbers: number;
  readonly differences: readonly Difference[];
  readonly unchecked: readonly string[];
}

const numbersIn = (value: unknown): number => {
  if (typeof value === "number") return 1;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, field) => sum + numbersIn(field), 0);
};

async function checkBoard(runs: readonly AuditedRun[], options: VerifyOptions): Promise<BoardCheck> {
  const sources = runs.flatMap(({ source }) => source ?? []);
  if (sources.length < runs.length) {
    const left = runs.filter(({ source }) => source === undefined).map(({ run }) => run);
    const unchecked = [`the board: no ledger gives the rounds of ${left.join(", ")}`];
    return { numbers: 0, differences: [], unchecked };
  }
  const published = options.against === undefined ? undefined : await readPublished(options.against);
  const reading = published?.reading ?? options.reading;
  const derived = derivedBoard(sources, reading);
  const printed = asJson(await printedBoard(runs, reading));
  const compared = [
    { name: "the board as it is printed now", board: printed, derived },
    ...(published === undefined
      ? []
      : [
          {
            name: `${options.against}`,
            board: published,
            derived: derivedBoard(sources, reading, published),
          },
        ]),
  ];
  const differences = compared.flatMap(({ name, board, derived }) =>
    jsonDifferences(board, derived, { ignored: ofThePlace }).map((each) => ({
      ...each,
      where: `${name}: ${each.where || "the whole"}`,
    })),
  );
  const unchecked = published === undefined ? ["a published board: none was named (--against <file>)"] : [];
  return { numbers: numbersIn(derived), differences, unchecked };
}

const runJson = ({ run, ledger, evidence, differences, unchecked }: AuditedRun) => ({
  ...{ run, hasLedger: ledger.end !== undefined },
  ...(ledger.end === undefined ? {} : { ledger: ledger.end }),
  ...{ lines: ledger.lines, checkpoints: ledger.checkpoints, keys: ledger.keys, rows: ledger.rows },
  ...{ files: evidence?.files ?? 0, rejudged: evidence?.rejudged ?? 0, differences, unchecked },
});

function listed(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length > maxShown ? [`- and ${lines.length - maxShown} more (--json has them all)`] : [];
  return [title, ...lines.slice(0, maxShown).map((line) => `- ${harmless(line)}`), ...rest];
}

const differenceText = ({ where, expected, found }: Difference): string =>
  `${where}: expected ${expected}; found ${found}`;

function runText(audited: AuditedRun, own: string): string[] {
  const { run, ledger, evidence, differences, unchecked } = audited;
  const { lines, checkpoints, keys, rows, end } = ledger;
  const whose = keys.map((key) => (key === own ? `${key} (the key of this machine's user)` : key));
  const about =
    end === undefined
      ? ["no ledger: an earlier release played it, or somebody took it away. Nothing can be verified"]
      : [
          `ledger: ${lines} lines, ${checkpoints} signatures by ${whose.join(", ") || "nobody"}; last line ${end.seq}, ${end.hash}`,
          `compared: ${rows} rows with the ledger, ${evidence?.files ?? 0} files with their hashes; ${evidence?.rejudged ?? 0} verdicts judged again`,
        ];
  return [
    `${run}`,
    ...about,
    ...listed("differs:", differences.map(differenceText)),
    ...listed("not checked:", unchecked),
    "",
  ];
}

/** Exit code 4 when something differs, or a run has no ledger to verify it by. */
export async function verify(options: VerifyOptions, context: CommandContext): Promise<ExitCode> {
  if (options.head !== undefined && options.runs.length > 1)
    throw new UsageError("--head is the head of one run's ledger: expected one run beside it");
  const published = options.head === undefined ? {} : { published: await textOf(options.head, "--head") };
  const runs: AuditedRun[] = [];
  for (const run of options.runs) {
    const wanted = { ...published, ...(options.key === undefined ? {} : { key: options.key }) };
    runs.push(await auditStored(run, wanted, context));
  }
  const board = await checkBoard(runs, options);
  const isVerified =
    board.differences.length === 0 &&
    runs.every(({ ledger, differences }) => ledger.end !== undefined && differences.length === 0);
  const json = { schemaVersion: 1, verified: isVerified, runs: runs.map(runJson), board };
  context.out.result(json, () => {
    const own = ledgerKey().key;
    return [
      ...runs.flatMap((each) => runText(each, own)),
      `board: ${board.numbers} numbers derived from ${runs.length === 1 ? "the ledger" : "the ledgers"} alone`,
      ...listed("differs:", board.differences.map(differenceText)),
      ...listed("not checked:", board.unchecked),
      "",
      isVerified
        ? "verified: nothing differs. Who holds the signing key can still have made all of it up (docs/threat-model.md)"
        : "NOT verified",
    ].join("\n");
  });
  return isVerified ? exitCodes.done : exitCodes.belowThreshold;
}
