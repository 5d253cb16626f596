// Finds the first mistake in what should be JSON: the engine's own messages often leave out where it is.

export interface JsonMistake {
  /** Characters before it. */
  readonly offset: number;
  readonly expected: string;
}

const literal = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
const blanks = /[ \t\n\r]*/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** JSON wants everything below a blank written as an escape. */
const firstPrintable = 0x20;

type Container = "{" | "[";
/** What may come next: a value, a key, or what follows a value. `first`: the container may also end here. */
type State = "value" | "first-value" | "key" | "first-key" | "after";

class Scanner {
  readonly #text: string;
  readonly #open: Container[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Undefined when the whole text is one JSON value. */
  mistake(): JsonMistake | undefined {
    let state: State | JsonMistake = "value";
    for (;;) {
      this.#match(blanks);
      if (state === "after" && this.#open.length === 0) {
        return this.#at === this.#text.length ? undefined : this.#expected("nothing after the JSON value");
      }
      state = this.#next(state);
      if (typeof state !== "string") return state;
    }
  }

  #next(state: State): State | JsonMistake {
    const found = this.#text[this.#at];
    if (state === "after") return this.#after(found);
    if (state === "first-value" && found === "]") return this.#close();
    if (state === "first-key" && found === "}") return this.#close();
    return state === "key" || state === "first-key" ? this.#key(found) : this.#value(found);
  }

  #value(found: string | undefined): State | JsonMistake {
    if (found === '"') return this.#string() ?? "after";
    if (found === "{" || found === "[") {
      this.#open.push(found);
      this.#at += 1;
      return found === "{" ? "first-key" : "first-value";
    }
    return this.#match(literal) ? "after" : this.#expected("a JSON value");
  }

  #key(found: string | undefined): State | JsonMistake {
    if (found !== '"') return this.#expected("a field name in double quotes");
    const mistake = this.#string();
    if (mistake !== undefined) return mistake;
    this.#match(blanks);
    if (this.#text[this.#at] !== ":") return this.#expected('":" after the field name');
    this.#at += 1;
    return "value";
  }

  #after(found: string | undefined): State | JsonMistake {
    const isObject = this.#open.at(-1) === "{";
    if (found === (isObject ? "}" : "]")) return this.#close();
    if (found !== ",") return this.#expected(isObject ? '"," or "}"' : '"," or "]"');
    this.#at += 1;
    return isObject ? "key" : "value";
  }

  #close(): State {
    this.#open.pop();
    this.#at += 1;
    return "after";
  }

  #string(): JsonMistake | undefined {
    this.#at += 1;
    for (;;) {
      this.#plainText();
      const found = this.#text[this.#at];
      if (found === '"') {
        this.#at += 1;
        return undefined;
      }
      if (found === undefined) return this.#expected("the closing quote of a string");
      if (found === "\n" || found === "\r")
        return this.#expected("a line break inside a string written as \\n");
      if (found !== "\\")
        return this.#expected("a control character inside a string written as \\u and four digits");
      if (!this.#match(escaped)) return this.#expected("an escape that JSON knows, or \\\\ for a backslash");
    }
  }

  #plainText(): void {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const found = this.#text[this.#at];
      if (found === '"' || found === "\\" || this.#text.charCodeAt(this.#at) < firstPrintable) return;
    }
  }

  /** Moves past a match that begins here. An empty match counts. */
  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const matched = pattern.exec(this.#text);
    if (matched === null) return false;
    this.#at += matched[0].length;
    return true;
  }

  #expected(expected: string): JsonMistake {
    return { offset: this.#at, expected };
  }
}

/** Undefined exactly when `JSON.parse` takes the text. */
export function jsonMistake(text: string): JsonMistake | undefined {
  return new Scanner(text).mistake();
}
