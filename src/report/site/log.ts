// One judged run as it went: every command with how it ended and what it printed.
import type { LogStep, RunLog } from "../../domain/exhibit.ts";
import type { JobReport } from "../../domain/report.ts";
import { counted } from "../text.ts";
import { pageOf, type SiteFile } from "./frame.ts";
import { type Html, html, type Part, printed } from "./html.ts";

const output = (name: string, text: string): Part => {
  const shown = printed(text).trimEnd();
  if (shown === "") return undefined;
  return html`<h4>${name}</h4><pre class="log" tabindex="0" role="region" aria-label="${name}">${shown}</pre>`;
};

function stepHtml(step: LogStep): Html {
  const silent =
    `${step.stdout}${step.stderr}`.trim() === "" ? html`<p class="quiet">It printed nothing.</p>` : undefined;
  const cut =
    step.leftOutBytes > 0
      ? html`<p class="quiet">${step.leftOutBytes} earlier bytes are not shown.</p>`
      : undefined;
  return html`<section class="step"><h3>${step.label} <small>${step.outcome}, ${step.seconds.toFixed(1)} s</small></h3>
<pre class="argv" tabindex="0" role="region" aria-label="Command">${step.argv.join(" ").slice(0, 4_000)}</pre>
${cut}${output("stdout", step.stdout)}${output("stderr", step.stderr)}${silent}</section>
`;
}

function reportHtml(job: JobReport): Html {
  const count = (status: string) => job.checks.filter((check) => check.status === status).length;
  const tally = (["passed", "failed", "skipped", "error"] as const)
    .map((status) => [count(status), status] as const)
    .filter(([number]) => number > 0)
    .map(([number, status]) => `${number} ${status}`);
  const said = [
    ...(job.forged === undefined ? [] : [`forged: ${job.forged}`]),
    ...job.incidents.map(({ kind, detail }) => `${kind}: ${detail}`),
    ...(job.notes ?? []),
  ];
  const lines = said.map((text) => html`<li>${text}</li>`);
  return html`<p>Read as ${counted(job.checks.length, "check")}: ${tally.join(", ") || "none"}. Trust: ${job.trust}.</p>${lines.length === 0 ? undefined : html`<ul>${lines}</ul>`}`;
}

export interface LogAbout {
  /** Relative to the site. */
  readonly path: string;
  readonly instanceId: string;
  /** The state it was first shown for: an identical run is done once and stands for others too. */
  readonly label: string;
}

function framed({ path, instanceId, label }: LogAbout, parts: Part): SiteFile {
  const title = `Run ${label} of ${instanceId}`;
  const trail = [
    ["Board", "index.html"],
    ["Battles", "battles.html"],
  ] as const;
  return { path, text: pageOf({ title, depth: 1, body: html`<h1>${title}</h1>${parts}`, trail }) };
}

/** The page of one judged run. */
export function logPage(about: LogAbout, { log, jobs, report }: RunLog): SiteFile {
  const sections = jobs.map((job) => {
    const own = report.jobs.find((each) => each.job === job.name);
    const read = own === undefined ? undefined : reportHtml(own);
    return html`<section><h2>Job ${job.name}</h2><pre class="argv" tabindex="0" role="region" aria-label="Plan">${job.run}</pre>${read}${job.steps.map(stepHtml)}</section>`;
  });
  return framed(
    about,
    html`<p class="lead">One run in a sandbox, command by command. Evidence: <code>${log}</code></p>${sections}`,
  );
}

/** Its place where the evidence is gone: a link must not lead nowhere. */
export function missingLogPage(about: LogAbout, log: string): SiteFile {
  return framed(
    about,
    html`<p class="notice">Its evidence could not be read where this page was made: <code>${log}</code> is missing or damaged.</p>`,
  );
}
