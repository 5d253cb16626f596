// Words and numbers for people: what others wrote made harmless, what is missing shown as missing.
import { spelledOut } from "../domain/unseen.ts";
import type { Estimate } from "../rating/index.ts";

export const absent = "–";

/** Text of a model, an issue or a repository, safe to print on one line. */
export const plain = (text: string): string => spelledOut(text, { "\n": "\\n", "\t": "\\t" });

/** Signs as people count them, not UTF-16 units. */
export const widthOf = (text: string): number => [...text].length;

/** At most `width` signs; the middle goes, since names tell themselves apart at both ends. */
export function fitted(text: string, width: number): string {
  const signs = [...text];
  if (signs.length <= width) return text;
  const head = Math.ceil((width - 1) / 2);
  return `${signs.slice(0, head).join("")}…${signs.slice(signs.length - (width - 1 - head)).join("")}`;
}

/** -0.004 is no minus: signs are of what is shown. */
export function signed(value: number): string {
  const shown = value.toFixed(2);
  if (Number(shown) === 0) return "0.00";
  return value > 0 ? `+${shown}` : shown;
}

export const score = (estimate: Estimate | undefined): string =>
  estimate === undefined ? absent : signed(estimate.value);

export const scoreInterval = (estimate: Estimate | undefined): string =>
  estimate === undefined
    ? absent
    : `${signed(estimate.value)} [${signed(estimate.low)}, ${signed(estimate.high)}]`;

/** Whole percents, but never 0 % or 100 % for what is not. */
export function percent(value: number): string {
  const whole = Math.round(value * 100);
  if (whole === 0 && value > 0) return "<1%";
  if (whole === 100 && value < 1) return ">99%";
  return `${whole}%`;
}

export const whole = (estimate: Estimate | undefined): string =>
  estimate === undefined ? absent : String(Math.round(estimate.value));

export const share = (estimate: Estimate | undefined): string =>
  estimate === undefined ? absent : percent(estimate.value);

export const shareInterval = (estimate: Estimate | undefined): string =>
  estimate === undefined
    ? absent
    : `${percent(estimate.value)} [${percent(estimate.low)}, ${percent(estimate.high)}]`;

export const dollars = (usd: number | undefined): string =>
  usd === undefined ? "unknown" : usd === 0 ? "$0" : usd < 0.01 ? "<$0.01" : `$${usd.toFixed(2)}`;

export const counted = (number: number, word: string): string =>
  `${number} ${word}${number === 1 ? "" : "s"}`;

/** Breaks a line between words; following lines are indented by `indent`. */
export function wrapped(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) > width && line.trim() !== "") {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}
