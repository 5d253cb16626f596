// Answers that a pair of models chose from: who wrote which part, what was scored, and which one was taken.
import type { CallCandidate, RoundRow, StoredCall } from "../../domain/run.ts";
import { counted } from "../text.ts";
import { type Html, html, type Part } from "./html.ts";

const maxChunks = 60;
const maxTextChars = 20_000;

const fixed = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(3));

function fate({ isHandedOver, isKept, unscored, isAudit }: CallCandidate["chunks"][number]): string {
  const then =
    isHandedOver === true
      ? isKept
        ? "handed over, gone on with"
        : "handed over, written anew"
      : isKept
        ? "kept"
        : "dropped";
  const told = isAudit === true ? `${then}; turned round as an audit` : then;
  return unscored === undefined ? told : `${told}; could not be scored (${unscored})`;
}

function chunksHtml({ chunks }: CallCandidate): Part {
  if (chunks.length === 0) return undefined;
  const rows = chunks.slice(0, maxChunks).map(
    (chunk) =>
      html`<tr><td class="number">${chunk.turn}</td><td>${chunk.author}</td><td class="number">${chunk.characters}</td><td class="number">${fixed(chunk.nonconformity)}</td><td class="number">${fixed(chunk.p)}</td><td class="number">${fixed(chunk.level)}</td><td class="number">${chunk.bank?.size ?? "–"}</td><td>${fate(chunk)}</td></tr>
`,
  );
  const more =
    chunks.length > maxChunks ? html`<p class="quiet">and ${chunks.length - maxChunks} more</p>` : undefined;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Parts of a candidate"><table class="plain-table"><thead><tr><th scope="col" class="number">turn</th><th scope="col">author</th><th scope="col" class="number">characters</th><th scope="col" class="number">score</th><th scope="col" class="number">p</th><th scope="col" class="number">level</th><th scope="col" class="number">among</th><th scope="col">fate</th></tr></thead><tbody>
${rows}</tbody></table></div>${more}`;
}

function trialText({ trial }: CallCandidate): string {
  if (trial === undefined) return "";
  const because = trial.because === undefined ? "" : `: ${trial.because.slice(0, 400)}`;
  const odds = trial.p === undefined ? "" : ` (p ${trial.p.toFixed(3)})`;
  return `; trial ${trial.kind}${because}${odds}${trial.isAudit ? ", by chance" : ""}`;
}

function candidateHtml(candidate: CallCandidate): Html {
  const { sample, isChosen, isUnchecked, end, text } = candidate;
  const words = `Candidate ${sample}${isChosen ? ", chosen" : ""}: ${end}${isUnchecked ? ", not all of it checked" : ""}${trialText(candidate)}`;
  return html`<details><summary>${words}</summary>${chunksHtml(candidate)}<pre class="log" tabindex="0" role="region" aria-label="Text of candidate ${sample}">${text.slice(0, maxTextChars)}</pre></details>`;
}

function callHtml({ role, attempt, finish }: StoredCall): Part {
  const { candidates = [] } = finish ?? {};
  if (candidates.length === 0) return undefined;
  return html`<h4>${role}, attempt ${attempt}: ${counted(candidates.length, "candidate")}</h4>${candidates.map(candidateHtml)}`;
}

/** Nothing where no answer of the round was chosen from several. */
export function candidatesHtml(row: RoundRow, calls: readonly StoredCall[]): Part {
  const own = calls.filter(
    ({ round, finish }) => round === row.round && (finish?.candidates ?? []).length > 0,
  );
  return own.length === 0 ? undefined : html`<h3>Candidates</h3>${own.map(callHtml)}`;
}
