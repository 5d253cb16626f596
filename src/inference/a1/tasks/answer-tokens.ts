// Cuts a final answer, in LaTeX or as people type, into tokens; what only decorates is dropped here.

export interface Token {
  readonly kind: "number" | "name" | "command" | "words" | "symbol";
  /** Of a command without its backslash. */
  readonly text: string;
  /** Blanks, or commands that make some, stand before it. */
  readonly isSpaced: boolean;
}

/** Commands that say how things look. What stands in braces behind them stays. */
const decorations = new Set(
  (
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle displaystyle textstyle limits " +
    "nolimits boxed fbox mathbf boldsymbol bm mathbb mathcal mathit mathsf vec overrightarrow hat bf rm it"
  ).split(" "),
);
const spaces = new Set(["quad", "qquad", "enspace", "thinspace", "hspace", "space", "hfill"]);
const wordCommands = new Set(
  "text textbf textit textrm textnormal textsf texttt mbox mathrm operatorname".split(" "),
);

/** What is typed without a backslash and means the command. */
const plainCommands = new Set(
  (
    "sqrt pi sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln exp abs infty alpha beta gamma theta " +
    "lambda sigma omega"
  ).split(" "),
);
const plainUnits = new Set(
  "mm cm dm km mg kg ml cl ft yd mi lb lbs oz mph kph hr hrs sq in min sec am pm".split(" "),
);

/** Signs of Unicode as the commands they stand for; kind and text. */
const signs: ReadonlyMap<string, readonly [Token["kind"], string]> = mapOf<readonly [Token["kind"], string]>({
  ...{
    π: ["command", "pi"],
    "√": ["command", "plainsqrt"],
    "∞": ["command", "infty"],
    "∅": ["command", "emptyset"],
  },
  ...{ "×": ["symbol", "*"], "·": ["symbol", "*"], "⋅": ["symbol", "*"], "÷": ["symbol", "/"] },
  ...{ "−": ["symbol", "-"], "–": ["symbol", "-"], "±": ["symbol", "±"], "°": ["symbol", "°"] },
  ...{ "≤": ["symbol", "<="], "≥": ["symbol", ">="], "≠": ["symbol", "!="], "≈": ["symbol", "="] },
  ...{ "∪": ["symbol", "∪"], "∈": ["symbol", "∈"], "∓": ["symbol", "∓"], "′": ["symbol", "'"] },
});

const commandSymbols = mapOf<string>({
  ...{ cdot: "*", times: "*", ast: "*", div: "/", pm: "±", mp: "∓", cup: "∪", in: "∈" },
  ...{ le: "<=", leq: "<=", leqslant: "<=", ge: ">=", geq: ">=", geqslant: ">=", lt: "<", gt: ">" },
  ...{ ne: "!=", neq: "!=", approx: "=", to: "=", degree: "°", prime: "'", colon: ":" },
  ...{ lvert: "|", rvert: "|", vert: "|", mid: "|", lbrace: "\\{", rbrace: "\\}", langle: "(", rangle: ")" },
  ...{ lparen: "(", rparen: ")", lbrack: "[", rbrack: "]", percent: "%" },
});
/** `\` and one character that is no letter. */
const escapes = mapOf<string>({
  ...{ "{": "\\{", "}": "\\}", "%": "%", "&": "&", "\\": "\\\\", "|": "|", _: "_" },
});
/** Of `\\(`, `\\)`, `\\[`, `\\]` and `\\$` nothing is left; of other escapes a blank. */
const droppedEscapes = "$()[]#";
const droppedSigns = "€£";

/** A record would also answer to `constructor`, and the names here come from a model. */
function mapOf<Value>(entries: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(entries));
}

const isDigit = (character: string | undefined): boolean =>
  character !== undefined && character >= "0" && character <= "9";
const isLetter = (character: string | undefined): boolean =>
  character !== undefined && /^[A-Za-z]$/.test(character);
const isSpace = (character: string): boolean =>
  character === "~" || character === "$" || /^\s$/.test(character);

/** An exponent beyond this is no number that an answer needs; undefined then, and for a text that cannot be cut. */
const longestExponent = 3;

export function tokensOf(text: string): readonly Token[] | undefined {
  const cutter = new Cutter(text);
  return cutter.run() ? cutter.tokens : undefined;
}

class Cutter {
  readonly tokens: Token[] = [];
  readonly #text: string;
  #at = 0;
  #isSpaced = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): boolean {
    while (this.#at < this.#text.length) if (!this.#step()) return false;
    return true;
  }

  #step(): boolean {
    const character = this.#text[this.#at] ?? "";
    if (isSpace(character)) return this.#skip(1);
    if (isDigit(character) || (character === "." && isDigit(this.#text[this.#at + 1]))) return this.#number();
    if (isLetter(character)) return this.#letters();
    if (character === "\\") return this.#command();
    this.#at += 1;
    if (droppedSigns.includes(character)) return true;
    const sign = signs.get(character);
    if (sign !== undefined) return this.#push(...sign);
    return this.#symbol(character);
  }

  /** Of two characters, as people type them. */
  #symbol(character: string): boolean {
    const next = this.#text[this.#at];
    if ((character === "<" || character === ">" || character === "!") && next === "=") {
      this.#at += 1;
      return this.#push("symbol", `${character}=`);
    }
    return "+-*/^_()[]{}|=<>,;:!&%'".includes(character) && this.#push("symbol", character);
  }

  #skip(length: number): boolean {
    this.#at += length;
    this.#isSpaced = true;
    return true;
  }

  #push(kind: Token["kind"], text: string): boolean {
    this.tokens.push({ kind, text, isSpaced: this.#isSpaced });
    this.#isSpaced = false;
    return true;
  }

  #digits(): string {
    const from = this.#at;
    while (isDigit(this.#text[this.#at])) this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  #number(): boolean {
    let number = this.#digits();
    // A point before a bar belongs to the number too: 0.\overline{3}
    if (
      this.#text[this.#at] === "." &&
      (isDigit(this.#text[this.#at + 1]) || this.#text[this.#at + 1] === "\\")
    ) {
      this.#at += 1;
      number += `.${this.#digits()}`;
    }
    // 5e-2 may be a formula; 5e-02 and 5e2 are not.
    const exponent = /^[eE](?:\d+|\+\d+|-\d{2,})(?![\d.])/.exec(
      this.#text.slice(this.#at, this.#at + 12),
    )?.[0];
    if (exponent === undefined) return this.#push("number", number);
    this.#at += exponent.length;
    if (exponent.replace(/^[eE][+-]?0*/, "").length > longestExponent) return false;
    return this.#push("number", `${number}e${exponent.slice(1)}`);
  }

  #letters(): boolean {
    const from = this.#at;
    while (isLetter(this.#text[this.#at])) this.#at += 1;
    this.#word(this.#text.slice(from, this.#at));
    return true;
  }

  #word(word: string): void {
    if (word === "and" || word === "or") this.#push("symbol", ",");
    else if (word === "infinity") this.#push("command", "infty");
    // LaTeX's root takes one digit, a typed one the whole number.
    else if (word === "sqrt") this.#push("command", "plainsqrt");
    else if (plainCommands.has(word)) this.#push("command", word);
    else if (word.length > 3 || (plainUnits.has(word) && this.#isAfterValue())) this.#push("words", word);
    else for (const letter of word) this.#push("name", letter);
  }

  /** Words here are a unit. */
  #isAfterValue(): boolean {
    const last = this.tokens.at(-1);
    return last !== undefined && (last.kind === "number" || last.text === "}" || last.text === ")");
  }

  #command(): boolean {
    const next = this.#text[this.#at + 1];
    if (next === undefined) return false;
    if (isLetter(next)) return this.#named();
    this.#at += 2;
    const symbol = escapes.get(next);
    if (symbol !== undefined) return this.#push("symbol", symbol);
    if (!droppedEscapes.includes(next)) this.#isSpaced = true;
    return true;
  }

  #named(): boolean {
    const from = this.#at + 1;
    this.#at = from;
    while (isLetter(this.#text[this.#at])) this.#at += 1;
    const name = this.#text.slice(from, this.#at);
    if (spaces.has(name)) this.#isSpaced = true;
    if (spaces.has(name)) return true;
    if (decorations.has(name)) {
      if ((name === "left" || name === "right") && this.#text[this.#at] === ".") this.#at += 1;
      return true;
    }
    if (wordCommands.has(name)) return this.#words();
    const symbol = commandSymbols.get(name);
    return symbol === undefined ? this.#push("command", name) : this.#push("symbol", symbol);
  }

  /** The group behind `\text`: words as they are, or symbols that were only set upright. */
  #words(): boolean {
    while (isSpace(this.#text[this.#at] ?? "")) this.#at += 1;
    if (this.#text[this.#at] !== "{") return false;
    const from = this.#at + 1;
    let depth = 0;
    do {
      const character = this.#text[this.#at];
      if (character === undefined) return false;
      if (character === "\\") this.#at += 1;
      if (character === "{") depth += 1;
      if (character === "}") depth -= 1;
      this.#at += 1;
    } while (depth > 0);
    const words = this.#text
      .slice(from, this.#at - 1)
      .replaceAll("~", " ")
      .trim();
    if (words === "") this.#isSpaced = true;
    else if (/^[A-Za-z]$/.test(words)) this.#push(this.#isAfterValue() ? "words" : "name", words);
    else if (/^[A-Za-z]+$/.test(words) && (plainCommands.has(words) || words === "and" || words === "or"))
      this.#word(words);
    else this.#push("words", words);
    return true;
  }
}

const isWhole = ({ kind, text }: Token): boolean => kind === "number" && /^\d+$/.test(text);

/**
 * Digits in groups of three become one number: behind `{,}`, blanks, and outside of brackets behind a comma, if
 * `byComma`: 1,234 may be a number and may be two.
 */
export function withoutSeparators(tokens: readonly Token[], byComma: boolean): readonly Token[] {
  const joined: Token[] = [];
  let depth = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.text === "(" || token.text === "[" || token.text === "\\{") depth += 1;
    if (token.text === ")" || token.text === "]" || token.text === "\\}") depth -= 1;
    if (!isWhole(token) || token.text.length > 3) {
      joined.push(token);
      continue;
    }
    const { text, next } = groupsFrom(tokens, at, byComma && depth === 0);
    joined.push({ ...token, text });
    at = next - 1;
  }
  return joined;
}

function groupsFrom(
  tokens: readonly Token[],
  start: number,
  byComma: boolean,
): { readonly text: string; readonly next: number } {
  let text = tokens[start]?.text ?? "";
  let next = start + 1;
  for (;;) {
    const width = separatorWidth(tokens, next, byComma);
    const group = width === undefined ? undefined : tokens[next + width];
    if (width === undefined || group?.kind !== "number" || !/^\d{3}(?:\.\d+)?$/.test(group.text))
      return { text, next };
    text += group.text;
    next += width + 1;
    if (group.text.length > 3) return { text, next };
  }
}

/** Tokens between two groups; undefined where they are not groups of one number. */
function separatorWidth(tokens: readonly Token[], at: number, byComma: boolean): number | undefined {
  const [first, second, third, fourth] = tokens.slice(at, at + 4);
  if (first?.text === "{" && second?.text === "," && third?.text === "}" && fourth !== undefined) return 3;
  if (first?.kind === "number" && first.isSpaced) return 0;
  const isTight = first?.isSpaced === false && second?.isSpaced === false;
  return byComma && first?.text === "," && isTight ? 1 : undefined;
}
