// The numerical floor that ratings stand on: factors, eigenvalues, Student's t, and the likelihood's own derivatives.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import { designOf } from "../../../src/rating/design.ts";
import { evaluate, startingPlacement } from "../../../src/rating/evaluate.ts";
import { at, cholesky, dot, eigenOf, solve, times, whitened } from "../../../src/rating/linear.ts";
import { studentBelow, studentQuantile } from "../../../src/rating/student.ts";
import { normal, playAll, usualWorld } from "../../support/tournaments.ts";

/** B Bᵀ + I. */
function positive(size: number, seed: string): Float64Array {
  const random = seededRandom(seed);
  const rows = Array.from({ length: size }, () => Float64Array.from({ length: size }, () => normal(random)));
  return Float64Array.from({ length: size * size }, (_, index) => {
    const [row, column] = [Math.floor(index / size), index % size];
    return (
      dot(rows[row] ?? rows.flat()[0] ?? new Float64Array(size), rows[column] ?? new Float64Array(size)) +
      (row === column ? 1 : 0)
    );
  });
}

const furthest = (one: Float64Array, other: Float64Array): number =>
  one.reduce((most, value, i) => Math.max(most, Math.abs(value - at(other, i))), 0);

describe("linear algebra", () => {
  const matrix = positive(7, "matrix");
  const vector = Float64Array.from([1, -2, 3, 0, 0.5, 7, -1]);

  it("solves what it factored", () => {
    const lower = cholesky(matrix);
    expect(lower).toBeDefined();
    if (lower !== undefined)
      expect(furthest(times(matrix, solve(lower, vector)), vector)).toBeLessThan(1e-10);
  });

  it("does not factor what is not positive definite", () => {
    expect(cholesky(Float64Array.from([1, 2, 2, 1]))).toBeUndefined();
    expect(cholesky(Float64Array.from([1, 1, 1, 1]))).toBeUndefined();
  });

  it("finds eigenvalues whose vectors the matrix only stretches", () => {
    const { values, vectors } = eigenOf(matrix);
    for (const [k, value] of values.entries()) {
      const own = vectors.subarray(k * 7, (k + 1) * 7);
      expect(
        furthest(
          times(matrix, own),
          own.map((part) => part * value),
        ),
      ).toBeLessThan(1e-9);
      expect(dot(own, own)).toBeCloseTo(1, 10);
    }
  });

  it("whitens a matrix by its own factor to the identity", () => {
    const lower = cholesky(matrix);
    if (lower === undefined) throw new Error("not positive definite");
    const identity = Float64Array.from({ length: 49 }, (_, i) => (i % 8 === 0 ? 1 : 0));
    expect(furthest(whitened(lower, matrix), identity)).toBeLessThan(1e-10);
  });

  it("takes an index outside for the bug it is", () => {
    expect(() => at(vector, 7)).toThrow("expected an index below 7; found 7");
  });
});

describe("Student's t", () => {
  it.each([
    [0.975, 1, 12.7062],
    [0.975, 2, 4.302_65],
    [0.975, 4.5, 2.658_912],
    [0.975, 9, 2.262_16],
    [0.95, 29, 1.699_13],
    [0.995, 120, 2.617_42],
  ])("has quantile %d at %d degrees of freedom", (p, freedom, t) => {
    expect(studentQuantile(p, freedom)).toBeCloseTo(t, 3);
    expect(studentBelow(t, freedom)).toBeCloseTo(p, 5);
    expect(studentBelow(-t, freedom)).toBeCloseTo(1 - p, 5);
  });

  it("becomes the normal distribution", () => {
    expect(studentQuantile(0.975, 1e7)).toBeCloseTo(1.959_964, 4);
  });
});

describe("the likelihood", () => {
  const rounds = playAll(usualWorld, { issues: 12, repeats: 1 }, seededRandom("derivatives"));

  it.each(["two", "one"] as const)("has the derivatives it says, roles %s", (roles) => {
    const design = designOf(rounds, { roles, issueEffects: true });
    if (design === undefined) throw new Error("no design");
    const theta = new Float64Array(design.size).fill(0.3);
    const placement = startingPlacement(design.issues.length);
    const look = (point: Float64Array) => evaluate(design, point, { placement, keepsInformation: false });
    const here = look(theta);
    for (let i = 0; i < design.size; i += 1) {
      const step = (sign: number) => theta.map((value, k) => (k === i ? value + sign * 1e-4 : value));
      const [up, down] = [look(step(1)), look(step(-1))];
      expect((up.logLikelihood - down.logLikelihood) / 2e-4).toBeCloseTo(at(here.score, i), 2);
      const slope = up.score.map((value, k) => -(value - at(down.score, k)) / 2e-4);
      expect(furthest(slope, here.information.subarray(i * design.size, (i + 1) * design.size))).toBeLessThan(
        0.02,
      );
    }
  });
});
