// Answers that say the same are equal, others are not, what cannot be told is unknown, and no text makes it hang.
import { describe, expect, it } from "vitest";
import { type Random, seededRandom } from "../../../../../src/domain/random.ts";
import { longestAnswer, readAnswer } from "../../../../../src/inference/a1/tasks/answer-reading.ts";
import { apply, Budget, type Tree } from "../../../../../src/inference/a1/tasks/answer-tree.ts";
import { compareAnswers } from "../../../../../src/inference/a1/tasks/equality.ts";
import { exactValue } from "../../../../../src/inference/a1/tasks/exact-value.ts";
import { relativeTolerance } from "../../../../../src/inference/a1/tasks/formula-equality.ts";
import { whole } from "../../../../../src/inference/a1/tasks/number-reading.ts";
import { answerPairs } from "./answer-pairs.ts";

const all = Object.values(answerPairs).flat();

describe.each(Object.entries(answerPairs))("%s", (_, pairs) => {
  it.each(pairs)("%s and %s: %s", (one, other, expected) => {
    expect(compareAnswers(one, other)).toBe(expected);
    expect(compareAnswers(other, one)).toBe(expected);
  });
});

describe("the verdicts", () => {
  it("hold for every answer beside itself and beside itself in other dress", () => {
    for (const answer of new Set(all.flat())) {
      expect(compareAnswers(answer, answer)).toBe("equal");
      expect(compareAnswers(answer, ` $${answer}$ `)).toBe("equal");
    }
  });

  it("are the same from either side, for any two answers of the list", () => {
    const answers = all.map(([one]) => one);
    for (const one of answers)
      for (const other of answers) expect(compareAnswers(one, other)).toBe(compareAnswers(other, one));
  });

  it("do not call a short decimal the number that it rounds, at any length up to the tolerance", () => {
    expect(relativeTolerance).toBe(1e-11);
    expect(compareAnswers("\\sqrt2", "1.4142135623")).toBe("different");
    expect(compareAnswers("\\sqrt2", "1.41421356237309504880")).toBe("equal");
    // Rational numbers are compared exactly, however near they are.
    expect(compareAnswers("\\frac13", `0.${"3".repeat(60)}`)).toBe("different");
  });
});

/** A formula, and the same formula written another way. */
function twins(random: Random, depth: number): readonly [string, string] {
  if (depth === 0) {
    const leaf = ["x", "y", "2", "\\frac{3}{7}", "\\pi", "\\sqrt{5}", "0.25"][random.integer(7)] ?? "1";
    return [leaf, leaf];
  }
  const [a, b] = twins(random, depth - 1);
  const [c, d] = twins(random, depth - 1);
  const forms: readonly (readonly [string, string])[] = [
    [`(${a})+(${c})`, `${d}+(${b})`],
    [`(${a})(${c})`, `(${d})\\cdot(${b})`],
    [`(${a})-(${c})`, `-((${d})-(${b}))`],
    [`(${a})^2`, `\\left(${b}\\right)\\left(${b}\\right)`],
    [`\\frac{${a}}{7}`, `\\frac{2(${b})}{14}`],
    [`2(${a})`, `(${b})+(${b})`],
  ];
  return forms[random.integer(forms.length)] ?? [a, b];
}

describe("rewritten formulas", () => {
  it("are equal, and differ from themselves plus a little", () => {
    const random = seededRandom("rewritten");
    for (let round = 0; round < 400; round += 1) {
      const [one, other] = twins(random, 1 + random.integer(3));
      expect([one, other, compareAnswers(one, other)]).toEqual([one, other, "equal"]);
      expect([one, compareAnswers(one, `(${other}) + \\frac{1}{1000}`)]).toEqual([one, "different"]);
    }
  });
});

describe("hostile answers", () => {
  const long = (piece: string): string => piece.repeat(Math.floor((longestAnswer - 40) / piece.length));
  const hostile = [
    "9^{9^{9^9}}",
    "9^{9^9}",
    "1000000!",
    "((9!)!)!",
    "10^{400}",
    "\\sin(10^{400})",
    "\\binom{10^9}{5\\cdot 10^8}",
    "\\sum_{n=1}^{10^{12}} n",
    "1e999999999",
    "1.0e999",
    "\\sqrt[64]{2^{2000}+1}",
    `${long("(")}1`,
    `${"\\frac{1}{".repeat(90)}2${"}".repeat(90)}`,
    `${"\\sqrt{".repeat(90)}2${"}".repeat(90)}`,
    `${"2^{".repeat(200)}2${"}".repeat(200)}`,
    ...[
      "{",
      "|",
      "-",
      "\\lfloor ",
      "\\{",
      "[",
      "^",
      "_",
      "!",
      "\\left",
      "\\text{",
      "\\begin{pmatrix}",
      "&",
      "9",
    ].map(long),
    ...["1±", "1±1,", "1,", "(x+1)(y+1)", "9^9^", "7^{700}+x/", "300!+", "\\binom{x}{300}+", "x>", "1:"].map(
      (piece) => `${long(piece)}1`,
    ),
    "x".repeat(longestAnswer + 1),
    "\\constructor{1}",
    "\\__proto__",
    "\\hasOwnProperty",
    "constructor",
    "\\begin{constructor}1\\end{constructor}",
    "\ud800",
    "\u0000",
  ];

  it.each(hostile.map((answer) => [answer.slice(0, 24), answer]))(
    "%s is decided, from either side",
    (_, answer) => {
      expect(compareAnswers(answer, answer)).toBe("equal");
      for (const other of ["5", "x", `${answer}+1`, `(${answer}`, "(1,2)"])
        expect(compareAnswers(answer, other)).toBe(compareAnswers(other, answer));
      expect(compareAnswers(answer, "5")).not.toBe("equal");
    },
  );

  it("are not computed beyond the size that an answer may have", () => {
    const tower: Tree = apply(
      "power",
      whole(9n),
      apply("power", whole(9n), apply("power", whole(9n), whole(9n))),
    );
    expect(exactValue(tower, () => undefined, new Budget(1e6))).toBeUndefined();
  });

  it("end with the budget, which counts the sizes of numbers", () => {
    const sum = readAnswer("7^{300}+".repeat(60).concat("1"), { commasGroupDigits: true });
    if (sum === undefined) throw new Error("expected a formula");
    const [poor, rich] = [new Budget(1_000), new Budget(100_000)];
    expect(exactValue(sum, () => undefined, poor)).toBeUndefined();
    expect(exactValue(sum, () => undefined, rich)?.d).toBe(1n);
    // 60 sums of numbers of about 840 bits: more than their count, and no more than the size explains.
    expect(100_000 - rich.left).toBeGreaterThan(60 * (840 / 64) ** 2);
    expect(100_000 - rich.left).toBeLessThan(60 * 4 * (900 / 64) ** 2);
  });

  it("of random pieces never throw, equal themselves, and compare the same from either side", () => {
    const random = seededRandom("hostile equality");
    const pieces = (
      "1 2 12 0 . 1,234 x y e i \\pi \\frac \\sqrt \\sqrt[3] { } ( ) [ ] \\{ \\} ^ _ + - * / ! % | = < \\le , ; : \\pm " +
      "\\cup \\in \\infty \\text{cm} \\text{and} \\left \\right \\begin{pmatrix} \\end{pmatrix} & \\\\ \\circ ° \\log " +
      "\\sin \\binom \\overline{3} 0. \\lfloor \\rfloor Monday \\$ $ √ ~ \\, ' \\mathbf \\"
    ).split(" ");
    const answer = (): string =>
      Array.from({ length: 1 + random.integer(9) }, () => pieces[random.integer(pieces.length)]).join(
        random.integer(2) === 0 ? "" : " ",
      );
    let read = 0;
    for (let round = 0; round < 15_000; round += 1) {
      const [one, other] = [answer(), answer()];
      if (readAnswer(one, { commasGroupDigits: true }) !== undefined) read += 1;
      expect(compareAnswers(one, one)).toBe("equal");
      expect([one, other, compareAnswers(one, other)]).toEqual([one, other, compareAnswers(other, one)]);
    }
    // Otherwise nothing but unreadable text was tried.
    expect(read).toBeGreaterThan(500);
  });
});
