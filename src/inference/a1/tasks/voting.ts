// Puts samples' answers that say the same together, and tells which answer most of them give.
import { type Comparison, compareAnswers } from "./equality.ts";

export interface AnswerGroup {
  /** As its first sample wrote it. */
  readonly answer: string;
  /** Indices of samples, ascending. */
  readonly samples: readonly number[];
}

export type Compare = (one: string, other: string) => Comparison;

/**
 * The votes on one question, in whatever order samples end: groups depend on who voted what, never on when. Answers
 * that equal a third are together, even where they do not equal each other.
 */
export class Votes {
  readonly #compare: Compare;
  /** Distinct texts, each with the text that stands for its group. */
  readonly #parents = new Map<string, string>();
  readonly #texts = new Map<number, string>();
  readonly #voted = new Set<number>();
  #unanswered = 0;

  constructor(compare: Compare = compareAnswers) {
    this.#compare = compare;
  }

  /**
   * @param answer undefined where the sample ended without one
   * @throws RangeError for a sample that has voted
   */
  add(sample: number, answer: string | undefined): void {
    if (this.#voted.has(sample))
      throw new RangeError(`expected one vote a sample, found a second of ${sample}`);
    this.#voted.add(sample);
    if (answer === undefined) {
      this.#unanswered += 1;
      return;
    }
    const text = answer.trim();
    this.#texts.set(sample, text);
    if (this.#parents.has(text)) return;
    const others = [...this.#parents.keys()];
    this.#parents.set(text, text);
    for (const other of others) {
      const [root, otherRoot] = [this.#rootOf(text), this.#rootOf(other)];
      if (root !== otherRoot && this.#compare(text, other) === "equal") this.#parents.set(root, otherRoot);
    }
  }

  #rootOf(text: string): string {
    let root = text;
    for (let parent = this.#parents.get(root); parent !== undefined && parent !== root; ) {
      root = parent;
      parent = this.#parents.get(root);
    }
    return root;
  }

  /** Samples that ended without an answer. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** The largest first; of two as large the one whose first sample comes first. */
  groups(): readonly AnswerGroup[] {
    // Filled from the first sample on, and the sort below is stable: that is what settles ties.
    const samplesOf = new Map<string, number[]>();
    for (const [sample, text] of [...this.#texts].sort(([one], [other]) => one - other)) {
      const root = this.#rootOf(text);
      samplesOf.set(root, [...(samplesOf.get(root) ?? []), sample]);
    }
    return [...samplesOf.values()]
      .map((samples) => ({ answer: this.#texts.get(samples[0] ?? 0) ?? "", samples }))
      .sort((one, other) => other.samples.length - one.samples.length);
  }

  /** Sizes of the groups, as stop rules ask for them. */
  counts(): readonly number[] {
    return this.groups().map(({ samples }) => samples.length);
  }
}

/** Answers by sample index; undefined where a sample gave none. */
export function groupAnswers(
  answers: readonly (string | undefined)[],
  compare: Compare = compareAnswers,
): readonly AnswerGroup[] {
  const votes = new Votes(compare);
  for (const [sample, answer] of answers.entries()) votes.add(sample, answer);
  return votes.groups();
}

/** What most samples say; ties go to the answer that was given first. Undefined where nobody answered. */
export function majorityOf(
  answers: readonly (string | undefined)[],
  compare: Compare = compareAnswers,
): AnswerGroup | undefined {
  return groupAnswers(answers, compare)[0];
}
