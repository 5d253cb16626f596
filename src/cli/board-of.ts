// From stored runs to a board in any of its shapes; reading a run never changes it.
import { UsageError } from "../domain/fault.ts";
import { seededRandom } from "../domain/random.ts";
import type { Reading } from "../domain/record.ts";
import { Bootstrap } from "../rating/index.ts";
import {
  type Board,
  type BoardSource,
  boardJson,
  boardTitle,
  type CompareOptions,
  comparedMetrics,
  compareRuns,
  comparisonJson,
  cutAfter,
  makeBoard,
  makePaper,
  type PairedMetric,
  pairedMetrics,
  renderBoardCsv,
  renderBoardMarkdown,
  renderBoardTable,
  renderComparisonCsv,
  renderComparisonMarkdown,
  renderComparisonTable,
  renderJunit,
  renderPairedMarkdown,
  renderPairedTable,
  renderPaperCsv,
  renderPaperMarkdown,
  renderPaperTable,
  sarifLog,
  type ThresholdResult,
} from "../report/index.ts";

export const formatNames = ["table", "md", "csv", "junit", "sarif"] as const;
export type BoardFormat = (typeof formatNames)[number];
export const isFormat = (text: string): text is BoardFormat => formatNames.some((name) => name === text);

/** One document in all its shapes. @throws UsageError from `text` for a format that the document has not */
export interface Document {
  readonly json: object;
  text(format: BoardFormat): string;
}

export interface BoardDocument extends Document {
  readonly thresholds: readonly ThresholdResult[];
}

export interface DocumentOptions {
  readonly reading: Reading;
  readonly isPaper: boolean;
  readonly after?: string;
  readonly paired?: readonly string[] | "usual";
  readonly check: (board: Board) => readonly ThresholdResult[];
}

function pairedOf(sources: readonly BoardSource[], chosen: readonly string[] | "usual" | undefined) {
  if (chosen === undefined) return undefined;
  const random = seededRandom("board").fork("paired");
  const metrics = chosen === "usual" ? comparedMetrics : chosen;
  try {
    return pairedMetrics(
      sources.flatMap(({ rounds }) => rounds),
      { metrics, random, bootstrap: new Bootstrap({ random: seededRandom("board") }) },
    );
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--paired: ${error.message}`, { cause: error });
    throw error;
  }
}

const cut = (sources: readonly BoardSource[], after: string | undefined): readonly BoardSource[] =>
  after === undefined ? sources : cutAfter(sources, after).sources;

function boardText(
  board: Board,
  format: "table" | "md" | "csv",
  paired: readonly PairedMetric[] | undefined,
): string {
  if (format === "csv") return renderBoardCsv(board);
  const tests = paired ?? [];
  return format === "md"
    ? `${renderBoardMarkdown(board)}${renderPairedMarkdown(tests)}`
    : `${renderBoardTable(board)}${renderPairedTable(tests)}`;
}

/** @throws UsageError for metrics or contestants that the board does not know */
export function boardDocument(sources: readonly BoardSource[], options: DocumentOptions): BoardDocument {
  const { reading, isPaper, after } = options;
  const board = makeBoard(sources, { reading, ...(after === undefined ? {} : { after }) });
  const thresholds = options.check(board);
  const kept = cut(sources, after);
  const rows = kept.flatMap(({ rounds }) => rounds);
  const paper = isPaper ? makePaper(kept) : undefined;
  const paired = pairedOf(kept, options.paired);
  const told = thresholds.map(({ threshold: { text, must }, ...result }) => ({
    ...{ threshold: text, must },
    ...result,
  }));
  return {
    thresholds,
    json: {
      ...boardJson(board),
      ...(paper === undefined ? {} : { paper }),
      ...(paired === undefined ? {} : { paired }),
      ...(thresholds.length === 0 ? {} : { thresholds: told }),
    },
    text: (format) => {
      if (format === "junit") return renderJunit(board, rows, thresholds);
      if (format === "sarif") return JSON.stringify(sarifLog(board, rows, thresholds), null, 2);
      if (paper === undefined) return boardText(board, format, paired);
      if (format === "csv") return renderPaperCsv(paper);
      const render = format === "md" ? renderPaperMarkdown : renderPaperTable;
      return render(boardTitle(board), paper);
    },
  };
}

/** @throws UsageError for metrics that nobody defined */
export function comparisonDocument(
  [first, second]: readonly [BoardSource, BoardSource],
  { after, ...options }: CompareOptions & { readonly after?: string },
): Document {
  const [left = first, right = second] = cut([first, second], after);
  const comparison = compared([left, right], options);
  return {
    json: comparisonJson(comparison),
    text: (format) => {
      if (format === "md") return renderComparisonMarkdown(comparison);
      if (format === "csv") return renderComparisonCsv(comparison);
      if (format === "table") return renderComparisonTable(comparison);
      throw new UsageError(`--compare: expected --format table, md or csv, found "${format}"`);
    },
  };
}

function compared([first, second]: readonly [BoardSource, BoardSource], options: CompareOptions) {
  try {
    return compareRuns(first, second, options);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--paired: ${error.message}`, { cause: error });
    throw error;
  }
}

export interface MadeBoard {
  readonly board: Board;
  readonly json: ReturnType<typeof boardJson>;
}

/** The board alone, as `arena play` ends in one. */
export function boardOf(sources: readonly BoardSource[], reading: Reading): MadeBoard {
  const board = makeBoard(sources, { reading });
  return { board, json: boardJson(board) };
}

export const renderBoard = ({ board }: MadeBoard, format: "table" | "md" | "csv"): string =>
  boardText(board, format, undefined);
