// Reads files of questions with known answers, one JSON object a line, in the shapes that mathematics sets come in.
import { z } from "zod";
import { uniformOf } from "../keyed-random.ts";
import { boxedAnswer } from "./answers.ts";

export interface Question {
  /** Unique in a file; the line's number where the file has no ids. */
  readonly id: string;
  readonly problem: string;
  /** Of a multiple choice the letter. */
  readonly answer: string;
  /** In the order in which they are shown: A, B, C... */
  readonly choices?: readonly string[];
  readonly difficulty?: string;
  readonly subject?: string;
}

export interface QuestionProblem {
  /** From 1. */
  readonly line: number;
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

export interface ParsedQuestions {
  /** In the file's order; of two with one id the first. */
  readonly questions: readonly Question[];
  readonly problems: readonly QuestionProblem[];
}

export const choiceLetters = "ABCDEFGHIJ";

const text = z.string("a text").trim().min(1, "a text that is not empty");
const name = z.union([text, z.number()], "a text or a number").transform(String);
const schema = z.looseObject(
  {
    problem: text.exactOptional(),
    question: text.exactOptional(),
    answer: z.union([text, z.number()], "a text or a number").exactOptional(),
    solution: text.exactOptional(),
    choices: z
      .array(name, "a list of texts")
      .min(2, "two choices or more")
      .max(choiceLetters.length, `at most ${choiceLetters.length} choices`)
      .exactOptional(),
    level: name.exactOptional(),
    difficulty: name.exactOptional(),
    subject: text.exactOptional(),
    type: text.exactOptional(),
    unique_id: name.exactOptional(),
    id: name.exactOptional(),
    ID: name.exactOptional(),
    "Problem ID": name.exactOptional(),
  },
  "an object",
);
type Written = z.infer<typeof schema>;

/** A line as a question, or what is wrong with it. */
type Read = { readonly question: Question } | { readonly problems: readonly Omit<QuestionProblem, "line">[] };

export function parseQuestions(file: string): ParsedQuestions {
  const questions: Question[] = [];
  const problems: QuestionProblem[] = [];
  const lineOf = new Map<string, number>();
  for (const [at, content] of file
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    const line = at + 1;
    if (content.trim() === "") continue;
    const read = readLine(content, line);
    if ("problems" in read) {
      problems.push(...read.problems.map((problem) => ({ line, ...problem })));
      continue;
    }
    const { id } = read.question;
    const before = lineOf.get(id);
    if (before === undefined) questions.push(read.question);
    else
      problems.push({
        line,
        field: "id",
        expected: `an id of its own: line ${before} has this one`,
        found: shown(id),
      });
    lineOf.set(id, before ?? line);
  }
  return { questions, problems };
}

function readLine(content: string, line: number): Read {
  let json: unknown;
  try {
    json = JSON.parse(content, (_, value: unknown) => (value === null ? undefined : value));
  } catch {
    return problem("(the whole line)", "a JSON object", content.trim());
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return questionOf(parsed.data, line);
  return {
    problems: parsed.error.issues.map(({ path, message }) => ({
      field: path.length === 0 ? "(the whole line)" : path.join("."),
      expected: message,
      found: shown(path.reduce(inside, json)),
    })),
  };
}

function questionOf(written: Written, line: number): Read {
  const asked = written.problem ?? written.question;
  if (asked === undefined) return problem("problem", "the question, here or in `question`", undefined);
  const answered = answerIn(written);
  if ("problems" in answered) return answered;
  const { answer } = answered;
  const difficulty = written.level ?? written.difficulty;
  const subject = written.subject ?? written.type;
  return {
    question: {
      id: written.unique_id ?? written.id ?? written.ID ?? written["Problem ID"] ?? `line-${line}`,
      problem: asked,
      answer,
      ...(written.choices === undefined ? {} : { choices: written.choices }),
      ...(difficulty === undefined ? {} : { difficulty }),
      ...(subject === undefined ? {} : { subject }),
    },
  };
}

type Answered = { readonly answer: string } | Extract<Read, { problems: unknown }>;

/** What comes before the answer in a GSM8K solution ends with this. */
const finalMark = "####";

function answerIn({ answer, solution, choices }: Written): Answered {
  if (choices !== undefined) return letterIn(answer, choices);
  if (typeof answer === "number") return { answer: String(answer) };
  if (answer !== undefined) {
    const marked = answer.lastIndexOf(finalMark);
    const stated = marked < 0 ? answer : answer.slice(marked + finalMark.length).trim();
    return stated === "" ? problem("answer", `an answer after ${finalMark}`, answer) : { answer: stated };
  }
  const boxed = solution === undefined ? undefined : boxedAnswer(solution);
  if (boxed !== undefined) return { answer: boxed };
  return problem("answer", "an answer, or a `solution` with one in \\boxed{...}", solution);
}

/** A place from 0, a letter, or the text of one choice. */
function letterIn(answer: string | number | undefined, choices: readonly string[]): Answered {
  const letters = choiceLetters.slice(0, choices.length);
  const expected = `a place from 0 to ${choices.length - 1}, or a letter from A to ${letters.at(-1)}`;
  const isLetter =
    typeof answer === "string" && answer.length === 1 && letters.includes(answer.toUpperCase());
  if (isLetter) return { answer: answer.toUpperCase() };
  const place = typeof answer === "number" ? answer : choices.indexOf(answer ?? "");
  const letter = Number.isInteger(place) && place >= 0 ? letters[place] : undefined;
  return letter === undefined ? problem("answer", expected, answer) : { answer: letter };
}

function problem(
  field: string,
  expected: string,
  found: unknown,
): { problems: Omit<QuestionProblem, "line">[] } {
  return { problems: [{ field, expected, found: shown(found) }] };
}

function inside(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

function shown(value: unknown): string {
  const told = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  return told.length > 60 ? `${told.slice(0, 40)}... (${told.length} characters)` : told;
}

/**
 * With its choices in an order that the seed draws, and the letter that the right one then has. A set that always
 * names the right one first would reward models that always say A. A question without choices stays as it is.
 */
export function withShuffledChoices(question: Question, seed: string): Question {
  const { id, choices, answer } = question;
  if (choices === undefined) return question;
  const right = choiceLetters.indexOf(answer);
  const order = choices
    .map((choice, place) => ({ choice, place, rank: uniformOf("choices", seed, id, place) }))
    .sort((one, other) => one.rank - other.rank || one.place - other.place);
  return {
    ...question,
    choices: order.map(({ choice }) => choice),
    answer: choiceLetters[order.findIndex(({ place }) => place === right)] ?? answer,
  };
}
