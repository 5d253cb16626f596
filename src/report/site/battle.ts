// The page of one battle: the issue, and for each round what was written, what it met, and what came of it.
import { verdictOf } from "../../domain/record.ts";
import { counted } from "../text.ts";
import { candidatesHtml } from "./candidates.ts";
import { checksHtml } from "./checks.ts";
import { contextHtml } from "./context.ts";
import { diffHtml } from "./diff.ts";
import { pageOf, type SiteFile } from "./frame.ts";
import { gatesHtml, verdictWords } from "./gates.ts";
import { type Html, html, type Part } from "./html.ts";
import { battlePath, logPath, type ShownBattle, type ShownRound, type SiteIssue, titleOf } from "./issue.ts";
import { costHtml } from "./usage.ts";

/** An issue of more lines is folded. */
const longIssueLines = 40;

function issueHtml(issue: SiteIssue | undefined): Html {
  if (issue === undefined) {
    return html`<p class="quiet">The issue's text is not shown: the set that the run names could not be read where this page was made.</p>`;
  }
  const text = html`<div class="issue">${issue.text.trim()}</div>`;
  if (issue.text.split("\n").length <= longIssueLines) return text;
  return html`<details><summary>The issue in full</summary>${text}</details>`;
}

function written(name: string, diff: string | undefined, none: string): Part {
  if (diff === undefined)
    return html`<h3>${name}</h3><p class="quiet">The file is missing from the run folder.</p>`;
  if (diff.trim() === "") return html`<h3>${name}</h3><p class="quiet">${none}</p>`;
  return html`<h3>${name}</h3>${diffHtml(diff)}`;
}

function logsHtml({ run, withLogs }: ShownBattle, { exhibit }: ShownRound): Part {
  const runs = exhibit.runs.flatMap(({ label, log }) => (log === undefined ? [] : [{ label, log }]));
  if (runs.length === 0) return undefined;
  if (!withLogs) {
    return html`<h3>CI logs</h3><p class="quiet">Left out of this site (<code>--logs none</code>, or a large board); the run folder has ${counted(runs.length, "log")}.</p>`;
  }
  const links = runs.map(({ label, log }) => html`<li><a href="../${logPath(run, log)}">${label}</a></li>`);
  return html`<h3>CI logs</h3><ul class="links">${links}</ul>`;
}

function missingHtml({ exhibit: { missing } }: ShownRound): Part {
  if (missing.length === 0) return undefined;
  return html`<div class="notice" role="note"><p>Not all of this round's evidence could be read:</p><ul>${missing.map((text) => html`<li>${text}</li>`)}</ul></div>`;
}

function roundHtml(shown: ShownBattle, round: ShownRound): Html {
  const { row, exhibit } = round;
  const checks = checksHtml(exhibit, row.record);
  return html`<section class="round" id="round-${row.round}" aria-labelledby="heading-${row.round}">
<h2 id="heading-${row.round}">Round ${row.round} <small><b>${row.submitter}</b> submits, <b>${row.reviewer}</b> reviews</small></h2>
${gatesHtml(row)}${missingHtml(round)}
${written(`Patch of ${row.submitter}`, exhibit.patch, "Nothing was changed.")}
${written(`Tests of ${row.reviewer}`, exhibit.tests, "No tests were given.")}
<h3>Checks</h3>${checks ?? html`<p class="quiet">Nothing was run.</p>`}
${logsHtml(shown, round)}${contextHtml(shown, round)}${candidatesHtml(row, shown.calls)}${costHtml(row)}
<p class="hash">Evidence <code>battles/${row.battleId}/round-${row.round}</code>, sha256 <code>${row.evidenceHash}</code></p>
</section>
`;
}

function roundLinks(rounds: readonly ShownRound[]): Part {
  if (rounds.length < 2) return undefined;
  const links = rounds.map(
    ({ row }) =>
      html`<li><a href="#round-${row.round}">Round ${row.round}</a> <span class="quiet">${row.submitter} submits: ${verdictWords[verdictOf(row.record)]}</span></li>`,
  );
  return html`<nav aria-label="Rounds"><ol class="rounds">${links}</ol></nav>`;
}

/** Words of the heading's second line, most telling first. */
function facts({ battle, rounds, runName, issue }: ShownBattle): string {
  const language = rounds[0]?.row.language;
  const day = issue?.createdAt.slice(0, 10) ?? "";
  return [battle.instanceId, language, day === "" ? undefined : `issue of ${day}`, `run ${runName}`]
    .filter((word) => word !== undefined)
    .join(" · ");
}

export function battlePage(shown: ShownBattle): SiteFile {
  const { battle, rounds, issue, run, place } = shown;
  const pair = `${battle.first} and ${battle.second}`;
  const heading = issue === undefined ? battle.instanceId : titleOf(issue.text);
  const missing = battle.rounds - rounds.length;
  const unplayed =
    missing > 0
      ? html`<p class="quiet">${counted(missing, "round")} of ${battle.rounds} not played yet.</p>`
      : undefined;
  const body = html`<h1>${heading}</h1>
<p class="lead">${pair}<br><span class="quiet">${facts(shown)}</span></p>
${issueHtml(issue)}
${roundLinks(rounds)}
${rounds.map((round) => roundHtml(shown, round))}
${unplayed}`;
  return {
    path: battlePath(run, place),
    text: pageOf({
      title: `${pair} on ${battle.instanceId}`,
      ...{ depth: 1, body },
      scripts: ["assets/highlight.js", "assets/colour.js"],
      trail: [
        ["Board", "index.html"],
        ["Battles", "battles.html"],
      ],
    }),
  };
}
