// Reads sums, products, powers and functions from tokens: the arithmetic part of an answer's grammar.

import type { Token } from "./answer-tokens.ts";
import {
  apply,
  type FunctionName,
  functionNames,
  type Operator,
  type Row,
  type Tree,
  wordName,
} from "./answer-tree.ts";
import { numberTree, repeatingTree, whole } from "./number-reading.ts";
import { TokenCursor, Unreadable } from "./token-cursor.ts";

const functions: ReadonlyMap<string, FunctionName> = new Map([
  ...functionNames.map((name) => [name, name] as const),
  ...([
    ["arcsin", "asin"],
    ["arccos", "acos"],
    ["arctan", "atan"],
  ] as const),
]);
const inverses: ReadonlyMap<FunctionName, FunctionName> = new Map([
  ["sin", "asin"],
  ["cos", "acos"],
  ["tan", "atan"],
]);
const fractions = new Set(["frac", "dfrac", "tfrac", "cfrac"]);
const binomials = new Set(["binom", "dbinom", "tbinom"]);
const matrices = new Set(["pmatrix", "bmatrix", "matrix", "Bmatrix", "array"]);
/** Commands that end what another began. */
const closing = new Set(["rfloor", "rceil", "end"]);
const bars = new Set(["overline", "bar", "dot"]);
const greek = new Set(
  (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau " +
    "upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell"
  ).split(" "),
);
const constants: ReadonlyMap<string, string> = new Map([
  ["pi", "pi"],
  ["infty", "infinity"],
  ["imath", "i"],
]);

const isDigits = (text: string): boolean => /^\d+$/.test(text);

export abstract class FormulaReading extends TokenCursor {
  /** Inside |...| the next bar closes. */
  #bars = 0;

  /** What stands between brackets. */
  protected abstract items(): readonly Tree[];

  protected sum(): Tree {
    let left = this.#product();
    for (;;) {
      if (this.takeSymbol("+")) left = apply("add", left, this.#product());
      else if (this.takeSymbol("-")) left = apply("add", left, apply("negate", this.#product()));
      else if (this.takeSymbol("±")) left = apply("plus-minus", left, this.#product());
      else if (this.takeSymbol("∓")) left = apply("minus-plus", left, this.#product());
      else return left;
    }
  }

  #product(): Tree {
    let left = this.#signed();
    for (;;) {
      if (this.takeSymbol("*")) left = apply("multiply", left, this.#signed());
      else if (this.takeSymbol("/")) left = apply("divide", left, this.#signed());
      else if (this.next?.kind === "words") left = { kind: "measured", value: left, unit: this.#unit() };
      else if (this.#startsFactor()) left = apply("multiply", left, this.#power());
      else return left;
    }
  }

  #signed(): Tree {
    if (this.takeSymbol("+")) return this.nested(() => this.#signed());
    if (this.takeSymbol("-"))
      return apply(
        "negate",
        this.nested(() => this.#signed()),
      );
    if (this.takeSymbol("±"))
      return apply(
        "plus-minus",
        whole(0n),
        this.nested(() => this.#signed()),
      );
    if (this.takeSymbol("∓"))
      return apply(
        "minus-plus",
        whole(0n),
        this.nested(() => this.#signed()),
      );
    return this.#power();
  }

  /** Two numbers side by side are no product that anybody writes. */
  #startsFactor(): boolean {
    const { next } = this;
    if (next === undefined || next.kind === "words" || next.kind === "number")
      return next?.kind === "number" && next.isSpaced === false;
    if (next.kind === "name") return true;
    if (next.kind === "command") return !closing.has(next.text);
    if (next.text === "|") return this.#bars === 0;
    return next.text === "(" || next.text === "[" || next.text === "{";
  }

  /** Words, with powers and slashes between them. */
  #unit(): string {
    let unit = "";
    for (;;) {
      if (this.next?.kind === "words") unit += ` ${this.take().text}`;
      else if (this.symbol === "^" && this.ahead(1)?.text !== "\\") {
        this.take();
        unit += `^${this.#plainScript()}`;
      } else if (this.symbol === "/" && this.ahead(1)?.kind === "words") unit += this.take().text;
      else return unit;
    }
  }

  #power(): Tree {
    let base = this.#primary();
    for (;;) {
      if (this.takeSymbol("!")) base = apply("factorial", base);
      else if (this.takeSymbol("%")) base = apply("percent", base);
      else if (this.takeSymbol("°")) base = apply("degree", base);
      else if (this.symbol === "^") base = this.#raised(base);
      else return base;
    }
  }

  #raised(base: Tree): Tree {
    if (this.#takeDegree()) return apply("degree", base);
    this.take();
    return apply("power", base, this.#script());
  }

  /** `^\circ` or `^{\circ}`. */
  #takeDegree(): boolean {
    const isBraced = this.ahead(1)?.text === "{";
    const sign = this.ahead(isBraced ? 2 : 1);
    if (sign?.text !== "circ" && sign?.text !== "°") return false;
    for (let count = isBraced ? 4 : 2; count > 0; count -= 1) this.take();
    return true;
  }

  /** Powers of powers bind to the right. */
  #script(): Tree {
    return this.nested(() => {
      const script = this.symbol === "{" ? this.#group() : this.#signedPrimary();
      if (!this.takeSymbol("^")) return script;
      return apply("power", script, this.#script());
    });
  }

  #signedPrimary(): Tree {
    return this.takeSymbol("-") ? apply("negate", this.#primary()) : this.#primary();
  }

  /** A subscript's text as part of a name. */
  #plainScript(): string {
    if (!this.takeSymbol("{")) return this.take().text;
    let text = "";
    while (!this.takeSymbol("}")) text += this.take().text;
    return text;
  }

  #group(): Tree {
    this.expectSymbol("{");
    const items = this.nested(() => this.items());
    this.expectSymbol("}");
    const [only] = items;
    return items.length === 1 && only !== undefined ? only : { kind: "set", items };
  }

  /** An argument of a command: a group, or one token. */
  #argument(): Tree {
    if (this.symbol === "{") return this.#group();
    const { next } = this;
    if (next?.kind === "number" && !isDigits(next.text)) throw new Unreadable();
    if (next?.kind === "number") return whole(BigInt(this.takeDigit()));
    return this.nested(() => this.#primary());
  }

  #primary(): Tree {
    const token = this.take();
    if (token.kind === "number") return this.#number(token);
    if (token.kind === "name") return this.#name(token.text);
    if (token.kind === "command") return this.nested(() => this.#command(token.text));
    // A label, as in `\text{Area} = 5`.
    if (token.kind === "words") return { kind: "name", name: wordName(token.text) };
    return this.nested(() => this.#bracketed(token.text));
  }

  #number(token: Token): Tree {
    const { next } = this;
    if (next?.kind === "command" && bars.has(next.text) && token.text.includes(".")) {
      this.take();
      const repeated = this.#plainScript();
      if (!isDigits(repeated)) throw new Unreadable();
      return repeatingTree(token.text, repeated);
    }
    const value = numberTree(token.text);
    if (this.takeSymbol("_")) return { kind: "measured", value, unit: `base ${this.#plainScript()}` };
    return this.#mixed(token, value) ?? value;
  }

  /** 3\frac{1}{2} and 3 1/2: a whole number before a fraction of whole numbers is added, not multiplied. */
  #mixed({ text }: Token, value: Tree): Tree | undefined {
    if (!isDigits(text)) return undefined;
    const { next } = this;
    if (
      next?.kind === "number" &&
      next.isSpaced &&
      this.ahead(1)?.text === "/" &&
      this.ahead(2)?.kind === "number"
    ) {
      const over = numberTree(this.take().text);
      this.take();
      return apply("add", value, apply("divide", over, numberTree(this.take().text)));
    }
    if (next?.kind !== "command" || !fractions.has(next.text)) return undefined;
    this.take();
    const [over, under] = [this.#argument(), this.#argument()];
    const fraction = apply("divide", over, under);
    const isPlain = over.kind === "number" && under.kind === "number";
    return isPlain ? apply("add", value, fraction) : apply("multiply", value, fraction);
  }

  #name(name: string): Tree {
    let full = name;
    while (this.takeSymbol("'")) full += "'";
    if (this.takeSymbol("_")) full += `_${this.#plainScript()}`;
    return { kind: "name", name: full };
  }

  #command(name: string): Tree {
    const constant = constants.get(name);
    if (constant !== undefined) return { kind: "name", name: constant };
    if (greek.has(name)) return this.#name(name);
    if (fractions.has(name)) return apply("divide", this.#argument(), this.#argument());
    if (binomials.has(name)) return apply("binomial", this.#argument(), this.#argument());
    if (name === "sqrt") return this.#root();
    if (name === "plainsqrt") return apply("root", this.#primary(), whole(2n));
    if (name === "abs") return apply("abs", this.#argument());
    if (name === "log" || name === "lg") return this.#logarithm();
    if (name === "lfloor") return this.#closedBy("floor", "rfloor");
    if (name === "lceil") return this.#closedBy("ceil", "rceil");
    if (name === "emptyset" || name === "varnothing") return { kind: "set", items: [] };
    if (name === "begin") return this.#matrix();
    const known = functions.get(name);
    if (known === undefined) throw new Unreadable();
    return this.#functionOf(known);
  }

  #closedBy(op: Operator, end: string): Tree {
    const inside = this.sum();
    if (this.take().text !== end) throw new Unreadable();
    return apply(op, inside);
  }

  #root(): Tree {
    let degree: Tree = whole(2n);
    if (this.takeSymbol("[")) {
      degree = this.sum();
      this.expectSymbol("]");
    }
    return apply("root", this.#argument(), degree);
  }

  #logarithm(): Tree {
    const base = this.takeSymbol("_") ? this.#argument() : whole(10n);
    return apply("log", this.#operand(), base);
  }

  /** \sin^2 x is the square of the sine; \sin^{-1} x is its inverse function. */
  #functionOf(name: FunctionName): Tree {
    if (!this.takeSymbol("^")) return apply(name, this.#operand());
    const power = this.#script();
    const isInverse = power.kind === "apply" && power.op === "negate";
    const inverse = isInverse ? inverses.get(name) : undefined;
    if (isInverse && inverse === undefined) throw new Unreadable();
    const operand = this.#operand();
    return inverse === undefined ? apply("power", apply(name, operand), power) : apply(inverse, operand);
  }

  /** Brackets alone, or factors up to the next sign or function. */
  #operand(): Tree {
    if (this.symbol === "(") return this.#primary();
    let operand = this.#signed();
    while (this.#startsFactor() && !this.#isFunction()) operand = apply("multiply", operand, this.#power());
    return operand;
  }

  #isFunction(): boolean {
    const { next } = this;
    return (
      next?.kind === "command" && (functions.has(next.text) || next.text === "log" || next.text === "lg")
    );
  }

  #bracketed(open: string): Tree {
    if (open === "(" || open === "[") return this.#row(open);
    if (open === "|") return this.#abs();
    if (open !== "{" && open !== "\\{") throw new Unreadable();
    const close = open === "{" ? "}" : "\\}";
    if (this.takeSymbol(close)) return { kind: "set", items: [] };
    const items = this.items();
    this.expectSymbol(close);
    const [only] = items;
    return open === "{" && items.length === 1 && only !== undefined ? only : { kind: "set", items };
  }

  #row(open: Row["open"]): Tree {
    const bars = this.#bars;
    this.#bars = 0;
    const items = this.items();
    this.#bars = bars;
    const { text: close } = this.take();
    if (close !== ")" && close !== "]") throw new Unreadable();
    const [only] = items;
    if (items.length === 1 && only !== undefined && (open === "(") === (close === ")")) return only;
    return { kind: "row", open, close, items };
  }

  #abs(): Tree {
    this.#bars += 1;
    const inside = this.sum();
    this.#bars -= 1;
    this.expectSymbol("|");
    return apply("abs", inside);
  }

  #matrix(): Tree {
    const name = this.#plainScript();
    if (!matrices.has(name)) throw new Unreadable();
    // Of an array the letters that say how its columns stand.
    if (name === "array") this.#plainScript();
    const rows: Tree[][] = [[]];
    for (;;) {
      rows.at(-1)?.push(this.sum());
      if (this.takeSymbol("&")) continue;
      if (this.takeSymbol("\\\\") && this.next?.text !== "end") rows.push([]);
      else if (this.take().text === "end" && this.#plainScript() === name) return { kind: "matrix", rows };
      else throw new Unreadable();
    }
  }
}
