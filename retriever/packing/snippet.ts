// A snippet and how it is written for a reader: one heading with file and lines, then the text.
import type { Chunk } from "../digest.ts";

export interface Snippet {
  readonly path: string;
  /** `whole` is the file's own text; `signature` one line for each definition there was no room for. */
  readonly form: "whole" | "signature";
  /** 1-based, inclusive; no two snippets of a file share a byte. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly text: string;
  /** Of the snippet with its heading, alone. */
  readonly tokens: number;
}

export type Unmeasured = Omit<Snippet, "tokens">;

/** Writes all snippets as their reader will see them: what is counted against the budget is this text. */
export type Render = (snippets: readonly Unmeasured[]) => string;

function headingOf({ path, form, firstLine, lastLine }: Omit<Unmeasured, "text">): string {
  const what = form === "signature" ? ", signatures only" : "";
  const lines = firstLine === lastLine ? `line ${firstLine}` : `lines ${firstLine} to ${lastLine}`;
  // A path with a line break in it must not look like text of the file.
  const shown = /\p{Cc}/u.test(path) ? JSON.stringify(path) : path;
  return `${shown}, ${lines}${what}:`;
}

/** One snippet; a line break at its end is not doubled. */
export function snippetText(snippet: Unmeasured): string {
  return `${headingOf(snippet)}\n${snippet.text.replace(/\r?\n$/, "")}`;
}

export const renderPlain: Render = (snippets) => snippets.map((each) => `${snippetText(each)}\n`).join("\n");

/** `12: def parse(text)`, the line where the definition begins before its signature. */
export function signatureLine(chunk: Chunk): string {
  return `${chunk.startLine}: ${chunk.signature}`;
}
