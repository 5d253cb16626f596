// The exact rational value of a formula where it has one of bearable size: what large integers and polynomials are compared by.
import Fraction from "fraction.js";
import type { Apply, Budget, Operator, Tree } from "./answer-tree.ts";

/** Numbers beyond this many bits are not computed: 9^{9^9} would fill the memory. */
const mostBits = 2_048;
/** Of a root: an answer's are single digits. */
const highestDegree = 64;
const largestFactorial = 300n;

/** Undefined: irrational, undefined, too large, or the budget is spent. */
export type Exact = Fraction | undefined;
export type ExactPoint = (name: string) => Exact;

/** @param at values of the variables; undefined for a constant that is not rational */
export function exactValue(tree: Tree, at: ExactPoint, budget: Budget): Exact {
  if (tree.kind === "number") return bounded(tree.value, budget);
  if (tree.kind === "name") return at(tree.name);
  if (tree.kind !== "apply") return undefined;
  const args: Fraction[] = [];
  for (const arg of tree.args) {
    const value = exactValue(arg, at, budget);
    if (value === undefined) return undefined;
    args.push(value);
  }
  return bounded(applied(tree, args, budget), budget);
}

/** Length in bits, near enough. */
const bitsOf = (value: bigint): number => value.toString(16).length * 4;
const sizeOf = ({ n, d }: Fraction): number => bitsOf(n) + bitsOf(d);

/** A common divisor takes time with the square of the size. */
function bounded(value: Exact, budget: Budget): Exact {
  if (value === undefined) return undefined;
  const bits = sizeOf(value);
  return bits <= mostBits && budget.spend(1 + (bits / 64) ** 2) ? value : undefined;
}

type Rule = (x: Fraction, y: Fraction, budget: Budget) => Exact;

const rules: ReadonlyMap<Operator, Rule> = new Map<Operator, Rule>([
  ["add", (x, y) => x.add(y)],
  ["negate", (x) => x.neg()],
  ["multiply", (x, y) => x.mul(y)],
  ["divide", (x, y) => (y.n === 0n ? undefined : x.div(y))],
  ["power", powerOf],
  ["root", rootOf],
  ["abs", (x) => x.abs()],
  ["floor", (x) => x.floor()],
  ["ceil", (x) => x.ceil()],
  ["factorial", (x, _, budget) => factorialOf(x, budget)],
  ["binomial", binomialOf],
  ["percent", (x) => x.div(100n, 1n)],
  ["log", (x, base) => logOf(x, base)],
]);

function applied({ op }: Apply, [x, y = x]: readonly Fraction[], budget: Budget): Exact {
  const rule = rules.get(op);
  return rule === undefined || x === undefined || y === undefined ? undefined : rule(x, y, budget);
}

function powerOf(base: Fraction, exponent: Fraction): Exact {
  if (exponent.d !== 1n) {
    const root = base.s < 0n ? undefined : rootOf(base, new Fraction(exponent.d, 1n));
    return root === undefined ? undefined : powerOf(root, new Fraction(exponent.s * exponent.n, 1n));
  }
  // Nothing to the power of nothing is left open, as are powers too large to be held.
  if (base.n === 0n) return exponent.s > 0n && exponent.n > 0n ? base : undefined;
  if (base.n === 1n && base.d === 1n) return exponent.n % 2n === 0n ? base.abs() : base;
  if (exponent.n > BigInt(mostBits) || BigInt(sizeOf(base)) * exponent.n > 4n * BigInt(mostBits))
    return undefined;
  const [n, d] = [(base.s * base.n) ** exponent.n, base.d ** exponent.n];
  return exponent.s < 0n ? new Fraction(d, n) : new Fraction(n, d);
}

/** The real root, where it is rational. */
function rootOf(value: Fraction, degree: Fraction): Exact {
  if (degree.d !== 1n || degree.s <= 0n || degree.n > BigInt(highestDegree)) return undefined;
  if (value.s < 0n && degree.n % 2n === 0n) return undefined;
  const [n, d] = [wholeRoot(value.n, degree.n), wholeRoot(value.d, degree.n)];
  return n === undefined || d === undefined ? undefined : new Fraction(value.s * n, d);
}

/** Newton's iteration from above; undefined where there is a remainder. */
function wholeRoot(value: bigint, degree: bigint): bigint | undefined {
  if (value < 2n || degree === 1n) return value;
  let root = 1n << (BigInt(bitsOf(value)) / degree + 1n);
  for (;;) {
    const next = ((degree - 1n) * root + value / root ** (degree - 1n)) / degree;
    if (next >= root) return root ** degree === value ? root : undefined;
    root = next;
  }
}

function factorialOf(value: Fraction, budget: Budget): Exact {
  if (value.s < 0n || value.d !== 1n || value.n > largestFactorial) return undefined;
  if (!budget.spend(Number(value.n))) return undefined;
  let product = 1n;
  for (let factor = 2n; factor <= value.n; factor += 1n) product *= factor;
  return new Fraction(product, 1n);
}

/** n (n-1) ... (n-k+1) / k!, which makes sense for any n. */
function binomialOf(n: Fraction, k: Fraction, budget: Budget): Exact {
  const small = smallestChoice(n, k);
  if (small === undefined) return undefined;
  let value: Exact = new Fraction(1n, 1n);
  for (let at = 0n; at < small && value !== undefined; at += 1n)
    value = bounded(value.mul(n.sub(at, 1n)).div(at + 1n, 1n), budget);
  return value;
}

function smallestChoice(n: Fraction, k: Fraction): bigint | undefined {
  if (k.d !== 1n || k.s < 0n || sizeOf(n) > 64) return undefined;
  const isWhole = n.d === 1n && n.s >= 0n;
  const least = isWhole && k.n <= n.n && n.n - k.n < k.n ? n.n - k.n : k.n;
  return least > largestFactorial ? undefined : least;
}

/** Where it is a whole number. */
function logOf(value: Fraction, base: Fraction): Exact {
  if (value.s <= 0n || value.n === 0n || base.d !== 1n || base.s <= 0n || base.n < 2n) return undefined;
  let [rest, power] = [value.n > 1n ? value.n : value.d, 0n];
  if (value.n > 1n && value.d > 1n) return undefined;
  while (rest % base.n === 0n) [rest, power] = [rest / base.n, power + 1n];
  return rest === 1n ? new Fraction(value.n > 1n ? power : -power, 1n) : undefined;
}
