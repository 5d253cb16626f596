// `arena issues check`: does this host's gold resolve, does base not, is the panel what it says it is?
import type { InstanceCheck, ReviewerCheck } from "../../arena/index.ts";
import { checkInstance, checkReviewer } from "../../arena/index.ts";
import { monotonicMs, openSetSession, type SessionOptions } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";
import { reportSetProblems } from "../set-problems.ts";

export interface CheckOptions extends SessionOptions {
  readonly repeats: number;
  readonly strict?: boolean;
  /** Gold, overfit and trivial also review against the panel. */
  readonly reviewers?: boolean;
}

const reviewers = ["gold", "overfit", "trivial"] as const;

interface Checked {
  readonly instance: InstanceCheck;
  readonly reviewers: readonly ReviewerCheck[];
}

function panelWord(check: InstanceCheck): string {
  if (check.panel.length === 0) return "-";
  const right = check.panel.filter((member) => member.valid && member.label === member.declared).length;
  return `${right}/${check.panel.length}`;
}

function killed(review: ReviewerCheck, label: "resolved" | "unresolved"): string {
  const met = review.panel.filter((result) => result.label === label);
  return `${met.filter((result) => result.effect === "killed").length}/${met.length}`;
}

function reviewerWord(review: ReviewerCheck): string {
  if (review.status !== "valid") return review.status;
  return `${killed(review, "unresolved")} wrong, ${killed(review, "resolved")} right`;
}

/** Nothing is wrong with such an instance; whoever relies on its labels should know. */
function deafNote({ instanceId, deaf, failToPass }: InstanceCheck): string | undefined {
  if (deaf.length === 0) return undefined;
  const decisive = failToPass.filter((id) => deaf.includes(id));
  const among = decisive.length === 0 ? "" : `, fail-to-pass among them: ${decisive.join(", ")}`;
  return `${instanceId}: note: canaries alone vouch for ${deaf.length} checks${among}`;
}

function rendered(checked: readonly Checked[], repeats: number): string {
  const withReviewers = checked.some((each) => each.reviewers.length > 0);
  const header = ["instance", "oracle", "gold", "empty", "flaky", "panel", "seconds"];
  const rows = checked.map(({ instance, reviewers: reviews }) => [
    instance.instanceId,
    instance.oracle,
    instance.gold,
    instance.empty,
    String(instance.flaky.length),
    panelWord(instance),
    instance.seconds.toFixed(1),
    ...reviews.map(reviewerWord),
  ]);
  const heads = withReviewers ? reviewers.map((name) => `${name} kills`) : [];
  const problems = checked.flatMap(({ instance }) =>
    instance.problems.map((problem) => `${instance.instanceId}: ${problem}`),
  );
  const notes = checked.flatMap(({ instance }) => deafNote(instance) ?? []);
  const gold = checked.filter(({ instance }) => instance.gold === "pass").length;
  const summary = `${gold} of ${checked.length} gold resolved, ${repeats} repeats of each state`;
  return [table([[...header, ...heads], ...rows]), "", ...problems, ...notes, summary].join("\n");
}

function json(checked: readonly Checked[], set: string): unknown {
  return {
    schemaVersion: 1,
    set,
    instances: checked.map(({ instance, reviewers: reviews }) => ({
      instance_id: instance.instanceId,
      oracle: instance.oracle,
      gold: instance.gold,
      empty: instance.empty,
      flaky: instance.flaky,
      deaf: instance.deaf,
      seconds: instance.seconds,
      fail_to_pass: instance.failToPass,
      pass_to_pass: instance.passToPass,
      panel: instance.panel,
      reviewers: reviews,
      problems: instance.problems,
    })),
  };
}

/** Reads, runs and prints. Exit code 4 when an instance fails, 3 when one could not be checked for a fault. */
export async function check(options: CheckOptions, context: CommandContext): Promise<ExitCode> {
  await using session = await openSetSession(options, context);
  const { out } = context;
  reportSetProblems(session.problems, out, options.strict === true);
  await session.mustHaveRepository(session.instanceIds);
  const checked: Checked[] = [];
  const { runs, evidence } = session;
  const deps = { runs, evidence, repeats: options.repeats, monotonicMs };
  const checkOne = async (instanceId: string): Promise<Checked> => {
    const instance = session.instance(instanceId);
    const result = await checkInstance(instance, () => session.open(instanceId), deps);
    const sound = result.gold === "pass" && instance.panel.length > 0 && options.reviewers === true;
    const reviews: ReviewerCheck[] = [];
    for (const name of sound ? reviewers : []) {
      const of = await session.open(instanceId);
      const once = { ...deps, repeats: Math.min(options.repeats, 3) };
      reviews.push(await checkReviewer(of, session.player(name), session.player("empty"), once));
    }
    out.note(`${instanceId}: gold ${result.gold}, empty ${result.empty}, panel ${panelWord(result)}`);
    return { instance: result, reviewers: reviews };
  };
  const ids = [...session.instanceIds];
  const work = async (): Promise<void> => {
    for (let id = ids.shift(); id !== undefined && !context.signal.aborted; id = ids.shift()) {
      checked.push(await checkOne(id));
    }
  };
  await Promise.all([work(), work()]);
  checked.sort((one, other) => (one.instance.instanceId < other.instance.instanceId ? -1 : 1));
  out.result(json(checked, session.setName), () => rendered(checked, options.repeats));
  const outcomes = checked.flatMap(({ instance }) => [instance.gold, instance.empty]);
  if (outcomes.includes("fault")) return exitCodes.fault;
  const bad = outcomes.includes("fail") || checked.some(({ instance }) => instance.problems.length > 0);
  return bad || session.problems.length > 0 ? exitCodes.belowThreshold : exitCodes.done;
}
