// A terminal as far as our own output needs one: what stands on it after all that was written.
import type { Terminal } from "../../src/cli/screen.ts";

const csi = "\u001b[";
const sequences = new RegExp(`${csi.slice(0, 1)}\\[[?\\d;]*[A-Za-z]|[\\s\\S]`, "gu");

/** Understands what a screen writes: text, line ends, up, erase line and below, styles. Breaks what is too long. */
export class Glass implements Terminal {
  columns: number;
  rows = 24;
  #lines: string[] = [""];
  #row = 0;
  #column = 0;
  blankFrames = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): void {
    for (const [part] of text.matchAll(sequences)) this.#take(part);
    if (this.shown().length === 0) this.blankFrames += 1;
  }

  #take(part: string): void {
    if (part.startsWith(csi) && part.endsWith("A"))
      this.#row = Math.max(0, this.#row - Number(part.slice(csi.length, -1)));
    else if (part === "\r") this.#column = 0;
    else if (part === "\n") this.#down();
    else if (part === "\u001b[K")
      this.#lines[this.#row] = (this.#lines[this.#row] ?? "").slice(0, this.#column);
    else if (part === "\u001b[J") this.#below();
    else if (!part.startsWith("\u001b")) this.#put(part);
  }

  #put(sign: string): void {
    if (this.#column >= this.columns) this.#down();
    const line = (this.#lines[this.#row] ?? "").padEnd(this.#column);
    this.#lines[this.#row] = line.slice(0, this.#column) + sign + line.slice(this.#column + 1);
    this.#column += 1;
  }

  #down(): void {
    this.#row += 1;
    this.#column = 0;
    this.#lines[this.#row] ??= "";
  }

  #below(): void {
    this.#lines[this.#row] = (this.#lines[this.#row] ?? "").slice(0, this.#column);
    this.#lines.length = this.#row + 1;
  }

  /** As a terminal that reflows: every line is broken anew. */
  narrow(columns: number): void {
    const broken = this.#lines.map((line) => line.match(new RegExp(`.{1,${columns}}`, "g")) ?? [""]);
    this.#row = broken.slice(0, this.#row).flat().length;
    this.#lines = broken.flat();
    this.columns = columns;
  }

  shown(): string[] {
    return this.#lines.join("\n").trimEnd().split("\n");
  }
}
