// What every board says beneath its rows, in whatever format: where the numbers come from and how far they carry.

import type { RerankerIdentity } from "../domain/run.ts";
import { fewInstances } from "../rating/index.ts";
import type { Board, BoardRun, Standing } from "./board.ts";
import { collusionNotes } from "./collusion.ts";
import { evidenceNotes } from "./evidence-text.ts";
import { leftOutNotes } from "./quarantine.ts";
import type { Rank } from "./ranking.ts";
import { rankingNote, ratingNotes } from "./rating-text.ts";
import { reviewerNotes } from "./reviewers.ts";
import { absent, counted, dollars, percent, plain } from "./text.ts";

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

const setOf = (run: BoardRun): string => `${plain(run.set)} (${plain(run.setHash.slice(0, 12))})`;

/** "1", or "1-3" where the intervals leave three places open. */
export function rankText(rank: Rank | undefined): string {
  if (rank === undefined) return absent;
  return rank.best === rank.worst ? String(rank.best) : `${rank.best}-${rank.worst}`;
}

/** One line: set and hash, instances, rounds, voids, sandbox. */
export function boardTitle(board: Board): string {
  const { runs, rounds } = board;
  const parts = [
    `set ${distinct(runs.map(setOf)).join(", ") || absent}`,
    counted(board.instances, "instance"),
    `${counted(rounds.recorded, "round")}${rounds.recorded < rounds.planned ? ` of ${rounds.planned} planned` : ""}`,
    `${rounds.void} void`,
    `sandbox ${distinct(runs.map((run) => plain(run.sandbox))).join(", ") || absent}`,
  ];
  return parts.join(" · ");
}

function weakness({ weakShare }: Board): string {
  if (weakShare === undefined) return "Trust: no round was recorded.";
  if (weakShare === 0) return "Trust: every round's tests were vouched for by canaries.";
  return `Trust: ${percent(weakShare)} of rounds are weak, judged on an exit code somewhere.`;
}

const range = ({ low, high }: { low: number; high: number }): string => `${percent(low)} to ${percent(high)}`;

function voidLines(board: Board): string[] {
  if (board.rounds.void === 0) return [];
  const causes = board.voids.map(({ cause, side, rounds }) => `${rounds} x ${plain(cause)} (${side})`);
  const bounds = board.contestants
    .flatMap(({ id, voids }) => (voids.winRateBounds === undefined ? [] : [{ id, ...voids.winRateBounds }]))
    .filter(({ low, high }) => low < high)
    .map((bounds) => `${plain(bounds.id)} ${range(bounds)}`);
  const worst = `Win rate (paper) were all void rounds lost, and were all won: ${bounds.join("; ")}.`;
  return [`Void rounds, in no figure above: ${causes.join(", ")}.`, ...(bounds.length === 0 ? [] : [worst])];
}

function spendText({ id, spend }: Standing): string {
  const flight =
    spend.inFlightCalls === 0
      ? ""
      : `, and ${counted(spend.inFlightCalls, "call")} cut off (at worst ${dollars(spend.inFlightWorstCaseUsd)})`;
  return `${plain(id)} ${counted(spend.calls, "call")}, ${spend.inputTokens} tokens in, ${spend.outputTokens} out, cost ${dollars(spend.costUsd)}${flight}`;
}

function rerankerText({ fingerprint, device, asked }: RerankerIdentity): string {
  const instead = asked === undefined ? "" : `: ${asked} did not load`;
  return `${fingerprint.slice(0, 12)} on ${device}${instead}`;
}

/** Model skill apart from retrieval skill: how much source each was shown, and how much of it was gold's. */
function contexts(board: Board): string[] {
  const shown = board.contestants.flatMap(({ id, metrics }) => {
    const { submitterContextTokens: tokens, submitterGoldRecall: recall } = metrics;
    if (tokens === undefined) return [];
    const gold = recall === undefined ? "" : ` with ${percent(recall.value)} of gold's files`;
    return [`${plain(id)} ${Math.round(tokens.value)} tokens${gold}`];
  });
  if (shown.length === 0) return [];
  const how = board.runs.map(({ retrieval: { mode, maxTokens, hints, reranker } }) => {
    const again = reranker === undefined ? "" : `, ranked again by model ${rerankerText(reranker)}`;
    return `${mode}, at most ${maxTokens} tokens${hints ? ", searched with hints" : ""}${again}`;
  });
  return [`Source shown to submitters (${distinct(how).join("; ")}), mean of a round: ${shown.join("; ")}.`];
}

function unranked(board: Board): string[] {
  const without = board.contestants.filter((standing) => standing.rank === undefined);
  if (without.length === 0) return [];
  const why =
    board.ranking.by === "score"
      ? "one role or both unplayed"
      : "one role or both unplayed, or compared with nobody";
  return [`Not ranked, ${why}: ${without.map(({ id }) => plain(id)).join(", ")}.`];
}

function fewText(board: Board): string[] {
  if (board.tooFewIssues) {
    return [
      `TOO FEW ISSUES: ${board.instances} of the ${fewInstances} that intervals need at least; read them as hints.`,
    ];
  }
  const few = board.contestants.filter((standing) => standing.tooFewIssues);
  if (few.length === 0) return [];
  return [`TOO FEW ISSUES (under ${fewInstances}) for: ${few.map(({ id }) => plain(id)).join(", ")}.`];
}

function factNotes({ cutOff, facts }: Board): string[] {
  const unknown = facts.missing.map(
    ({ run, because }) => `Nothing is known of the issues of ${plain(run)}: ${plain(because)}`,
  );
  if (cutOff === undefined) return unknown;
  const { after, kept, leftOut, undated } = cutOff;
  const without = undated === 0 ? "" : `, ${undated} of them because their day is not known`;
  return [
    `Only issues opened after ${after}: ${counted(kept, "issue")}; ${leftOut} left out${without}.`,
    ...unknown,
  ];
}

/** What must be said with the rows; each a sentence or two. */
export function boardNotes(board: Board): string[] {
  const { intervals } = board;
  const paid = board.contestants.filter(({ spend }) => spend.calls > 0);
  const few = fewText(board);
  const open =
    board.ranking.by === "score"
      ? " A rank a-b leaves places a to b open: intervals that overlap claim no order."
      : "";
  return [
    ...few,
    ...factNotes(board),
    rankingNote(board),
    ...ratingNotes(board, few.length > 0),
    ...evidenceNotes(board),
    `Score: mean of both roles, -1 to +1, ${percent(intervals.level)} interval (${intervals.method}, ${intervals.resamples} resamples).${open}`,
    "win paper: patch valid and not killed. win strict: also resolved, and tried by valid tests. kills: of wrong patches met. false kills: of the panel's right patches. n: instances.",
    weakness(board),
    ...voidLines(board),
    ...leftOutNotes(board.quarantine, board.droppedOut),
    ...unranked(board),
    ...contexts(board),
    ...reviewerNotes(board),
    ...(board.collusion === undefined ? [] : collusionNotes(board.collusion)),
    ...(paid.length === 0 ? [] : [`Paid: ${paid.map(spendText).join("; ")}.`]),
  ];
}
