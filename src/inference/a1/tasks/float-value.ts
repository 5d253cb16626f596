// The complex value of a formula with a bound on its rounding: what surds, logarithms and angles are compared by.
import { Complex } from "complex.js";
import type { Apply, Budget, Operator, Tree } from "./answer-tree.ts";

/** A value and how far rounding may have moved it, first order. */
export interface Rounded {
  readonly value: Complex;
  readonly error: number;
}

export type FloatPoint = (name: string) => Complex | undefined;

/** Complex functions are a few units in the last place off. */
const precision = 4 * Number.EPSILON;

/** Undefined: no finite value, not a formula, or the budget is spent. */
export function floatValue(tree: Tree, at: FloatPoint, budget: Budget): Rounded | undefined {
  if (!budget.spend(1)) return undefined;
  if (tree.kind === "number") return ofNumber(tree.value.valueOf());
  if (tree.kind === "name") return constantOrVariable(tree.name, at);
  if (tree.kind !== "apply") return undefined;
  const args: Rounded[] = [];
  for (const arg of tree.args) {
    const value = floatValue(arg, at, budget);
    if (value === undefined) return undefined;
    args.push(value);
  }
  return applied(tree, args);
}

const constants: ReadonlyMap<string, Complex> = new Map([
  ["pi", new Complex(Math.PI, 0)],
  ["e", new Complex(Math.E, 0)],
  ["i", new Complex(0, 1)],
]);

export const isConstant = (name: string): boolean => constants.has(name) || name === "infinity";

/** Whole numbers carry no rounding: a cube root is no root of another degree nearby. */
function ofNumber(number: number): Rounded | undefined {
  return Number.isSafeInteger(number) ? { value: real(number), error: 0 } : rounded(real(number), 0);
}

function constantOrVariable(name: string, at: FloatPoint): Rounded | undefined {
  const value = constants.get(name) ?? (name === "infinity" ? undefined : at(name));
  return value === undefined ? undefined : rounded(value, 0);
}

function rounded(value: Complex, carried: number): Rounded | undefined {
  const size = value.abs();
  const error = carried + precision * size;
  return Number.isFinite(size) && Number.isFinite(error) ? { value, error } : undefined;
}

type Rule = (x: Complex, y: Complex) => Complex | undefined;

const isReal = ({ re, im }: Complex): boolean => Math.abs(im) <= 1e-13 * Math.abs(re);
const real = (value: number): Complex => new Complex(value, 0);

const rules: ReadonlyMap<Operator, Rule> = new Map<Operator, Rule>([
  ["add", (x, y) => new Complex(x.re + y.re, x.im + y.im)],
  ["negate", (x) => new Complex(-x.re, -x.im)],
  ["multiply", (x, y) => new Complex(x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re)],
  ["divide", (x, y) => (y.abs() === 0 ? undefined : x.div(y))],
  ["power", powerOf],
  ["root", rootOf],
  ["abs", (x) => real(x.abs())],
  ["floor", (x) => (isReal(x) ? real(Math.floor(x.re)) : undefined)],
  ["ceil", (x) => (isReal(x) ? real(Math.ceil(x.re)) : undefined)],
  ["factorial", (x) => factorialOf(x)],
  ["binomial", binomialOf],
  ["percent", (x) => new Complex(x.re / 100, x.im / 100)],
  ["degree", (x) => new Complex((x.re * Math.PI) / 180, (x.im * Math.PI) / 180)],
  ["log", (x, base) => (base.abs() === 0 ? undefined : x.log().div(base.log()))],
  ["sin", (x) => x.sin()],
  ["cos", (x) => x.cos()],
  ["tan", (x) => x.tan()],
  ["cot", (x) => x.cot()],
  ["sec", (x) => x.sec()],
  ["csc", (x) => x.csc()],
  ["asin", (x) => x.asin()],
  ["acos", (x) => x.acos()],
  ["atan", (x) => x.atan()],
  ["sinh", (x) => x.sinh()],
  ["cosh", (x) => x.cosh()],
  ["tanh", (x) => x.tanh()],
  ["ln", (x) => x.log()],
  ["exp", (x) => x.exp()],
]);

function applied({ op }: Apply, [first, second]: readonly Rounded[]): Rounded | undefined {
  const rule = rules.get(op);
  if (rule === undefined || first === undefined) return undefined;
  const other = second ?? first;
  const value = rule(first.value, other.value);
  if (value === undefined) return undefined;
  return rounded(value, moved(rule, value, [first, other]));
}

/** How far the result goes when the arguments go as far as their own rounding may have moved them, to either side. */
function moved(rule: Rule, value: Complex, [first, second]: readonly [Rounded, Rounded]): number {
  let most = 0;
  for (const sign of [-1, 1]) {
    const [x, y] = [shifted(first, sign), shifted(second, sign)];
    const results = [rule(x, second.value), rule(first.value, y)];
    const moves = results.map((result) => (result === undefined ? Infinity : distance(result, value)));
    most = Math.max(most, (moves[0] ?? 0) + (moves[1] ?? 0));
  }
  return most;
}

const shifted = ({ value, error }: Rounded, sign: number): Complex =>
  new Complex(value.re + sign * error, value.im);

export const distance = (one: Complex, other: Complex): number =>
  Math.hypot(one.re - other.re, one.im - other.im);

function powerOf(base: Complex, exponent: Complex): Complex | undefined {
  if (base.abs() === 0) return exponent.im === 0 && exponent.re > 0 ? base : undefined;
  const areReal = base.im === 0 && exponent.im === 0;
  if (areReal && (base.re > 0 || Number.isInteger(exponent.re))) return real(base.re ** exponent.re);
  return base.pow(exponent);
}

/** The real root of a real number where there is one, else the principal root. */
function rootOf(value: Complex, degree: Complex): Complex | undefined {
  const n = degree.re;
  if (degree.im !== 0 || !Number.isInteger(n) || n < 1) return undefined;
  if (value.im !== 0) return value.pow(1 / n);
  if (value.re >= 0) return real(n === 2 ? Math.sqrt(value.re) : value.re ** (1 / n));
  return n % 2 === 1 ? real(-((-value.re) ** (1 / n))) : value.pow(1 / n);
}

/** The largest whose factorial is a finite number. */
const largestFactorial = 170;

function factorialOf({ re, im }: Complex): Complex | undefined {
  if (im !== 0 || !Number.isInteger(re) || re < 0 || re > largestFactorial) return undefined;
  let product = 1;
  for (let factor = 2; factor <= re; factor += 1) product *= factor;
  return real(product);
}

/** Larger ones are left to exact numbers, whose cost is counted. */
const largestChoice = 20;

function binomialOf(n: Complex, k: Complex): Complex | undefined {
  if (k.im !== 0 || !Number.isInteger(k.re) || k.re < 0 || k.re > largestChoice) return undefined;
  let value = real(1);
  for (let at = 0; at < k.re; at += 1) value = value.mul(n.sub(at)).div(at + 1);
  return value;
}
