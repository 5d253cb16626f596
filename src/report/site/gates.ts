// What a round was held to, gate by gate, and what it came to: the record in a reader's words.
import {
  type Reason,
  type RoundRecord,
  reasonText,
  scoreOf,
  type Verdict,
  verdictOf,
} from "../../domain/record.ts";
import type { RoundRow, Tally } from "../../domain/run.ts";
import { counted } from "../text.ts";
import { type Html, html, type Part } from "./html.ts";
import { signed } from "./numbers.ts";

export const verdictWords: Readonly<Record<Verdict, string>> = {
  "patch-stands": "patch stands",
  "patch-broken": "patch broken",
  "patch-invalid": "patch invalid",
  "test-invalid": "tests invalid",
  void: "void",
};

const maxReasonChars = 4_000;

function reasonsHtml(reasons: readonly Reason[]): Part {
  if (reasons.length === 0) return undefined;
  return html`<ul>${reasons.map((reason) => html`<li class="reason">${reasonText(reason).slice(0, maxReasonChars)}</li>`)}</ul>`;
}

const tally = (what: string, found: Tally | undefined): string =>
  found === undefined ? "" : `${found.passed} of ${found.total} ${what}`;

const sentence = (parts: readonly string[]): string => parts.filter((part) => part !== "").join("; ");

function idsHtml(ids: readonly string[]): Part {
  if (ids.length === 0) return undefined;
  const more = ids.length > 20 ? html`<li class="quiet">and ${ids.length - 20} more</li>` : undefined;
  return html`<ul>${ids.slice(0, 20).map((id) => html`<li><code>${id}</code></li>`)}${more}</ul>`;
}

function panelText({ panel }: RoundRecord): string {
  const killed = (label: "resolved" | "unresolved") => {
    const own = panel.filter((one) => one.label === label);
    const fallen = own.filter(({ effect }) => effect === "killed").length;
    const what = label === "resolved" ? "right" : "wrong";
    return own.length === 0 ? "" : `${fallen} of ${own.length} ${what} patches of the panel killed`;
  };
  return sentence([killed("unresolved"), killed("resolved")]);
}

function contestText({ contested, settlement }: RoundRecord): string {
  if (!contested) return "";
  if (settlement === undefined) return "contested: the patch resolves the issue, and no panel has settled it";
  const { kind, rejected, of } = settlement;
  return `contested, settled as ${kind}: the tests reject ${rejected} of ${of} right patches`;
}

function reviewText({ record, reviewerJobs }: RoundRow): string {
  const { eligible, failsOnBase } = record.review;
  const base =
    failsOnBase === undefined ? "" : failsOnBase ? "fails on base, as it should" : "passes on base too";
  const may = eligible.length === 0 ? "" : `${counted(eligible.length, "check")} may kill`;
  return sentence([may, base, tally("CI jobs pass on gold", reviewerJobs)]);
}

const gate = (name: string, outcome: string, why: Part): Html =>
  html`<tr><th scope="row">${name}</th><td><span class="outcome o-${outcome.replaceAll(" ", "-")}">${outcome}</span></td><td>${why}</td></tr>
`;

const effectWords = {
  killed: "killed",
  survived: "survived",
  flaky: "flaky",
  "not-run": "not run",
} as const;

function scoreRow({ record }: RoundRow): Html {
  const [strict, paper] = [scoreOf(record, "strict"), scoreOf(record, "paper")];
  if (strict === undefined || paper === undefined)
    return html`<tr><th scope="row">Score</th><td>none</td><td>a void round is no zero</td></tr>`;
  return html`<tr><th scope="row">Score</th><td>${signed(strict.submitter)} / ${signed(strict.reviewer)}</td><td>submitter / reviewer, strict; paper ${signed(paper.submitter)} / ${signed(paper.reviewer)}</td></tr>`;
}

/** The record of a round as a table: gate, outcome, why. */
export function gatesHtml(row: RoundRow): Html {
  const { record } = row;
  const { submission, label, review, effect } = record;
  const verdict = verdictOf(record);
  const lost = record.void;
  const voided =
    lost === undefined
      ? undefined
      : html`${lost.cause} in a run of the ${lost.side}: ${lost.detail.slice(0, maxReasonChars)}`;
  const hidden = tally("hidden fail-to-pass tests pass", row.failToPass);
  return html`<table class="gates"><caption class="spoken">Gates of round ${row.round}</caption><tbody>
${gate("Submission", submission.status, html`${tally("CI jobs pass", row.submitterJobs)}${reasonsHtml(submission.reasons)}`)}
${gate("Label", label, hidden)}
${gate("Review", review.status === "none" ? "none given" : review.status, html`${reviewText(row)}${reasonsHtml(review.reasons)}`)}
${gate("Effect", effectWords[effect], html`${sentence([contestText(record), panelText(record)])}${idsHtml(record.killedBy)}`)}
${gate("Verdict", verdictWords[verdict], voided)}
${scoreRow(row)}
</tbody></table>
`;
}
