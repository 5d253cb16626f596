// What is in no figure: rounds that faults of ours took away, and how far they could have moved each contestant.
import type { Board } from "../board.ts";
import { counted, percent } from "../text.ts";
import { type Html, html, type Part } from "./html.ts";

function causesHtml({ voids }: Board): Part {
  const rows = voids.map(
    ({
      cause,
      side,
      rounds,
    }) => html`<tr><td>${cause}</td><td>${side}</td><td class="number">${rounds}</td></tr>
`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Void rounds by cause"><table class="plain-table"><thead><tr><th scope="col">cause</th><th scope="col">in a run of the</th><th scope="col" class="number">rounds</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}

function boundsHtml({ contestants }: Board): Part {
  const rows = contestants.flatMap(({ id, voids: { rounds, winRateBounds } }) => {
    if (rounds === 0 || winRateBounds === undefined) return [];
    return [
      html`<tr><th scope="row" class="name">${id}</th><td class="number">${rounds}</td><td class="number">${percent(winRateBounds.low)}</td><td class="number">${percent(winRateBounds.high)}</td></tr>
`,
    ];
  });
  if (rows.length === 0) return undefined;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Bounds of win rates"><table class="plain-table"><caption>Win rate (paper) were all void rounds lost, and were all won</caption><thead><tr><th scope="col">contestant</th><th scope="col" class="number">void rounds</th><th scope="col" class="number">all lost</th><th scope="col" class="number">all won</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}

/** Both denominators: what was planned and recorded, and what of it counts. */
export function voidsHtml(board: Board): Html {
  const { planned, recorded, void: lost } = board.rounds;
  const said = html`<p>${counted(planned, "round")} planned, ${recorded} recorded, ${lost} void: ${recorded - lost} count. A void round is no zero; it is in no figure of this page.</p>`;
  if (lost === 0) return said;
  return html`${said}${causesHtml(board)}${boundsHtml(board)}`;
}
