// A board as a SARIF 2.1.0 log: every defect that was shown or is known, for tools that collect findings.
import { createHash } from "node:crypto";
import type { Log, Notification, ReportingDescriptor, Result } from "sarif";
import { reasonText } from "../domain/record.ts";
import type { RoundRow } from "../domain/run.ts";
import type { Board } from "./board.ts";
import { plain } from "./text.ts";
import { type ThresholdResult, thresholdText } from "./threshold.ts";

interface Finding {
  readonly rule: keyof typeof rules;
  readonly level: "error" | "warning" | "note";
  readonly text: string;
}

const rules = {
  "patch-broken": "The reviewer's tests pass on the merged fix every time and fail on the patch every time.",
  "patch-contested": "The reviewer's tests kill a patch that the hidden tests call resolved.",
  "patch-unresolved": "The hidden tests call the patch unresolved, and no reviewer's test showed it.",
  "patch-invalid": "No patch that could be judged was given, or it breaks what passed before.",
  "test-invalid": "The reviewer's tests are not valid: they do not pass on the merged fix, or show nothing.",
  "below-threshold": "A figure of the board does not meet a threshold that was asked for.",
} as const;

function findingsOf({ record }: RoundRow): Finding[] {
  if (record.void !== undefined) return [];
  const { submission, review, effect, label, contested } = record;
  const because = (reasons: typeof submission.reasons) =>
    reasons.map(reasonText).join("; ") || "no reason kept";
  const found: Finding[] = [];
  if (submission.status === "invalid")
    found.push({ rule: "patch-invalid", level: "error", text: because(submission.reasons) });
  else if (effect === "killed" && contested)
    found.push({
      rule: "patch-contested",
      level: "warning",
      text: `killed by ${record.killedBy.join(", ")}`,
    });
  else if (effect === "killed")
    found.push({ rule: "patch-broken", level: "error", text: `killed by ${record.killedBy.join(", ")}` });
  else if (label === "unresolved")
    found.push({
      rule: "patch-unresolved",
      level: "error",
      text: "unresolved by the hidden tests, not killed",
    });
  if (review.status === "invalid")
    found.push({ rule: "test-invalid", level: "warning", text: because(review.reasons) });
  return found;
}

const fingerprint = (parts: readonly (string | number)[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex");

function resultOf(row: RoundRow, { rule, level, text }: Finding): Result {
  const { submitter, reviewer, instanceId, battleId, round } = row;
  const who = rule === "test-invalid" ? reviewer : submitter;
  return {
    ruleId: rule,
    level,
    message: { text: plain(`${who} on ${instanceId}: ${text}`) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: `battles/${encodeURIComponent(battleId)}/round-${round}/verdict.json` },
        },
        logicalLocations: [{ fullyQualifiedName: plain(`${instanceId}/${battleId}/round-${round}`) }],
      },
    ],
    partialFingerprints: { "arenaRound/v1": fingerprint([rule, instanceId, submitter, reviewer, round]) },
    properties: { contestant: plain(who), instanceId: plain(instanceId), battleId: plain(battleId), round },
  };
}

function thresholdResult(result: ThresholdResult): Result {
  const { threshold, contestant } = result;
  return {
    ruleId: "below-threshold",
    level: "error",
    message: { text: plain(thresholdText(result)) },
    locations: [{ logicalLocations: [{ fullyQualifiedName: plain(contestant) }] }],
    partialFingerprints: { "arenaThreshold/v1": fingerprint([threshold.text, contestant]) },
  };
}

/** Ours, not the contestant's: told as trouble of the tool, never as a finding. */
const notificationOf = ({ battleId, round, record }: RoundRow): Notification[] =>
  record.void === undefined
    ? []
    : [
        {
          level: "warning",
          message: { text: plain(`void: ${record.void.cause}, ${battleId} round ${round}`) },
        },
      ];

const ruleList = (): ReportingDescriptor[] =>
  Object.entries(rules).map(([id, text]) => ({ id, shortDescription: { text } }));

/**
 * Results of all rounds in the order of their battles, of thresholds not met, and void rounds as notifications. Locations are
 * relative to a run's folder.
 */
export function sarifLog(
  board: Board,
  rows: readonly RoundRow[],
  thresholds: readonly ThresholdResult[],
): Log {
  const ordered = rows.toSorted((a, b) =>
    a.battleId === b.battleId ? a.round - b.round : a.battleId < b.battleId ? -1 : 1,
  );
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "swing-arena", rules: ruleList() } },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: ordered.flatMap(notificationOf),
          },
        ],
        results: [
          ...thresholds.filter(({ isMet }) => !isMet).map(thresholdResult),
          ...ordered.flatMap((row) => findingsOf(row).map((finding) => resultOf(row, finding))),
        ],
        properties: { reading: board.reading, sets: board.runs.map(({ set }) => plain(set)) },
      },
    ],
  };
}
