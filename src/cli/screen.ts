// Lines at the foot of a terminal that replace themselves, while what is said meanwhile stays above them.
import stringWidth from "string-width";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Span {
  readonly text: string;
  readonly style?: "bold" | "dim" | "alert";
}

export type Line = readonly Span[];

export interface Terminal {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

const styles = { bold: "1", dim: "2", alert: "33" } as const;
const csi = "\u001b[";
/** A terminal that knows it shows a frame whole; others ignore it. */
const [together, apart] = [`${csi}?2026h`, `${csi}?2026l`];
const [eraseLine, eraseBelow] = [`${csi}K`, `${csi}J`];

const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** As much of a text as so many columns hold; signs of two columns are never cut in two. */
export function clipped(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const { segment } of segments.segment(text)) {
    width += stringWidth(segment);
    if (width > columns) break;
    kept += segment;
  }
  return kept;
}

interface Drawn {
  readonly text: string;
  readonly width: number;
}

function drawn(line: Line, columns: number, color: boolean): Drawn {
  let text = "";
  let width = 0;
  for (const span of line) {
    const part = clipped(span.text, columns - width);
    width += stringWidth(part);
    const isStyled = color && span.style !== undefined && part !== "";
    text += isStyled ? `${csi}${styles[span.style]}m${part}${csi}0m` : part;
  }
  return { text, width };
}

export class Screen {
  readonly #terminal: Terminal;
  /** Of the lines that are drawn. */
  #widths: readonly number[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get size(): Size {
    // A terminal that does not know its size says 0.
    return { columns: this.#terminal.columns || 80, rows: this.#terminal.rows || 24 };
  }

  /** Overwrites the lines that stand there, so that none is ever blank; `above` stays over them. */
  draw(lines: readonly Line[], { color, above }: { readonly color: boolean; readonly above?: string }): void {
    // The last column stays free: a terminal would break the line there.
    const next = lines.map((line) => drawn(line, this.size.columns - 1, color));
    const said = above === undefined ? "" : `${eraseBelow}${above}\n`;
    const text = next.map((line) => `${line.text}${eraseLine}\n`).join("");
    this.#terminal.write(`${together}${this.#toTop()}${said}${text}${eraseBelow}${apart}`);
    this.#widths = next.map(({ width }) => width);
  }

  clear(): void {
    if (this.#widths.length === 0) return;
    this.#terminal.write(`${this.#toTop()}${eraseBelow}`);
    this.#widths = [];
  }

  /** A terminal that became narrower has broken the lines, as most do: they stand on more rows than were drawn. */
  #toTop(): string {
    const { columns } = this.size;
    const height = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return height === 0 ? "" : `\r${csi}${height}A`;
  }
}
