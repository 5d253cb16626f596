// Cuts an issue into its title, prose, inline code and fenced code, and leaves out what a template or a form wrote.

export type SegmentKind = "title" | "prose" | "inline" | "fence" | "environment";

export interface Segment {
  readonly kind: SegmentKind;
  readonly text: string;
  /** What a word here counts for: below 1 where a paste is so long that it would drown the person's own words. */
  readonly share: number;
}

/** Longer issues are logs: what matters stands before. In UTF-16 units. */
const maxIssueLength = 60_000;
/** Lines of one fence that count in full; a longer one counts as much as this many, spread over its lines. */
const fullFenceLines = 40;

const checkbox = /^\s*(?:[-*+]|\d+[.)])\s*\[[ xX]?\]/u;
const heading = /^\s{0,3}(?:#{1,6}\s+|\*\*)([^*#]{1,80})/u;
const fenceMark = /^\s{0,8}(?:>\s*)?(```|~~~)/u;
const environmentHeading =
  /\b(environment|versions?|(system|setup|version|debug|report) info(rmation)?|platform|os|operating system|desktop|checklist)\b/iu;
/** What forms write for a field left empty. */
const placeholder = /^\s*_(no response|none|n\/a)_\s*$/iu;

/** Without comments of HTML (templates' instructions); an unclosed one hides nothing. */
function withoutComments(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf("<!--", at);
    const close = open < 0 ? -1 : text.indexOf("-->", open + 4);
    if (close < 0) break;
    parts.push(text.slice(at, open));
    at = close + 3;
  }
  parts.push(text.slice(at));
  return parts.join("\n");
}

/** Inline code apart from the prose around it. */
function proseSegments(text: string, kind: "title" | "prose" | "environment"): Segment[] {
  const pieces = text.split("`");
  // An odd number of marks: the last one opens nothing.
  const closed = pieces.length % 2 === 1 ? pieces.length : pieces.length - 1;
  return pieces.flatMap((piece, index): Segment[] => {
    if (piece.trim() === "") return [];
    const inline = index % 2 === 1 && index < closed && !piece.includes("\n\n");
    if (!inline) return [{ kind, text: piece, share: 1 }];
    // What a title quotes is both: a word of the title and a piece of code.
    const code: Segment = { kind: "inline", text: piece, share: 1 };
    return kind === "prose" ? [code] : [{ kind, text: piece, share: 1 }, code];
  });
}

class Cutter {
  readonly segments: Segment[] = [];
  #open: string[] = [];
  #fence: string | undefined;
  #kind: "prose" | "environment" = "prose";

  line(line: string): void {
    const mark = fenceMark.exec(line)?.[1];
    if (this.#fence !== undefined) {
      if (mark === this.#fence) this.close();
      else this.#open.push(line);
      return;
    }
    if (mark !== undefined) {
      this.close();
      this.#fence = mark;
      return;
    }
    if (checkbox.test(line) || placeholder.test(line)) return;
    const title = heading.exec(line)?.[1];
    if (title !== undefined) {
      this.close();
      this.#kind = environmentHeading.test(title) ? "environment" : "prose";
    }
    this.#open.push(line);
  }

  close(): void {
    const lines = this.#open;
    this.#open = [];
    const fenced = this.#fence !== undefined;
    this.#fence = undefined;
    if (lines.length === 0) return;
    const text = lines.join("\n");
    if (fenced) {
      const kind = this.#kind === "environment" ? "environment" : "fence";
      this.segments.push({ kind, text, share: Math.min(1, fullFenceLines / lines.length) });
    } else this.segments.push(...proseSegments(text, this.#kind));
  }
}

/** The first line is the title. Never fails: an issue is whatever somebody typed. */
export function segmentsOf(issue: string): Segment[] {
  const text = withoutComments(issue.slice(0, maxIssueLength).replaceAll("\r\n", "\n")).trimStart();
  const end = text.indexOf("\n");
  const title = end < 0 ? text : text.slice(0, end);
  const cutter = new Cutter();
  for (const line of end < 0 ? [] : text.slice(end + 1).split("\n")) cutter.line(line);
  cutter.close();
  return [...proseSegments(title, "title"), ...cutter.segments];
}
