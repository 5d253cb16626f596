// What a round cost each side and us.
import type { RoleUsage, RoundRow } from "../../domain/run.ts";
import { dollars } from "../text.ts";
import { type Html, html } from "./html.ts";
import { grouped } from "./numbers.ts";

const sideRow = (name: string, role: string, usage: RoleUsage): Html =>
  html`<tr><th scope="row">${name} <small>${role}</small></th><td class="number">${usage.attempts}</td><td class="number">${grouped(usage.inputTokens)}</td><td class="number">${grouped(usage.outputTokens)}</td><td class="number">${dollars(usage.costUsd)}</td><td class="number">${usage.seconds.toFixed(1)}</td></tr>
`;

export function costHtml(row: RoundRow): Html {
  const reused =
    row.reusedRuns.length === 0 ? "" : ` Taken from identical earlier runs: ${row.reusedRuns.join(", ")}.`;
  return html`<h3>Cost</h3><div class="scroll" tabindex="0" role="region" aria-label="Cost"><table class="plain-table"><thead><tr><th scope="col">side</th><th scope="col" class="number">attempts</th><th scope="col" class="number">tokens in</th><th scope="col" class="number">tokens out</th><th scope="col" class="number">cost</th><th scope="col" class="number">seconds</th></tr></thead><tbody>
${sideRow(row.submitter, "submitter", row.submitterUsage)}${sideRow(row.reviewer, "reviewer", row.reviewerUsage)}</tbody></table></div>
<p class="quiet">Judging took ${row.judgingSeconds.toFixed(1)} s in sandboxes; trust ${row.trust}.${reused}</p>`;
}
