// Whether two final answers say the same: their shapes are compared part by part, their formulas by value, in bounded steps.
import { longestAnswer, readAnswer } from "./answer-reading.ts";
import { tokensOf } from "./answer-tokens.ts";
import { apply, Budget, type Relation, type Row, type Tree } from "./answer-tree.ts";
import { choiceLetter } from "./answers.ts";
import { type Comparison, compareEquations, compareFormulas, every } from "./formula-equality.ts";

export type { Comparison } from "./formula-equality.ts";

/** Steps of one comparison: an honest one takes some hundreds. */
const stepsAllowed = 20_000;

/**
 * Symmetric; an answer equals itself. Not transitive: 50\% is 50 to some and 1/2 to others, and equals both.
 * Bounded for any text: lengths, nesting, sizes of numbers and steps are capped, and what exceeds a cap is unknown.
 */
export function compareAnswers(one: string, other: string): Comparison {
  const [left, right] = [one.trim(), other.trim()];
  if (left === right) return "equal";
  const letters = [choiceLetter(left), choiceLetter(right)];
  if (letters[0] !== undefined && letters[1] !== undefined)
    return letters[0] === letters[1] ? "equal" : "different";
  const words = [wordsOf(left), wordsOf(right)];
  if (words[0] !== undefined && words[1] !== undefined) return words[0] === words[1] ? "equal" : "different";
  const spelling = spelled(left);
  if (spelling !== undefined && spelling === spelled(right)) return "equal";
  const budget = new Budget(stepsAllowed);
  const asNumbers = compareRead(left, right, { commasGroupDigits: true, budget });
  if (asNumbers === "equal" || !(left.includes(",") && right.includes(","))) return asNumbers;
  const asLists = compareRead(left, right, { commasGroupDigits: false, budget });
  return asLists === "equal" ? "equal" : asNumbers;
}

const isWordCharacter = (character: string): boolean => /^[\p{L} .'’-]$/u.test(character);
/** Three letters side by side are a word, two may be a product, unless they say no. */
const leastLetters = 3;
const longestWords = 200;
const wordWrappings = /^(?:\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox)\s*)?\{?/;

/** An answer in words, in one form; undefined for formulas. */
function wordsOf(answer: string): string | undefined {
  if (answer.length > longestWords) return undefined;
  const bare = answer.replaceAll("$", "").replace(wordWrappings, "").replace(/\}$/, "");
  if (![...bare].every(isWordCharacter)) return undefined;
  const words = bare
    .toLowerCase()
    .split(/[ .]/)
    .filter((word) => word !== "");
  const isProse = bare.toLowerCase() === "no" || words.some((word) => word.length >= leastLetters);
  return isProse ? words.join(" ") : undefined;
}

interface Reading {
  readonly commasGroupDigits: boolean;
  readonly budget: Budget;
}

function compareRead(one: string, other: string, { commasGroupDigits, budget }: Reading): Comparison {
  const [left, right] = [readAnswer(one, { commasGroupDigits }), readAnswer(other, { commasGroupDigits })];
  if (left !== undefined && right !== undefined) return compareTrees(left, right, budget);
  return "unknown";
}

/** What is left of an answer once decoration is gone; 1/0 has no value and still equals itself. */
function spelled(answer: string): string | undefined {
  if (answer.length > longestAnswer) return undefined;
  return tokensOf(answer)
    ?.map(({ text }) => text)
    .join(" ");
}

type Compare = (one: Tree, other: Tree, budget: Budget) => Comparison;

const compareTrees: Compare = (one, other, budget) => {
  const [left, right] = [signsApart(one), signsApart(other)];
  if (!budget.spend(1)) return "unknown";
  const compare = comparisons.find(({ isOf }) => isOf(left) || isOf(right))?.compare ?? compareFormulas;
  return compare(left, right, budget);
};

/** The first that fits either side decides how both are compared. */
const comparisons: readonly { readonly isOf: (tree: Tree) => boolean; readonly compare: Compare }[] = [
  { isOf: ({ kind }) => kind === "set", compare: compareSets },
  { isOf: ({ kind }) => kind === "union", compare: compareUnions },
  { isOf: ({ kind }) => kind === "relation", compare: compareRelations },
  { isOf: ({ kind }) => kind === "row", compare: compareRows },
  { isOf: ({ kind }) => kind === "matrix", compare: compareMatrices },
  { isOf: (tree) => unitOf(tree) !== undefined, compare: compareMeasured },
];

/** 2 ± 1 stands for 3 and 1. */
function signsApart(tree: Tree): Tree {
  if (!hasDoubleSign(tree)) return tree;
  return { kind: "set", items: [withSign(tree, false), withSign(tree, true)] };
}

function partsOf(tree: Tree): readonly Tree[] {
  if (tree.kind === "apply") return tree.args;
  if (tree.kind === "relation") return tree.sides;
  return tree.kind === "measured" ? [tree.value] : [];
}

function hasDoubleSign(tree: Tree): boolean {
  if (tree.kind === "apply" && (tree.op === "plus-minus" || tree.op === "minus-plus")) return true;
  return partsOf(tree).some(hasDoubleSign);
}

function withSign(tree: Tree, isLower: boolean): Tree {
  if (tree.kind === "relation") return { ...tree, sides: tree.sides.map((side) => withSign(side, isLower)) };
  if (tree.kind === "measured") return { ...tree, value: withSign(tree.value, isLower) };
  if (tree.kind !== "apply") return tree;
  const args = tree.args.map((arg) => withSign(arg, isLower));
  const [first, second] = args;
  if (first === undefined || second === undefined) return { ...tree, args };
  if (tree.op !== "plus-minus" && tree.op !== "minus-plus") return { ...tree, args };
  const isMinus = (tree.op === "plus-minus") === isLower;
  return apply("add", first, isMinus ? apply("negate", second) : second);
}

const itemsOf = (tree: Tree): readonly Tree[] => {
  const apart = signsApart(tree);
  return apart.kind === "set" || apart.kind === "union" ? apart.items.flatMap(flat) : [apart];
};
/** ± inside a list adds to the list. */
const flat = (item: Tree): readonly Tree[] => (hasDoubleSign(item) ? itemsOf(item) : [item]);

/** Every item has its equal on the other side. A single answer is a set of one; a tuple is no set. */
function compareSets(one: Tree, other: Tree, budget: Budget): Comparison {
  const [left, right] = [itemsOf(one), itemsOf(other)];
  const isTuple = (tree: Tree): boolean => tree.kind === "row" || tree.kind === "matrix";
  if (isTuple(one) !== isTuple(other) && (left.length > 1 || right.length > 1)) return "unknown";
  const verdicts = left.map((item) => right.map((each) => compareTrees(item, each, budget)));
  const found = (row: readonly Comparison[]): Comparison => {
    if (row.includes("equal")) return "equal";
    return row.includes("unknown") ? "unknown" : "different";
  };
  const columns = right.map((_, column) => found(verdicts.map((row) => row[column] ?? "unknown")));
  return every([...verdicts.map(found), ...columns]);
}

function compareUnions(one: Tree, other: Tree, budget: Budget): Comparison {
  if (one.kind === "union" && other.kind === "union") return compareSets(one, other, budget);
  return "unknown";
}

/** Elements in their order; brackets count, for they make an interval open or closed. */
function compareRows(one: Tree, other: Tree, budget: Budget): Comparison {
  if (one.kind === "row" && other.kind === "row") {
    if (one.open !== other.open || one.close !== other.close) return "different";
    return compareLists(one.items, other.items, budget);
  }
  const [row, matrix] = one.kind === "row" ? [one, other] : [other, one];
  if (row.kind !== "row" || matrix.kind !== "matrix") return "unknown";
  const column = matrix.rows.length === 1 ? matrix.rows[0] : matrix.rows.map(([first]) => first);
  const isVector = isPoint(row) && matrix.rows.every((each) => each.length === 1 || matrix.rows.length === 1);
  const items = (column ?? []).filter((item) => item !== undefined);
  return isVector ? compareLists(row.items, items, budget) : "unknown";
}

const isPoint = ({ open, close }: Row): boolean => open === "(" && close === ")";

function compareLists(one: readonly Tree[], other: readonly Tree[], budget: Budget): Comparison {
  if (one.length !== other.length) return "different";
  return every(one.map((item, at) => compareTrees(item, other[at] ?? item, budget)));
}

function compareMatrices(one: Tree, other: Tree, budget: Budget): Comparison {
  if (one.kind !== "matrix" || other.kind !== "matrix") return "unknown";
  if (one.rows.length !== other.rows.length) return "different";
  return every(one.rows.map((row, at) => compareLists(row, other.rows[at] ?? [], budget)));
}

/** Without what a value may carry: 5\text{ cm}, 50\%, 90^\circ. */
function unitOf(tree: Tree): { readonly value: Tree; readonly unit: string } | undefined {
  if (tree.kind === "measured") return { value: tree.value, unit: unitName(tree.unit) };
  if (tree.kind !== "apply" || (tree.op !== "percent" && tree.op !== "degree")) return undefined;
  const [value] = tree.args;
  return value === undefined ? undefined : { value, unit: tree.op };
}

const unitNames: ReadonlyMap<string, string> = new Map([
  ...["degree", "degrees", "deg"].map((name) => [name, "degree"] as const),
  ...["percent", "per cent", "%"].map((name) => [name, "percent"] as const),
  ...["m", "meter", "meters", "metre", "metres"].map((name) => [name, "m"] as const),
  ...["cm", "centimeter", "centimeters", "centimetre", "centimetres"].map((name) => [name, "cm"] as const),
  ...["km", "kilometer", "kilometers", "kilometre", "kilometres"].map((name) => [name, "km"] as const),
  ...["mm", "millimeter", "millimeters"].map((name) => [name, "mm"] as const),
  ...["kg", "kilogram", "kilograms"].map((name) => [name, "kg"] as const),
  ...["g", "gram", "grams"].map((name) => [name, "g"] as const),
  ...["in", "inch", "inches"].map((name) => [name, "inch"] as const),
  ...["ft", "foot", "feet"].map((name) => [name, "foot"] as const),
  ...["s", "sec", "second", "seconds"].map((name) => [name, "second"] as const),
  ...["min", "minute", "minutes"].map((name) => [name, "minute"] as const),
  ...["h", "hr", "hrs", "hour", "hours"].map((name) => [name, "hour"] as const),
]);

const knownUnits: ReadonlySet<string> = new Set(unitNames.values());
const isKnown = (unit: string): boolean => knownUnits.has(unit) || unit.startsWith("base ");

function unitName(unit: string): string {
  const plain = unit.toLowerCase().replaceAll(".", "").replaceAll("\\", "").trim();
  const known = unitNames.get(plain);
  if (known !== undefined) return known;
  return plain.length > 3 && plain.endsWith("s") ? plain.slice(0, -1) : plain;
}

/** What one unit of these is besides its number: a percentage also a share, degrees also radians. */
const otherReadings: ReadonlyMap<string, (value: Tree) => Tree> = new Map([
  ["percent", (value) => apply("percent", value)],
  ["degree", (value) => apply("degree", value)],
]);

/** A unit that only one answer names was in the question. */
function compareMeasured(one: Tree, other: Tree, budget: Budget): Comparison {
  const [left, right] = [unitOf(one), unitOf(other)];
  const values = compareTrees(left?.value ?? one, right?.value ?? other, budget);
  const measured = left ?? right;
  if (measured === undefined) return values;
  if (left !== undefined && right !== undefined) {
    if (left.unit === right.unit) return values;
    // 5 cm and 5 m are not the same; 5 cm and 50 mm may be, and so may 5 mph and 5 miles an hour.
    const areKnown = isKnown(left.unit) && isKnown(right.unit);
    return values === "equal" && areKnown ? "different" : "unknown";
  }
  const read = otherReadings.get(measured.unit);
  if (values === "equal" || read === undefined) return values;
  const plain = left === undefined ? one : other;
  const verdict = compareFormulas(read(measured.value), plain, budget);
  return verdict === "different" ? values : verdict;
}

interface Solved {
  readonly name: string;
  readonly value: Tree;
}

/** `x = 5` and `f(x) = 5`: a name, perhaps of something, and what it is. */
function solved({ signs, sides }: Relation): Solved | undefined {
  const [left, right] = sides;
  if (signs.length !== 1 || signs[0] !== "=" || left === undefined || right === undefined) return undefined;
  const name = nameOf(left);
  return name === undefined ? undefined : { name, value: right };
}

function nameOf(tree: Tree): string | undefined {
  if (tree.kind === "name") return tree.name;
  if (tree.kind !== "apply" || tree.op !== "multiply") return undefined;
  const [name, of] = tree.args;
  return name?.kind === "name" && of?.kind === "name" ? `${name.name}(${of.name})` : undefined;
}

/** A chain a = b = 5 says at its end what it comes to. */
function compareRelations(one: Tree, other: Tree, budget: Budget): Comparison {
  if (one.kind !== "relation" || other.kind !== "relation") {
    const [relation, plain] = one.kind === "relation" ? [one, other] : [other, one];
    const value = relation.kind === "relation" ? resultOf(relation) : undefined;
    return value === undefined ? "unknown" : compareTrees(value, plain, budget);
  }
  const [left, right] = [solved(one), solved(other)];
  if (left !== undefined && right !== undefined) {
    if (left.name === right.name) return compareTrees(left.value, right.value, budget);
    return "different";
  }
  return compareSides(one, other, budget);
}

function resultOf(relation: Relation): Tree | undefined {
  const areEqual = relation.signs.every((sign) => sign === "=");
  const [first] = relation.sides;
  const isNamed = first !== undefined && nameOf(first) !== undefined;
  return areEqual && isNamed ? relation.sides.at(-1) : undefined;
}

function compareSides(one: Relation, other: Relation, budget: Budget): Comparison {
  const [left, right] = [ascending(one), ascending(other)];
  if (left === undefined || right === undefined) return "unknown";
  if (left.sign !== right.sign) return "unknown";
  const isDirected = left.sign === "<" || left.sign === "<=";
  return compareEquations(left.sides, right.sides, { budget, isDirected });
}

/** With the smaller side first; undefined for chains. */
function ascending({
  signs,
  sides,
}: Relation): { readonly sign: string; readonly sides: readonly [Tree, Tree] } | undefined {
  const [[sign], [first, second]] = [signs, sides];
  if (signs.length !== 1 || sign === undefined || first === undefined || second === undefined)
    return undefined;
  if (sign === ">" || sign === ">=") return { sign: sign.replace(">", "<"), sides: [second, first] };
  return { sign, sides: [first, second] };
}
