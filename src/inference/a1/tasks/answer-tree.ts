// What a final answer says once it is read: a formula, or things made of formulas that are compared part by part.
import type Fraction from "fraction.js";

export type Operator =
  | "add"
  | "negate"
  | "multiply"
  | "divide"
  | "power"
  /** Both signs at once: the answer stands for two. */
  | "plus-minus"
  | "minus-plus"
  /** Of the second argument's degree. */
  | "root"
  | "abs"
  | "floor"
  | "ceil"
  | "factorial"
  | "binomial"
  | "percent"
  | "degree"
  /** To the base of the second argument. */
  | "log"
  | FunctionName;

export const functionNames = [
  ...(["sin", "cos", "tan", "cot", "sec", "csc"] as const),
  ...(["asin", "acos", "atan"] as const),
  ...(["sinh", "cosh", "tanh", "ln", "exp"] as const),
] as const;
export type FunctionName = (typeof functionNames)[number];

export interface Apply {
  readonly kind: "apply";
  readonly op: Operator;
  readonly args: readonly Tree[];
}

export interface Row {
  readonly kind: "row";
  readonly open: "(" | "[";
  readonly close: ")" | "]";
  readonly items: readonly Tree[];
}

export interface Relation {
  readonly kind: "relation";
  /** One fewer than sides. */
  readonly signs: readonly RelationSign[];
  readonly sides: readonly Tree[];
}
export type RelationSign = "=" | "<" | ">" | "<=" | ">=" | "!=";

export type Tree =
  | { readonly kind: "number"; readonly value: Fraction }
  /** A variable, or `pi`, `e`, `i`, `infinity`. */
  | { readonly kind: "name"; readonly name: string }
  | Apply
  /** A tuple, a point, a vector, an interval. */
  | Row
  /** A set, or several answers side by side: no order, no repetition. */
  | { readonly kind: "set"; readonly items: readonly Tree[] }
  | { readonly kind: "union"; readonly items: readonly Tree[] }
  | { readonly kind: "matrix"; readonly rows: readonly (readonly Tree[])[] }
  | Relation
  | { readonly kind: "measured"; readonly value: Tree; readonly unit: string };

/** A word in a formula has a name that no variable has: what it means is not known. */
export const wordName = (word: string): string => `"${word.toLowerCase()}"`;
export const isWordName = (name: string): boolean => name.startsWith('"');

export const apply = (op: Operator, ...args: readonly Tree[]): Apply => ({ kind: "apply", op, args });

/** What a comparison may cost, counted in steps: the same answers always get the same verdict, on any machine. */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** False once more was asked for than there is; from then on always. */
  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }

  get left(): number {
    return Math.max(0, this.#left);
  }
}
