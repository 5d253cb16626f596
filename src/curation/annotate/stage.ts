// The annotate stage: what people said of a row takes the place of what a model said, once at least two have said it.
import { type AnnotatedRow, annotatedRow, type JudgedRow, judgedRow } from "../pipeline/rows.ts";
import { keptAs, rejectedFor, type Stage } from "../pipeline/stage.ts";
import type { Unit } from "./agreement.ts";
import type { AnnotationAnswer } from "./answers.ts";

export type Annotations = ReadonlyMap<string, ReadonlyMap<string, AnnotationAnswer>>;

/** Of one row, in the order of the annotators' names. */
function answersTo(id: string, annotations: Annotations): readonly (readonly [string, AnnotationAnswer])[] {
  return [...annotations].flatMap(([annotator, answers]) => {
    const answer = answers.get(id);
    return answer === undefined ? [] : [[annotator, answer] as const];
  });
}

/** The lower of the two in the middle: nobody gave what lies between. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** What each row was given, by measure, for their agreement. */
export function unitsOf(annotations: Annotations, measure: "clarity" | "difficulty"): Unit[] {
  const ids = [...new Set([...annotations.values()].flatMap((answers) => [...answers.keys()]))].sort();
  return ids.map((id) => answersTo(id, annotations).map(([, answer]) => answer[measure]));
}

/** Rejects `unclear`. Rows that fewer than two people have answered go on as they are. */
export function annotateStage(deps: {
  readonly annotations: Annotations;
  /** Below it a row is put aside. */
  readonly leastClarity: number;
}): Stage<JudgedRow, AnnotatedRow> {
  const { annotations, leastClarity } = deps;
  const said = [...annotations].map(([annotator, answers]) => [annotator, [...answers.values()]]);
  return {
    name: "annotate",
    input: judgedRow,
    output: annotatedRow,
    settings: { rules: 1, leastClarity, said },
    run: async (row) => {
      const answers = answersTo(row.id, annotations);
      if (answers.length < 2) return keptAs(row);
      const clarity = median(answers.map(([, answer]) => answer.clarity));
      const difficulty = median(answers.map(([, answer]) => answer.difficulty));
      const annotators = answers.map(([annotator]) => annotator);
      const { judgement } = row;
      const overrides =
        judgement !== undefined && (judgement.clarity !== clarity || judgement.difficulty !== difficulty);
      if (clarity >= leastClarity)
        return keptAs({ ...row, annotation: { clarity, difficulty, annotators, overrides } });
      const detail = `expected a clarity of at least ${leastClarity}, found ${clarity} by ${annotators.join(", ")}`;
      return rejectedFor(row, { reason: "unclear", detail });
    },
  };
}
