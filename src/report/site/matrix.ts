// Who won against whom: one cell a pair of submitter and reviewer, each a way to its battles.
import { type Reading, scoreOf } from "../../domain/record.ts";
import type { RoundRow } from "../../domain/run.ts";
import { counted } from "../text.ts";
import { type Html, html } from "./html.ts";
import { signed } from "./numbers.ts";

interface Met {
  sum: number;
  rounds: number;
  readonly issues: Set<string>;
}

/** Void rounds are in none. */
function meetings(
  rows: readonly RoundRow[],
  reading: Reading,
): ReadonlyMap<string, ReadonlyMap<string, Met>> {
  const found = new Map<string, Map<string, Met>>();
  for (const { submitter, reviewer, record, instanceId } of rows) {
    const score = scoreOf(record, reading);
    if (score === undefined) continue;
    const line = found.get(submitter) ?? new Map<string, Met>();
    found.set(submitter, line);
    const met = line.get(reviewer) ?? { sum: 0, rounds: 0, issues: new Set() };
    line.set(reviewer, met);
    met.sum += score.submitter;
    met.rounds += 1;
    met.issues.add(instanceId);
  }
  return found;
}

/** The address of the list of battles, narrowed to what is named. */
export function battlesAddress(filters: Readonly<Record<string, string>>): string {
  return `battles.html#${new URLSearchParams(filters).toString()}`;
}

/** From even (1) to as one-sided as can be (5). */
const tint = (mean: number): number => 1 + Math.min(4, Math.floor(((mean + 1) / 2) * 5));

function cellHtml(submitter: string, reviewer: string, met: Met | undefined): Html {
  if (met === undefined) return html`<td class="self">${submitter === reviewer ? "" : "–"}</td>`;
  const mean = met.sum / met.rounds;
  const rounds = html`<small><span class="spoken"> over </span>${met.rounds}<span class="spoken"> rounds on ${counted(met.issues.size, "issue")}</span></small>`;
  return html`<td class="m${tint(mean)}"><a href="${battlesAddress({ submitter, reviewer })}"><span class="spoken">${submitter} submits, ${reviewer} reviews: mean score </span>${signed(mean)}${rounds}</a></td>`;
}

/** Contestants in the order of the ranking. */
export function matrixHtml(
  rows: readonly RoundRow[],
  contestants: readonly string[],
  reading: Reading,
): Html {
  const met = meetings(rows, reading);
  const heads = contestants.map((id) => html`<th scope="col">${id}</th>`);
  const lines = contestants.map((submitter) => {
    const cells = contestants.map((reviewer) =>
      cellHtml(submitter, reviewer, met.get(submitter)?.get(reviewer)),
    );
    return html`<tr><th scope="row" class="name">${submitter}</th>${cells}</tr>
`;
  });
  return html`<p>Mean ${reading} score of the submitter, −1 to +1, with the number of rounds below. Rows submit, columns review; each cell leads to its battles.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Head to head"><table class="matrix"><thead><tr><th scope="col">submitter \\ reviewer</th>${heads}</tr></thead><tbody>
${lines}</tbody></table></div>`;
}
