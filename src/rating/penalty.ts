// The penalty on what the rounds leave without an end: strengths that nothing bounds and, where it comes to that, margins too.
import { minus, nodesOn, overParameters, type Scale, weightsOf } from "./contrast.ts";
import { type Design, reviewerNode } from "./design.ts";
import { addTo, at, whole } from "./linear.ts";

/**
 * Precision of the normal penalty on a strength that the rounds leave unbounded: a standard deviation of 3 around the
 * mean of the bounded ones, wide beside any gap that was ever measured. Bounded strengths are never penalised.
 */
export const separationPenalty = 1 / 9;

/** Every unbounded strength, against the mean of the bounded ones of its role and group. */
function penaltyVectors(design: Design): Float64Array[] {
  const { group, separation } = design.comparability;
  return design.contestants.flatMap((_, contestant) =>
    (design.roles === "one" ? (["submitter"] as const) : (["submitter", "reviewer"] as const)).flatMap(
      (scale: Scale) => {
        const node = nodesOn(design, scale, contestant)[0] ?? 0;
        if (separation[node] === undefined) return [];
        const others = design.contestants
          .map((__, other) => (scale === "submitter" ? other : reviewerNode(design, other)))
          .filter((other) => group[other] === group[node]);
        const bounded = others.filter((other) => separation[other] === undefined);
        const reference = bounded.length > 0 ? bounded : others;
        const mean = weightsOf(reference, design).map((weight) => weight / reference.length);
        return [overParameters(design, minus(weightsOf([node], design), mean))];
      },
    ),
  );
}

/** Mean of η over the rounds of a group of strengths, or over all: it stays where it is wherever the origins are put. */
function advantageIn(design: Design, group?: number): Float64Array {
  const { cells, margins, nodePlace, languagePlace, languageOf, issues, size } = design;
  const sum = new Float64Array(size);
  const add = (place: number, rounds: number) => place >= 0 && addTo(sum, place, rounds);
  let all = 0;
  for (let issue = 0; issue < issues.length; issue += 1) {
    const language = whole(languagePlace, whole(languageOf, issue));
    for (let cell = whole(cells.starts, issue); cell < whole(cells.starts, issue + 1); cell += 1) {
      const [submitter, reviewer] = [whole(cells.submitter, cell), whole(cells.reviewer, cell)];
      if (group !== undefined && whole(design.comparability.group, submitter) !== group) continue;
      let rounds = 0;
      for (let k = 0; k < margins.length; k += 1) rounds += at(cells.counts, cell * margins.length + k);
      add(whole(nodePlace, submitter), rounds);
      add(whole(nodePlace, reviewer), -rounds);
      add(language, rounds);
      all += rounds;
    }
  }
  return sum.map((weight) => weight / all);
}

/** What besides strengths has no end then: margins as they are in a round of mean advantage, groups, and languages. */
function levelVectors(design: Design): Float64Array[] {
  const { cells, margins, marginPlace, languagePlace, size, roles } = design;
  const advantage = advantageIn(design);
  const reference = margins[marginPlace.indexOf(-1)] ?? 0;
  const added = (place: number, vector: Float64Array): Float64Array => {
    addTo(vector, place, 1);
    return vector;
  };
  const shift = (margin: number) => (roles === "one" ? 0 : (margin - reference) / 2);
  const levels = margins.flatMap((margin, k) => {
    const place = whole(marginPlace, k);
    return place < 0
      ? []
      : [
          added(
            place,
            advantage.map((weight) => shift(margin) * weight),
          ),
        ];
  });
  const groups = [...new Set(cells.submitter.map((node) => whole(design.comparability.group, node)))];
  const offsets = groups.map((group) =>
    advantageIn(design, group).map((weight, i) => weight - at(advantage, i)),
  );
  const mean = new Float64Array(size);
  for (const place of languagePlace) if (place >= 0) addTo(mean, place, 1 / languagePlace.length);
  const languages = [...languagePlace]
    .filter((place) => place >= 0)
    .map((place) =>
      added(
        place,
        mean.map((weight) => -weight),
      ),
    );
  return [...levels, ...offsets, ...languages];
}

/** Precision matrix over the parameters; all zeros where the rounds bound everything. */
export function penaltyOf(design: Design): Float64Array {
  const { size } = design;
  const penalty = new Float64Array(size * size);
  const levels = design.isSeparated ? levelVectors(design) : [];
  for (const vector of [...penaltyVectors(design), ...levels]) {
    vector.forEach((left, i) => {
      vector.forEach((right, j) => {
        addTo(penalty, i * size + j, separationPenalty * left * right);
      });
    });
  }
  return penalty;
}
