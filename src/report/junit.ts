// A board as JUnit XML, for continuous integration that shows test reports: thresholds, then every round of every submitter.
import { XMLBuilder } from "fast-xml-parser";
import { reasonText, scoreOf, verdictOf } from "../domain/record.ts";
import type { RoundRow } from "../domain/run.ts";
import type { Board } from "./board.ts";
import { plain } from "./text.ts";
import { type ThresholdResult, thresholdText } from "./threshold.ts";

interface Case {
  readonly "@name": string;
  readonly "@classname": string;
  readonly "@time"?: string;
  readonly failure?: { readonly "@message": string; readonly "#text"?: string };
  readonly skipped?: { readonly "@message": string };
}

function roundCase(row: RoundRow, board: Board): Case {
  const { record, submitter, reviewer, instanceId, battleId, round, judgingSeconds } = row;
  const common = {
    "@name": plain(`${instanceId} round ${round} against ${reviewer} (${battleId})`),
    "@classname": plain(submitter),
    "@time": judgingSeconds.toFixed(3),
  };
  if (record.void !== undefined) {
    // Ours, not the contestant's: neither passed nor failed.
    return { ...common, skipped: { "@message": plain(`void: ${record.void.cause}`) } };
  }
  if (scoreOf(record, board.reading)?.submitter === 1) return common;
  const reasons = [...record.submission.reasons, ...record.review.reasons].map(reasonText).map(plain);
  const message = `${verdictOf(record)}, ${record.label} (${board.reading})`;
  return { ...common, failure: { "@message": message, "#text": reasons.join("\n") } };
}

function thresholdCase(result: ThresholdResult): Case {
  const { threshold, contestant, isMet } = result;
  const common = { "@name": plain(threshold.text), "@classname": plain(contestant) };
  return isMet ? common : { ...common, failure: { "@message": plain(thresholdText(result)) } };
}

function suite(name: string, cases: readonly Case[]) {
  return {
    "@name": plain(name),
    "@tests": String(cases.length),
    "@failures": String(cases.filter(({ failure }) => failure !== undefined).length),
    "@errors": "0",
    "@skipped": String(cases.filter(({ skipped }) => skipped !== undefined).length),
    testcase: cases,
  };
}

/**
 * A round is a failed test where the submission does not stand in the board's reading, and a skipped one where it is void.
 * `rows`: the rounds of the board, in any order.
 */
export function renderJunit(
  board: Board,
  rows: readonly RoundRow[],
  thresholds: readonly ThresholdResult[],
): string {
  const suites = board.contestants.flatMap(({ id }) => {
    const own = rows.filter(({ submitter }) => submitter === id);
    const cases = own.map((row) => roundCase(row, board)).sort((a, b) => (a["@name"] < b["@name"] ? -1 : 1));
    return cases.length === 0 ? [] : [suite(id, cases)];
  });
  const checked = thresholds.length === 0 ? [] : [suite("thresholds", thresholds.map(thresholdCase))];
  const builder = new XMLBuilder({
    ...{ attributeNamePrefix: "@", ignoreAttributes: false, format: true },
    ...{ suppressEmptyNode: true, processEntities: true },
  });
  const document = builder.build({
    "?xml": { "@version": "1.0", "@encoding": "UTF-8" },
    testsuites: { "@name": "swing-arena", testsuite: [...checked, ...suites] },
  });
  return document;
}
