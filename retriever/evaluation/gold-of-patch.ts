// Which files and lines of the base commit a unified diff changes: what a retriever should have brought.
import type { Span } from "./rows.ts";

export interface Gold {
  /** Files that the patch modifies, deletes or renames away, by their path at the base commit; added ones are none. */
  readonly files: readonly string[];
  /** Lines taken away; for a pure insertion the lines on both sides of it, as far as there are any. */
  readonly spans: readonly Span[];
}

const escapes: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  '"': 34,
  "\\": 92,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
};

/** git quotes names with bytes beyond ASCII as C strings with octal escapes. */
function unquoted(name: string): string {
  if (!name.startsWith('"') || !name.endsWith('"')) return name;
  const bytes: number[] = [];
  for (const [piece, octal, letter] of name.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|[^\\]+/gu)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (letter !== undefined) bytes.push(escapes[letter] ?? letter.charCodeAt(0));
    else bytes.push(...Buffer.from(piece));
  }
  return Buffer.from(bytes).toString("utf8");
}

class Reader {
  readonly files = new Set<string>();
  readonly spans: Span[] = [];
  #path: string | undefined;
  /** Next line of the base, and lines of both sides that the hunk still has. */
  #line = 0;
  #oldLeft = 0;
  #newLeft = 0;
  /** Of the changed lines since the last unchanged one. */
  #added = false;
  #removed = false;

  read(line: string): void {
    if (line.startsWith("diff --git ")) {
      // No line of a hunk begins so: a hunk that counts more lines than it has must not swallow the next file.
      this.#oldLeft = 0;
      this.#newLeft = 0;
      this.#path = undefined;
      return;
    }
    if (this.#oldLeft > 0 || this.#newLeft > 0) {
      this.#inHunk(line);
      return;
    }
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/u.exec(line);
    if (hunk !== null) {
      const [, start, oldCount = "1", newCount = "1"] = hunk;
      this.#oldLeft = Number(oldCount);
      this.#newLeft = Number(newCount);
      // A hunk of no old lines names the line before it.
      this.#line = Number(start) + (this.#oldLeft === 0 ? 1 : 0);
      return;
    }
    if (line.startsWith("--- ")) this.#enter(unquoted(line.slice(4).replace(/\t.*$/u, "")));
    else if (line.startsWith("rename from ")) this.files.add(unquoted(line.slice(12)));
  }

  #enter(name: string): void {
    this.#path = name === "/dev/null" ? undefined : name.replace(/^a\//u, "");
    if (this.#path !== undefined) this.files.add(this.#path);
  }

  #inHunk(line: string): void {
    const mark = line[0] ?? " ";
    if (mark === "\\") return;
    if (mark === "+") {
      this.#newLeft -= 1;
      this.#added = true;
    } else if (mark === "-") {
      this.#mark(this.#line, this.#line);
      this.#oldLeft -= 1;
      this.#line += 1;
      this.#removed = true;
    } else {
      this.#endRun(this.#line);
      this.#oldLeft -= 1;
      this.#newLeft -= 1;
      this.#line += 1;
    }
    if (this.#oldLeft <= 0 && this.#newLeft <= 0) this.#endRun(this.#line - 1);
  }

  /** What only came in is marked by its neighbours; the one behind it stands in the hunk or may not be there at all. */
  #endRun(lastLine: number): void {
    if (this.#added && !this.#removed && lastLine > 0) this.#mark(Math.max(1, this.#line - 1), lastLine);
    this.#added = false;
    this.#removed = false;
  }

  /** Spans that touch or overlap become one. */
  #mark(firstLine: number, lastLine: number): void {
    if (this.#path === undefined) return;
    const open = this.spans.at(-1);
    const joins = open?.path === this.#path && open.firstLine <= firstLine && firstLine <= open.lastLine + 1;
    if (open !== undefined && joins) {
      this.spans[this.spans.length - 1] = { ...open, lastLine: Math.max(open.lastLine, lastLine) };
    } else this.spans.push({ path: this.#path, firstLine, lastLine });
  }
}

export function goldOfPatch(patch: string): Gold {
  const reader = new Reader();
  for (const line of patch.split("\n")) reader.read(line.endsWith("\r") ? line.slice(0, -1) : line);
  return { files: [...reader.files], spans: reader.spans };
}
