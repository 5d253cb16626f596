// One battle in full, for a person at a terminal: what each side did, what came of it, and where the evidence lies.
import {
  type PanelResult,
  type Reach,
  type Reason,
  type RoundRecord,
  reasonText,
  scoreOf,
  verdictOf,
} from "../domain/record.ts";
import type {
  CallCandidate,
  PlannedBattle,
  Role,
  RoleUsage,
  RoundRow,
  ShownContext,
  StoredCall,
  Tally,
} from "../domain/run.ts";
import { counted, dollars, plain, signed } from "./text.ts";

/** Long lists are cut here; the evidence has them whole. */
const maxListed = 10;
const maxDetailChars = 400;

function cut(text: string): string {
  const shown = plain(text);
  return shown.length > maxDetailChars ? `${shown.slice(0, maxDetailChars)}… (cut)` : shown;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, maxListed).map(plain).join(", ");
  return names.length > maxListed ? `${shown} and ${names.length - maxListed} more` : shown;
}

const line = (name: string, text: string): string => `  ${name.padEnd(12)}${text}`;
const reasonLines = (reasons: readonly Reason[]): string[] =>
  reasons.map((reason) => line("", `- ${cut(reasonText(reason))}`));

const tallied = (what: string, tally: Tally | undefined): string =>
  tally === undefined ? "" : `, ${tally.passed} of ${tally.total} ${what}`;

function effectText(record: RoundRecord): string {
  const { effect, killedBy } = record;
  if (effect === "not-run") return "not run: it takes a valid submission and valid tests";
  return effect === "killed" ? `killed by ${listed(killedBy)}` : effect;
}

function contestLines({ contested, settlement }: RoundRecord): string[] {
  if (!contested) return [];
  if (settlement === undefined) {
    return [line("contested", "a resolved patch was killed; the panel is too small to settle it")];
  }
  const { kind, rejected, of } = settlement;
  return [line("contested", `settled: ${kind} (the tests reject ${rejected} of ${of} right patches)`)];
}

function panelLines(panel: readonly PanelResult[]): string[] {
  return (["resolved", "unresolved"] as const).flatMap((label) => {
    const candidates = panel.filter((one) => one.label === label);
    if (candidates.length === 0) return [];
    const killed = candidates.filter((one) => one.effect === "killed");
    const effects = listed(candidates.map((one) => `${one.candidate} ${one.effect}`));
    const what = label === "resolved" ? "right" : "wrong";
    return [line("panel", `${killed.length} of ${candidates.length} ${what} patches killed: ${effects}`)];
  });
}

function mutantLines(mutants: RoundRecord["mutants"]): string[] {
  if (mutants === undefined) return [];
  const { met, leftOut } = mutants;
  const killed = met.filter((one) => one.effect === "killed");
  const spared = met.filter((one) => one.effect !== "killed").map(({ mutant }) => mutant);
  const which = spared.length === 0 ? "" : `, not: ${listed(spared)}`;
  const others = `${leftOut.notShownToDiffer} not shown to differ, ${leftOut.notCompiling} not compiling, ${leftOut.endsOthers} ending other tests`;
  return [line("mutants", `${killed.length} of ${met.length} killed${which} (left out: ${others})`)];
}

function reachLines(reach: Reach | undefined): string[] {
  if (reach === undefined) return [];
  const whose = reach.changeOf === "gold" ? "gold changes" : "the submission changed";
  return [line("reach", `${reach.reached.length} of ${reach.known} checks execute a line ${whose}`)];
}

function scoreLine(record: RoundRecord): string {
  const [paper, strict] = [scoreOf(record, "paper"), scoreOf(record, "strict")];
  if (paper === undefined || strict === undefined) return line("score", "none: a void round is no zero");
  const pair = (side: "submitter" | "reviewer") =>
    `${side} ${signed(strict[side])} strict, ${signed(paper[side])} paper`;
  return line("score", `${pair("submitter")}; ${pair("reviewer")}`);
}

const usageText = (usage: RoleUsage): string =>
  `${counted(usage.attempts, "attempt")}, ${usage.inputTokens} tokens in, ${usage.outputTokens} out, ` +
  `cost ${dollars(usage.costUsd)}, ${usage.seconds.toFixed(1)} s`;

function revealed({ review }: RoundRecord): string {
  if (review.failsOnBase === undefined) return "";
  return review.failsOnBase ? ", fails on base (it shows the issue)" : ", passes on base too";
}

function submissionLines(row: RoundRow): string[] {
  const { submission, label } = row.record;
  const jobs = tallied("CI jobs pass", row.submitterJobs);
  const hidden = tallied("fail-to-pass tests pass", row.failToPass);
  return [
    line("submission", `${submission.status}${jobs}`),
    ...reasonLines(submission.reasons),
    line("label", `${label}${hidden}`),
  ];
}

function reviewLines({ record, reviewerJobs }: RoundRow): string[] {
  const { review } = record;
  const eligible =
    review.eligible.length === 0 ? "" : `, ${counted(review.eligible.length, "check")} may kill`;
  const jobs = tallied("CI jobs pass on gold", reviewerJobs);
  const status = review.status === "none" ? "none given" : review.status;
  return [
    line("review", `${status}${eligible}${revealed(record)}${jobs}`),
    ...reasonLines(review.reasons),
    line("effect", effectText(record)),
    ...contestLines(record),
    ...panelLines(record.panel),
    ...mutantLines(record.mutants),
    ...reachLines(record.review.reach),
  ];
}

function verdictLines({ record }: RoundRow): string[] {
  const why =
    record.void === undefined
      ? ""
      : `: ${plain(record.void.cause)} in a run of the ${record.void.side}: ${cut(record.void.detail)}`;
  return [line("verdict", `${verdictOf(record)}${why}`), scoreLine(record)];
}

const formsText = ({ snippets }: ShownContext): string => {
  const files = new Set(snippets.map(({ path }) => path)).size;
  return `${counted(snippets.length, "snippet")} of ${counted(files, "file")}`;
};

/** What a role saw of the source; nothing to say of a control. */
function contextLines(role: string, shown: ShownContext | undefined): string[] {
  if (shown === undefined) return [];
  const { mode, hints, tokens, tokenizer, gold } = shown;
  const recall = gold === undefined ? "" : `, ${gold.passed} of ${gold.total} gold files`;
  const hinted = hints ? ", searched with hints" : "";
  const text = `${formsText(shown)}, ${counted(tokens, "token")}${recall} (${mode}${hinted}; ${plain(tokenizer)})`;
  return [line(role, text)];
}

const fixed = (value: number | undefined, name: string): string =>
  value === undefined ? "" : ` ${name} ${value.toFixed(3)}`;

/** Such as `draft 812 characters, score 0.431, p 0.620 against 0.400, kept`. */
function chunkText(chunk: CallCandidate["chunks"][number]): string {
  const { author, characters, nonconformity, unscored, p, level, isHandedOver, isKept } = chunk;
  const among = chunk.bank === undefined ? "" : ` (of ${counted(chunk.bank.size, "score")})`;
  const audit = chunk.isAudit === true ? ", turned round as an audit" : "";
  const missing = unscored === undefined ? "" : `, could not be scored (${plain(unscored)})`;
  const score = nonconformity === undefined ? missing : `,${fixed(nonconformity, "score")}`;
  const isScored = nonconformity !== undefined && level !== undefined;
  const chance = isScored ? `,${fixed(level, "by chance at")} (cold start)` : "";
  const test =
    p === undefined || level === undefined ? chance : `,${fixed(p, "p")}${among}${fixed(level, "against")}`;
  const then = isHandedOver === true ? (isKept ? ", gone on with" : ", written anew") : "";
  return `${author} ${counted(characters, "character")}${score}${test}${audit}${then}`;
}

const trialWords = { passed: "passed its trial", failed: "failed its trial", unknown: "could not be tried" };

function trialText(trial: CallCandidate["trial"]): string {
  if (trial === undefined) return "";
  const { kind, because, isAudit, p } = trial;
  const odds = p === undefined ? "" : `, p ${p.toFixed(3)}`;
  return `, ${trialWords[kind]}${because === undefined ? "" : ` (${cut(because)})`}${odds}${isAudit ? ", by chance" : ""}`;
}

/** Of an answer that was chosen from several: each of them, who wrote what, and what decided. */
function candidateLines(row: RoundRow, role: Role, calls: readonly StoredCall[]): string[] {
  const own = calls.filter(
    (call) => call.battleId === row.battleId && call.round === row.round && call.role === role,
  );
  return own.flatMap(({ attempt, finish }) => {
    const { candidates = [] } = finish ?? {};
    if (candidates.length === 0) return [];
    const chosen = candidates.find(({ isChosen }) => isChosen);
    const which = chosen === undefined ? "none chosen" : `number ${chosen.sample} chosen`;
    return [
      line(
        `${role.slice(0, 3)}. A1`,
        `attempt ${attempt}: ${counted(candidates.length, "candidate")}, ${which}`,
      ),
      ...candidates.map(({ sample, end, chunks, isUnchecked, trial }) => {
        const shown = chunks.slice(0, maxListed).map(chunkText).join("; ");
        const rest = chunks.length > maxListed ? ` and ${chunks.length - maxListed} more` : "";
        return line(
          "",
          `- ${sample}: ${cut(end)}${isUnchecked ? ", unchecked" : ""}${trialText(trial)}: ${shown || "nothing"}${rest}`,
        );
      }),
    ];
  });
}

function costLines(row: RoundRow, calls: readonly StoredCall[]): string[] {
  const reused = row.reusedRuns.length === 0 ? "" : `, reused: ${listed(row.reusedRuns)}`;
  return [
    ...contextLines("sub. saw", row.submitterContext),
    ...contextLines("rev. saw", row.reviewerContext),
    ...candidateLines(row, "submitter", calls),
    ...candidateLines(row, "reviewer", calls),
    line("submitter", usageText(row.submitterUsage)),
    line("reviewer", usageText(row.reviewerUsage)),
    line("judging", `${row.judgingSeconds.toFixed(1)} s in the sandbox, trust ${row.trust}${reused}`),
  ];
}

function roundText(row: RoundRow, calls: readonly StoredCall[]): string {
  const folder = `battles/${plain(row.battleId)}/round-${row.round}/`;
  return [
    `Round ${row.round}: ${plain(row.submitter)} submits, ${plain(row.reviewer)} reviews`,
    ...submissionLines(row),
    ...reviewLines(row),
    ...verdictLines(row),
    ...costLines(row, calls),
    line("evidence", `${folder} (its verdict.json names every run's report)`),
    line("", `sha256 ${plain(row.evidenceHash)}`),
  ].join("\n");
}

/** A battle with its recorded rounds, oldest first; test/golden/battle.txt shows one. Paths are of the run folder. */
export function renderBattle(
  battle: PlannedBattle,
  rounds: readonly RoundRow[],
  calls: readonly StoredCall[] = [],
): string {
  const own = rounds.filter((row) => row.battleId === battle.battleId).sort((a, b) => a.round - b.round);
  const missing = battle.rounds - own.length;
  const title = `Battle ${plain(battle.battleId)}: ${plain(battle.first)} and ${plain(battle.second)} on ${plain(battle.instanceId)}`;
  const language = own[0] === undefined ? "" : ` (${own[0].language})`;
  const unplayed = missing > 0 ? [`${counted(missing, "round")} of ${battle.rounds} not played yet.`] : [];
  return `${[`${title}${language}`, ...own.map((row) => roundText(row, calls)), ...unplayed].join("\n\n")}\n`;
}
