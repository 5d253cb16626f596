// Where in a contestant file something stands, so that every problem names its line.
import { isMap, isSeq, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";

export interface ContestantProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Such as `2.prices.inputPerMillion`: position in the list, from 1, then the field. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

type Path = readonly (string | number)[];

/** A file being read: where things are, and what was found wrong with them. */
export class ContestantReading {
  readonly problems: ContestantProblem[] = [];
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #document: ReturnType<typeof parseDocument>;
  /** The file as plain values; undefined when it could not be read, which {@link problems} then says. */
  readonly json: unknown;

  constructor(text: string, file: string) {
    this.#file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true, logLevel: "error" });
    this.json = this.#plain();
  }

  note(path: Path, expected: string): void {
    const found = shown(path.reduce<unknown>(inside, this.json));
    this.#note(this.#lineOf(path), { path, expected, found });
  }

  /** Of several syntax errors the first is enough: the rest usually follow from it. */
  #plain(): unknown {
    const [error] = this.#document.errors;
    try {
      if (error === undefined) return this.#document.toJS();
    } catch (cause) {
      const found = cause instanceof Error ? cause.message : String(cause);
      this.#note(1, { path: [], expected: "YAML or JSON whose aliases can be resolved", found });
      return undefined;
    }
    const found = error.message.split("\n", 1)[0] ?? error.code;
    this.#note(this.#lines.linePos(error.pos[0]).line, { path: [], expected: "YAML or JSON", found });
    return undefined;
  }

  #note(line: number, about: { path: Path; expected: string; found: string }): void {
    const [index, ...rest] = about.path;
    const place = typeof index === "number" ? [index + 1, ...rest] : about.path;
    const field = place.length === 0 ? "(the whole file)" : place.join(".");
    this.problems.push({ file: this.#file, line, field, expected: about.expected, found: about.found });
  }

  /** The line of the key, or of the nearest thing around it that is there. */
  #lineOf(path: Path): number {
    let node: unknown = this.#document.contents;
    let offset = 0;
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => String(item.key) === String(step));
        offset = rangeStart(pair?.key) ?? offset;
        node = pair?.value;
      } else if (isSeq(node)) {
        node = node.items[Number(step)];
        offset = rangeStart(node) ?? offset;
      }
    }
    return this.#lines.linePos(offset).line || 1;
  }
}

function rangeStart(node: unknown): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range))
    return undefined;
  const start: unknown = node.range[0];
  return typeof start === "number" ? start : undefined;
}

export function inside(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** Short, and never a key: somebody may have written one where its variable's name belongs. */
function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  return text.length > 40 ? `${text.slice(0, 12)}... (${text.length} characters)` : text;
}

/** @param path where what was parsed stands in the file */
export function noteIssues(
  reading: ContestantReading,
  path: readonly (string | number)[],
  issues: readonly z.core.$ZodIssue[],
): void {
  for (const issue of issues) {
    const place = [...path, ...issue.path.filter((step) => typeof step !== "symbol")];
    // What is printed says "expected" itself.
    if (issue.code !== "unrecognized_keys") reading.note(place, issue.message.replace(/^expected /, ""));
    else for (const key of issue.keys) reading.note([...place, key], "no such field");
  }
}
