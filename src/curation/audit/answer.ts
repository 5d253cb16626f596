// Whether the fix can be read somewhere a solver may look: in the text, in the tree, in packages of the container.
import { patchFiles } from "../patches.ts";

/** A file somebody may read, as bytes were decoded. */
export interface ReadableFile {
  readonly path: string;
  readonly text: string;
}

/** Added lines of the fix that follow each other, without whitespace. */
export interface GoldHunk {
  readonly path: string;
  readonly lines: readonly string[];
}

/** A line shorter than this stands in many files (`}`, `return nil`): it tells nothing by itself. */
const leastLineChars = 8;
/** What a run of added lines must hold in all before finding it elsewhere is no accident. */
const leastHunkChars = 40;

const squeezed = (line: string): string => line.replace(/\s+/gu, "");

/** Runs of added lines that say enough to be searched for; blank lines do not part a run. */
export function goldHunks(goldPatch: string): GoldHunk[] {
  const hunks: GoldHunk[] = [];
  for (const { path, text } of patchFiles(goldPatch)) {
    const start = text.search(/^@@ /m);
    let lines: string[] = [];
    const end = (): void => {
      const chars = lines.reduce((sum, line) => sum + line.length, 0);
      if (chars >= leastHunkChars && lines.some((line) => line.length >= leastLineChars))
        hunks.push({ path, lines });
      lines = [];
    };
    for (const line of start < 0 ? [] : text.slice(start).split("\n")) {
      const added = line.startsWith("+");
      if (!added) end();
      else if (squeezed(line.slice(1)) !== "") lines.push(squeezed(line.slice(1)));
    }
    end();
  }
  return hunks;
}

/** Whether a text holds all lines of a hunk, one after the other, whatever its whitespace and line breaks. */
export function holdsHunk(text: string, hunk: GoldHunk): boolean {
  return squeezed(text).includes(hunk.lines.join(""));
}

export interface Leak {
  readonly file: string;
  /** The file of the fix whose added lines were found. */
  readonly of: string;
  readonly lines: number;
}

/**
 * Hunks of the fix found verbatim in files other than `except` (those the fix changes, in the tree itself; none for
 * packages). Finds no rewritten answer: names that differ, code that was compiled or packed.
 */
export function leaksIn(
  file: ReadableFile,
  hunks: readonly GoldHunk[],
  except: ReadonlySet<string> = new Set(),
): Leak[] {
  if (except.has(file.path)) return [];
  const text = squeezed(file.text);
  return hunks
    .filter((hunk) => text.includes(hunk.lines.join("")))
    .map((hunk) => ({ file: file.path, of: hunk.path, lines: hunk.lines.length }));
}

/** Files of the fix that a text names: by the whole path, or by a file name with an ending that no other word is part of. */
export function namedGoldFiles(text: string, goldPatch: string): string[] {
  const words = new Set(text.split(/[^\p{L}\p{N}_./+-]+/u).map((word) => word.replace(/^[./]+|[.:]+$/g, "")));
  const named = [...words];
  return patchFiles(goldPatch)
    .map((file) => file.path)
    .filter((path) => {
      const name = path.slice(path.lastIndexOf("/") + 1);
      return named.some(
        (word) => word === path || word.endsWith(`/${path}`) || word === name || word.endsWith(`/${name}`),
      );
    });
}
