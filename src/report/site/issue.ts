// What the site says of an issue beside the rounds that were played on it, and where each page lies.
import { createHash } from "node:crypto";
import type { RoundExhibit } from "../../domain/exhibit.ts";
import type { PlannedBattle, RoundRow, StoredCall } from "../../domain/run.ts";

export interface SiteIssue {
  readonly repo: string;
  /** The issue as contestants see it; its first line is its title. */
  readonly text: string;
  /** As the set has it; empty where it does not say. */
  readonly createdAt: string;
}

export interface ShownRound {
  readonly row: RoundRow;
  readonly exhibit: RoundExhibit;
}

/** One battle with everything its page shows. */
export interface ShownBattle {
  /** Place of its run on the board, from 0. */
  readonly run: number;
  readonly runName: string;
  readonly battle: PlannedBattle;
  /** Place in its run, from 0. */
  readonly place: number;
  /** Oldest first. */
  readonly rounds: readonly ShownRound[];
  readonly calls: readonly StoredCall[];
  /** Absent where the run's set could not be read. */
  readonly issue?: SiteIssue;
  /** Logs and prompts have pages of their own; absent where they were left out. */
  readonly withLogs: boolean;
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** The last part of a run's folder, as long as that tells the runs apart: where a folder lay is nobody's business. */
export function shortNames(names: readonly string[]): readonly string[] {
  const last = names.map(
    (name) =>
      name
        .split(/[\\/]/)
        .filter((part) => part !== "")
        .at(-1) ?? name,
  );
  return last.map((name, place) =>
    last.indexOf(name) === last.lastIndexOf(name) ? name : `${name} (${place + 1})`,
  );
}

/** Names of files are ours alone: numbers and digests, never what somebody called a battle. */
export const battlePath = (run: number, place: number): string => `battles/${run + 1}-${place + 1}.html`;
export const logPath = (run: number, log: string): string => `logs/${digest(`${run} ${log}`)}.html`;
export const promptPath = (run: number, { battleId, round }: RoundRow, role: string): string =>
  `prompts/${digest(`${run} ${battleId} ${round} ${role}`)}.html`;

const markdownHeading = /^#+\s*/;

/** The first line that says something, without Markdown's signs of a heading; of a bounded length. */
export function titleOf(text: string): string {
  const line = text.split("\n").find((each) => each.trim() !== "") ?? "";
  const title = line.trim().replace(markdownHeading, "");
  return title.length > 160 ? `${title.slice(0, 159)}…` : title;
}
