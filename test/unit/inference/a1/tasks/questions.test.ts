// Question files of every shape are read, every bad line is named, and the letter follows its choice wherever it is shown.
import { describe, expect, it } from "vitest";
import { grade, letterOf } from "../../../../../src/inference/a1/tasks/grading.ts";
import { messagesFor } from "../../../../../src/inference/a1/tasks/prompting.ts";
import {
  parseQuestions,
  type Question,
  withShuffledChoices,
} from "../../../../../src/inference/a1/tasks/questions.ts";

const lines = (...objects: readonly unknown[]): string =>
  objects.map((object) => (typeof object === "string" ? object : JSON.stringify(object))).join("\n");

const only = (object: unknown): Question | undefined => parseQuestions(lines(object)).questions[0];

describe("a question file", () => {
  it.each([
    [
      "MATH",
      {
        problem: "What is 1 + 1?",
        solution: "It is \\boxed{2}.",
        answer: "2",
        level: 3,
        subject: "Algebra",
        unique_id: "a/1",
      },
      { id: "a/1", problem: "What is 1 + 1?", answer: "2", difficulty: "3", subject: "Algebra" },
    ],
    [
      "MATH without an answer of its own",
      {
        problem: "What is 1/2 of 3?",
        solution: "First \\boxed{9}, no: \\boxed{\\frac{3}{2}}",
        level: "Level 2",
        type: "Prealgebra",
      },
      {
        id: "line-1",
        problem: "What is 1/2 of 3?",
        answer: "\\frac{3}{2}",
        difficulty: "Level 2",
        subject: "Prealgebra",
      },
    ],
    [
      "AMC",
      { problem: "What is 3 squared?", answer: 9, id: 7 },
      { id: "7", problem: "What is 3 squared?", answer: "9" },
    ],
    [
      "AIME",
      { "Problem ID": "1999-I-1", question: "What is 6 times 7?", answer: "042", url: null },
      { id: "1999-I-1", problem: "What is 6 times 7?", answer: "042" },
    ],
    [
      "GSM8K",
      { question: "Ann has 2 pens and buys 40. How many?", answer: "2 + 40 = 42 pens\n#### 42" },
      { id: "line-1", problem: "Ann has 2 pens and buys 40. How many?", answer: "42" },
    ],
    [
      "multiple choice by place",
      { question: "Which is even?", choices: ["1", "2", "3"], answer: 1, ID: "m" },
      { id: "m", problem: "Which is even?", answer: "B", choices: ["1", "2", "3"] },
    ],
    [
      "multiple choice by letter",
      { question: "Which is odd?", choices: [4, 5], answer: "b", ID: "n" },
      { id: "n", problem: "Which is odd?", answer: "B", choices: ["4", "5"] },
    ],
    [
      "multiple choice by text",
      { question: "Which is a bird?", choices: ["a wren", "a newt"], answer: "a wren", ID: "o" },
      { id: "o", problem: "Which is a bird?", answer: "A", choices: ["a wren", "a newt"] },
    ],
  ])("of %s is read", (_, object, question) => {
    expect(parseQuestions(lines(object))).toEqual({ questions: [question], problems: [] });
  });

  it("is read line by line, whatever ends its lines and however many are empty", () => {
    const file =
      `\uFEFF${lines({ problem: "p", answer: 1 }, "", { problem: "q", answer: 2 }, "")}`.replaceAll(
        "\n",
        "\r\n",
      );
    expect(parseQuestions(file).questions.map(({ id }) => id)).toEqual(["line-1", "line-3"]);
  });

  it.each([
    ["no JSON", "{", { field: "(the whole line)", expected: "a JSON object", found: '"{"' }],
    ["a list", "[1]", { field: "(the whole line)", expected: "an object", found: "[1]" }],
    ["nested beyond reason", "[".repeat(200_000), { field: "(the whole line)", expected: "a JSON object" }],
    [
      "no question",
      { answer: 1 },
      { field: "problem", expected: "the question, here or in `question`", found: "nothing" },
    ],
    [
      "an empty question",
      { problem: " ", answer: 1 },
      { field: "problem", expected: "a text that is not empty", found: '" "' },
    ],
    ["no answer", { problem: "p" }, { field: "answer", found: "nothing" }],
    [
      "no box",
      { problem: "p", solution: "so 5" },
      { field: "answer", expected: expect.stringContaining("\\boxed"), found: '"so 5"' },
    ],
    [
      "an answer of a kind we do not know",
      { problem: "p", answer: [1] },
      { field: "answer", expected: "a text or a number", found: "[1]" },
    ],
    [
      "nothing after the mark",
      { problem: "p", answer: "x ####" },
      { field: "answer", expected: "an answer after ####" },
    ],
    [
      "one choice",
      { problem: "p", choices: ["a"], answer: 0 },
      { field: "choices", expected: "two choices or more" },
    ],
    [
      "a place outside",
      { problem: "p", choices: ["a", "b"], answer: 2 },
      { field: "answer", expected: "a place from 0 to 1, or a letter from A to B", found: "2" },
    ],
    [
      "a letter outside",
      { problem: "p", choices: ["a", "b"], answer: "C" },
      { field: "answer", found: '"C"' },
    ],
    ["half a place", { problem: "p", choices: ["a", "b"], answer: 0.5 }, { field: "answer", found: "0.5" }],
  ])("with %s says so with its line", (_, line, problem) => {
    const { questions, problems } = parseQuestions(lines({ problem: "fine", answer: 1 }, line));
    expect(questions).toHaveLength(1);
    expect(problems).toEqual([expect.objectContaining({ line: 2, ...problem })]);
  });

  it("with an id twice keeps the first and names both lines", () => {
    const { questions, problems } = parseQuestions(
      lines({ id: "x", problem: "p", answer: 1 }, { id: "x", problem: "q", answer: 2 }),
    );
    expect(questions.map(({ problem }) => problem)).toEqual(["p"]);
    expect(problems).toEqual([
      { line: 2, field: "id", expected: "an id of its own: line 1 has this one", found: '"x"' },
    ]);
  });
});

describe("choices", () => {
  const question: Question = {
    id: "q",
    problem: "Which?",
    answer: "A",
    choices: ["right", "w1", "w2", "w3"],
  };

  it("are shown in an order that the seed draws, and the letter follows", () => {
    const letters = Array.from({ length: 400 }, (_, seed) => {
      const { answer, choices } = withShuffledChoices(question, `seed ${seed}`);
      expect(choices?.["ABCD".indexOf(answer)]).toBe("right");
      expect([...(choices ?? [])].sort()).toEqual([...(question.choices ?? [])].sort());
      return answer;
    });
    for (const letter of "ABCD") {
      const share = letters.filter((each) => each === letter).length / letters.length;
      expect(share).toBeGreaterThan(0.18);
      expect(share).toBeLessThan(0.32);
    }
  });

  it("stand in the same order for the same seed, and in another for another question", () => {
    expect(withShuffledChoices(question, "s")).toEqual(withShuffledChoices(question, "s"));
    const orders = new Set(
      Array.from({ length: 20 }, (_, id) =>
        withShuffledChoices({ ...question, id: `${id}` }, "s").choices?.join(),
      ),
    );
    expect(orders.size).toBeGreaterThan(5);
  });

  it("leave a question without any alone", () => {
    const plain: Question = { id: "q", problem: "p", answer: "5" };
    expect(withShuffledChoices(plain, "s")).toBe(plain);
  });
});

describe("a grade", () => {
  const choice: Question = { id: "q", problem: "p", answer: "B", choices: ["\\frac{1}{2}", "7", "9"] };
  it.each([
    ["B", "equal"],
    ["\\text{(B)}", "equal"],
    ["7", "equal"],
    ["(A)", "different"],
    ["0.5", "different"],
    ["D", "unknown"],
    ["11", "unknown"],
  ])("of %s for a choice", (answer, expected) => {
    expect(grade(choice, answer)).toBe(expected);
  });

  it("goes by value where there are no choices", () => {
    expect(grade({ id: "q", problem: "p", answer: "\\frac12" }, "0.5")).toBe("equal");
  });

  it("takes no value that two choices have", () => {
    expect(letterOf(["\\frac12", "0.5", "3"], "1/2")).toBeUndefined();
    expect(letterOf(["\\frac12", "0.5", "3"], "3")).toBe("C");
  });
});

describe("what a model is asked", () => {
  it("holds the problem and asks for a box", () => {
    const [system, user] = messagesFor({ id: "q", problem: "What is 2 + 2?", answer: "4" });
    expect([system?.role, user?.role]).toEqual(["system", "user"]);
    expect(system?.content).toContain("\\boxed{}");
    expect(user?.content).toBe("What is 2 + 2?\n\nPut the final answer inside \\boxed{}.");
  });

  it("lists choices by letter, and never tells the answer", () => {
    const question = only({ question: "Which?", choices: ["one", "two"], answer: "B", id: "q" });
    if (question === undefined) throw new Error("expected a question");
    const [, user] = messagesFor(question);
    expect(user?.content).toContain("(A) one\n(B) two\n");
    expect(messagesFor({ ...question, answer: "A" })).toEqual(messagesFor(question));
  });
});
