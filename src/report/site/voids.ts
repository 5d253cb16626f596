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

/** Instances whose controls fail on this host: both denominators, and each with its reason. */
function quarantineHtml({ quarantine }: Board): Part {
  if (quarantine === undefined)
    return html`<h3>Quarantine</h3><p class="quiet">No canary was run: nobody asked whether the controls hold on this host.</p>`;
  const { canaries, failed, instances, denominators } = quarantine;
  const { instances: of, rounds } = denominators;
  const said = html`<h3>Quarantine</h3><p>${counted(canaries, "canary run")}, ${failed} failed. ${of.without} of ${counted(of.with, "instance")} and ${rounds.without} of ${rounds.with} recorded rounds count.</p>`;
  if (instances.length === 0) return said;
  const rows = instances.map(
    ({
      instanceId,
      at,
      controls,
      reason,
      battlesUnplayed,
    }) => html`<tr><th scope="row" class="name">${instanceId}</th><td>${at}</td><td>${controls.join(", ")}</td><td>${reason}</td><td class="number">${battlesUnplayed}</td></tr>
`,
  );
  return html`${said}<div class="scroll" tabindex="0" role="region" aria-label="Quarantined instances"><table class="plain-table"><thead><tr><th scope="col">instance</th><th scope="col">since</th><th scope="col">controls that failed</th><th scope="col">why</th><th scope="col" class="number">battles unplayed</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}

function droppedOutHtml({ droppedOut }: Board): Part {
  if (droppedOut.length === 0) return undefined;
  const lines = droppedOut.map(
    ({ contestant, at, reason, battlesUnplayed }) =>
      html`<li><b>${contestant}</b> at ${at}, ${counted(battlesUnplayed, "battle")} unplayed: ${reason}</li>`,
  );
  return html`<h3>Dropped out</h3><ul class="notes">${lines}</ul>`;
}

/** Both denominators: what was planned and recorded, and what of it counts. */
export function voidsHtml(board: Board): Html {
  const { planned, recorded, void: lost } = board.rounds;
  const said = html`<p>${counted(planned, "round")} planned, ${recorded} recorded, ${lost} void: ${recorded - lost} count. A void round is no zero; it is in no figure of this page.</p>`;
  const accounts = html`${quarantineHtml(board)}${droppedOutHtml(board)}`;
  if (lost === 0) return html`${said}${accounts}`;
  return html`${said}${causesHtml(board)}${boundsHtml(board)}${accounts}`;
}
