// What the pair must know of a kind of question: when a text holds an answer, when enough are there, and which to take.
import type { AnswerTrial } from "../model.ts";
import type { Candidate } from "./backend.ts";

export type GateVerdict =
  | { readonly kind: "open" }
  | { readonly kind: "answered"; readonly answer: string }
  /** It can never become an answer: the draft is written anew. */
  | { readonly kind: "refused"; readonly because: string };

export interface Chosen {
  readonly sample: number;
  readonly answer: string;
}

export interface Task {
  readonly name: string;
  /**
   * Before anything is scored.
   * @param text the whole answer so far, and whether its writer said that it has ended
   */
  gate(text: string, isEnded: boolean): GateVerdict | Promise<GateVerdict>;
  /** Whether an answer is scored too and may be handed over, or ends its candidate unseen. */
  readonly scoresAnswers: boolean;
  /** What the target does about a bad draft: go on behind it, or write it anew. */
  readonly onIntervention: "continue" | "regenerate";
  /**
   * Whether a draft that a sibling has written too is written anew. Never where candidates vote: votes are counted among
   * texts that were drawn alike, and small steps repeat for good reasons.
   */
  readonly exchangesDuplicates: boolean;
  /** Asked as soon as a candidate ends: whether those still under way could change anything. */
  isDecided(ended: readonly Candidate[], remaining: number): boolean;
  /** Runs an answer, where it can be run: of several, one that passes is taken. */
  readonly trial?: AnswerTrial;
  /** Undefined where none will do. */
  choose(candidates: readonly Candidate[]): Chosen | undefined;
}

/** The mean score of the drafts that it keeps, larger is worse; undefined where none was scored. */
export function meanNonconformity({ chunks }: Candidate): number | undefined {
  const scores = chunks.flatMap(({ isKept, nonconformity }) =>
    isKept && nonconformity !== undefined ? [nonconformity] : [],
  );
  return scores.length === 0 ? undefined : scores.reduce((sum, each) => sum + each, 0) / scores.length;
}

/** Any text will do: whatever its writer ends with is the answer, and the one that the target finds likeliest is taken. */
export const chatTask: Task = {
  name: "chat",
  gate: (text, isEnded) => (isEnded ? { kind: "answered", answer: text } : { kind: "open" }),
  scoresAnswers: true,
  onIntervention: "regenerate",
  exchangesDuplicates: false,
  isDecided: () => false,
  choose: (candidates) => likeliest(candidates),
};

/** Of candidates with an answer the one that looks best to the target; the first where none was scored. */
export function likeliest(candidates: readonly Candidate[]): Chosen | undefined {
  const answered = candidates.flatMap((candidate) =>
    candidate.end.kind === "answered" ? [{ candidate, answer: candidate.end.answer }] : [],
  );
  const [best] = answered.toSorted(
    (one, other) =>
      (meanNonconformity(one.candidate) ?? Infinity) - (meanNonconformity(other.candidate) ?? Infinity) ||
      one.candidate.sample - other.candidate.sample,
  );
  return best === undefined ? undefined : { sample: best.candidate.sample, answer: best.answer };
}
