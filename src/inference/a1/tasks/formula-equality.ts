// Whether two formulas are one: compared by value, exactly where they are rational, at several points where they have variables.
import { Complex } from "complex.js";
import Fraction from "fraction.js";
import { apply, type Budget, isWordName, type Tree } from "./answer-tree.ts";
import { exactValue } from "./exact-value.ts";
import { distance, floatValue, isConstant, type Rounded } from "./float-value.ts";

/** `unknown`: not decided within the budget, or not a thing that we compare. Never counts as equal. */
export type Comparison = "equal" | "different" | "unknown";

export function every(verdicts: Iterable<Comparison>): Comparison {
  let all: Comparison = "equal";
  for (const verdict of verdicts) {
    if (verdict === "different") return "different";
    if (verdict === "unknown") all = "unknown";
  }
  return all;
}

/** Two formulas that agree at fewer points than this have not been seen to be one. */
const leastPoints = 3;
const points = 8;

/**
 * Values of variables, the same for the same name everywhere: of either sign and of no structure that an honest answer
 * has. Two rational formulas of degree d that differ agree at one of these with a chance of about d / 3000 (Schwartz
 * 1980, "Fast probabilistic algorithms for verification of polynomial identities").
 */
export function valueAt(name: string, point: number): Fraction {
  let hash = 2_166_136_261 ^ point;
  for (let at = 0; at < name.length; at += 1) hash = mixed(hash ^ name.charCodeAt(at));
  hash = mixed(hash ^ (point * 0x9e37_79b9));
  const over = 101 + ((hash >>> 1) % 1_499);
  return new Fraction(BigInt((hash & 1) === 0 ? over : -over), 331n);
}

/** The finaliser of MurmurHash3, which spreads near numbers far. */
function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return bits ^ (bits >>> 16);
}

export function namesIn(tree: Tree, found: Set<string> = new Set()): ReadonlySet<string> {
  if (tree.kind === "name" && !isConstant(tree.name)) found.add(tree.name);
  if (tree.kind === "apply") for (const arg of tree.args) namesIn(arg, found);
  return found;
}

export function compareFormulas(one: Tree, other: Tree, budget: Budget): Comparison {
  const infinite = [infinitySign(one), infinitySign(other)];
  if (infinite[0] !== undefined || infinite[1] !== undefined)
    return infinite[0] === infinite[1] ? "equal" : "different";
  const names = [...namesIn(one), ...namesIn(other)];
  const ask = { wanted: names.length > 0 ? points : 1, budget };
  const exact = compareExactly(one, other, ask);
  const verdict = exact === "unknown" ? compareRounded(one, other, ask) : exact;
  // "two" may well be 2.
  return verdict === "different" && names.some(isWordName) ? "unknown" : verdict;
}

/** 1 or -1 where a formula is infinity itself; 9^{9^{9^9}} is not. */
function infinitySign(tree: Tree): 1 | -1 | undefined {
  if (tree.kind === "name") return tree.name === "infinity" ? 1 : undefined;
  if (tree.kind !== "apply" || tree.op !== "negate") return undefined;
  const [inside] = tree.args;
  return inside?.kind === "name" && inside.name === "infinity" ? -1 : undefined;
}

interface Ask {
  readonly wanted: number;
  readonly budget: Budget;
}

function compareExactly(one: Tree, other: Tree, { wanted, budget }: Ask): Comparison {
  let seen = 0;
  for (let point = 0; point < wanted; point += 1) {
    const at = (name: string) => (isConstant(name) ? undefined : valueAt(name, point));
    const left = exactValue(one, at, budget);
    const right = left === undefined ? undefined : exactValue(other, at, budget);
    if (left === undefined || right === undefined) continue;
    if (!left.equals(right)) return "different";
    seen += 1;
  }
  return seen >= Math.min(wanted, leastPoints) ? "equal" : "unknown";
}

/** Both values where both have one. */
function roundedPairs(
  one: Tree,
  other: Tree,
  { wanted, budget }: Ask,
): readonly (readonly [Rounded, Rounded])[] {
  const pairs: (readonly [Rounded, Rounded])[] = [];
  for (let point = 0; point < wanted; point += 1) {
    const at = (name: string) => new Complex(valueAt(name, point).valueOf(), 0);
    const left = floatValue(one, at, budget);
    const right = left === undefined ? undefined : floatValue(other, at, budget);
    if (left !== undefined && right !== undefined) pairs.push([left, right]);
  }
  return pairs;
}

const isReal = ({ value, error }: Rounded): boolean => Math.abs(value.im) <= 8 * error;

/**
 * Formulas of real variables are compared where both are real: ln x^2 and 2 ln x are one where both are meant. Complex
 * values count where there are no others.
 */
function compareRounded(one: Tree, other: Tree, ask: Ask): Comparison {
  const all = roundedPairs(one, other, ask);
  const least = Math.min(ask.wanted, leastPoints);
  const real = all.filter(([left, right]) => isReal(left) && isReal(right));
  const compared = real.length >= least ? real : all;
  return compared.length < least
    ? "unknown"
    : every(compared.map(([left, right]) => compareValues(left, right)));
}

/** Values are one where they differ by less than rounding explains, and never by more than this share of themselves. */
export const relativeTolerance = 1e-11;
/** Of a value whose rounding is larger than this share of it nothing can be said. */
const worstRounding = 1e-9;

export function compareValues(left: Rounded, right: Rounded): Comparison {
  const rounding = 8 * (left.error + right.error);
  const size = Math.max(left.value.abs(), right.value.abs());
  if (distance(left.value, right.value) > Math.max(rounding, relativeTolerance * size)) return "different";
  return rounding <= worstRounding * size || rounding <= relativeTolerance ? "equal" : "unknown";
}

/** left - right, of which an equation says that it is nothing. */
const excess = (sides: readonly [Tree, Tree]): Tree => apply("add", sides[0], apply("negate", sides[1]));

/**
 * Equations are one where their excesses differ by a factor, and contradict each other where a constant is left over
 * beside the factor; of others nothing is said, for they may still have one solution.
 * @param isDirected the factor must be positive, as for inequalities
 */
export function compareEquations(
  one: readonly [Tree, Tree],
  other: readonly [Tree, Tree],
  { budget, isDirected = false }: { readonly budget: Budget; readonly isDirected?: boolean },
): Comparison {
  const pairs = roundedPairs(excess(one), excess(other), { wanted: points, budget }).filter(
    ([left, right]) => isReal(left) && isReal(right),
  );
  const [first, second] = pairs;
  if (first === undefined || second === undefined || pairs.length < leastPoints) return "unknown";
  const run = second[1].value.re - first[1].value.re;
  const factor = (second[0].value.re - first[0].value.re) / run;
  const rest = first[0].value.re - factor * first[1].value.re;
  const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * (1 + Math.abs(a) + Math.abs(b));
  const areAffine = pairs.every(([left, right]) => close(left.value.re, factor * right.value.re + rest));
  if (run === 0 || factor === 0 || !areAffine || (isDirected && factor < 0)) return "unknown";
  if (close(rest, 0)) return "equal";
  return isDirected ? "unknown" : "different";
}
