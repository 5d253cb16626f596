// Reads the tokens of a final answer into a tree; what is not understood is said to be unreadable, never guessed at.

import { type Token, tokensOf, withoutSeparators } from "./answer-tokens.ts";
import { apply, type Relation, type RelationSign, type Row, type Tree } from "./answer-tree.ts";
import { FormulaReading } from "./formula-reading.ts";
import { Unreadable } from "./token-cursor.ts";

/** Longer answers are not read; honest ones are a line. */
export const longestAnswer = 1_000;

export interface ReadingOptions {
  /** 1,234 is one number, not two answers. */
  readonly commasGroupDigits: boolean;
}

/** Undefined where the answer is too long, too deep, or not a formula that we read. */
export function readAnswer(text: string, { commasGroupDigits }: ReadingOptions): Tree | undefined {
  if (text.length > longestAnswer) return undefined;
  const tokens = tokensOf(withoutEnd(text));
  if (tokens === undefined) return undefined;
  try {
    return new AnswerReading(withoutSeparators(tokens, commasGroupDigits)).answer();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** Without the full stop of its sentence. */
function withoutEnd(text: string): string {
  const trimmed = text.trim();
  return trimmed.endsWith(".") && !trimmed.endsWith("\\right.") ? trimmed.slice(0, -1) : trimmed;
}

const relationSigns: ReadonlySet<string> = new Set<RelationSign>(["=", "<", ">", "<=", ">=", "!="]);
const isRelationSign = (text: string): text is RelationSign => relationSigns.has(text);

class AnswerReading extends FormulaReading {
  constructor(tokens: readonly Token[]) {
    super(tokens);
  }

  answer(): Tree {
    const items = this.items();
    if (!this.isAtEnd) throw new Unreadable();
    return items.length === 1 && items[0] !== undefined ? items[0] : { kind: "set", items };
  }

  /** Up to what closes them; several where commas stand between. */
  protected override items(): readonly Tree[] {
    const items = [this.#item()];
    while (this.takeSymbol(",") || this.takeSymbol(";")) {
      // "1, 2, and 3" has a comma before the word that is one.
      while (this.takeSymbol(","));
      items.push(this.#item());
    }
    return items;
  }

  #item(): Tree {
    return this.nested(() => this.#relation());
  }

  #relation(): Tree {
    const sides = [this.#union()];
    const signs: RelationSign[] = [];
    for (let sign = this.symbol; sign !== undefined; sign = this.symbol) {
      // What follows `x \in` is the answer.
      if (sign === "∈" && sides.length === 1 && sides[0]?.kind === "name") {
        this.take();
        sides[0] = this.#union();
      } else if (isRelationSign(sign)) {
        this.take();
        signs.push(sign);
        sides.push(this.#union());
      } else break;
    }
    const [only] = sides;
    if (signs.length === 0 && only !== undefined) return only;
    const relation: Relation = { kind: "relation", signs, sides };
    return intervalOf(relation) ?? relation;
  }

  #union(): Tree {
    const first = this.#ratio();
    const items = [first];
    while (this.takeSymbol("∪")) items.push(this.#ratio());
    return items.length === 1 ? first : { kind: "union", items };
  }

  /** a : b, as its quotient. */
  #ratio(): Tree {
    const left = this.sum();
    if (!this.takeSymbol(":")) return left;
    const right = this.sum();
    if (this.symbol === ":") throw new Unreadable();
    return apply("divide", left, right);
  }
}

const infinity: Tree = { kind: "name", name: "infinity" };
const minusInfinity = apply("negate", infinity);

/** x > 3 is (3, infinity), and 1 <= x < 2 is [1, 2). */
function intervalOf({ signs, sides }: Relation): Row | undefined {
  const [first, second, third] = sides;
  const [sign, other] = signs;
  if (first === undefined || second === undefined || sign === undefined) return undefined;
  if (third === undefined || other === undefined) return halfLine(first, sign, second);
  if (signs.length !== 2 || second.kind !== "name") return undefined;
  const [low, high] = isUpward(sign) ? [first, third] : [third, first];
  if (isUpward(sign) !== isUpward(other) || isDirected(sign) !== isDirected(other) || !isDirected(sign))
    return undefined;
  const [atLow, atHigh] = isUpward(sign) ? [sign, other] : [other, sign];
  return row(atLow.length === 2 ? "[" : "(", [low, high], atHigh.length === 2 ? "]" : ")");
}

const isUpward = (sign: RelationSign): boolean => sign === "<" || sign === "<=";
const isDirected = (sign: RelationSign): boolean => sign !== "=" && sign !== "!=";

function halfLine(left: Tree, sign: RelationSign, right: Tree): Row | undefined {
  if (!isDirected(sign) || (left.kind === "name") === (right.kind === "name")) return undefined;
  const end = left.kind === "name" ? right : left;
  const isBelow = (left.kind === "name") === isUpward(sign);
  const includes = sign.length === 2;
  return isBelow
    ? row("(", [minusInfinity, end], includes ? "]" : ")")
    : row(includes ? "[" : "(", [end, infinity], ")");
}

const row = (open: Row["open"], items: readonly Tree[], close: Row["close"]): Row => ({
  kind: "row",
  open,
  close,
  items,
});
