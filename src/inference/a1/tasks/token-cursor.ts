// Walks through an answer's tokens with a bound on nesting, so that no text can exhaust the stack.
import type { Token } from "./answer-tokens.ts";

/** The answer is no formula that we read. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
  constructor() {
    super("expected an answer that we can read");
  }
}

/** Brackets, fractions and powers inside one another; honest answers have a handful. */
export const deepestNesting = 40;

export class TokenCursor {
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = [...tokens];
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  get next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  ahead(count: number): Token | undefined {
    return this.#tokens[this.#at + count];
  }

  /** Text of the next token where it is a symbol. */
  get symbol(): string | undefined {
    return this.next?.kind === "symbol" ? this.next.text : undefined;
  }

  take(): Token {
    const token = this.next;
    if (token === undefined) throw new Unreadable();
    this.#at += 1;
    return token;
  }

  takeSymbol(text: string): boolean {
    if (this.symbol !== text) return false;
    this.#at += 1;
    return true;
  }

  expectSymbol(text: string): void {
    if (!this.takeSymbol(text)) throw new Unreadable();
  }

  /** LaTeX takes one digit where an argument has no braces: \frac12. */
  takeDigit(): string {
    const { text } = this.take();
    const [digit = "", rest] = [text[0], text.slice(1)];
    if (rest !== "") {
      this.#at -= 1;
      this.#tokens[this.#at] = { kind: "number", text: rest, isSpaced: false };
    }
    return digit;
  }

  nested<Result>(read: () => Result): Result {
    if (this.#depth >= deepestNesting) throw new Unreadable();
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }
}
