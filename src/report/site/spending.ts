// What strength costs: money and model time a round, drawn against the strength they bought, and the sums.
import type { Estimate } from "../../rating/index.ts";
import type { Board, Standing } from "../board.ts";
import { scoreName } from "../ranking.ts";
import { ratedOf } from "../ratings.ts";
import { absent, dollars } from "../text.ts";
import { type Point, scatter } from "./charts.ts";
import { type Html, html, type Part } from "./html.ts";
import { grouped } from "./numbers.ts";

/** Of both roles, per round; undefined where either is unknown: a part is not the sum. */
function perRound({ metrics }: Standing, what: "CostUsd" | "Seconds"): number | undefined {
  const [one, other]: (Estimate | undefined)[] = [metrics[`submitter${what}`], metrics[`reviewer${what}`]];
  if (one === undefined || other === undefined) return undefined;
  return (one.value + other.value) / 2;
}

/** Strength with its interval as the ranking shows it. */
function height(board: Board, { id, metrics }: Standing): Omit<Point, "name" | "x"> | undefined {
  if (board.ranking.by === "strength") {
    const elo = ratedOf(board.ratings[board.reading], id)?.overall?.elo;
    return elo === undefined ? undefined : { ...elo, y: elo.value };
  }
  const score = metrics[scoreName[board.reading]];
  return score === undefined ? undefined : { y: score.value, low: score.low, high: score.high };
}

/** Whoever never called a model has no price: controls and replays are in no figure. */
function pointsOf(board: Board, what: "CostUsd" | "Seconds"): Point[] {
  return board.contestants.flatMap((standing) => {
    const [x, y] = [perRound(standing, what), height(board, standing)];
    if (x === undefined || y === undefined || standing.spend.calls === 0) return [];
    return [{ name: standing.id, x, ...y }];
  });
}

function spendRow({ id, spend }: Standing): Html {
  const { calls, inputTokens, outputTokens, costUsd, seconds, faultCalls } = spend;
  const money =
    costUsd === undefined
      ? html`<td class="number" data-value="">unknown</td>`
      : html`<td class="number" data-value="${costUsd}">${dollars(costUsd)}</td>`;
  return html`<tr><th scope="row" class="name">${id}</th><td class="number">${calls}</td><td class="number">${faultCalls}</td><td class="number" data-value="${inputTokens}">${grouped(inputTokens)}</td><td class="number" data-value="${outputTokens}">${grouped(outputTokens)}</td>${money}<td class="number" data-value="${seconds}">${grouped(seconds)}</td></tr>
`;
}

const heads = ["calls", "of them failed", "tokens in", "tokens out", "cost", "seconds"];

function spendTable(paid: readonly Standing[]): Html {
  const columns = heads.map(
    (head) => html`<th scope="col" class="number" data-first="descending">${head}</th>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Spending"><table class="board" data-sortable><thead><tr><th scope="col">contestant</th>${columns}</tr></thead><tbody>
${paid.map(spendRow)}</tbody></table></div>`;
}

const yTitle = ({ ranking }: Board): string => (ranking.by === "strength" ? "strength (Elo)" : "score");

async function figure(board: Board, what: "CostUsd" | "Seconds"): Promise<Part> {
  const points = pointsOf(board, what);
  if (points.length < 2 || points.every(({ x }) => x === 0)) return undefined;
  const isMoney = what === "CostUsd";
  return scatter({
    label: isMoney ? "Strength against cost per round" : "Strength against model time per round",
    caption: isMoney
      ? "Strength against the cost of a round, mean of both roles. Upright lines are intervals."
      : "Strength against model seconds of a round, mean of both roles.",
    xTitle: isMoney ? "US dollars per round" : "seconds per round",
    yTitle: yTitle(board),
    xFormat: isMoney ? "~g" : "~s",
    points,
  });
}

export async function spendingHtml(board: Board): Promise<Html> {
  const paid = board.contestants.filter(({ spend }) => spend.calls > 0);
  if (paid.length === 0) {
    return html`<p class="quiet">No model was called: controls and replayed answers cost nothing (${absent}).</p>`;
  }
  const figures = [await figure(board, "CostUsd"), await figure(board, "Seconds")];
  return html`<div class="figures">${figures}</div>${spendTable(paid)}`;
}
