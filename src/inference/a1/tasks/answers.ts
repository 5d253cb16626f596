// Finds the answer in a text that is still growing: in one pass, for it is asked after every chunk and the text is a model's.

export interface AnswerOptions {
  /** The text will not grow: an `ANSWER:` line counts although no newline ends it. */
  readonly isEnded?: boolean;
}

/**
 * The last finished `\boxed{...}` or `\fbox{...}`; where there is none, the last `ANSWER: ...` line. Ask with the whole
 * text, never with one chunk: a box may begin in one and end in another.
 */
export function answerOf(text: string, options: AnswerOptions = {}): string | undefined {
  return boxedAnswer(text) ?? statedAnswer(text, options);
}

/** `box`: inside a box's braces from `at` on. */
interface Open {
  readonly isBox: boolean;
  readonly at: number;
}

/**
 * What stands in the box that begins last among those that end: a box that is still being written does not hide the one
 * before it, and of nested boxes the inner one is meant. Empty boxes are none: prompts that are quoted hold them.
 */
export function boxedAnswer(text: string): string | undefined {
  const open: Open[] = [];
  let [from, to] = [-1, -1];
  let at = 0;
  while (at < text.length) {
    const character = text[at];
    if (character === "\\") {
      const brace = boxBrace(text, at);
      if (brace !== undefined) open.push({ isBox: true, at: brace + 1 });
      // A backslash takes the next character with it: `\{` opens nothing, and `\\boxed` is a line break before a word.
      at = brace === undefined ? at + 2 : brace + 1;
      continue;
    }
    if (character === "{") open.push({ isBox: false, at: at + 1 });
    if (character === "}") {
      const closed = open.pop();
      if (closed?.isBox === true && closed.at > from && !isBlank(text, closed.at, at))
        [from, to] = [closed.at, at];
    }
    at += 1;
  }
  return from < 0 ? undefined : text.slice(from, to).trim();
}

const boxes = ["\\boxed", "\\fbox"];

/** Where the brace of the box stands whose backslash is at `at`; undefined where no box begins there. */
function boxBrace(text: string, at: number): number | undefined {
  const command = boxes.find((name) => text.startsWith(name, at));
  if (command === undefined) return undefined;
  const after = skipBlanks(text, at + command.length);
  return text[after] === "{" ? after : undefined;
}

const isBlankCharacter = (character: string | undefined): boolean =>
  character === " " || character === "\t" || character === "\n" || character === "\r";

/** More blanks than this before a brace belong to no box; unlimited, `\boxed   \boxed   ...` could be walked twice. */
const mostBlanks = 8;

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < from + mostBlanks && isBlankCharacter(text[at])) at += 1;
  return at;
}

function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (!isBlankCharacter(text[at])) return false;
  return true;
}

/** A longer rest of a line is prose that happens to begin with the word. */
const longestStated = 200;

/** What the last line says that begins with `ANSWER:` or `Answer:`, Markdown's marks around it left out. */
export function statedAnswer(text: string, { isEnded = false }: AnswerOptions = {}): string | undefined {
  // Without its newline a line may go on: 1 now, 12 a chunk later.
  let end = isEnded ? text.length : text.lastIndexOf("\n");
  while (end >= 0) {
    const start = end === 0 ? 0 : text.lastIndexOf("\n", end - 1) + 1;
    const found = statedIn(text, start, end);
    if (found !== undefined) return found;
    end = start - 1;
  }
  return undefined;
}

const isMark = (character: string | undefined): boolean =>
  character === "*" || character === "#" || character === ">" || character === "_" || character === "`";

function statedIn(text: string, start: number, end: number): string | undefined {
  let at = start;
  while (at < end && (isBlankCharacter(text[at]) || isMark(text[at]))) at += 1;
  const word = text.slice(at, at + 6);
  if (word !== "ANSWER" && word !== "Answer") return undefined;
  at += 6;
  while (at < end && (isBlankCharacter(text[at]) || isMark(text[at]))) at += 1;
  if (text[at] !== ":" || end - at > longestStated) return undefined;
  const stated = withoutMarks(text.slice(at + 1, end));
  return stated === "" ? undefined : stated;
}

function withoutMarks(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && (isBlankCharacter(text[from]) || isMark(text[from]))) from += 1;
  while (to > from && (isBlankCharacter(text[to - 1]) || isMark(text[to - 1]))) to -= 1;
  return text.slice(from, to);
}

/** Commands and signs that people put around a choice's letter. */
const wrappings = [
  ...["\\textbf", "\\text", "\\textit", "\\textrm", "\\mathbf", "\\mathrm", "\\mbox", "\\boxed", "\\fbox"],
  ...["\\left", "\\bf", "\\ ", "\\(", "$", "{", "*", "_", " ", "\t", "\n", "~"],
];

/**
 * The letter of a multiple choice, as in `C`, `(C)`, `\textbf{(C) } 7` or `C. seven`; undefined where the answer names
 * none. A letter that goes on as a word, or in a formula, is no choice.
 * @param letters those that may be chosen, upper case; by default A to J
 */
export function choiceLetter(answer: string, letters = "ABCDEFGHIJ"): string | undefined {
  const opened = unwrapped(answer, 0);
  const isParenthesised = answer[opened] === "(";
  const at = isParenthesised ? unwrapped(answer, opened + 1) : opened;
  const letter = answer[at] ?? "";
  if (letter === "" || !letters.includes(letter)) return undefined;
  const after = unwrapped(answer, at + 1, closings);
  if (after >= answer.length) return letter;
  const next = answer[after];
  if (isParenthesised) return next === ")" ? letter : undefined;
  if (next !== ")" && next !== "." && next !== ":") return undefined;
  const rest = answer[after + 1];
  return rest === undefined || isBlankCharacter(rest) || rest === "}" || rest === "*" ? letter : undefined;
}

const closings = ["\\right", "\\)", "$", "}", "*", "_", " ", "\t", "\n", "~"];

/** Past wrappings from `at` on; bounded, as no honest answer has more. */
function unwrapped(text: string, at: number, marks: readonly string[] = wrappings): number {
  let place = at;
  for (let count = 0; count < 32; count += 1) {
    const mark = marks.find((each) => text.startsWith(each, place));
    if (mark === undefined) return place;
    place += mark.length;
  }
  return place;
}
