// What a run says of itself, in words: the same for a line in a pipe, for `arena ctl` and for the view on a terminal. Pure.
import type { RunStatus, TimeLeft } from "../arena/index.ts";

/** Two parts at most: nobody plans an evening by seconds. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function timeLeftText(left: TimeLeft): string {
  if (left.kind === "unknown") return `time left unknown (${left.because})`;
  if (left.highSeconds === 0) return "about to end";
  const tenths = Math.round(left.level * 10);
  const range = `${duration(left.lowSeconds)} to ${duration(left.highSeconds)}`;
  return `about ${duration(left.seconds)} left (${tenths} in 10: ${range})`;
}

type Amount = RunStatus["spent"];
type Limit = RunStatus["limit"];

const million = 1_000_000;
const tokens = (count: number): string =>
  count < 10_000 ? String(Math.round(count)) : `${Number((count / million).toPrecision(3))} M`;
const usd = (value: number): string => value.toFixed(value !== 0 && Math.abs(value) < 0.1 ? 4 : 2);

/** A missing limit is no limit, and says nothing. */
export function spendText(spent: Amount, limit: Limit): string {
  const money = limit.usd === undefined ? "" : ` of ${usd(limit.usd)}`;
  const most = limit.tokens === undefined ? "" : ` of ${tokens(limit.tokens)}`;
  return `${usd(spent.usd)}${money} USD, ${tokens(spent.tokens)}${most} tokens`;
}

export function voidText({ rounds }: Pick<RunStatus, "rounds">): string {
  if (rounds.void === 0) return "none void";
  return `${rounds.void} void (${((100 * rounds.void) / rounds.played).toPrecision(2)} %)`;
}

export function progressText({ battles, rounds }: Pick<RunStatus, "battles" | "rounds">): string {
  const many = `${rounds.played} ${rounds.played === 1 ? "round" : "rounds"}`;
  const counted = rounds.played === 0 ? "no round yet" : `${many}, ${voidText({ rounds })}`;
  return `${battles.played} of ${battles.planned} battles, ${counted}`;
}

const states: Readonly<Record<RunStatus["state"], string>> = {
  playing: "playing",
  paused: "paused: no battle begins",
  "low-disk": "waiting for room on the disk: no battle begins",
  "no-engine": "waiting for the container engine: no battle begins",
  stopping: "stopping: no battle begins, rounds being played are finished",
  settling: "all is played: contested kills are being settled",
  ended: "ended",
};

export function stateText({ state, because, workers }: RunStatus): string {
  const many = `${workers} ${workers === 1 ? "worker" : "workers"}`;
  const reason = because === undefined ? "" : ` (${because})`;
  return `${states[state]}${reason}${state === "playing" ? `, ${many}` : ""}`;
}

/** One line for a log. */
export function statusLine(status: RunStatus): string {
  const spent = spendText(status.spent, status.limit);
  const left = timeLeftText(status.timeLeft);
  return `${stateText(status)}: ${progressText(status)}; ${left}; spent ${spent}`;
}

type Part = RunStatus["contestants"][number]["submitter"];

/** Mean score of a role from -1 to 1, with the rounds behind it. */
const scoreText = ({ rounds, meanScore }: Part): string =>
  meanScore === undefined ? "-" : `${meanScore < 0 ? "" : "+"}${meanScore.toFixed(2)} (${rounds})`;

/** Headings, then a row for each contestant: all cells are text. */
export function standingRows({ contestants }: Pick<RunStatus, "contestants">): string[][] {
  const rows = contestants.map(({ id, submitter, reviewer, void: voids, spent, limit }) => [
    ...[id, scoreText(submitter), scoreText(reviewer), String(voids), spendText(spent, limit)],
  ]);
  return [["contestant", "submits", "reviews", "void", "spent"], ...rows];
}

export function inPlayText({ instanceId, first, second, ...one }: RunStatus["inPlay"][number]): string {
  const round = `round ${one.round} of ${one.rounds}`;
  return `${instanceId}: ${first} and ${second}, ${round}, ${duration(one.seconds)}`;
}
