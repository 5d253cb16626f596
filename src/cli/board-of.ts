// From stored runs to a board in any of its shapes; reading a run never changes it.
import {
  type Board,
  type BoardSource,
  boardJson,
  makeBoard,
  renderBoardCsv,
  renderBoardMarkdown,
  renderBoardTable,
} from "../report/index.ts";

export type BoardFormat = "table" | "md" | "csv";

export interface MadeBoard {
  readonly board: Board;
  readonly json: ReturnType<typeof boardJson>;
}

export function boardOf(sources: readonly BoardSource[], reading: "paper" | "strict"): MadeBoard {
  const board = makeBoard(sources, { reading });
  return { board, json: boardJson(board) };
}

export function renderBoard(made: MadeBoard, format: BoardFormat): string {
  if (format === "md") return renderBoardMarkdown(made.board);
  if (format === "csv") return renderBoardCsv(made.board);
  return renderBoardTable(made.board);
}
