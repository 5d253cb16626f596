// Ratings in words: strengths with their open ends, what the order rests on, and how little might overturn it.
import type { Board } from "./board.ts";
import type { Elo, ShownStrength } from "./ratings.ts";
import { absent, counted, percent, plain, signed } from "./text.ts";

interface Ends {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/** "+0.51 [+0.30, ∞]"; no interval where neither end is known for want of issues. */
function interval(ends: Ends, isSeparated: boolean, shown: (value: number) => string): string {
  const { value, low, high } = ends;
  if (low === undefined && high === undefined && !isSeparated) return `${shown(value)} [${absent}]`;
  const [from, to] = [low === undefined ? "-∞" : shown(low), high === undefined ? "∞" : shown(high)];
  return `${shown(value)} [${from}, ${to}]`;
}

const points = (value: number): string => String(Math.round(value));

export const strengthValue = (strength: ShownStrength | undefined): string =>
  strength === undefined ? absent : signed(strength.value);

export const strengthInterval = (strength: ShownStrength | undefined): string =>
  strength === undefined ? absent : interval(strength, strength.separation !== undefined, signed);

export function eloInterval(strength: ShownStrength | undefined): string {
  if (strength === undefined) return absent;
  const elo: Elo = strength.elo;
  return interval(elo, strength.separation !== undefined, points);
}

/** What ranks, and how sure that is. */
export function rankingNote({ ranking, ratings, reading }: Board): string {
  if (ranking.by === "score") {
    return `RANKED BY MEAN SCORES, NOT BY STRENGTH (${reading}): ${plain(ranking.because)}`;
  }
  const { level, correction } = ratings[reading];
  const how = correction === undefined ? "" : `, ${correction}`;
  return (
    `Ranked by overall strength, submitter's plus reviewer's, ${reading} reading (two-role Bradley-Terry with issue effects; ` +
    `${percent(level)} intervals, rounds of one issue one cluster${how}). Elo is the same strength for reading: 1500 is the mean, ` +
    "400 points are odds of ten to one. A rank a-b leaves places a to b open."
  );
}

const namedUpTo = 5;

function named(ids: readonly string[]): string {
  const rest = ids.length - namedUpTo;
  const first = ids.slice(0, namedUpTo).map(plain).join(", ");
  return rest > 0 ? `${first} and ${rest} more` : first;
}

function flipNote({ ratings, reading }: Board): string[] {
  const { rankFlip } = ratings[reading];
  if (rankFlip === undefined) return [];
  const { first, issues, flip } = rankFlip;
  if (flip === undefined)
    return [`First place: no removal of issues that was tried puts anybody ahead of ${plain(first)}.`];
  const dropped = `${flip.dropped.length} of ${counted(issues, "issue")} (${percent(flip.share)})`;
  return [
    `First place: without ${dropped}, ${plain(flip.newFirst)} would be ahead of ${plain(first)}: ${named(flip.dropped)}.`,
  ];
}

function voidNotes({ ratings, reading }: Board): string[] {
  const { contestants, first, overtakenBy } = ratings[reading].voids;
  const bounds = contestants.flatMap(({ id, overall }) =>
    overall === undefined ? [] : [`${plain(id)} ${signed(overall.low)} to ${signed(overall.high)}`],
  );
  if (bounds.length === 0) return [];
  const worst = `Overall strength were all void rounds lost, and were all won: ${bounds.join("; ")}.`;
  if (first === undefined || overtakenBy.length === 0) return [worst];
  const ahead = `Were ${plain(first)}'s void rounds all lost, and the rival's all won, ahead of it would be: ${named(overtakenBy)}.`;
  return [worst, ahead];
}

function languageNote({ ratings, reading }: Board): string[] {
  const { languages } = ratings[reading];
  if (languages.length === 0) return [];
  const effects = languages.map(
    (effect) => `${effect.language} ${interval(effect, false, signed)} on ${counted(effect.issues, "issue")}`,
  );
  return [
    `Languages, how much easier for submitters than the mean of them, in log-odds: ${effects.join("; ")}.`,
  ];
}

/** Everything said about strengths beneath a board that is ranked by them; `isFewSaid`: too few issues are told already. */
export function ratingNotes(board: Board, isFewSaid: boolean): string[] {
  if (board.ranking.by === "score") return [];
  const notices = board.ratings[board.reading].notices
    .filter(({ code }) => code !== "too-few-issues" || !isFewSaid)
    .map(({ text }) => plain(text));
  return [...notices, ...flipNote(board), ...voidNotes(board), ...languageNote(board)];
}
