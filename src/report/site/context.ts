// What each side was shown of the source in a round: which lines of which files, and how much that is.
import type { ShownContext } from "../../domain/run.ts";
import { counted } from "../text.ts";
import { pageOf, type SiteFile } from "./frame.ts";
import { type Html, html, type Part, printed } from "./html.ts";
import { promptPath, type ShownBattle, type ShownRound } from "./issue.ts";

const roles = ["submitter", "reviewer"] as const;
type Role = (typeof roles)[number];

const maxSnippets = 200;

const contextOf = ({ row }: ShownRound, role: Role): ShownContext | undefined =>
  role === "submitter" ? row.submitterContext : row.reviewerContext;

function snippetsHtml({ snippets }: ShownContext): Html {
  const lines = snippets.slice(0, maxSnippets).map(
    ({ path, form, firstLine, lastLine, tokens }) =>
      html`<tr><td><code>${path}</code></td><td class="number">${firstLine}–${lastLine}</td><td>${form === "whole" ? "whole" : "signature only"}</td><td class="number">${tokens}</td></tr>
`,
  );
  const more =
    snippets.length > maxSnippets
      ? html`<p class="quiet">and ${snippets.length - maxSnippets} more</p>`
      : undefined;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Snippets"><table class="plain-table"><thead><tr><th scope="col">file</th><th scope="col" class="number">lines</th><th scope="col">form</th><th scope="col" class="number">tokens</th></tr></thead><tbody>
${lines}</tbody></table></div>${more}`;
}

function summaryText(shown: ShownContext): string {
  const { mode, hints, tokens, gold, leftOut, isApproximate } = shown;
  const files = new Set(shown.snippets.map(({ path }) => path)).size;
  return [
    `${counted(shown.snippets.length, "snippet")} of ${counted(files, "file")}, ${isApproximate ? "about " : ""}${counted(tokens, "token")}`,
    `retrieval ${mode}${hints ? " with hints" : ""}`,
    ...(gold === undefined ? [] : [`${gold.passed} of ${gold.total} files of gold`]),
    ...(leftOut === 0 ? [] : [`${leftOut} found but not shown`]),
  ].join(", ");
}

function sideHtml({ run }: ShownBattle, round: ShownRound, role: Role): Part {
  const shown = contextOf(round, role);
  const { row, exhibit } = round;
  if (shown === undefined) return html`<p><b>${row[role]}</b> was shown nothing of ours.</p>`;
  const page =
    exhibit.prompts[role] === undefined
      ? undefined
      : html` <a href="../${promptPath(run, row, role)}">The whole prompt</a>`;
  return html`<details><summary><b>${row[role]}</b>: ${summaryText(shown)}</summary>${page}${snippetsHtml(shown)}</details>`;
}

/** Both sides; nothing to say where both are controls. */
export function contextHtml(battle: ShownBattle, round: ShownRound): Part {
  if (roles.every((role) => contextOf(round, role) === undefined)) return undefined;
  return html`<h3>What each side was shown</h3>${roles.map((role) => sideHtml(battle, round, role))}`;
}

/** Pages of the prompts that were read, one for each side. */
export function promptPages(battle: ShownBattle, round: ShownRound): SiteFile[] {
  return roles.flatMap((role) => {
    const prompt = round.exhibit.prompts[role];
    if (prompt === undefined) return [];
    const { row } = round;
    const title = `Prompt of ${row[role]} as ${role}, round ${row.round} on ${row.instanceId}`;
    const body = html`<h1>${title}</h1><pre class="log" tabindex="0" role="region" aria-label="Prompt">${printed(prompt)}</pre>`;
    const trail = [
      ["Board", "index.html"],
      ["Battles", "battles.html"],
    ] as const;
    return [{ path: promptPath(battle.run, row, role), text: pageOf({ title, depth: 1, body, trail }) }];
  });
}
