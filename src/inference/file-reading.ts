// Where in a file that a person wrote something stands, so that every problem names its line and column.
import { isMap, isSeq, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";

export interface FileProblem {
  readonly file: string;
  /** From 1; absent where a program gave the value, which has no lines. */
  readonly line?: number;
  readonly column?: number;
  /** Such as `2.prices.inputPerMillion`; positions in lists count from 1. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

export type FieldPath = readonly (string | number)[];

/** Something being read: what it holds, and what was found wrong with it. */
export interface Reading {
  readonly problems: readonly FileProblem[];
  /** As plain values; undefined when it could not be read, which {@link problems} then says. */
  readonly json: unknown;
  /** @param found what is said to be there, where the value itself had better not be shown */
  note(path: FieldPath, expected: string, found?: string): void;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** YAML or JSON. */
export class FileReading implements Reading {
  readonly problems: FileProblem[] = [];
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #document: ReturnType<typeof parseDocument>;
  readonly json: unknown;

  constructor(text: string, file: string) {
    this.#file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true, logLevel: "error" });
    this.json = this.#plain();
  }

  note(path: FieldPath, expected: string, said?: string): void {
    const found = said ?? shown(path.reduce<unknown>(inside, this.json));
    this.#note(this.#placeOf(path), { field: fieldAt(path), expected, found });
  }

  /** Of several syntax errors the first is enough: the rest usually follow from it. */
  #plain(): unknown {
    const [error] = this.#document.errors;
    const field = fieldAt([]);
    try {
      if (error === undefined) return withoutCycles(this.#document.toJS());
    } catch (cause) {
      const expected = "YAML or JSON whose aliases can be resolved";
      this.#note({ line: 1, column: 1 }, { field, expected, found: firstLineOf(cause) });
      return undefined;
    }
    const found = error.message.split("\n", 1)[0] ?? error.code;
    this.#note(this.#at(error.pos[0]), { field, expected: "YAML or JSON", found });
    return undefined;
  }

  #note(place: Place, about: Pick<FileProblem, "field" | "expected" | "found">): void {
    this.problems.push({ file: this.#file, ...place, ...about });
  }

  #at(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: line || 1, column: col || 1 };
  }

  /** Of the key, or of the nearest thing around it that is there. */
  #placeOf(path: FieldPath): Place {
    let node: unknown = this.#document.contents;
    let offset = rangeStart(node) ?? 0;
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
    return this.#at(offset);
  }
}

/** A value that a program gave. */
export class ValueReading implements Reading {
  readonly problems: FileProblem[] = [];
  readonly json: unknown;
  readonly #file: string;

  constructor(json: unknown, file: string) {
    this.#file = file;
    this.json = this.#plain(json);
  }

  #plain(json: unknown): unknown {
    try {
      return withoutCycles(json);
    } catch (cause) {
      this.note([], "plain values, as JSON can write them", firstLineOf(cause));
      return undefined;
    }
  }

  note(path: FieldPath, expected: string, said?: string): void {
    const found = said ?? shown(path.reduce<unknown>(inside, this.json));
    this.problems.push({ file: this.#file, field: fieldAt(path), expected, found });
  }
}

function firstLineOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n", 1)[0] ?? text;
}

/** @throws Error for what holds itself: nothing that reads it would end */
function withoutCycles(value: unknown): unknown {
  JSON.stringify(value);
  return value;
}

function fieldAt(path: FieldPath): string {
  const steps = path.map((step) => (typeof step === "number" ? step + 1 : step));
  return steps.length === 0 ? "(the whole file)" : steps.join(".");
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
export function noteIssues(reading: Reading, path: FieldPath, issues: readonly z.core.$ZodIssue[]): void {
  for (const issue of issues) {
    const place = [...path, ...issue.path.filter((step) => typeof step !== "symbol")];
    // What is printed says "expected" itself.
    if (issue.code !== "unrecognized_keys") reading.note(place, issue.message.replace(/^expected /, ""));
    else for (const key of issue.keys) reading.note([...place, key], "no such field");
  }
}

/** As an editor can follow it. */
export function fileProblemText({ file, line, column, field, expected, found }: FileProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return `${place}: ${field}: expected ${expected}, found ${found}`;
}
