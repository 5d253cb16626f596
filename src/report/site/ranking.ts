// The ranking: who stands where, how sure that is, and what it cost; every column says what it counts.
import type { Board, Standing } from "../board.ts";
import { scoreName } from "../ranking.ts";
import { type Elo, ratedOf, type ShownStrength } from "../ratings.ts";
import { rankText } from "../statement.ts";
import { absent } from "../text.ts";
import { type Html, html, type Part } from "./html.ts";
import { blankCell, intervalCell, scoreCell, shareCell, spanText } from "./numbers.ts";
import { type Whisker, whiskers } from "./whisker.ts";

interface Column {
  readonly title: string;
  /** Spoken and shown on pointing: what the column counts. */
  readonly what: string;
  /** The first press of its heading puts the greatest first. */
  readonly greatestFirst?: true;
  readonly isText?: true;
  readonly cell: (standing: Standing) => Html;
  /** Whether anybody has something there; where nobody has, the column is left out. */
  readonly isEmpty?: boolean;
}

const whole = (value: number | undefined): string =>
  value === undefined ? "open" : String(Math.round(value));

function eloCell(strength: ShownStrength | undefined): Html {
  if (strength === undefined) return blankCell;
  const { value, low, high }: Elo = strength.elo;
  return intervalCell(value, whole(value), spanText(whole(low), whole(high)));
}

const strengthOf = (board: Board, id: string, role: "submitter" | "reviewer" | "overall") =>
  ratedOf(board.ratings[board.reading], id)?.[role];

function whiskerOf(board: Board, { id, metrics }: Standing): Whisker | undefined {
  if (board.ranking.by === "strength") return strengthOf(board, id, "overall")?.elo;
  return metrics[scoreName[board.reading]];
}

function whiskerColumn(board: Board): Column[] {
  const all = board.contestants.flatMap((standing) => whiskerOf(board, standing) ?? []);
  const draw = whiskers(all, board.ranking.by === "strength" ? 1500 : 0);
  if (draw === undefined) return [];
  const cell = (standing: Standing): Html => {
    const own = whiskerOf(board, standing);
    return own === undefined
      ? html`<td>${absent}</td>`
      : html`<td data-value="${own.value}">${draw(own)}</td>`;
  };
  const what = "the same as a mark; the upright line is the mean, a dashed one is open to a side";
  return [{ title: "", what, greatestFirst: true, cell }];
}

function strengthColumns(board: Board): Column[] {
  if (board.ranking.by === "score") return [];
  const of = (title: string, role: "submitter" | "reviewer" | "overall", what: string): Column => ({
    ...{ title, what, greatestFirst: true },
    cell: ({ id }) => eloCell(strengthOf(board, id, role)),
  });
  return [
    of("strength", "overall", "both roles together, on the scale of Elo: 1500 is the mean"),
    ...whiskerColumn(board),
    of("as submitter", "submitter", "strength in writing patches, on the scale of Elo"),
    of("as reviewer", "reviewer", "strength in writing tests, on the scale of Elo"),
  ];
}

function columnsOf(board: Board): Column[] {
  const { reading, contestants } = board;
  const share = (title: string, metric: string, what: string): Column => ({
    ...{ title, what, greatestFirst: true },
    cell: ({ metrics }) => shareCell(metrics[metric]),
    isEmpty: contestants.every(({ metrics }) => metrics[metric] === undefined),
  });
  return [
    {
      ...{ title: "rank", what: "places that the intervals leave open" },
      cell: ({ rank }) =>
        rank === undefined
          ? html`<td class="rank" data-value="">${absent}</td>`
          : html`<td class="rank" data-value="${rank.best + rank.worst / 1000}">${rankText(rank).replace("-", "–")}</td>`,
    },
    {
      title: "contestant",
      what: "as the run names it",
      isText: true,
      cell: ({ id }) => html`<th scope="row" class="name">${id}</th>`,
    },
    ...strengthColumns(board),
    {
      ...{
        title: `score, ${reading}`,
        what: "mean of both roles' mean scores, −1 to +1",
        greatestFirst: true,
      },
      cell: ({ metrics }) => scoreCell(metrics[scoreName[reading]]),
    },
    ...(board.ranking.by === "score" ? whiskerColumn(board) : []),
    share("win, paper", "winRate", "patch valid and not killed"),
    share("win, strict", "winRateStrict", "patch valid, resolved, tried by valid tests and standing"),
    share("resolved", "resolvedRate", "patches that pass the hidden tests"),
    share("kills", "killRateOnUnresolved", "wrong patches met that its tests broke"),
    share("false kills", "falseRejection", "right patches of the panel that its tests broke"),
    {
      ...{ title: "void", what: "rounds lost to faults of ours", isEmpty: board.rounds.void === 0 },
      cell: ({ voids }) => html`<td class="number">${voids.rounds}</td>`,
    },
    {
      ...{ title: "issues", what: "issues with a round that is not void", greatestFirst: true },
      cell: ({ metrics }) =>
        html`<td class="number">${metrics[scoreName[reading]]?.n ?? metrics.winRate?.n ?? 0}</td>`,
    },
  ];
}

function headHtml({ title, what, greatestFirst, isText }: Column): Html {
  const first: Part = greatestFirst === true ? html` data-first="descending"` : undefined;
  const look: Part = isText === true || title === "" || title === "rank" ? undefined : html` class="number"`;
  // A column of marks is sorted by the figures beside it.
  if (title === "") return html`<th scope="col" data-fixed><span class="spoken">${what}</span></th>`;
  return html`<th scope="col"${look}${first} title="${what}">${title}</th>`;
}

/** The ranking's table; rows can be sorted by every column. */
export function rankingHtml(board: Board): Html {
  const columns = columnsOf(board).filter(({ isEmpty }) => isEmpty !== true);
  const rows = board.contestants.map(
    (standing) => html`<tr>${columns.map(({ cell }) => cell(standing))}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Ranking"><table class="board" id="ranking" data-sortable><thead><tr>${columns.map(headHtml)}</tr></thead><tbody>
${rows}</tbody></table></div>`;
}
