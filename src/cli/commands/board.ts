// `arena board`: the leaderboard of stored runs, the paper's tables, two runs side by side, a site, and thresholds for CI.
import { UsageError } from "../../domain/fault.ts";
import type { Reading } from "../../domain/record.ts";
import { type BoardSource, checkThresholds, parseThreshold, thresholdText } from "../../report/index.ts";
import { readBoardSource } from "../../wire.ts";
import { boardDocument, comparisonDocument, type Document, formatNames, isFormat } from "../board-of.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";

export interface BoardOptions {
  readonly runs: readonly string[];
  readonly format: string;
  readonly reading: string;
  readonly paper?: boolean;
  readonly compare?: boolean;
  /** Comma list of metrics, or `true` for the usual ones. */
  readonly paired?: string | boolean;
  readonly after?: string;
  readonly failUnder?: readonly string[];
  readonly failOver?: readonly string[];
  /** Folder to write a site into; `logs` says what of its logs. */
  readonly html?: string;
  readonly logs: string;
  readonly verify?: boolean;
  /** With `verify`. */
  readonly against?: string;
  readonly head?: string;
  readonly key?: string;
}

function readingOf(text: string): Reading {
  if (text === "strict" || text === "paper") return text;
  throw new UsageError(`--reading: expected strict or paper, found "${text}"`);
}

function pairedOf(given: string | boolean | undefined): readonly string[] | "usual" | undefined {
  if (given === undefined || given === false) return undefined;
  return given === true ? "usual" : given.split(",").map((name) => name.trim());
}

function thresholdsOf({ failUnder = [], failOver = [] }: BoardOptions) {
  return [
    ...failUnder.map((text) => parseThreshold(text, "not-be-under")),
    ...failOver.map((text) => parseThreshold(text, "not-be-over")),
  ];
}

function compared(sources: readonly BoardSource[], options: BoardOptions): Document {
  const [first, second, ...more] = sources;
  if (first === undefined || second === undefined || more.length > 0)
    throw new UsageError(`--compare: expected two runs, found ${sources.length}`);
  const metrics = pairedOf(options.paired);
  const after = options.after === undefined ? {} : { after: options.after };
  return comparisonDocument([first, second], {
    ...after,
    ...(metrics === undefined || metrics === "usual" ? {} : { metrics }),
  });
}

/** What cannot be asked for together. */
function mustFit(options: BoardOptions): void {
  const { compare, paper, failUnder = [], failOver = [], verify, after, paired, format, html } = options;
  const hasThresholds = failUnder.length + failOver.length > 0;
  if (compare === true && (paper === true || hasThresholds))
    throw new UsageError("--compare: expected no --paper, --fail-under or --fail-over beside it");
  if (
    html !== undefined &&
    [compare, paper, hasThresholds, paired !== undefined, format !== "table"].includes(true)
  )
    throw new UsageError("--html: expected no option beside it but --reading, --after and --logs");
  const shaped = [
    compare,
    paper,
    hasThresholds,
    after !== undefined,
    paired !== undefined,
    format !== "table",
    html !== undefined,
  ];
  if (verify === true && shaped.includes(true))
    throw new UsageError("--verify: expected no option beside it but --reading, --against, --head and --key");
}

export async function board(options: BoardOptions, context: CommandContext): Promise<ExitCode> {
  const { format } = options;
  if (!isFormat(format))
    throw new UsageError(`--format: expected ${formatNames.join(", ")}, found "${format}"`);
  const reading = readingOf(options.reading);
  const thresholds = thresholdsOf(options);
  mustFit(options);
  if (options.verify === true) {
    const { verify } = await import("./verify.ts");
    return verify({ ...options, reading }, context);
  }
  const { html } = options;
  if (html !== undefined) {
    const { site } = await import("./site.ts");
    return site({ ...options, reading, html }, context);
  }
  const { out } = context;
  const sources = await Promise.all(options.runs.map(readBoardSource));
  if (options.compare === true) {
    const document = compared(sources, options);
    out.result(document.json, () => document.text(format));
    return exitCodes.done;
  }
  const paired = pairedOf(options.paired);
  const document = boardDocument(sources, {
    ...{ reading, isPaper: options.paper === true },
    ...(options.after === undefined ? {} : { after: options.after }),
    ...(paired === undefined ? {} : { paired }),
    check: (made) => checkThresholds(made, thresholds),
  });
  out.result(document.json, () => document.text(format));
  const missed = document.thresholds.filter(({ isMet }) => !isMet);
  for (const result of missed) out.note(`threshold not met: ${thresholdText(result)}`);
  return missed.length > 0 ? exitCodes.belowThreshold : exitCodes.done;
}
