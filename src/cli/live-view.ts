// The view of a run on a terminal, as lines of styled text that fit it. Pure: what it shows and its size are arguments.
import type { RunStatus } from "../arena/index.ts";
import { oneLine, table } from "./output.ts";
import { inPlayText, progressText, spendText, standingRows, stateText, timeLeftText } from "./run-status.ts";
import type { Line, Size, Span } from "./screen.ts";

const barCells = 24;

function bar({ battles }: RunStatus): string {
  const share = battles.planned === 0 ? 1 : battles.played / battles.planned;
  const full = Math.min(barCells, Math.floor(share * barCells));
  return `[${"#".repeat(full)}${".".repeat(barCells - full)}]`;
}

const plain = (text: string): Line => [{ text: oneLine(text) }];

function standing(status: RunStatus, most: number): Line[] {
  const rows = standingRows(status).map((cells) => cells.map(oneLine));
  const shown = rows.length <= most ? rows : rows.slice(0, Math.max(1, most - 1));
  const left = rows.length - shown.length;
  const lines = table(shown).split("\n");
  const [head = "", ...others] = lines;
  const more = left === 0 ? [] : [plain(`... and ${left} more: arena ctl <run> status`)];
  return [[{ text: head, style: "dim" }], ...others.map((text): Line => [{ text }]), ...more];
}

function playing({ inPlay }: RunStatus, most: number): Line[] {
  const shown = inPlay.length <= most ? inPlay : inPlay.slice(0, Math.max(0, most - 1));
  const lines = shown.map((battle) => plain(`> ${inPlayText(battle)}`));
  const left = inPlay.length - shown.length;
  return left === 0 || most === 0 ? lines : [...lines, plain(`> and ${left} more`)];
}

const stateStyle = (status: RunStatus): Pick<Span, "style"> => ({
  style: status.state === "playing" || status.state === "settling" ? "bold" : "alert",
});

/** One row less than the terminal has, so that it never scrolls; what runs now and who stands how share what is left. */
export function liveView(status: RunStatus, { rows }: Size): Line[] {
  const { rounds } = status;
  const head: Line[] = [
    [{ text: oneLine(stateText(status)), ...stateStyle(status) }],
    [
      { text: `${bar(status)} ` },
      { text: progressText(status), ...(rounds.void > 0 ? { style: "alert" as const } : {}) },
    ],
    plain(timeLeftText(status.timeLeft)),
    plain(`spent ${spendText(status.spent, status.limit)}`),
  ];
  const room = Math.max(0, rows - 1 - head.length);
  const wanted = status.contestants.length + 1;
  const forPlaying = Math.min(status.inPlay.length, Math.max(Math.floor(room / 2), room - wanted));
  const forStanding = room - forPlaying;
  const lines = [
    ...head,
    ...playing(status, forPlaying),
    ...(forStanding < 2 ? [] : standing(status, forStanding)),
  ];
  return lines.slice(0, Math.max(1, rows - 1));
}
