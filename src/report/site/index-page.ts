// The first page: the ranking and everything a reader needs to believe or doubt it; also of newer issues alone.
import type { Board, BoardSource } from "../board.ts";
import { boardNotes, boardTitle } from "../statement.ts";
import { breakdownsHtml } from "./breakdown.ts";
import { pageOf, type SiteFile } from "./frame.ts";
import { type Html, html, type Part } from "./html.ts";
import { matrixHtml } from "./matrix.ts";
import { metricsHtml } from "./metrics-table.ts";
import { rankingHtml } from "./ranking.ts";
import { spendingHtml } from "./spending.ts";
import { twinsHtml } from "./twins.ts";
import { voidsHtml } from "./voids.ts";

/** One of the boards a reader can switch between. */
export interface BoardChoice {
  /** Such as `all issues` or `issues after 2026-01-01`. */
  readonly name: string;
  readonly path: string;
}

export interface IndexInput {
  readonly board: Board;
  /** What the board was made of. */
  readonly sources: readonly BoardSource[];
  readonly choices: readonly BoardChoice[];
  readonly choice: BoardChoice;
}

function switchHtml(choices: readonly BoardChoice[], choice: BoardChoice): Part {
  if (choices.length < 2) return undefined;
  const links = choices.map(({ name, path }) =>
    path === choice.path
      ? html`<li><a href="${path}" aria-current="page">${name}</a></li>`
      : html`<li><a href="${path}">${name}</a></li>`,
  );
  return html`<nav class="switch" aria-label="Issues that count"><ul><li class="quiet">Issues:</li>${links}</ul></nav>`;
}

const section = (id: string, title: string, body: Part): Html =>
  html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${body}</section>
`;

/** The first notes are about belief itself, so they stand before the figures they are about. */
function warnings(notes: readonly string[]): Part {
  const loud = notes.filter((note) => /^(TOO FEW|QUARANTINE)/.test(note));
  if (loud.length === 0) return undefined;
  return html`<div class="notice" role="note">${loud.map((note) => html`<p>${note}</p>`)}</div>`;
}

export async function indexPage({ board, sources, choices, choice }: IndexInput): Promise<SiteFile> {
  const rows = sources.flatMap((source) => source.rounds);
  const notes = boardNotes(board);
  const sets = [...new Set(board.runs.map((run) => run.set))].join(", ");
  const twins = twinsHtml(rows);
  const ids = board.contestants.map(({ id }) => id);
  const body = html`<h1>${sets || "No run"}</h1>
<p class="lead">${boardTitle(board)}</p>
${switchHtml(choices, choice)}
${warnings(notes)}
${section("ranking-title", "Ranking", html`${rankingHtml(board)}${metricsHtml(board)}`)}
${section("matrix-title", "Head to head", matrixHtml(rows, ids, board.reading))}
${breakdownsHtml(board, sources)}
${section("spending-title", "Cost and time against strength", await spendingHtml(board))}
${twins === undefined ? undefined : section("twins-title", "Retrieval twins", twins)}
${section("voids-title", "What does not count", voidsHtml(board))}
${section("notes-title", "How to read this", html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`)}`;
  const title = choice.path === "index.html" ? `Board of ${sets}` : `Board of ${sets}, ${choice.name}`;
  return { path: choice.path, text: pageOf({ title, depth: 0, here: "board", body }) };
}
