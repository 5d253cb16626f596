// What a role was shown of the source: how much, and whether the files that gold changes were in it.
import type { Side } from "../domain/record.ts";
import type { RoundRow, ShownContext } from "../domain/run.ts";
import { amount, type MetricDefinition, rate, reviews, rounds } from "./metric-definition.ts";

const shownTo = (row: RoundRow, role: Side): ShownContext | undefined =>
  role === "submitter" ? row.submitterContext : row.reviewerContext;

/** Absent for whoever was never shown anything: controls, replays, and rounds that ended before the prompt. */
export function contextMetrics(role: Side): Readonly<Record<string, MetricDefinition>> {
  const over = `${role === "submitter" ? rounds : reviews} with a prompt`;
  return {
    [`${role}ContextTokens`]: {
      role,
      what: `mean tokens of source a prompt showed, by the contestant's tokenizer, over ${over}`,
      of: (row) => {
        const shown = shownTo(row, role);
        return shown === undefined ? undefined : amount(shown.tokens);
      },
    },
    [`${role}GoldRecall`]: {
      role,
      range: rate,
      what: `share of the files gold changes that were shown with text of their own, over ${over} whose gold changes a file`,
      of: (row) => {
        const gold = shownTo(row, role)?.gold;
        return gold === undefined || gold.total === 0 ? undefined : amount(gold.passed / gold.total);
      },
    },
  };
}
