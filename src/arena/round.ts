// One round: a submission, its label, a review, their meeting; every run of DESIGN 4 in its order.
import { isFault } from "../domain/fault.ts";
import type { Reason, RoundRecord, Side, VoidRound } from "../domain/record.ts";
import type { RoundRow, RunSettings } from "../domain/run.ts";
import {
  type Baseline,
  type JudgedRun,
  judge,
  type ReviewEvidence,
  type RoundEvidence,
  type SubmissionEvidence,
} from "../grading/index.ts";
import { beyondTheRound } from "./beyond-the-round.ts";
import { type Candidate, candidateOf } from "./candidate.ts";
import type { Case } from "./case.ts";
import type { Evidence } from "./evidence.ts";
import type { State } from "./judging.ts";
import { measuredIn } from "./measured.ts";
import {
  type Answered,
  type Feedback,
  noUsage,
  type Player,
  type ReviewAnswer,
  type SubmitAnswer,
} from "./player.ts";
import { type Review, reviewOf } from "./review.ts";
import { endsTheRun } from "./run-ending.ts";
import { isDiskFull } from "./running/room.ts";
import type { Runs } from "./runs.ts";
import { submissionRuns } from "./submission-runs.ts";
import { writeVerdict } from "./verdict-files.ts";

export interface RoundPlan {
  readonly battleId: string;
  readonly round: number;
  readonly submitter: Player;
  readonly reviewer: Player;
  readonly submitterTurn: number;
  readonly reviewerTurn: number;
  readonly submitterFeedback: readonly Feedback[];
  readonly reviewerFeedback: readonly Feedback[];
  readonly seed: string;
  /** Played before and stored: played again for its feedback only, its evidence stays as it is. */
  readonly isStored?: boolean;
}

export interface RoundDeps {
  readonly runs: Runs;
  readonly evidence: Evidence;
  readonly settings: RunSettings;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonicMs: () => number;
}

export interface PlayedRound {
  readonly row: RoundRow;
  readonly submitterFeedback: Feedback;
  readonly reviewerFeedback: Feedback;
}

/** What one round has gathered so far; a fault in the middle leaves the rest out and voids it. */
class Gathering {
  submit: Answered<SubmitAnswer> | undefined;
  review: Answered<ReviewAnswer> | undefined;
  candidate: Candidate | undefined;
  tests: Review | undefined;
  submissionEvidence: SubmissionEvidence = { kind: "rejected", reasons: [] };
  reviewEvidence: ReviewEvidence = { kind: "none" };
  fault: VoidRound | undefined;
  side: Side | "baseline" = "baseline";
  readonly reused: string[] = [];
  readonly evidenceFiles: Record<string, string> = {};
  judgingMs = 0;
}

class RoundPlay {
  readonly #of: Case;
  readonly #plan: RoundPlan;
  readonly #deps: RoundDeps;
  readonly #baseline: Baseline;
  readonly #got = new Gathering();

  constructor(of: Case, plan: RoundPlan, deps: RoundDeps, baseline: Baseline) {
    this.#of = of;
    this.#plan = plan;
    this.#deps = deps;
    this.#baseline = baseline;
    Object.assign(this.#got.evidenceFiles, deps.runs.baselineEvidence(of));
  }

  async play(): Promise<PlayedRound> {
    try {
      await this.#submission();
      await this.#reviewing();
    } catch (error) {
      this.#got.fault = this.#voidFor(error);
    }
    const record = judge(this.#of.instance, this.#evidence());
    return this.#finish(record);
  }

  #evidence(): RoundEvidence {
    const { fault } = this.#got;
    return {
      baseline: this.#baseline,
      submission: this.#got.submissionEvidence,
      review: this.#got.reviewEvidence,
      ...(fault === undefined ? {} : { fault }),
    };
  }

  #voidFor(error: unknown): VoidRound {
    if (!isFault(error)) throw error;
    if (endsTheRun(error) || isDiskFull(error)) throw error;
    return { cause: error.code, side: this.#got.side, detail: error.message };
  }

  async #run(name: string, tree: string, options: Partial<State> = {}): Promise<JudgedRun> {
    const state: State = { name, tree, comparison: "single", repeat: 1, withLint: false, ...options };
    const started = this.#deps.monotonicMs();
    const done = await this.#deps.runs.run(this.#of, state);
    this.#got.judgingMs += this.#deps.monotonicMs() - started;
    const label = state.comparison === "single" ? name : `${name} ${state.repeat}`;
    if (done.reused) this.#got.reused.push(label);
    this.#got.evidenceFiles[label] = done.evidence;
    return done.judged;
  }

  async #submission(): Promise<void> {
    const { submitter, battleId, round, submitterTurn: turn, submitterFeedback: feedback, seed } = this.#plan;
    this.#got.side = "submitter";
    const { retrieval } = this.#deps.settings;
    const call = { battleId, round };
    const submit = await submitter.submit({ of: this.#of, call, turn, feedback, seed, retrieval });
    this.#got.submit = submit;
    const candidate = await candidateOf(this.#of, submit.answer);
    this.#got.candidate = candidate;
    this.#got.submissionEvidence = await submissionRuns(this.#of, candidate, {
      baseline: this.#baseline,
      run: ({ name, tree, ...options }) => this.#run(name, tree, options),
    });
  }

  #with(tree: string, files: ReadonlyMap<string, Buffer | undefined>): Promise<string> {
    return this.#of.repository.withFiles(tree, files);
  }

  /** Asked for whatever became of the submission; its tests always meet gold. */
  async #reviewing(): Promise<void> {
    const { reviewer, battleId, round, reviewerTurn: turn, reviewerFeedback: feedback, seed } = this.#plan;
    this.#got.side = "reviewer";
    const { hintMode, retrieval } = this.#deps.settings;
    const diff = await this.#submissionDiff();
    const review = await reviewer.review({
      of: this.#of,
      call: { battleId, round },
      turn,
      feedback,
      seed,
      hintMode,
      retrieval,
      ...(diff === undefined ? {} : { submissionDiff: diff }),
    });
    this.#got.review = review;
    const tests = await reviewOf(this.#of, review.answer);
    this.#got.tests = tests;
    this.#got.reviewEvidence = tests.kind === "applied" ? await this.#meeting(tests.files) : tests;
  }

  async #submissionDiff(): Promise<string | undefined> {
    const candidate = this.#got.candidate;
    if (candidate?.kind !== "applied") return undefined;
    return this.#of.repository.diff(this.#of.baseTree, candidate.tree);
  }

  /** G+T and P+T interleaved, then B+T once, then whatever else a valid review meets. */
  async #meeting(files: ReadonlyMap<string, Buffer | undefined>): Promise<ReviewEvidence> {
    const { repeats } = this.#deps.settings;
    const submission = judge(this.#of.instance, this.#evidence()).submission;
    const candidate = this.#got.candidate;
    const meets = submission.status === "valid" && candidate?.kind === "applied" ? candidate.tree : undefined;
    const goldTree = await this.#with(this.#of.goldTree, files);
    const metTree = meets === undefined ? undefined : await this.#with(meets, files);
    const onGold: JudgedRun[] = [];
    const onSubmission: JudgedRun[] = [];
    for (let repeat = 1; repeat <= repeats; repeat += 1) {
      onGold.push(
        await this.#run("G+T", goldTree, { comparison: "control", repeat, withLint: repeat === 1 }),
      );
      if (metTree !== undefined) {
        onSubmission.push(await this.#run("P+T", metTree, { comparison: "treatment", repeat }));
      }
    }
    const onBase = await this.#run("B+T", await this.#with(this.#of.baseTree, files));
    const evidence: ReviewEvidence = {
      kind: "applied",
      files: [...files.keys()],
      onGold,
      ...(metTree === undefined ? {} : { onSubmission }),
      onBase,
      onPanel: [],
      ...(this.#deps.settings.hintMode === "none" ? {} : { sawSubmission: true }),
    };
    return { ...evidence, ...(await this.#beyond(files, evidence, meets)) };
  }

  /** What only a valid review meets. */
  async #beyond(
    files: ReadonlyMap<string, Buffer | undefined>,
    evidence: ReviewEvidence,
    submission: string | undefined,
  ): Promise<Partial<Awaited<ReturnType<typeof beyondTheRound>>>> {
    const { review } = judge(this.#of.instance, { ...this.#evidence(), review: evidence });
    if (review.status !== "valid") return {};
    const { runs, settings } = this.#deps;
    return beyondTheRound({
      ...{ of: this.#of, runs, settings, files, eligible: review.eligible },
      run: (name, tree, options) => this.#run(name, tree, options),
      ...(submission === undefined ? {} : { submission }),
    });
  }

  async #finish(record: RoundRecord): Promise<PlayedRound> {
    const { battleId, round, submitter, reviewer } = this.#plan;
    const folder = `battles/${battleId}/round-${round}`;
    const patch = (await this.#submissionDiff()) ?? rawPatch(this.#got.submit?.answer);
    const tests = await this.#reviewPatch();
    if (this.#plan.isStored !== true) await this.#writeEvidence(folder, record, patch, tests);
    const row: RoundRow = {
      battleId,
      round,
      instanceId: this.#of.instance.instanceId,
      language: this.#of.instance.language,
      submitter: submitter.id,
      reviewer: reviewer.id,
      record,
      ...measuredIn(this.#evidence()),
      submitterUsage: this.#got.submit?.usage ?? noUsage,
      reviewerUsage: this.#got.review?.usage ?? noUsage,
      ...this.#contexts(),
      judgingSeconds: this.#got.judgingMs / 1000,
      reusedRuns: this.#got.reused,
      evidenceHash: await this.#deps.evidence.hashOf(folder),
    };
    return {
      row,
      submitterFeedback: { round, answer: patch, outcome: submissionFeedback(record) },
      reviewerFeedback: { round, answer: tests, outcome: reviewFeedback(record) },
    };
  }

  #contexts(): Pick<RoundRow, "submitterContext" | "reviewerContext"> {
    const [submitted, reviewed] = [this.#got.submit?.shown, this.#got.review?.shown];
    return {
      ...(submitted === undefined ? {} : { submitterContext: submitted }),
      ...(reviewed === undefined ? {} : { reviewerContext: reviewed }),
    };
  }

  async #reviewPatch(): Promise<string> {
    const answer = this.#got.review?.answer;
    if (answer?.kind === "patch") return answer.patch;
    if (answer?.kind !== "files" || answer.files.size === 0) return "";
    return this.#of.repository.diff(this.#of.baseTree, await this.#with(this.#of.baseTree, answer.files));
  }

  async #writeEvidence(folder: string, record: RoundRecord, patch: string, tests: string): Promise<void> {
    const { evidence } = this.#deps;
    const transcripts = [
      ["submitter", this.#got.submit?.transcript],
      ["reviewer", this.#got.review?.transcript],
    ] as const;
    for (const [role, transcript] of transcripts) {
      for (const [name, text] of transcript ?? [])
        await evidence.writeText(`${folder}/${role}-${name}`, text);
    }
    await evidence.writeText(`${folder}/review.patch`, tests);
    const { candidate, evidenceFiles: runs } = this.#got;
    const from = this.#evidence();
    await writeVerdict(evidence, folder, { patch, candidate, from, record, runs });
  }
}

function rawPatch(answer: SubmitAnswer | undefined): string {
  return answer?.kind === "patch" ? answer.patch : "";
}

/** What may be fed back of reasons: never what runs with gold or hidden tests said. */
const said = (reasons: readonly Reason[]): string =>
  reasons.map((reason) => `${reason.code}: ${reason.detail}`).join("\n");

/** A submitter learns the outcome of P without H, nothing of the label (DESIGN 4.9). */
function submissionFeedback(record: RoundRecord): string {
  if (record.submission.status === "valid") return "Your patch applied and kept every visible check passing.";
  return `Your patch was not valid.\n${said(record.submission.reasons)}`;
}

/** A reviewer learns how its new checks fared, nothing of the label. */
function reviewFeedback(record: RoundRecord): string {
  if (record.review.status === "none") return "You gave no tests.";
  if (record.review.status === "invalid") return `Your tests were not valid.\n${said(record.review.reasons)}`;
  const killers = record.killedBy.length === 0 ? "" : ` (${record.killedBy.join(", ")})`;
  return `Your tests were valid; against the patch they: ${record.effect}${killers}.`;
}

/**
 * Plays one round. Outcomes of the contestants are in the row's record; a fault that may not repeat voids the round.
 * @throws a fault that would void every other round too (engine gone, budget spent, store failed)
 */
export async function playRound(of: Case, plan: RoundPlan, deps: RoundDeps): Promise<PlayedRound> {
  const baseline = await deps.runs.baseline(of);
  return new RoundPlay(of, plan, deps, baseline).play();
}
