// An answer is found where it is finished, wherever chunks were cut, and hostile text costs no more than its length.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../../src/domain/random.ts";
import {
  answerOf,
  boxedAnswer,
  choiceLetter,
  statedAnswer,
} from "../../../../../src/inference/a1/tasks/answers.ts";

describe("a box", () => {
  it.each([
    ["so \\boxed{42}.", "42"],
    ["\\fbox{7}", "7"],
    ["\\boxed {7}", "7"],
    ["\\boxed{\\frac{1}{2}}", "\\frac{1}{2}"],
    ["first \\boxed{1}, no, \\boxed{2}", "2"],
    ["\\boxed{1} and then \\boxed{2", "1"],
    ["\\boxed{1 + \\boxed{2}", "2"],
    ["\\boxed{\\boxed{3}}", "3"],
    ["\\boxed{\\{1,2\\}}", "\\{1,2\\}"],
    ["\\boxed{a \\} b}", "a \\} b"],
    ["{ { \\boxed{5} and }}}} on", "5"],
    ["line \\\\\\boxed{5}", "5"],
    ["put it in \\boxed{}, as in \\boxed{ 9 }", "9"],
    ["\\boxed{9} and never an empty \\boxed{ }", "9"],
  ])("in %s", (text, answer) => {
    expect(boxedAnswer(text)).toBe(answer);
  });

  it.each([
    "",
    "boxed{5}",
    "\\boxed",
    "\\boxed{",
    "\\boxed{5",
    "\\boxedx{5}",
    "\\\\boxed{5}",
    "\\boxed{}",
    "\\",
  ])("is none in %s", (text) => {
    expect(boxedAnswer(text)).toBeUndefined();
  });

  it("is found only once its last character is there, however the text was cut", () => {
    const text = "Then \\boxed{\\sqrt{2}} it is";
    const whole = text.indexOf("}}") + 2;
    for (let end = 0; end <= text.length; end += 1)
      expect(answerOf(text.slice(0, end))).toBe(end < whole ? undefined : "\\sqrt{2}");
  });
});

describe("an ANSWER line", () => {
  it.each([
    ["ANSWER: 12\n", "12"],
    ["thinking\n**ANSWER: C**\n", "C"],
    ["Answer: x = 3\nmore", "x = 3"],
    ["ANSWER: 1\nANSWER: 2\n", "2"],
    ["> ### Answer : 5 \r\n", "5"],
  ])("in %j", (text, answer) => {
    expect(statedAnswer(text)).toBe(answer);
  });

  it("may go on until its line or the text has ended", () => {
    expect(statedAnswer("ANSWER: 1")).toBeUndefined();
    expect(statedAnswer("ANSWER: 1", { isEnded: true })).toBe("1");
  });

  it.each([
    "my ANSWER: 5\n",
    "ANSWERS: 5\n",
    "ANSWER:\n5",
    "The answer: 5\n",
    `ANSWER: ${"because ".repeat(40)}\n`,
  ])("is none in %j", (text) => {
    expect(statedAnswer(text)).toBeUndefined();
  });

  it("gives way to a box", () => {
    expect(answerOf("\\boxed{1}\nANSWER: 2\n")).toBe("1");
  });
});

describe("a choice's letter", () => {
  it.each([
    ["C", "C"],
    ["(C)", "C"],
    ["\\text{(C)}", "C"],
    ["\\textbf{(B) } 7", "B"],
    ["\\textbf{D}", "D"],
    ["$\\mathrm{(E)}$", "E"],
    ["A. because", "A"],
    ["**B**", "B"],
    ["B) seven", "B"],
  ])("of %s", (answer, letter) => {
    expect(choiceLetter(answer)).toBe(letter);
  });

  it.each(["", "c", "Cat", "A line", "C = 5", "(A+B)", "A.5", "42", "(AB)", "()", "B^2"])(
    "is none in %s",
    (answer) => {
      expect(choiceLetter(answer)).toBeUndefined();
    },
  );

  it("must be one of those on offer", () => {
    expect(choiceLetter("(E)", "ABCD")).toBeUndefined();
  });
});

describe("hostile text", () => {
  // A million of each: what looked back for every one of them would not end within the test's deadline.
  const many = 1_000_000;
  it.each([
    ["boxes that never close", "\\boxed{".repeat(many)],
    ["braces", "{".repeat(many) + "}".repeat(many)],
    ["boxes in boxes", `${"\\boxed{".repeat(many)}1${"}".repeat(many)}`],
    ["boxes of blanks", "\\boxed{ ".repeat(many) + "}".repeat(many)],
    ["backslashes", "\\".repeat(many)],
    ["boxes without braces", "\\boxed ".repeat(many)],
    ["lines", "ANSWER\n".repeat(many)],
    ["one line", "ANSWER: ".repeat(many)],
    ["blank lines", "\n ".repeat(many)],
    ["stars", "*".repeat(many)],
  ])("of a million %s is read to its end", (_, text) => {
    const answer = answerOf(text);
    expect(answer === undefined || answer.length < text.length).toBe(true);
    expect(choiceLetter(text)).toBeUndefined();
  });

  it("of any kind never throws, and what is found stands in the text", () => {
    const random = seededRandom("hostile answers");
    const pieces = [
      "\\boxed{",
      "\\fbox {",
      "{",
      "}",
      "\\",
      "\\{",
      "\n",
      "ANSWER:",
      " ",
      "*",
      "x",
      "\\\\",
      "(A)",
      "\u{1F600}",
    ];
    for (let round = 0; round < 20_000; round += 1) {
      const text = Array.from(
        { length: random.integer(14) },
        () => pieces[random.integer(pieces.length)],
      ).join("");
      const answer = answerOf(text, { isEnded: true });
      if (answer !== undefined) expect(text).toContain(answer);
      choiceLetter(text);
    }
  });
});
